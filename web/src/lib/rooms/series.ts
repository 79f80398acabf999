import { later } from './when.ts';

/** What people choose of a series' rhythm, as the server is asked. */
export const RHYTHMS = {
  day: { every: 'day', interval: 1 },
  week: { every: 'week', interval: 1 },
  fortnight: { every: 'week', interval: 2 },
  month: { every: 'month', interval: 1 },
} as const;
export type Rhythm = keyof typeof RHYTHMS;
export const MOST_TIMES = 52;

/** Whether an occurrence is, or can be, booked. */
export const isGood = (outcome: string): boolean => ['free', 'booked', 'requested'].includes(outcome);

const WEEK = 7 * 24 * 60;
const DAYS = { day: 1, week: 7, fortnight: 14 } as const;

/** The one after it: a month on is the same weekday of that month, its second Tuesday. A fifth one may take two months. */
export function nextOf(start: string, rhythm: Rhythm): string {
  if (rhythm !== 'month') return later(start, DAYS[rhythm] * 24 * 60);
  const nth = (local: string) => Math.ceil(Number(local.slice(8, 10)) / 7);
  let found = later(start, 4 * WEEK);
  while (nth(found) !== nth(start)) found = later(found, WEEK);
  return found;
}
