import { expect, test } from 'vitest';
import type { Booking } from '../../src/lib/api/types.ts';
import { englishRoomDesk } from '../../src/lib/i18n/en-room-desk.ts';
import { frenchRoomDesk } from '../../src/lib/i18n/fr-room-desk.ts';
import { rhythmSaid, together } from '../../src/lib/rooms/asked.ts';

const request = (id: string, series_id: string | null = null) => ({ id, series_id }) as Booking;
const repeat = { every: 'week' as const, interval: 1, weekdays: [], by_weekday: false };
const said = (fields: object, first = '2026-11-24T09:00') =>
  rhythmSaid({ ...repeat, ...fields }, first, frenchRoomDesk.roomDesk.series, 'fr');

test('the dates of a series are one request, the others are each their own', () => {
  const groups = together([request('a', 's'), request('b'), request('c', 's'), request('d', 'z')]);
  expect(groups.map(({ key, bookings }) => [key, bookings.map(({ id }) => id)])).toEqual([
    ['s', ['a', 'c']],
    ['b', ['b']],
    ['z', ['d']],
  ]);
});

test('a weekly series says its weekday, or those that were chosen, in their order', () => {
  expect(said({})).toBe('Chaque semaine, mardi');
  expect(said({ interval: 2, weekdays: [2, 0] })).toBe('Toutes les 2 semaines, lundi et mercredi');
});

test('a monthly series says its day, or which weekday of the month', () => {
  expect(said({ every: 'month' })).toBe('Chaque mois, le 24');
  expect(said({ every: 'month', by_weekday: true }, '2026-11-10T09:00')).toBe('Chaque mois, le 2e mardi');
  expect(said({ every: 'month' }, '2026-12-01T09:00')).toBe('Chaque mois, le 1er');
});

test('a daily series says no weekday', () => {
  expect(said({ every: 'day', interval: 3 })).toBe('Tous les 3 jours');
});

test('it is said in English as well', () => {
  const english = englishRoomDesk.roomDesk.series;
  expect(rhythmSaid({ ...repeat, weekdays: [0, 2] }, '2026-11-23T09:00', english, 'en')).toBe(
    'Every week, Monday and Wednesday',
  );
  expect(rhythmSaid({ ...repeat, every: 'month', by_weekday: true }, '2026-11-10T09:00', english, 'en')).toBe(
    'Every month, the 2nd Tuesday',
  );
});
