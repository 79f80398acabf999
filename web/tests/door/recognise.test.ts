import { expect, test } from 'vitest';
import { recognise } from '../../src/routes/door/recognise.ts';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (typ: string) =>
  `${part({ alg: 'EdDSA', kid: 'ab', typ })}.${part({ iss: 'demo', jti: '4cT', exp: 1 })}.${'A'.repeat(86)}`;

test('a card is recognised by its type, whoever signed it', () => {
  expect(recognise(jwt('cp+jwt'))).toEqual({ kind: 'pass', text: jwt('cp+jwt') });
});

test('a line end that a scanner adds is not part of the pass', () => {
  expect(recognise(`${jwt('cp+jwt')}\r\n`)).toEqual({ kind: 'pass', text: jwt('cp+jwt') });
});

test('a live pass is kept whole: its text may end with spaces', () => {
  expect(recognise('CP1:ABC  ')).toEqual({ kind: 'pass', text: 'CP1:ABC  ' });
});

test.each([
  'https://example.org/menu',
  jwt('at+jwt'),
  'BEGIN:VCARD',
  '',
  'a.b.c',
  'x'.repeat(5000),
  '%%%%%%%%%%.%%%%%%%%%%.%%%%%%%%%%%%%%%%%%%%',
])('somebody else’s code is foreign', (text) => {
  expect(recognise(text)).toEqual({ kind: 'foreign' });
});

const HERE = 'https://pass.example';

test('a team link of this server is told apart', () => {
  expect(recognise('https://pass.example/door#pair=aB-3_x', HERE)).toEqual({ kind: 'team-link', token: 'aB-3_x' });
});

test.each(['https://elsewhere.example/door#pair=aB-3_x', 'http://pass.example/door#pair=aB-3_x', 'https://pass.example/door#pair='])(
  'the team link %s is somebody else’s',
  (link) => {
    expect(recognise(link, HERE)).toEqual({ kind: 'foreign' });
  },
);

test('a line end after a live pass is the scanner’s, its last spaces are not', () => {
  expect(recognise('CP1:ABC  \r\n')).toEqual({ kind: 'pass', text: 'CP1:ABC  ' });
});
