import { expect, test } from 'vitest';
import { doorApi } from '../../src/lib/api/client.ts';
import { recognise } from '../../src/routes/door/recognise.ts';
import { tryPass } from '../../src/routes/door/trial.ts';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const pass = (pl: string) =>
  `${part({ alg: 'EdDSA', kid: 'ab', typ: 'cp+jwt' })}.${part({ iss: 'demo', jti: '0', exp: 1, pl })}.${'A'.repeat(86)}`;

test('a trial pass is told from a pass by its plan', () => {
  expect([recognise(pass('TEST')).kind, recognise(pass('TOUT')).kind]).toEqual(['trial', 'pass']);
});

const answering = (ask: () => Promise<Response>) => {
  const api = doorApi('token', 1000);
  return { ...api, POST: (async () => {
    const response = await ask();
    const body: unknown = await response.json();
    return response.ok ? { data: body, response } : { error: body, response };
  }) as never } as typeof api;
};
const json = (body: unknown, status = 200) => Promise.resolve(new Response(JSON.stringify(body), { status }));

test.each([
  [{ works: true, verdict: 'ok' }, { kind: 'works', by: 'server', colour: 'green' }],
  [{ works: false, verdict: 'wrong_place' }, { kind: 'not', verdict: 'wrong_place', colour: 'red' }],
])('the server says %j', async (body, said) => {
  expect(await tryPass(answering(() => json(body)), pass('TEST'))).toEqual(said);
});

test('without an answer, it was read and that is all', async () => {
  const nobody = answering(() => Promise.reject(new TypeError('offline')));
  expect(await tryPass(nobody, pass('TEST'))).toEqual({ kind: 'offline', colour: 'amber' });
});

test.each([
  ['ok', { kind: 'works', by: 'door', colour: 'green' }],
  ['expired', { kind: 'not', verdict: 'expired', colour: 'red' }],
])('without an answer, a phone that has the keys says %s by itself', async (verdict, said) => {
  const nobody = answering(() => Promise.reject(new TypeError('offline')));
  expect(await tryPass(nobody, pass('TEST'), () => Promise.resolve(verdict))).toEqual(said);
});

test('a slow server is not waited for where the phone can tell', async () => {
  let release = (): void => undefined;
  const slow = answering(() => new Promise((done) => (release = () => done(new Response('{}')))));
  const said = await tryPass(slow, pass('TEST'), () => Promise.resolve('ok'), 1);
  release();
  expect(said).toMatchObject({ by: 'door' });
});

test('a problem is told in the server’s words', async () => {
  const problem = { code: 'key_file_missing', detail: 'La clé manque.', status: 500, title: '', type: '' };
  const refused = { kind: 'refused', detail: 'La clé manque.', colour: 'red' };
  expect(await tryPass(answering(() => json(problem, 500)), pass('TEST'))).toEqual(refused);
});

test('a phone that was cut off learns it', async () => {
  const problem = { code: 'not_signed_in', detail: '', status: 401, title: '', type: '' };
  await expect(tryPass(answering(() => json(problem, 401)), pass('TEST'))).rejects.toThrow();
});
