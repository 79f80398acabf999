import type { YearBalance } from '$lib/api/types.ts';

/** Places from who hosts the most more than it sends, each with its balance and its share of the greatest, -1 to 1. */
export function balancesOf(items: readonly YearBalance[], language: string) {
  const most = Math.max(1, ...items.map((each) => Math.abs(each.received - each.made)));
  return items
    .map(({ place, received, made }) => ({
      place,
      received,
      made,
      balance: received - made,
      share: (received - made) / most,
    }))
    .sort((one, other) => other.balance - one.balance || one.place.name.localeCompare(other.place.name, language));
}
