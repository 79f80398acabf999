import 'fake-indexeddb/auto';
import { beforeEach, expect, test } from 'vitest';
import { Refused, Unreachable } from '../../src/lib/api/client.ts';
import type { ArrivalAnswer, Problem } from '../../src/lib/api/types.ts';
import { openStore, type KeptArrival, type Store } from '../../src/lib/store.ts';
import { Arrivals } from '../../src/routes/arrive/arrivals.ts';

let shelf: Store;
let number = 0;
let sent: string[] = [];

const arrival = (id: string, fields: Partial<KeptArrival> = {}): KeptArrival => ({
  id,
  account_id: 'lea',
  poster_code: 'code',
  scanned_at: `2026-11-22T08:00:0${id}Z`,
  ...fields,
});
const answered = async ({ id }: KeptArrival) => {
  sent.push(id);
  return { id, verdict: 'ok' } as ArrivalAnswer;
};
const offline = () => Promise.reject(new Unreachable('no answer'));
const refused = (code: string, status: number) => () =>
  Promise.reject(new Refused({ code, detail: code } as Problem, status));

beforeEach(async () => {
  shelf = await openStore(`arrivals-${(number += 1)}`);
  sent = [];
});

test('an arrival is written down before anything is asked', async () => {
  let kept = 0;
  const arrivals = new Arrivals(shelf, async (each) => {
    kept = await shelf.count('arrivals');
    return answered(each);
  });
  await arrivals.take(arrival('1'));
  expect(kept).toBe(1);
});

test('an arrival is forgotten once it has its answer', async () => {
  const arrivals = new Arrivals(shelf, answered);
  expect((await arrivals.take(arrival('1'))).kind).toBe('answered');
  expect(await arrivals.waiting('lea')).toBe(0);
});

test('without network an arrival stays, and is sent later under the same id', async () => {
  expect((await new Arrivals(shelf, offline).take(arrival('1'))).kind).toBe('kept');
  const arrivals = new Arrivals(shelf, answered);
  expect(await arrivals.waiting('lea')).toBe(1);
  expect(await arrivals.sendKept('lea')).toMatchObject([{ id: '1', fate: { kind: 'answered', answer: { id: '1' } } }]);
  expect([sent, await arrivals.waiting('lea')]).toEqual([['1'], 0]);
});

test('nobody else’s session sends it', async () => {
  await new Arrivals(shelf, offline).take(arrival('1'));
  const arrivals = new Arrivals(shelf, answered);
  expect(await arrivals.sendKept('camille')).toEqual([]);
  expect([sent, await arrivals.waiting('lea')]).toEqual([[], 1]);
});

test.each([
  ['poster_not_valid', 410, 0],
  ['member_unknown', 404, 0],
  ['not_signed_in', 401, 1],
  ['too_many_tries', 429, 1],
  ['invalid_request', 422, 1],
  ['internal', 500, 1],
])('after %s so many arrivals wait', async (code, status, waiting) => {
  const arrivals = new Arrivals(shelf, refused(code, status));
  await arrivals.take(arrival('1'));
  expect(await arrivals.waiting('lea')).toBe(waiting);
});

test('several arrivals leave in their order, and stop where the network does', async () => {
  const before = new Arrivals(shelf, offline);
  for (const id of ['2', '1', '3']) await before.take(arrival(id));
  const arrivals = new Arrivals(shelf, (each) => (each.id === '3' ? offline() : answered(each)));
  await arrivals.sendKept('lea');
  expect([sent, await arrivals.waiting('lea')]).toEqual([['1', '2'], 1]);
});

test('what can neither be sent nor kept is said, not lost in silence', async () => {
  shelf.close();
  await expect(new Arrivals(shelf, offline).take(arrival('1'))).rejects.toThrow();
});

test('whoever must sign in again is told so, and the arrival waits for them', async () => {
  const fate = await new Arrivals(shelf, refused('sign_in_again', 403)).take(arrival('1'));
  expect(fate).toMatchObject({ kind: 'kept', problem: { code: 'sign_in_again' } });
  expect(await new Arrivals(shelf, answered).sendKept('lea')).toMatchObject([{ fate: { kind: 'answered' } }]);
});
