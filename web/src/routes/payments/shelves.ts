import type { PaymentMade } from '$lib/api/types.ts';

export type Shelf = 'due' | 'paid' | 'failed';

/** Where a payment is looked for: what failed or was carried over is a debt of a later month, and stands together. */
export const shelfOf = ({ state }: Pick<PaymentMade, 'state'>): Shelf =>
  state === 'due' || state === 'paid' ? state : 'failed';

/** Payments by month, the newest month first, as they come. */
export function byMonth<T extends Pick<PaymentMade, 'month'>>(payments: readonly T[]): [string, T[]][] {
  const months = new Map<string, T[]>();
  for (const each of payments) months.set(each.month, [...(months.get(each.month) ?? []), each]);
  return [...months].sort(([one], [other]) => other.localeCompare(one));
}
