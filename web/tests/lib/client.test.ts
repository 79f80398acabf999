import { expect, test } from 'vitest';
import { answer, Refused, Unreachable } from '../../src/lib/api/client.ts';

const problem = {
  type: 'about:blank',
  title: 'Conflict',
  status: 409,
  code: 'taken',
  detail: 'Déjà pris.',
  errors: [],
};
const response = (status: number) => ({ ok: status < 300, status }) as Response;

test('a good answer is its body', async () => {
  expect(await answer(Promise.resolve({ data: { a: 1 }, response: response(200) }))).toEqual({ a: 1 });
});

test('a problem is thrown with its code and its words', async () => {
  const asked = answer(Promise.resolve({ error: problem, response: response(409) }));
  await expect(asked).rejects.toThrow(Refused);
  await expect(asked).rejects.toMatchObject({ status: 409, message: 'Déjà pris.' });
});

test('no answer, and an answer that is not our server’s, are both unreachable', async () => {
  await expect(answer(Promise.reject(new TypeError('failed to fetch')))).rejects.toThrow(Unreachable);
  await expect(answer(Promise.resolve({ error: '<html>', response: response(502) }))).rejects.toThrow(Unreachable);
});
