import type { PaymentMade } from '$lib/api/types.ts';
import { found } from '../places/everything.ts';

export type Shelf = 'due' | 'paid' | 'failed';

/** Where a payment is looked for: what failed or was carried over is a debt of a later month, and stands together. */
export const shelfOf = ({ state }: Pick<PaymentMade, 'state'>): Shelf =>
  state === 'due' || state === 'paid' ? state : 'failed';

/** What became of the payments of a shelf, as the server is asked. */
export const statesOf = (shelf: Shelf): PaymentMade['state'][] => (shelf === 'failed' ? ['failed', 'carried'] : [shelf]);

/** These payments, and those marked since that are not among them any more. */
export const withMarked = (payments: readonly PaymentMade[], marked: readonly PaymentMade[]): PaymentMade[] => {
  const known = new Set(payments.map((each) => each.id));
  return [...payments, ...marked.filter((each) => !known.has(each.id))];
};

/** Payments by month, the newest month first, as they come. */
export function byMonth<T extends Pick<PaymentMade, 'month'>>(payments: readonly T[]): [string, T[]][] {
  const months = new Map<string, T[]>();
  for (const each of payments) months.set(each.month, [...(months.get(each.month) ?? []), each]);
  return [...months].sort(([one], [other]) => other.localeCompare(one));
}

type Sides = Pick<PaymentMade, 'debtor' | 'creditor'>;

/** Those that a place whose name holds these words pays or is paid; two places' names find what is between them. */
export const between = <T extends Sides>(payments: readonly T[], words: string, nameOf: (who: T['debtor']) => string): T[] =>
  payments.filter(({ debtor, creditor }) => found(words, nameOf(debtor), nameOf(creditor)));

/** The newest month first; within a month by the name of who pays, then of who is paid. */
export const inOrder = <T extends Sides & Pick<PaymentMade, 'month'>>(
  payments: readonly T[],
  nameOf: (who: T['debtor']) => string,
  language: string,
): T[] =>
  [...payments].sort(
    (one, other) =>
      other.month.localeCompare(one.month) ||
      nameOf(one.debtor).localeCompare(nameOf(other.debtor), language) ||
      nameOf(one.creditor).localeCompare(nameOf(other.creditor), language),
  );
