import { describe, expect, test } from 'vitest';
import type { PaymentMade, SettlementDetails } from '../../src/lib/api/types.ts';
import { wantedOf } from '../../src/routes/payments/details.ts';
import { between, byMonth, inOrder, shelfOf, statesOf, withMarked } from '../../src/routes/payments/shelves.ts';

test('what failed stands with what was carried over', () => {
  const states = ['due', 'paid', 'failed', 'carried'] as const;
  expect(states.map((state) => shelfOf({ state }))).toEqual(['due', 'paid', 'failed', 'failed']);
});

test('a shelf asks the server for all that stands on it', () => {
  const shelves = ['due', 'paid', 'failed'] as const;
  expect(shelves.map((shelf) => statesOf(shelf).map((state) => shelfOf({ state })))).toEqual([
    ['due'],
    ['paid'],
    ['failed', 'failed'],
  ]);
});

test('what was marked stays there though its shelf is not asked for, and once', () => {
  const payment = (id: string, state: string) => ({ id, state }) as PaymentMade;
  const [due, paid, other] = [payment('a', 'due'), payment('a', 'paid'), payment('b', 'paid')] as const;
  expect(withMarked([due], [])).toEqual([due]);
  expect(withMarked([due], [other])).toEqual([due, other]);
  expect(withMarked([due], [paid])).toEqual([due]);
});

test('payments stand by month, the newest first', () => {
  const months = byMonth([{ month: '2026-09' }, { month: '2026-10' }, { month: '2026-09' }]);
  expect(months.map(([month, several]) => [month, several.length])).toEqual([
    ['2026-10', 1],
    ['2026-09', 2],
  ]);
});

describe('payments of a large network', () => {
  const side = (name: string) => ({ id: name, code: name.toLowerCase(), name });
  const paid = (month: string, debtor: string, creditor: string) => ({ month, debtor: side(debtor), creditor: side(creditor) });
  const nameOf = ({ name }: { name: string }) => name;
  const payments = [
    paid('2026-09', 'Le Phare', 'Écluse'),
    paid('2026-10', 'Le Phare', 'Le Moulin'),
    paid('2026-10', 'Écluse', 'Le Moulin'),
    paid('2026-10', 'Écluse', 'Atelier'),
  ];
  const said = (some: typeof payments) => some.map((each) => `${each.debtor.name} ${each.creditor.name}`);

  test('are found by the name of either side, without its accents', () => {
    expect(said(between(payments, 'moul', nameOf))).toEqual(['Le Phare Le Moulin', 'Écluse Le Moulin']);
    expect(said(between(payments, 'ecluse moulin', nameOf))).toEqual(['Écluse Le Moulin']);
    expect(between(payments, ' ', nameOf)).toEqual(payments);
  });

  test('stand in the order in which one looks for a name, the newest month first', () => {
    expect(said(inOrder(payments, nameOf, 'fr'))).toEqual([
      'Écluse Atelier',
      'Écluse Le Moulin',
      'Le Phare Le Moulin',
      'Le Phare Écluse',
    ]);
  });
});

test('an emptied field is nothing, and without an address nobody is mailed', () => {
  const details = { iban: ' ', town: 'Caen', accountant_email: '', mails_accountant: true, version: 3 };
  expect(wantedOf(details as unknown as SettlementDetails)).toEqual({
    iban: null,
    town: 'Caen',
    accountant_email: null,
    mails_accountant: false,
  });
});
