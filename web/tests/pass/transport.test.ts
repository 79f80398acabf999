import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeBase45, encodeBase45 } from '../../src/lib/pass/base45.ts';
import { readLive, writeLive } from '../../src/lib/pass/transport.ts';
import { modulesOf } from '../../src/routes/pass/draw.ts';

type Case = { name: string; text?: string };
const { cases } = JSON.parse(readFileSync(new URL('../../../tests/vectors/passes.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};
const bytes = (text: string) => new TextEncoder().encode(text);
/** Written by Python, and good. */
const good = cases.find(({ name }) => name === 'a live pass')?.text ?? '';

test.each([
  ['AB', 'BB8'],
  ['Hello!!', '%69 VD92EX0'],
  ['base-45', 'UJCLQE7W581'],
  ['ietf!', 'QED8WEX0'],
  ['', ''],
])('base45 writes and reads %s as the standard does', (said, written) => {
  expect(encodeBase45(bytes(said))).toBe(written);
  expect(decodeBase45(written)).toEqual(bytes(said));
});

test('whatever bytes there are, base45 reads what it wrote', () => {
  for (let length = 0; length < 40; length += 1) {
    const some = Uint8Array.from({ length }, (_, at) => (at * 151 + length * 7) % 256);
    expect(decodeBase45(encodeBase45(some))).toEqual(some);
  }
});

test.each(['GGW', ':::', '::', 'A', 'ABCD', 'bb8', 'BB8\n', 'BBé', 'BB8 ', '😀B'])('%j is no base45', (text) => {
  expect(decodeBase45(text)).toBeUndefined();
});

test('a live pass that Python wrote is read, and written again to the letter', () => {
  const live = readLive(good);
  expect(live?.jwt.split('.')).toHaveLength(3);
  expect(live?.proof).toHaveLength(64);
  expect(writeLive(live!)).toBe(good);
});

test('each live text that is read at all is written again to the letter', () => {
  const read = cases.filter(({ text }) => text?.startsWith('CP1:') && readLive(text));
  expect(read.length).toBeGreaterThan(20);
  for (const { name, text } of read) {
    const live = readLive(text!)!;
    if (live.jwt.split('.').every(Boolean)) expect(writeLive(live), name).toBe(text);
  }
});

test('no character can be changed, left out or added without becoming another text', () => {
  const live = readLive(good)!;
  for (let at = 4; at < good.length; at += 1) {
    const changed = good.slice(0, at) + (good[at] === 'A' ? 'B' : 'A') + good.slice(at + 1);
    expect(readLive(changed)).not.toEqual(live);
  }
  for (const other of [good.trim().slice(0, -1), `${good} `, ` ${good}`, good.toLowerCase(), good.slice(4), `${good}00`])
    expect(readLive(other)).toBeUndefined();
});

test.each(['', 'a.b', 'a.b.c.d', '..', 'AA.AA.AA', '%.%.%'])('%j is no pass to write', (jwt) => {
  expect(() => writeLive({ jwt, step: 1, proof: new Uint8Array(64) })).toThrow();
});

test('a step past its four bytes is not written', () => {
  const live = readLive(good)!;
  for (const step of [-1, 2 ** 32, 1.5]) expect(() => writeLive({ ...live, step })).toThrow();
});

test('a live pass is a QR code of version 13 at most: the dense mode was taken', () => {
  const quiet = 4;
  expect(modulesOf(good).length - 2 * quiet).toBeLessThanOrEqual(17 + 4 * 13);
});
