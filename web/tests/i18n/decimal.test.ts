import { expect, test } from 'vitest';
import { decimalOf, readDecimal } from '../../src/lib/i18n/decimal.ts';

test('a price to type stands as the language of the page writes it', () => {
  expect([6.5, 5, 1234.05].map((value) => decimalOf(value, 'fr'))).toEqual(['6,50', '5', '1234,05']);
  expect([6.5, 5, 1234.05].map((value) => decimalOf(value, 'en'))).toEqual(['6.50', '5', '1234.05']);
  expect(decimalOf(1.5, 'fr', 0)).toBe('1,5');
});

test('a comma and a point are both read, and so are the spaces of a number that was pasted', () => {
  expect(['6,5', '6.50', ' 6,50 ', '1 234,5', '1\u202f234,5', '6,', ',5', '-1'].map(readDecimal)).toEqual([
    6.5, 6.5, 6.5, 1234.5, 1234.5, 6, 0.5, -1,
  ]);
});

test('what is no amount is not read as another one', () => {
  expect(['', 'six', '6,505', '1,234.50', '6.5.0', '1e3', '6 €', '-'].map(readDecimal)).toEqual(Array(8).fill(null));
});
