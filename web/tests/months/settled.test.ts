import { expect, test } from 'vitest';
import { barsOf, debtsOf, kindOf, stepsOf } from '../../src/routes/months/settled.ts';

const place = (code: string) => ({ id: code, code, name: code });
const debt = (debtor: string, creditor: string, amount_cents: number) => ({
  debtor: place(debtor),
  creditor: place(creditor),
  amount_cents,
});
const position = (code: string, position_cents: number) => ({
  place: place(code),
  visits_received: 0,
  visits_made: 0,
  receivable_cents: 0,
  payable_cents: 0,
  fund_cents: 0,
  position_cents,
});

test('bars go from who receives the most to who pays the most, each against the greatest', () => {
  const bars = barsOf([position('B', -500), position('A', -500), position('C', 1000)], (who) => who.name, 'fr');
  expect(bars.map(({ position: { place }, share }) => [place.code, share])).toEqual([
    ['C', 1],
    ['A', -0.5],
    ['B', -0.5],
  ]);
});

test('where nobody owes anything, no bar has a length', () => {
  expect(barsOf([position('A', 0)], (who) => who.name, 'fr').map(({ share }) => share)).toEqual([0]);
});

test('a payment is a whole debt, what is left of one, a chain of debts, or a detour', () => {
  const owed = debtsOf([debt('A', 'B', 500), debt('B', 'C', 500)]);
  const paying = (amount: number, ...discharges: ReturnType<typeof debt>[]) => ({
    ...debt('A', 'B', amount),
    discharges,
  });
  expect(kindOf(paying(500, debt('A', 'B', 500)), owed)).toBe('whole');
  expect(kindOf(paying(200, debt('A', 'B', 200)), owed)).toBe('part');
  expect(kindOf(paying(500, debt('A', 'C', 500), debt('C', 'B', 500)), owed)).toBe('chain');
  expect(kindOf(paying(500, debt('A', 'C', 500), debt('C', 'D', 500)), owed)).toBe('detour');
});

test('the debts of a chain are read from the payer to who gets the money', () => {
  const chain = [debt('B', 'C', 5), debt('B', 'D', 5), debt('A', 'B', 10), debt('D', 'C', 5)];
  const steps = stepsOf({ ...debt('A', 'C', 10), discharges: chain });
  expect(steps.map(({ debtor, creditor }) => debtor.code + creditor.code)).toEqual(['AB', 'BD', 'BC', 'DC']);
});
