import { expect, test } from 'vitest';
import type { Booking, Unavailable } from '../../src/lib/api/types.ts';
import { byDay, daysOn, mondayOf, moved, nameOf } from '../../src/lib/rooms/week.ts';

const booking = (local_start: string) => ({ local_start }) as Booking;

test('a week begins on its Monday, also on a Sunday and across a year', () => {
  expect(['2026-11-23', '2026-11-29', '2027-01-01'].map(mondayOf)).toEqual(['2026-11-23', '2026-11-23', '2026-12-28']);
  expect(daysOn('2026-12-28', 7)).toBe('2027-01-04');
});

test('bookings stand on the day on which they begin, and what began the week before on its first', () => {
  const found = byDay(
    [booking('2026-11-25T09:00'), booking('2026-11-22T22:00'), booking('2026-11-25T14:00')],
    [],
    '2026-11-23',
  );
  expect(found.map(({ day, bookings }) => [day, bookings.length])).toEqual([
    ['2026-11-23', 1],
    ['2026-11-25', 2],
  ]);
});

test('works of several days stand on each of them, with the hours of that day', () => {
  const works = { local_start: '2026-11-22T08:00', local_end: '2026-11-24T12:00' } as Unavailable;
  expect(
    byDay([], [works], '2026-11-23').map(({ day, parts }) => [day, ...parts.map((it) => [it.from, it.to, it.isAllDay])]),
  ).toEqual([
    ['2026-11-23', ['2026-11-23T00:00', '2026-11-24T00:00', true]],
    ['2026-11-24', ['2026-11-24T00:00', '2026-11-24T12:00', false]],
  ]);
});

test('what is dragged moves on the wall, by days and by minutes, back too', () => {
  expect(moved('2026-11-24T09:00', { days: 1, seconds: 1800 })).toBe('2026-11-25T09:30');
  expect(moved('2026-11-24T09:00', { days: -1, seconds: -3600 })).toBe('2026-11-23T08:00');
});

test('whom it is for is said as far as the place learns it', () => {
  expect(nameOf({ for: { given_name: 'Léa', initial: 'B', home: 'Le Hangar' } })).toBe('Léa B.');
  expect(nameOf({ for: null })).toBeUndefined();
});
