import type { RoomScreen } from '$lib/api/types.ts';
import { today } from '$lib/i18n/dates.ts';
import type { Language } from '$lib/i18n/types.ts';
import { hourSaid, later, momentSaid, wallIn } from '$lib/rooms/when.ts';
import type { Said } from './kept.ts';

type Taken = RoomScreen['taken'][number];

/**
 * How a room stands at an instant (milliseconds). `until`: so until then; undefined: as far as is known. Closed is
 * neither: its place is, or it is closed itself, and `until` is when one may come again.
 */
export type Standing = {
  is: 'free' | 'busy' | 'closed';
  until: number | undefined;
  current: Taken | undefined;
  /** What comes later today, the first one first. */
  next: Taken[];
  /** The booking whose people may say that they are here. */
  expected: NonNullable<Taken['booking']> | undefined;
};

const FAR_AWAY = 48 * 60 * 60 * 1000;

type Known = Pick<RoomScreen, 'taken' | 'open' | 'zone'>;
const from = (taken: { starts_at: string }) => Date.parse(taken.starts_at);
const until = (taken: { ends_at: string }) => Date.parse(taken.ends_at);
const holds = (now: number) => (row: { starts_at: string; ends_at: string }) => from(row) <= now && now < until(row);

/** Which day it is, is this device's to say: what it was told may be of yesterday. */
export function standingOf(known: Known, now: number): Standing {
  const day = today(known.zone, new Date(now));
  const rows = [...known.taken].sort((one, other) => from(one) - from(other));
  const current = rows.find(holds(now));
  const coming = rows.filter((row) => from(row) > now);
  const expected = rows.flatMap(({ booking }) => booking ?? []).find((booking) => isExpected(booking, now));
  const next = coming.filter((row) => row.starts_at.slice(0, 10) === day);
  const opens = opensAt(known, now);
  if (current ? current.kind === 'closure' : opens !== now)
    return { is: 'closed', until: opens, current, next, expected };
  if (!current) {
    const ends = [coming[0] && from(coming[0]), closesAt(known, now)].filter((at) => at !== undefined);
    return { is: 'free', until: ends.length ? Math.min(...ends) : undefined, current, next, expected };
  }
  // What follows without a break keeps it busy: nobody can come between.
  let end = until(current);
  for (const row of coming) if (from(row) <= end) end = Math.max(end, until(row));
  return { is: 'busy', until: end, current, next, expected };
}

/** When it is open, from an instant on: that instant, where it is; undefined where that is not known. */
function opensAt(known: Known, now: number): number | undefined {
  const { taken, open } = known;
  const hours = open?.find((row) => until(row) > now);
  if (open && !hours) return;
  const opens = Math.max(now, hours ? from(hours) : now);
  const closure = taken.find((row) => row.kind === 'closure' && holds(opens)(row));
  return closure ? opensAt(known, until(closure)) : opens;
}

/** When it closes; nothing where that is so far away that nobody asks: day and night, or as far as is known. */
function closesAt({ open }: Known, now: number): number | undefined {
  const hours = open?.find(holds(now));
  return hours && until(hours) - now < FAR_AWAY ? until(hours) : undefined;
}

const isExpected = ({ check_in_from, ends_at }: NonNullable<Taken['booking']>, now: number): boolean =>
  check_in_from !== null && Date.parse(check_in_from) <= now && now < Date.parse(ends_at);

/** The same with those who said that they are here while there was no network. */
export const withCome = (screen: RoomScreen, come: readonly Said[]): RoomScreen => ({
  ...screen,
  taken: screen.taken.map((row) =>
    row.booking && come.some(({ id }) => id === row.booking?.id)
      ? { ...row, booking: { ...row.booking, came: true, check_in_from: null } }
      : row,
  ),
});

/** How long one may be without news: what could be booked now is not known any more. */
export const FRESH = 90_000;

/** « 14 h » of today, « demain 14 h », « lundi 8 h 30 »: an instant (milliseconds), on the clocks of the place. */
export function nearSaid(at: number, now: number, zone: string, language: Language, tomorrow: string): string {
  const said = new Date(at).toISOString();
  const local = wallIn(said, zone);
  const day = today(zone, new Date(now));
  if (local.startsWith(day)) return hourSaid(local, language);
  if (local.startsWith(later(`${day}T00:00`, 24 * 60).slice(0, 10))) return `${tomorrow} ${hourSaid(local, language)}`;
  return momentSaid(said, language, zone, new Date(now));
}
