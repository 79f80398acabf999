import { expect, test } from 'vitest';
import { englishRooms } from '../../src/lib/i18n/en-rooms.ts';
import { frenchRooms } from '../../src/lib/i18n/fr-rooms.ts';
import { cancelCostSaid, owedSaid, titleOf } from '../../src/lib/rooms/booking.ts';

const t = frenchRooms.bookings;
const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, ' ');
const home = { id: 'a', name: 'Le Hangar' };

test('until when the place answers is said on the clocks of the place, as in the mail, wherever one reads it', () => {
  const asked = { state: 'requested' as const, ends_at: '2026-11-25T10:00:00Z', answer_by: '2026-11-23T17:00:00Z' };
  const there = { ...asked, expires_at: null, zone: 'Indian/Reunion' };
  const now = new Date('2026-11-20T10:00:00Z');
  expect(plain(titleOf(there, t, 'fr', now))).toBe('Demande envoyée, réponse avant lundi 21 h');
  const held = { ...there, state: 'held' as const, expires_at: '2026-11-20T10:10:00Z' };
  expect(plain(titleOf(held, t, 'fr', now))).toBe("Gardée pour vous jusqu'à vendredi 14 h 10");
});

test('a fee that the home pays first is not said to be owed to the place', () => {
  const said = (payer: 'home' | 'member', cancel_costs = 600) => plain(cancelCostSaid({ cancel_costs, payer, home }, t, 'fr'));
  expect(said('home')).toBe('L’annulation coûte 6 €, avancés par Le Hangar. Rien à régler au lieu de la salle.');
  expect(said('member')).toBe('L’annulation coûte 6 €, à régler au lieu.');
  expect(said('home', 0)).toBe('Vous ne payez rien.');
});

test('no English sentence spaces its colon as French does', () => {
  expect(englishRooms.rooms.askTraining).toBe('Whom to ask:');
});

test('what is off asks for its fee, or for nothing, and not for the price', () => {
  const said = (state: 'booked' | 'cancelled' | 'rejected', fee = 0) =>
    plain(owedSaid({ state, fee, price: 3600, payer: 'member', home: null }, frenchRooms, 'fr'));
  expect(said('booked')).toBe('36 € à régler sur place');
  expect([said('cancelled'), said('rejected')]).toEqual(['Rien à régler', 'Rien à régler']);
  expect(said('cancelled', 1800)).toBe('18 € à régler sur place');
});
