import { expect, test } from 'vitest';
import { fr } from '../../src/lib/i18n/fr.ts';
import { closingIsFor, isMonth, labelOf, nameIn, stateShown, titleOf, toChoose, wordOf } from '../../src/routes/months/month.ts';

test('a month is written as addresses write it', () => {
  expect(['2026-01', '2026-12', '2026-13', '2026-00', '26-1', '2026-10-01'].map(isMonth)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

test('what is no month is shown nowhere', () => {
  expect(titleOf('2026-10', 'fr')).toBe('Octobre 2026');
  expect(titleOf('2026-99', 'fr')).toBe('');
  expect(wordOf('2026-99', 'en')).toBe('');
  expect(wordOf('2026-10', 'fr')).toBe('Octobre');
  expect(wordOf('2026-10', 'en')).toBe('October');
});

test('only the running month is running', () => {
  expect(stateShown('2026-11', 'open', '2026-11')).toBe('open');
  expect(stateShown('2026-10', 'open', '2026-11')).toBe('ended');
  expect(stateShown('2026-10', 'closed', '2026-11')).toBe('closed');
});

test('a month that is closed is never offered to be closed', () => {
  expect(['open', 'provisional', 'review'].map(closingIsFor)).toEqual(['publish', 'check', 'close']);
  expect(['closed', 'netted', 'paid'].map(closingIsFor)).toEqual(['closed', 'closed', 'closed']);
});

test('the running month and the one on screen can be chosen even without visits', () => {
  expect(toChoose(['2026-10', '2026-09'], '2026-07', '2026-11')).toEqual(['2026-11', '2026-10', '2026-09', '2026-07']);
  expect(toChoose(['2026-11'], '2026-99', '2026-11')).toEqual(['2026-11']);
});

test('the common fund is named, not spelled by its code', () => {
  const fund = { code: '@fund', name: '@fund' };
  expect(labelOf(fund, fr)).toBe('Caisse commune');
  expect(fr.months.paysTo(nameIn(fund, fr), 'Le Moulin', '5 €')).toBe('La caisse commune paie 5\u00a0€ au Moulin.');
});
