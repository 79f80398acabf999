import { expect, test } from 'vitest';
import { preferred, spoken } from '../../src/lib/i18n/i18n.svelte.ts';

test('the first language that we speak wins; French where we speak none', () => {
  expect(preferred(['de', 'en-GB', 'fr'])).toBe('en');
  expect(preferred(['de'])).toBe('fr');
});

test('a browser that asks for neither leaves the choice to the account', () => {
  expect(spoken(['de', 'es'])).toBeUndefined();
  expect(spoken(['en-US'])).toBe('en');
});
