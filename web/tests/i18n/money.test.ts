import { expect, test } from 'vitest';
import { money } from '../../src/lib/i18n/money.ts';

test('cents are euros in the language of the page, with spaces that do not break', () => {
  expect(money(123456, 'fr')).toBe('1\u202f234,56\u00a0€');
  expect(money(123456, 'en')).toBe('€1,234.56');
});

test('a debt has a real minus sign, and nothing has none', () => {
  expect(money(-1800, 'fr')).toBe('\u221218,00\u00a0€');
  expect(money(-1800, 'en')).toBe('\u2212€18.00');
  expect(money(-0, 'fr', { signed: true })).toBe('0,00\u00a0€');
});

test('what is to be received says so with a plus sign', () => {
  expect(money(1800, 'fr', { signed: true })).toBe('+18,00\u00a0€');
});

test('a round amount is said without its cents, others keep both', () => {
  expect(money(1800, 'fr', { spoken: true })).toBe('18\u00a0€');
  expect(money(1850, 'fr', { spoken: true })).toBe('18,50\u00a0€');
});

test('a column that says it is in euros does not repeat it', () => {
  expect(money(-1850, 'fr', { bare: true })).toBe('\u221218,50');
});

test('a local currency is named behind the number, in both languages, and never breaks off', () => {
  expect(money(123450, 'fr', { currency: 'gonettes' })).toBe('1\u202f234,50\u00a0gonettes');
  expect(money(123450, 'en', { currency: 'gonettes' })).toBe('1,234.50\u00a0gonettes');
  expect(money(-1800, 'fr', { currency: 'sous libres', spoken: true })).toBe('\u221218\u00a0sous\u00a0libres');
  expect(money(1800, 'fr', { currency: 'gonettes', signed: true })).toBe('+18,00\u00a0gonettes');
  expect(money(1850, 'fr', { currency: 'gonettes', bare: true })).toBe('18,50');
});

test('no local currency is euros', () => {
  expect(money(1800, 'fr', { currency: null })).toBe('18,00\u00a0€');
});
