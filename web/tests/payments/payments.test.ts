import { expect, test } from 'vitest';
import type { SettlementDetails } from '../../src/lib/api/types.ts';
import { wantedOf } from '../../src/routes/payments/details.ts';
import { byMonth, shelfOf } from '../../src/routes/payments/shelves.ts';

test('what failed stands with what was carried over', () => {
  const states = ['due', 'paid', 'failed', 'carried'] as const;
  expect(states.map((state) => shelfOf({ state }))).toEqual(['due', 'paid', 'failed', 'failed']);
});

test('payments stand by month, the newest first', () => {
  const months = byMonth([{ month: '2026-09' }, { month: '2026-10' }, { month: '2026-09' }]);
  expect(months.map(([month, several]) => [month, several.length])).toEqual([
    ['2026-10', 1],
    ['2026-09', 2],
  ]);
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
