import type { Participant, Payment, SettledMonth } from '$lib/api/types.ts';

export type Position = SettledMonth['positions'][number];
type Debt = { debtor: Participant; creditor: Participant; amount_cents: number };

/** Positions from who receives the most to who pays the most, each with its share of the greatest, -1 to 1. */
export function barsOf(positions: readonly Position[], nameOf: (who: Participant) => string, language: string) {
  const most = Math.max(0, ...positions.map((each) => Math.abs(each.position_cents)));
  return [...positions]
    .sort(
      (one, other) =>
        other.position_cents - one.position_cents || nameOf(one.place).localeCompare(nameOf(other.place), language),
    )
    .map((position) => ({ position, share: most === 0 ? 0 : position.position_cents / most }));
}

/** What each owes each, to look a debt up by its two codes. */
export function debtsOf(debts: readonly Debt[]): (debtor: string, creditor: string) => number | undefined {
  const amounts = new Map(debts.map((debt) => [`${debt.debtor.code} ${debt.creditor.code}`, debt.amount_cents]));
  return (debtor, creditor) => amounts.get(`${debtor} ${creditor}`);
}

/**
 * How a payment is explained: the whole of one debt, a part of it, a chain of debts that leads to who gets the money, or
 * a detour: debts that lead to others, whom somebody else pays, so that fewer payments do.
 */
export function kindOf(payment: Payment, owed: ReturnType<typeof debtsOf>): 'whole' | 'part' | 'chain' | 'detour' {
  const [only, ...more] = payment.discharges;
  const own = only && only.debtor.code === payment.debtor.code && only.creditor.code === payment.creditor.code;
  if (!own || more.length) {
    const reached = payment.discharges.reduce(
      (sum, step) =>
        sum +
        (step.creditor.code === payment.creditor.code ? step.amount_cents : 0) -
        (step.debtor.code === payment.creditor.code ? step.amount_cents : 0),
      0,
    );
    return reached === payment.amount_cents ? 'chain' : 'detour';
  }
  return (owed(only.debtor.code, only.creditor.code) ?? only.amount_cents) > only.amount_cents ? 'part' : 'whole';
}

/** The debts that a payment settles, in the order one follows the money: from the payer, between others, to who gets it. */
export function stepsOf(payment: Payment): Payment['discharges'] {
  const rank = (step: Debt) =>
    step.debtor.code === payment.debtor.code ? 0 : step.creditor.code === payment.creditor.code ? 2 : 1;
  return [...payment.discharges].sort((one, other) => rank(one) - rank(other));
}
