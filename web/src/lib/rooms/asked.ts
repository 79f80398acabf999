import type { Booking, RoomRepeat } from '../api/types.ts';
import { weekdayName } from '../i18n/dates.ts';
import type { Dictionary, Language } from '../i18n/types.ts';

/** Requests that one answer can be for: the dates of a series, or one alone. */
export type Together = { key: string; bookings: [Booking, ...Booking[]] };

/** Requests by what they belong to, in the order of their first dates. */
export function together(requests: readonly Booking[]): Together[] {
  const groups = new Map<string, Together>();
  for (const booking of requests) {
    const key = booking.series_id ?? booking.id;
    const group = groups.get(key);
    if (group) group.bookings.push(booking);
    else groups.set(key, { key, bookings: [booking] });
  }
  return [...groups.values()];
}

/** « Chaque semaine, lundi et mercredi », « Tous les 2 mois, le 2e mardi »: how a series repeats, from its first date. */
export function rhythmSaid(
  { every, interval, weekdays, by_weekday }: RoomRepeat,
  first: string,
  t: Dictionary['roomDesk']['series'],
  language: Language,
): string {
  const weekdayOfFirst = (new Date(`${first.slice(0, 10)}T12:00:00Z`).getUTCDay() + 6) % 7;
  const dayOfMonth = Number(first.slice(8, 10));
  const listed = new Intl.ListFormat(language === 'fr' ? 'fr-FR' : 'en-GB');
  const names = [...(weekdays.length ? weekdays : [weekdayOfFirst])].sort().map((day) => weekdayName(day, language));
  const on = {
    day: undefined,
    week: listed.format(names),
    month: by_weekday
      ? t.nth(Math.ceil(dayOfMonth / 7), weekdayName(weekdayOfFirst, language))
      : t.onDay(dayOfMonth),
  }[every];
  return [t.every[every](interval), on].filter(Boolean).join(', ');
}
