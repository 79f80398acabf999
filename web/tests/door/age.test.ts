import { expect, test } from 'vitest';
import { fr } from '../../src/lib/i18n/fr.ts';
import { ageOf, freshnessOf } from '../../src/routes/door/age.ts';

const HOUR = 3600;
const list = { iat: 1_000_000, exp: 1_000_000 + 7 * 24 * HOUR };
const after = (seconds: number) => (list.iat + seconds) * 1000;

test.each([
  [5 * 60, 'fresh'],
  [5 * HOUR, 'known'],
  [24 * HOUR, 'known'],
  [25 * HOUR, 'old'],
  [7 * 24 * HOUR - 1, 'old'],
  [7 * 24 * HOUR, 'expired'],
])('a list of %s seconds is %s', (seconds, freshness) => {
  expect(freshnessOf(list, after(seconds))).toBe(freshness);
});

test('no list is none', () => {
  expect(freshnessOf(undefined, 0)).toBe('none');
});

test.each([
  [0, '1 min'],
  [20 * 60, '20 min'],
  [5 * HOUR, '5\u00a0h'],
  [30 * HOUR, '30\u00a0h'],
  [72 * HOUR, '3 jours'],
])('a list of %s seconds is « %s » old', (seconds, words) => {
  expect(ageOf(list, after(seconds), fr.offline)).toBe(words);
});
