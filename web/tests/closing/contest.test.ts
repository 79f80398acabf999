import { expect, test, vi } from 'vitest';
import type { MonthLife } from '$lib/api/types.ts';
import { fr } from '../../src/lib/i18n/fr.ts';
import { decideBy, isOpen, otherOf, reporterOf, seenOf, sumsOf } from '../../src/routes/closing/contest.ts';

const [home, host] = ['a', 'b'].map((id) => ({ id, code: id, name: id })) as [
  { id: string; code: string; name: string },
  { id: string; code: string; name: string },
];

test('either place of a visit may report it; the other one is asked', () => {
  expect([reporterOf({ home, host, place_id: 'b' }), otherOf({ home, host, place_id: 'b' })]).toEqual([host, home]);
  expect([reporterOf({ home, host, place_id: 'a' }), otherOf({ home, host, place_id: 'a' })]).toEqual([home, host]);
});

test('a report waits until it is settled', () => {
  const states = ['open', 'answered', 'accepted', 'refused', 'withdrawn'] as const;
  expect(states.filter((state) => isOpen({ state }))).toEqual(['open', 'answered']);
});

test('a decision that is late is said to be', () => {
  vi.setSystemTime('2026-11-22T12:00:00Z');
  expect(decideBy({ decide_by: '2026-11-22' }, fr, 'fr')).toContain('décide au plus tard le 22 novembre 2026');
  expect(decideBy({ decide_by: '2026-11-04' }, fr, 'fr')).toContain('en retard');
  vi.useRealTimers();
});

const place = (code: string) => ({ id: code, code, name: code });
const position = (code: string, position_cents: number) => ({
  place: place(code),
  position_cents,
  visits_received: 0,
  visits_made: 0,
  receivable_cents: 0,
  payable_cents: 0,
  fund_cents: 0,
});
const debt = (debtor: string, creditor: string, amount_cents: number) => ({
  debtor: place(debtor),
  creditor: place(creditor),
  amount_cents,
  discharges: [],
});
const positions = [position('a', -500), position('b', 400), position('@fund', 100)];

test('what is owed is what the payments bring, those too small included, and a place with a question is not without a remark', () => {
  const after = { transfers: [debt('a', 'b', 400)], carried: [debt('a', '@fund', 100)] };
  expect(sumsOf({ positions, after }, 3, [{ place_id: 'a' }])).toEqual({ quiet: 2, settles: true, owed: 500, received: 500, carried: 100 });
});

test('where a place pays one debt and is paid another, both are in the sum, as in its statement', () => {
  const after = { transfers: [debt('a', 'b', 900), debt('b', 'a', 500), debt('a', '@fund', 100)], carried: [] };
  expect(sumsOf({ positions, after }, 3, [])).toMatchObject({ owed: 1500, received: 1500 });
});

test('payments to the wrong places are noticed, also where their sum is right', () => {
  const after = { transfers: [debt('a', '@fund', 400), debt('a', 'b', 100)], carried: [] };
  expect(sumsOf({ positions, after }, 3, []).settles).toBe(false);
});

test('payments that do not settle the month are noticed', () => {
  const after = { transfers: [debt('a', 'b', 300)], carried: [] };
  expect(sumsOf({ positions, after }, 3, [])).toMatchObject({ settles: false, owed: 500, received: 300 });
});

test('what is closed is the version whose sums are shown', () => {
  const versions = ['a', 'b', 'a', 'c'].map((sha256, index) => ({ number: index + 1, sha256 })) as MonthLife['versions'];
  expect(seenOf({ sha256: 'a' }, { versions })).toBe(3);
  expect(seenOf({ sha256: 'c' }, { versions })).toBe(4);
  expect(seenOf({ sha256: 'not published yet' }, { versions })).toBe(4);
});
