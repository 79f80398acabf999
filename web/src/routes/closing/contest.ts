import type { Contest, MonthLife, SettledMonth } from '$lib/api/types.ts';
import { dateLong, today } from '$lib/i18n/dates.ts';
import type { Dictionary, Language } from '$lib/i18n/types.ts';

type Sides = Pick<Contest, 'home' | 'host' | 'place_id'>;

/** The place that reported an error. */
export const reporterOf = ({ home, host, place_id }: Sides): Contest['home'] => (home.id === place_id ? home : host);

/** The place that is asked. */
export const otherOf = ({ home, host, place_id }: Sides): Contest['home'] => (home.id === place_id ? host : home);

/** How many visits, or bookings, it is about. */
export const countOf = ({ visits, bookings }: Pick<Contest, 'visits' | 'bookings'>): number =>
  visits.length + bookings.length;

/** Whether it waits for an answer or a decision. */
export const isOpen = ({ state }: Pick<Contest, 'state'>): boolean => state === 'open' || state === 'answered';

/** Until when the coordination decides, or that it is late. */
export const decideBy = ({ decide_by: day }: Pick<Contest, 'decide_by'>, t: Dictionary, language: Language): string =>
  t.settling.errors[day < today() ? 'decideLate' : 'decideBy'](dateLong(day, language));

/**
 * What the closing says: places without a remark, what the statements say is owed, and what is received: the same where
 * the payments leave every place with its balance, else the balances beside what the payments bring. What is `carried`
 * is too small to be paid.
 */
export function sumsOf(
  settled: Pick<SettledMonth, 'positions'> & { after: Pick<SettledMonth['after'], 'transfers' | 'carried'> },
  statements: number,
  open: readonly Pick<Contest, 'place_id'>[],
): { quiet: number; settles: boolean; owed: number; received: number; carried: number } {
  const payments = [...settled.after.transfers, ...settled.after.carried];
  const brought = new Map<string, number>();
  for (const { debtor, creditor, amount_cents: cents } of payments) {
    brought.set(debtor.code, (brought.get(debtor.code) ?? 0) - cents);
    brought.set(creditor.code, (brought.get(creditor.code) ?? 0) + cents);
  }
  const above = (cents: Iterable<number>) => [...cents].reduce((sum, each) => sum + Math.max(0, each), 0);
  const cents = above(payments.map((each) => each.amount_cents));
  const known = new Map(settled.positions.map((each) => [each.place.code, each.position_cents]));
  const settles = [...known.keys(), ...brought.keys()].every((code) => known.get(code) === (brought.get(code) ?? 0));
  return {
    quiet: statements - new Set(open.map((each) => each.place_id)).size,
    settles,
    owed: settles ? cents : above(settled.positions.map((each) => -each.position_cents)),
    received: settles ? cents : above(brought.values()),
    carried: above(settled.after.carried.map((each) => each.amount_cents)),
  };
}

/** The number of the version that a page shows: another may have been published since part of it was asked for. */
export function seenOf(settled: Pick<SettledMonth, 'sha256'>, { versions }: Pick<MonthLife, 'versions'>): number {
  const seen = versions.findLast((each) => each.sha256 === settled.sha256) ?? versions.at(-1);
  return seen?.number ?? 1;
}
