import type { Dictionary } from '$lib/i18n/types.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export type Freshness = 'none' | 'fresh' | 'known' | 'old' | 'expired';

/** How good a status list is (`iat` and `exp` in seconds) at `now`, in milliseconds: a warning over 24 hours, then its end. */
export function freshnessOf(list: { iat: number; exp: number } | undefined, now: number): Freshness {
  if (!list) return 'none';
  if (now >= list.exp * 1000) return 'expired';
  const age = now - list.iat * 1000;
  // The server makes a new list every five minutes, and a door asks as often.
  return age > DAY ? 'old' : age > 15 * MINUTE ? 'known' : 'fresh';
}

/** « 5 h » for a list of that age. */
export function ageOf(list: { iat: number }, now: number, t: Dictionary['offline']): string {
  const age = Math.max(0, now - list.iat * 1000);
  if (age < HOUR) return t.minutes(Math.max(1, Math.floor(age / MINUTE)));
  return age < 2 * DAY ? t.hours(Math.floor(age / HOUR)) : t.days(Math.floor(age / DAY));
}
