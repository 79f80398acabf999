import { expect, test } from 'vitest';
import { nearSaid, standingOf, withCome } from '../../src/routes/screen/standing.ts';

const at = (time: string) => `2026-11-23T${time}:00+01:00`;
const booking = (id: string, from: string, to: string) => ({
  id,
  starts_at: at(from),
  ends_at: at(to),
  who: 'Léa M.',
  state: 'booked' as const,
  came: false,
  check_in_from: at('09:45'),
});
const taken = (from: string, to: string, kind: 'booking' | 'closure' = 'closure') => ({
  kind,
  starts_at: at(from),
  ends_at: at(to),
  booking: kind === 'booking' ? booking(from, from, to) : null,
});
const stands = (now: string, ...rows: ReturnType<typeof taken>[]) =>
  standingOf({ taken: rows, open: null, zone: 'Europe/Paris' }, Date.parse(at(now)));
const hours = (from: string, to: string) => ({ starts_at: from, ends_at: to });

test('a room is free until the next one comes', () => {
  const { is, until, next } = stands('09:00', taken('14:00', '15:00'), taken('10:00', '11:00'));
  expect([is, until, next.length]).toEqual(['free', Date.parse(at('10:00')), 2]);
});

test('a room that nobody has taken is free as far as is known', () => {
  expect(stands('09:00')).toMatchObject({ is: 'free', until: undefined, next: [] });
});

test('what follows without a break keeps it busy', () => {
  const rows = [taken('10:00', '11:00', 'booking'), taken('11:00', '12:00'), taken('13:00', '14:00')];
  const { is, until } = stands('10:30', ...rows);
  expect([is, until]).toEqual(['busy', Date.parse(at('12:00'))]);
});

test('the end of one is no part of it', () => {
  expect(stands('11:00', taken('10:00', '11:00')).is).toBe('free');
});

test('what comes tomorrow is not said under what comes next', () => {
  const tomorrow = { ...taken('10:00', '11:00'), starts_at: '2026-11-24T10:00:00+01:00' };
  expect(stands('12:00', tomorrow)).toMatchObject({ is: 'free', next: [] });
});

test('whoever is expected may say that they are here from a while before, until it ends', () => {
  const row = taken('10:00', '11:00', 'booking');
  expect(stands('09:44', row).expected).toBeUndefined();
  expect(stands('09:45', row).expected?.id).toBe('10:00');
  expect(stands('11:00', row).expected).toBeUndefined();
});

test('who came while there was no network is expected no more', () => {
  const screen = { taken: [taken('10:00', '11:00', 'booking')], zone: 'Europe/Paris' };
  const { taken: rows } = withCome(screen as Parameters<typeof withCome>[0], [{ id: '10:00', at: at('09:50') }]);
  expect(rows[0]?.booking).toMatchObject({ came: true, check_in_from: null });
});

test('after midnight, without news, what comes next is what comes on the new day of the place', () => {
  const late = { ...taken('10:00', '11:00', 'booking'), starts_at: '2026-11-23T23:30:00+01:00', ends_at: '2026-11-24T00:30:00+01:00' };
  const morning = { ...taken('10:00', '11:00', 'booking'), starts_at: '2026-11-24T09:00:00+01:00', ends_at: '2026-11-24T10:00:00+01:00' };
  const told = { taken: [late, morning], open: null, zone: 'Europe/Paris' };
  expect(standingOf(told, Date.parse('2026-11-23T23:45:00+01:00'))).toMatchObject({ is: 'busy', next: [] });
  expect(standingOf(told, Date.parse('2026-11-24T00:15:00+01:00'))).toMatchObject({ is: 'busy', next: [morning] });
  expect(standingOf(told, Date.parse('2026-11-24T00:45:00+01:00'))).toMatchObject({ is: 'free', next: [morning] });
});

const today = hours(at('08:30'), at('18:00'));
const monday = hours('2026-11-30T08:30:00+01:00', '2026-11-30T18:00:00+01:00');
const within = (now: string, open: ReturnType<typeof hours>[], ...rows: ReturnType<typeof taken>[]) => {
  const { is, until } = standingOf({ taken: rows, open, zone: 'Europe/Paris' }, Date.parse(at(now)));
  return [is, until && new Date(until).toISOString()];
};

test('a room is free until its place closes, or until somebody comes before', () => {
  expect(within('09:00', [today, monday])).toEqual(['free', '2026-11-23T17:00:00.000Z']);
  expect(within('09:00', [today], taken('10:00', '11:00', 'booking'))).toEqual(['free', '2026-11-23T09:00:00.000Z']);
});

test('a room of a closed place is not free, however few have booked it', () => {
  expect(within('18:00', [today, monday])).toEqual(['closed', '2026-11-30T07:30:00.000Z']);
  expect(within('07:00', [today])).toEqual(['closed', '2026-11-23T07:30:00.000Z']);
  expect(within('19:00', [today])).toEqual(['closed', undefined]);
});

test('whoever has a room of a closed place keeps it busy', () => {
  expect(within('18:30', [monday], taken('18:00', '19:00', 'booking'))).toEqual(['busy', '2026-11-23T18:00:00.000Z']);
});

test('a closed room opens again with its place', () => {
  const closure = { ...taken('10:00', '12:00'), ends_at: '2026-11-24T00:00:00+01:00' };
  expect(within('11:00', [today, monday], closure)).toEqual(['closed', '2026-11-30T07:30:00.000Z']);
  expect(within('11:00', [today], taken('10:00', '12:00'))).toEqual(['closed', '2026-11-23T11:00:00.000Z']);
  expect(stands('10:30', taken('10:00', '12:00'))).toMatchObject({ is: 'closed', until: Date.parse(at('12:00')) });
});

test('a time of another day is said with its day', () => {
  const said = (time: string, language: 'fr' | 'en' = 'fr') =>
    nearSaid(Date.parse(time), Date.parse(at('18:00')), 'Europe/Paris', language, language === 'fr' ? 'demain' : 'tomorrow');
  expect(said('2026-11-23T22:30:00+01:00')).toBe('22 h 30'.replaceAll(' ', '\u00a0'));
  expect(said('2026-11-24T14:00:00+01:00')).toBe('demain 14\u00a0h');
  expect(said('2026-11-27T08:30:00+01:00', 'en')).toMatch(/^Friday 0?8:30$/);
  expect(said('2026-11-30T08:30:00+01:00')).toMatch(/^lundi 30 novembre,/);
});

test('what is open day and night closes at no hour', () => {
  const open = [hours('2026-11-22T23:00:00Z', '2026-12-07T23:00:00Z')];
  const known = { taken: [], open, zone: 'Europe/Paris' };
  expect(standingOf(known, Date.parse(at('10:00')))).toMatchObject({ is: 'free', until: undefined });
});
