import type { Booking } from '../api/types.ts';
import { later } from './when.ts';

const DAY = 24 * 60;

/** The Monday of a date's week. */
export function mondayOf(date: string): string {
  const weekday = (new Date(`${date}T12:00:00Z`).getUTCDay() + 6) % 7;
  return later(`${date}T00:00`, -weekday * DAY).slice(0, 10);
}

/** A date so many days on. */
export const daysOn = (date: string, days: number): string => later(`${date}T00:00`, days * DAY).slice(0, 10);

export type OfDay = { day: string; bookings: Booking[] };

/** A week's bookings by the day on which each begins; what began before stands on the first. */
export function byDay(bookings: readonly Booking[], monday: string): OfDay[] {
  const days = new Map<string, Booking[]>();
  for (const booking of bookings) {
    const begins = booking.local_start.slice(0, 10);
    const day = begins < monday ? monday : begins;
    days.set(day, [...(days.get(day) ?? []), booking]);
  }
  return [...days].sort(([one], [other]) => one.localeCompare(other)).map(([day, of]) => ({ day, bookings: of }));
}

export type Delta = { days: number; seconds: number };

/** A wall time moved as far as somebody dragged it. */
export const moved = (local: string, { days, seconds }: Delta): string => later(local, days * DAY + seconds / 60);

/** Whom a booking is for, as the place learns it: « Léa B. ». */
export const nameOf = (booking: Pick<Booking, 'for'>): string | undefined =>
  booking.for ? `${booking.for.given_name} ${booking.for.initial}.` : undefined;
