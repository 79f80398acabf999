import { expect, test } from 'vitest';
import {
  hourSaid,
  isElsewhere,
  isWall,
  lastsSaid,
  later,
  minuteSaid,
  momentSaid,
  spanSaid,
  usualWhen,
  wallIn,
} from '../../src/lib/rooms/when.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test('hours are said as people say them', () => {
  expect(['09:00', '14:30'].map((time) => plain(hourSaid(`2026-11-24T${time}`, 'fr')))).toEqual(['9 h', '14 h 30']);
  expect(hourSaid('2026-11-24T14:00', 'en')).toBe('14:00');
  expect(plain(minuteSaid(24 * 60, 'fr'))).toBe('0 h');
  expect(plain(minuteSaid(26 * 60, 'fr'))).toBe('2 h');
});

test('a booking is said with its day, and with both days where it passes midnight', () => {
  expect(plain(spanSaid('2026-11-24T14:00', '2026-11-24T16:00', 'fr'))).toBe('mardi 24 novembre, 14 h–16 h');
  expect(plain(spanSaid('2026-11-27T20:00', '2026-11-28T00:00', 'fr'))).toBe('vendredi 27 novembre, 20 h–0 h');
  expect(plain(spanSaid('2026-11-27T22:00', '2026-11-28T02:00', 'fr'))).toBe(
    'vendredi 27 novembre, 22 h – samedi 28 novembre, 2 h',
  );
});

test('walls are reckoned without the zone of this device, across its change of clocks too', () => {
  expect(later('2027-03-28T01:30', 60)).toBe('2027-03-28T02:30');
  expect(later('2026-12-31T23:45', 30)).toBe('2027-01-01T00:15');
});

test('a moment of the coming days is its weekday, a later one its date', () => {
  const now = new Date('2026-11-20T10:00:00Z');
  expect(plain(momentSaid('2026-11-23T17:00:00Z', 'fr', 'Europe/Paris', now))).toBe('lundi 18 h');
  expect(plain(momentSaid('2026-11-30T17:00:00Z', 'fr', 'Europe/Paris', now))).toBe('lundi 30 novembre, 18 h');
  expect(plain(momentSaid('2026-11-23T17:00:00Z', 'fr', 'Indian/Reunion', now))).toBe('lundi 21 h');
});

test('Saint-Denis is elsewhere for who reads in Paris, Brussels is not', () => {
  const at = '2026-11-24T05:00:00Z';
  expect(wallIn(at, 'Indian/Reunion')).toBe('2026-11-24T09:00');
  expect(isElsewhere('Indian/Reunion', at)).toBe(true);
  expect(isElsewhere('Europe/Brussels', at)).toBe(false);
});

test('how long it lasts is said in hours', () => {
  expect([30, 60, 90, 125].map((minutes) => plain(lastsSaid(minutes)))).toEqual(['30 min', '1 h', '1 h 30', '2 h 05']);
});

test('a search begins tomorrow, and on Monday after a Friday', () => {
  expect(usualWhen('2026-11-23')).toEqual({ start: '2026-11-24T14:00', end: '2026-11-24T16:00' });
  expect(usualWhen('2026-11-27').start).toBe('2026-11-30T14:00');
});

test('only a wall time is one', () => {
  expect(['2026-11-24T14:00', '2026-13-45T14:00', '2026-11-24', '', null].map(isWall)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});
