import { expect, test } from 'vitest';
import { standingOf, withCome } from '../../src/routes/screen/standing.ts';

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
  standingOf({ taken: rows, zone: 'Europe/Paris' }, Date.parse(at(now)));

test('a room is free until the next one comes', () => {
  const { busy, until, next } = stands('09:00', taken('14:00', '15:00'), taken('10:00', '11:00'));
  expect([busy, until, next.length]).toEqual([false, Date.parse(at('10:00')), 2]);
});

test('a room that nobody has taken is free as far as is known', () => {
  expect(stands('09:00')).toMatchObject({ busy: false, until: undefined, next: [] });
});

test('what follows without a break keeps it busy', () => {
  const { busy, until } = stands('10:30', taken('10:00', '11:00'), taken('11:00', '12:00'), taken('13:00', '14:00'));
  expect([busy, until]).toEqual([true, Date.parse(at('12:00'))]);
});

test('the end of one is no part of it', () => {
  expect(stands('11:00', taken('10:00', '11:00')).busy).toBe(false);
});

test('what comes tomorrow is not said under what comes next', () => {
  const tomorrow = { ...taken('10:00', '11:00'), starts_at: '2026-11-24T10:00:00+01:00' };
  expect(stands('12:00', tomorrow)).toMatchObject({ busy: false, next: [] });
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
  const late = { ...taken('10:00', '11:00'), starts_at: '2026-11-23T23:30:00+01:00', ends_at: '2026-11-24T00:30:00+01:00' };
  const morning = { ...taken('10:00', '11:00'), starts_at: '2026-11-24T09:00:00+01:00', ends_at: '2026-11-24T10:00:00+01:00' };
  const told = { taken: [late, morning], zone: 'Europe/Paris' };
  expect(standingOf(told, Date.parse('2026-11-23T23:45:00+01:00'))).toMatchObject({ busy: true, next: [] });
  expect(standingOf(told, Date.parse('2026-11-24T00:15:00+01:00'))).toMatchObject({ busy: true, next: [morning] });
  expect(standingOf(told, Date.parse('2026-11-24T00:45:00+01:00'))).toMatchObject({ busy: false, next: [morning] });
});
