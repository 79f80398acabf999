import { expect, test } from 'vitest';
import { en } from '../../src/lib/i18n/en.ts';
import { fr } from '../../src/lib/i18n/fr.ts';
import type { Role } from '../../src/lib/api/types.ts';
import { bookedOf, countsOf, mayRead, movesOf, openingsOf, settledAs, verdictOf } from '../../src/routes/statements/statement.ts';

const place = (name: string) => ({ id: name, code: name, name });
const payment = (debtor: string, creditor: string, amount_cents: number) => ({
  debtor: place(debtor),
  creditor: place(creditor),
  amount_cents,
  discharges: [],
});
const of = (...transfers: ReturnType<typeof payment>[]) => ({
  money: true,
  place: place('Le Dôme'),
  transfers,
  has_payments: true,
  position_cents: 0,
});
const counted = { visits: 7, units: 7, free_units: 3, paid_units: 3, over_cap_units: 1, offered_units: 0, stale_list_units: 0, too_late_units: 0 };
const row = { ...counted, partner: place('B'), days: [], net_cents: 0, vat_cents: 0, total_cents: 0 };

test('a place hears what it owes, or is owed, in one sentence', () => {
  const say = (statement: ReturnType<typeof of>, own = true) => verdictOf(statement, own, fr, 'fr');
  expect(say(of(payment('Le Dôme', 'B', 1800)))).toBe('Vous devez 18\u00a0€.');
  expect(say(of(payment('B', 'Le Dôme', 1850)))).toBe('On vous doit 18,50\u00a0€.');
  expect(say(of(payment('Le Dôme', 'B', 1000), payment('C', 'Le Dôme', 400)))).toBe(
    'Vous devez 10\u00a0€, on vous doit 4\u00a0€.',
  );
  expect(say(of())).toBe('Rien à payer, rien à recevoir.');
});

test('where the network settles in a local currency, the sentence is in it', () => {
  expect(verdictOf(of(payment('Le Dôme', 'B', 1850)), true, fr, 'fr', 'gonettes')).toBe('Vous devez 18,50\u00a0gonettes.');
  expect(verdictOf(of(payment('B', 'Le Dôme', 1800)), true, en, 'en', 'gonettes')).toBe('You are owed 18\u00a0gonettes.');
});

test('until grouped payments are known, what a place will pay or get is its balance', () => {
  expect(movesOf({ ...of(), has_payments: false, position_cents: -1800 })).toEqual({ pays: 1800, gets: 0 });
  expect(movesOf({ ...of(), has_payments: false, position_cents: 400 })).toEqual({ pays: 0, gets: 400 });
});

test('somebody of the network reads about the place, and is not told that they owe', () => {
  expect(verdictOf(of(payment('Le Dôme', 'B', 1800)), false, fr, 'fr')).toBe('Le Dôme doit 18\u00a0€.');
  expect(verdictOf(of(payment('B', 'Le Dôme', 1800)), false, fr, 'fr')).toBe('On doit 18\u00a0€ au Dôme.');
  expect(verdictOf(of(payment('B', 'Le Dôme', 1800)), false, en, 'en')).toBe('Le Dôme is owed €18.');
});

test('a network that only counts names no amount', () => {
  expect(verdictOf({ ...of(), money: false }, true, fr, 'fr')).toBe('Rien à payer, on compte seulement.');
  expect(countsOf(row, 'visit', false, fr)).toBe('7 passages');
});

test('what a place pays and gets is added up from its payments', () => {
  expect(movesOf(of(payment('Le Dôme', 'B', 5), payment('Le Dôme', 'C', 6), payment('C', 'Le Dôme', 2)))).toEqual({
    pays: 11,
    gets: 2,
  });
});

test('a line says how many were free or over the cap', () => {
  expect(countsOf(row, 'visit', true, fr)).toBe('7 passages, 3 gratuits, 1 au-delà du plafond');
  expect(countsOf({ ...row, units: 9, over_cap_units: 0 }, 'half_day', true, fr)).toBe(
    '7 passages, 9 demi-journées, 3 gratuites',
  );
});

test('a line says what was offered, what an old list let in, and what came to light too late', () => {
  const waived = { ...row, free_units: 0, over_cap_units: 0, offered_units: 2, stale_list_units: 1, too_late_units: 1 };
  expect(countsOf(waived, 'visit', true, fr)).toBe('7 passages, 2 offerts, 1 sans rien à régler (liste de pass trop ancienne), 1 sans rien à régler (signalé trop tard)');
  expect(countsOf(waived, 'half_day', false, en)).toBe('7 visits, 7 half days, 2 offered');
});

test('a visit says in words how it is settled', () => {
  const visit = { units: 1, free_units: 0, paid_units: 0, over_cap_units: 0, rate_cents: 500, waived: null };
  expect(settledAs({ ...visit, free_units: 1 }, fr)).toBe('gratuit');
  expect(settledAs({ ...visit, over_cap_units: 1 }, fr)).toBe('au-delà du plafond');
  expect(settledAs({ ...visit, waived: 'offered' }, fr)).toBe('offert par le lieu');
  expect(settledAs({ ...visit, waived: 'stale_list' }, fr)).toBe('rien à régler : liste de pass trop ancienne');
  expect(settledAs({ ...visit, waived: 'too_late' }, fr)).toBe('rien à régler : signalé trop tard');
  expect(settledAs({ ...visit, paid_units: 1 }, fr)).toBe('');
  expect(settledAs({ ...visit, paid_units: 1, rate_cents: 0 }, fr)).toBe('rien à régler, selon les règles');
  expect(settledAs({ ...visit, units: 2, free_units: 1, paid_units: 1 }, fr)).toBe('1 gratuite, 1 payante');
});

test('the network reads every statement, a place its own', () => {
  const as = (role: Role, at?: string) => ({
    is: (...roles: Role[]) => roles.includes(role),
    placesAs: (...roles: Role[]) =>
      at && roles.includes(role) ? [{ id: at, code: at, name: at, town: 'Caen' }] : [],
  });
  expect(mayRead(as('coordinator'), 'a')).toBe(true);
  expect(mayRead(as('network_accountant'), 'a')).toBe(true);
  expect(mayRead(as('manager', 'a'), 'a')).toBe(true);
  expect(mayRead(as('place_accountant', 'a'), 'b')).toBe(false);
  expect(mayRead(as('host', 'a'), 'a')).toBe(false);
});

test('what is still owed of other months adds or takes away, by who owes it', () => {
  const opening = (debtor: string, creditor: string, amount_cents: number) => ({
    ...payment(debtor, creditor, amount_cents),
    month: '2026-09',
  });
  const openings = [opening('B', 'Le Dôme', 500), opening('Le Dôme', 'C', 200)];
  expect(openingsOf({ place: place('Le Dôme'), openings })).toBe(300);
});

test('a row of advanced bookings says what was given back of closed months', () => {
  const booked = { bookings: 3, cancelled: 1, corrections: 0, corrected_cents: 0 };
  expect(bookedOf(booked, fr, 'fr')).toBe('2 réservations, 1 annulation tardive');
  expect(bookedOf({ ...booked, bookings: 0, cancelled: 0, corrections: 1, corrected_cents: 1200 }, fr, 'fr')).toBe(
    "1 correction d’un mois clos, \u221212,00\u00a0€",
  );
});
