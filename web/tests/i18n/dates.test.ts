import { expect, test } from 'vitest';
import { dateLong, dateLongAt, dateTime, dateTimeAt, dayName, monthName, monthShort, timeOf, today, weekdayName } from '../../src/lib/i18n/dates.ts';
import { preferred } from '../../src/lib/i18n/i18n.svelte.ts';

test('months and days are named in the language of the page', () => {
  expect(monthName('2026-11', 'fr')).toBe('Novembre 2026');
  expect(monthName('2026-11', 'en')).toBe('November 2026');
  expect(dayName('2026-11-21', 'fr')).toBe('samedi 21 novembre');
  expect(weekdayName(0, 'fr')).toBe('lundi');
});

test('the first of a month is said as French says it', () => {
  expect(dateLong('2026-10-01', 'fr')).toBe('1er octobre 2026');
  expect(dayName('2026-10-01', 'fr')).toBe('jeudi 1er octobre');
  expect(dateLong('2026-10-11', 'fr')).toBe('11 octobre 2026');
  expect(dateLong('2026-10-01', 'en')).toBe('1 October 2026');
});

test('a visit shows the time at its host, wherever the reader is', () => {
  expect(timeOf('2026-11-21T08:05:00Z', 'fr', 'Indian/Reunion')).toBe('12:05');
  expect(timeOf('2026-11-21T08:05:00Z', 'fr', 'Europe/Paris')).toBe('09:05');
});

test('an instant of another year says which', () => {
  const now = new Date('2026-11-22T12:00:00Z');
  expect(dateTime('2026-11-21T12:05:00Z', 'fr', now)).not.toContain('2026');
  expect(dateTime('2025-11-21T12:05:00Z', 'fr', now)).toContain('2025');
});

test('what concerns a place is told by its clock', () => {
  expect(dateTimeAt('Europe/Paris', '2026-11-21T12:05:00Z', 'fr')).toContain('13:05');
  expect(dateTimeAt('America/Cayenne', '2026-11-21T12:05:00Z', 'en')).toContain('09:05');
});

test('the day of an instant is the one at the place, and a date stays what it is', () => {
  expect(dateLongAt('Europe/Paris', '2026-11-22T23:22:00Z', 'fr')).toBe('23 novembre 2026');
  expect(dateLongAt('America/Cayenne', '2026-11-22T23:22:00Z', 'fr')).toBe('22 novembre 2026');
  expect(dateLongAt(undefined, '2026-11-22T23:22:00Z', 'fr')).toBe('23 novembre 2026'); // a reader in Paris
  expect(dateLongAt('America/Cayenne', '2026-11-22', 'fr')).toBe('22 novembre 2026');
});

test('no day is cut out of an instant: without a place it is the reader’s own', () => {
  expect(dateLong('2026-11-22T23:22:00Z', 'fr')).toBe('23 novembre 2026'); // a reader in Paris
  expect(dateLong('2026-11-22T23:22', 'fr')).toBe('22 novembre 2026'); // on the wall of a place
});

test('today is the date in the zone that is asked for', () => {
  const late = new Date('2026-11-21T22:30:00Z');
  expect(today('Europe/Paris', late)).toBe('2026-11-21');
  expect(today('Indian/Reunion', late)).toBe('2026-11-22');
});

test('French unless the first language we speak is English', () => {
  expect(preferred(['de', 'en-US', 'fr'])).toBe('en');
  expect(preferred(['fr-CA', 'en'])).toBe('fr');
  expect(preferred(['de'])).toBe('fr');
});

test('months beside each other are short, with the year where it is asked for', () => {
  expect(['fr', 'en'].map((language) => monthShort('2026-09', language as 'fr' | 'en', true))).toEqual(['Sept. 2026', 'Sept 2026']);
  expect(monthShort('2027-01', 'fr', false)).toBe('Janv.');
});
