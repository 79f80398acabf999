import type { Participant, Statement, StatementBooking, StatementRow, StatementVisit } from '$lib/api/types.ts';
import { money } from '$lib/i18n/money.ts';
import type { Dictionary, Language } from '$lib/i18n/types.ts';
import type { session as Session } from '$lib/session.svelte.ts';
import { debtsOf } from '../months/settled.ts';

type Unit = Statement['unit'];

/** What an error is reported about: one visit or one booking, or all of them with a partner. */
export type Reported = { direction: 'received' | 'made'; partner: Participant } & (
  | { about: 'visits'; visit?: StatementVisit | undefined }
  | { about: 'bookings'; booking?: StatementBooking | undefined }
);

/** Whether this person may open a place's statements: the network's people all of them, a place's people their own. */
export const mayRead = (session: Pick<typeof Session, 'is' | 'placesAs'>, placeId: string): boolean =>
  session.is('coordinator', 'network_accountant') ||
  session.placesAs('manager', 'place_accountant').some((place) => place.id === placeId);

type Moves = Pick<Statement, 'place' | 'transfers' | 'has_payments' | 'position_cents'>;

/**
 * What a place pays and what it is paid, in cents: both only where the network does not group everything. Its balance,
 * as long as payments wait for the month to be published.
 */
export function movesOf(statement: Moves): { pays: number; gets: number } {
  if (!statement.has_payments) {
    return { pays: Math.max(0, -statement.position_cents), gets: Math.max(0, statement.position_cents) };
  }
  let pays = 0;
  let gets = 0;
  for (const { debtor, creditor, amount_cents } of statement.transfers) {
    if (debtor.code === statement.place.code) pays += amount_cents;
    if (creditor.code === statement.place.code) gets += amount_cents;
  }
  return { pays, gets };
}

/** « Vous devez 18 €. »: to the place itself, or about it when somebody of the network reads. */
export function verdictOf(
  statement: Moves & Pick<Statement, 'money'>,
  own: boolean,
  t: Dictionary,
  language: Language,
  currency: string | null = null,
): string {
  if (!statement.money) return t.statement.countsOnly;
  const { pays, gets } = movesOf(statement);
  const [owe, owed] = [pays, gets].map((cents) => money(cents, language, { spoken: true, currency })) as [string, string];
  const { name } = statement.place;
  if (pays && gets) return own ? t.statement.youBoth(owe, owed) : t.statement.placeBoth(name, owe, owed);
  if (pays) return own ? t.statement.youOwe(owe) : t.statement.placeOwes(name, owe);
  if (gets) return own ? t.statement.youAreOwed(owed) : t.statement.placeIsOwed(name, owed);
  return t.statement.nothing;
}

/** « 7 passages, 3 gratuits, 1 au-delà du plafond »; a network that only counts says the visits alone. */
export function countsOf(row: StatementRow, unit: Unit, hasMoney: boolean, t: Dictionary): string {
  const words = t.statement;
  const halves = unit === 'half_day';
  const said = [words.visits(row.visits)];
  if (halves) said.push(words.halfDays(row.units));
  if (hasMoney && row.free_units) said.push((halves ? words.freeHalfDays : words.free)(row.free_units));
  if (hasMoney && row.over_cap_units) said.push(words.overCap(row.over_cap_units));
  if (row.offered_units) said.push((halves ? words.offeredHalfDays : words.offered)(row.offered_units));
  if (hasMoney && row.stale_list_units) said.push(words.staleList(row.stale_list_units));
  if (hasMoney && row.too_late_units) said.push(words.tooLate(row.too_late_units));
  return said.join(', ');
}

/** « 2 réservations, 1 correction d'un mois clos, −12,00 € »: what a row of advanced bookings is made of. */
export function bookedOf(
  row: Pick<Statement['bookings_made'][number], 'bookings' | 'cancelled' | 'corrections' | 'corrected_cents'>,
  t: Dictionary,
  language: Language,
): string {
  const words = t.statement.bookings;
  const said = row.bookings ? [words.counted(row.bookings, row.cancelled)] : [];
  if (row.corrections) said.push(words.corrected(row.corrections, money(-row.corrected_cents, language)));
  return said.join(', ');
}

/** How one visit is settled, in words: « gratuit », « offert par le lieu », or its parts where a full day is split. */
export function settledAs(
  visit: Pick<StatementVisit, 'units' | 'free_units' | 'paid_units' | 'over_cap_units' | 'rate_cents' | 'waived'>,
  t: Dictionary,
): string {
  const words = t.statement;
  const { units, free_units: free, paid_units: paid, over_cap_units: over } = visit;
  if (visit.waived) return { offered: words.isOffered, stale_list: words.isStaleList, too_late: words.isTooLate }[visit.waived];
  if (units === 0) return words.worthNothing;
  if (free === units) return words.isFree;
  if (over === units) return words.isOverCap;
  if (paid === units) return visit.rate_cents === 0 ? words.worthNothing : '';
  return [free && words.freeHalfDays(free), paid && words.paidHalfDays(paid), over && words.overCap(over)]
    .filter(Boolean)
    .join(', ');
}

/** What this place owes and is owed, as far as its statement says, to explain a payment. */
export const debtsKnown = (statement: Statement): ReturnType<typeof debtsOf> =>
  debtsOf([
    ...statement.received.map((row) => ({
      debtor: row.partner,
      creditor: statement.place,
      amount_cents: row.total_cents,
    })),
    ...statement.made.map((row) => ({
      debtor: statement.place,
      creditor: row.partner,
      amount_cents: row.total_cents,
    })),
  ]);

/** What a direction comes to, in cents. */
export const totalOf = (rows: readonly Pick<StatementRow, 'total_cents'>[]): number => rows.reduce((sum, row) => sum + row.total_cents, 0);

/** What was still owed of other months, from here: what is received less what is paid, in cents. */
export const openingsOf = (statement: Pick<Statement, 'place' | 'openings'>): number =>
  statement.openings.reduce(
    (sum, each) => sum + (each.creditor.code === statement.place.code ? each.amount_cents : -each.amount_cents),
    0,
  );
