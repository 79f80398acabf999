import { expect, test } from 'vitest';
import { frenchRooms } from '../../src/lib/i18n/fr-rooms.ts';
import { titleOf } from '../../src/lib/rooms/booking.ts';
import { nextOf } from '../../src/lib/rooms/series.ts';

test('the next one is at the same time on the wall', () => {
  const start = '2026-11-24T14:00'; // the fourth Tuesday
  expect([nextOf(start, 'day'), nextOf(start, 'week'), nextOf(start, 'fortnight'), nextOf(start, 'month')]).toEqual([
    '2026-11-25T14:00',
    '2026-12-01T14:00',
    '2026-12-08T14:00',
    '2026-12-22T14:00',
  ]);
});

test('a month with a fifth Monday waits for the next month that has one', () => {
  expect(nextOf('2026-11-30T09:00', 'month')).toBe('2027-03-29T09:00');
});

test('a booking is called by how it stands', () => {
  const now = new Date('2026-11-20T10:00:00Z');
  const booking = { ends_at: '2026-11-24T15:00:00Z', answer_by: '2026-11-23T17:00:00Z', expires_at: null, zone: 'Europe/Paris' };
  const said = (state: string, at = now) =>
    titleOf({ ...booking, state: state as 'booked' }, frenchRooms.bookings, 'fr', at).replaceAll('\u00a0', ' ');
  expect(said('booked')).toBe('C’est réservé');
  expect(said('requested')).toBe('Demande envoyée, réponse avant lundi 18 h');
  expect(said('booked', new Date('2026-11-25T10:00:00Z'))).toBe('Réservation passée');
  expect(said('cancelled')).toBe('Réservation annulée');
});
