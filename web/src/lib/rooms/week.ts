import type { Booking, Unavailable } from '../api/types.ts';
import { later } from './when.ts';

const DAY = 24 * 60;

/** The Monday of a date's week. */
export function mondayOf(date: string): string {
  const weekday = (new Date(`${date}T12:00:00Z`).getUTCDay() + 6) % 7;
  return later(`${date}T00:00`, -weekday * DAY).slice(0, 10);
}

/** A date so many days on. */
export const daysOn = (date: string, days: number): string => later(`${date}T00:00`, days * DAY).slice(0, 10);

/** What of a time that nothing is booked in falls on one day. */
export type Part = { from: string; to: string; isAllDay: boolean; what: Unavailable };
export type OfDay = { day: string; bookings: Booking[]; parts: Part[] };

/** What is closed or taken elsewhere, a part for each day of the week on which it is. */
export function partsOf(unavailable: readonly Unavailable[], monday: string): (Part & { day: string })[] {
  const week = [0, 1, 2, 3, 4, 5, 6].map((days) => daysOn(monday, days));
  return unavailable.flatMap((what) =>
    week.flatMap((day) => {
      const [midnight, next] = [`${day}T00:00`, `${daysOn(day, 1)}T00:00`];
      const from = what.local_start < midnight ? midnight : what.local_start;
      const to = what.local_end > next ? next : what.local_end;
      return from < to ? [{ day, from, to, isAllDay: from === midnight && to === next, what }] : [];
    }),
  );
}

/** A week's bookings by the day on which each begins, what began before on the first; and what cannot be booked. */
export function byDay(bookings: readonly Booking[], unavailable: readonly Unavailable[], monday: string): OfDay[] {
  const days = new Map<string, OfDay>();
  const on = (day: string) => {
    const known = days.get(day) ?? { day, bookings: [], parts: [] };
    days.set(day, known);
    return known;
  };
  for (const booking of bookings) {
    const begins = booking.local_start.slice(0, 10);
    on(begins < monday ? monday : begins).bookings.push(booking);
  }
  for (const { day, ...part } of partsOf(unavailable, monday)) on(day).parts.push(part);
  return [...days.values()].sort((one, other) => one.day.localeCompare(other.day));
}

export type Delta = { days: number; seconds: number };

/** A wall time moved as far as somebody dragged it. */
export const moved = (local: string, { days, seconds }: Delta): string => later(local, days * DAY + seconds / 60);

/** Whom a booking is for, as the place learns it: « Léa B. ». */
export const nameOf = (booking: Pick<Booking, 'for'>): string | undefined =>
  booking.for ? `${booking.for.given_name} ${booking.for.initial}.` : undefined;
