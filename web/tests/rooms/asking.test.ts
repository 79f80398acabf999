import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Asking } from '../../src/lib/rooms/asking.svelte.ts';

// The API's client is made as its module is read.
vi.hoisted(() => Object.assign(globalThis, { location: { origin: 'http://here' } }));

const WANTED = { start: '2026-11-24T14:00', end: '2026-11-24T16:00', people: 2 };
const LATER = '2026-11-24T18:00';
const NEXT = { start: '2026-11-24T16:00:00+01:00', end: '2026-11-24T18:00:00+01:00' };

/** The server's answers, in the order in which the test lets them go. */
let waiting: { asked: typeof WANTED; say: (body: object, status?: number) => Promise<void> }[];

beforeEach(() => {
  waiting = [];
  vi.stubGlobal('document', { documentElement: { lang: 'fr' } });
  vi.stubGlobal('fetch', async (request: Request) => {
    const asked = await request.json();
    return await new Promise<Response>((go) => {
      const say = async (body: object, status = 200) => {
        go(new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } }));
        await settled();
      };
      waiting.push({ asked, say });
    });
  });
});
afterEach(() => vi.unstubAllGlobals());

const settled = () => new Promise((go) => setTimeout(go));
const free = (price: number) => ({ price, is_free: true, problems: [], next_free: null });
const taken = { price: 1200, is_free: false, problems: [], next_free: NEXT };

async function asking(others?: Parameters<Asking['ask']>[0]) {
  const made = new Asking(12, WANTED);
  void made.ask(others);
  await settled();
  return made;
}

test('the price is of the times that are wanted: of others nothing is said while they are asked', async () => {
  const made = await asking();
  await waiting[0]?.say(free(1200));
  expect(made.quote?.price).toBe(1200);
  made.end = LATER;
  expect(made.quote).toBeUndefined();
  void made.ask();
  await settled();
  expect(waiting[1]?.asked).toEqual({ ...WANTED, end: LATER });
  await waiting[1]?.say(free(2400));
  expect(made.quote?.price).toBe(2400);
});

test('an answer that arrives late is of what was asked, and is dropped', async () => {
  const made = await asking();
  made.end = LATER;
  void made.ask();
  await settled();
  await waiting[1]?.say(free(2400));
  await waiting[0]?.say(free(1200));
  expect(made.quote?.price).toBe(2400);
});

test('an answer to what was changed before anybody asked again is not shown', async () => {
  const made = await asking();
  made.people = 3;
  await waiting[0]?.say(free(1200));
  expect(made.quote).toBeUndefined();
});

test('a late refusal says nothing of what is wanted now', async () => {
  const made = await asking();
  made.end = LATER;
  void made.ask();
  await settled();
  await waiting[1]?.say(free(2400));
  await waiting[0]?.say({ code: 'resource_unknown', detail: 'Nothing there.' }, 404);
  expect([made.failure, made.quote?.price]).toEqual([undefined, 2400]);
});

test('where it is taken, the next free time is there at once and others follow', async () => {
  let found = (_: never[]) => {};
  const made = await asking(() => new Promise((go) => (found = go)));
  await waiting[0]?.say(taken);
  expect(made.taken).toEqual({ next_free: NEXT, alternatives: [] });
  found([{ id: 'other' }] as never[]);
  await settled();
  expect(made.taken).toEqual({ next_free: NEXT, alternatives: [{ id: 'other' }] });
});

test('others that arrive once another time is wanted are not offered for it', async () => {
  let found = (_: never[]) => {};
  const made = await asking(() => new Promise((go) => (found = go)));
  await waiting[0]?.say(taken);
  made.end = LATER;
  found([{ id: 'other' }] as never[]);
  await settled();
  expect(made.taken).toBeUndefined();
});

test('what the policy refuses is not said to be taken', async () => {
  const made = await asking();
  await waiting[0]?.say({ ...taken, next_free: null, problems: [{ code: 'too_long', detail: 'Too long.', params: {} }] });
  expect([made.taken, made.quote?.problems.length]).toEqual([undefined, 1]);
});

test('that somebody was faster is said of what they took, not of what is wanted meanwhile', async () => {
  const made = await asking();
  await waiting[0]?.say(free(1200));
  made.end = LATER;
  made.tell(WANTED, { next_free: null, alternatives: [] });
  expect(made.taken).toBeUndefined();
  made.tell({ ...WANTED, end: LATER }, { next_free: null, alternatives: [] });
  expect(made.taken).toEqual({ next_free: null, alternatives: [] });
});

test('of a booking that would move, it is said which one: it is not in its own way, and what it costs counts', async () => {
  void new Asking(12, WANTED, 'a booking').ask();
  await settled();
  expect(waiting[0]?.asked).toEqual({ ...WANTED, booking_id: 'a booking' });
});
