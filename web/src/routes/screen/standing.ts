import type { RoomScreen } from '$lib/api/types.ts';
import { today } from '$lib/i18n/dates.ts';
import type { Said } from './kept.ts';

type Taken = RoomScreen['taken'][number];

/** How a room stands at an instant (milliseconds). `until`: free or busy until then; undefined: as far as is known. */
export type Standing = {
  busy: boolean;
  until: number | undefined;
  current: Taken | undefined;
  /** What comes later today, the first one first. */
  next: Taken[];
  /** The booking whose people may say that they are here. */
  expected: NonNullable<Taken['booking']> | undefined;
};

const from = (taken: Taken) => Date.parse(taken.starts_at);
const until = (taken: Taken) => Date.parse(taken.ends_at);

/** Which day it is, is this device's to say: what it was told may be of yesterday. */
export function standingOf({ taken, zone }: Pick<RoomScreen, 'taken' | 'zone'>, now: number): Standing {
  const day = today(zone, new Date(now));
  const rows = [...taken].sort((one, other) => from(one) - from(other));
  const current = rows.find((row) => from(row) <= now && now < until(row));
  const later = rows.filter((row) => from(row) > now);
  // What follows without a break keeps it busy: nobody can come between.
  let end = current && until(current);
  for (const row of later) if (end !== undefined && from(row) <= end) end = Math.max(end, until(row));
  return {
    busy: current !== undefined,
    until: end ?? (later[0] && from(later[0])),
    current,
    next: later.filter((row) => row.starts_at.slice(0, 10) === day),
    expected: rows.flatMap(({ booking }) => booking ?? []).find((booking) => isExpected(booking, now)),
  };
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
