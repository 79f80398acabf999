import type { Language } from './types.ts';

const TAG = { fr: 'fr-FR', en: 'en-GB' } as const;
/** French has an ordinal for the first of a month only: « 1er octobre ». */
const first = (text: string, language: Language) =>
  language === 'fr' ? text.replace(/(?<=^|\s)1(?=\s)/, '1er') : text;
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
/** A calendar date has no zone: noon UTC is that date everywhere we show it in UTC. */
const atNoon = (date: string) => new Date(`${date}T12:00:00Z`);

/** « Novembre 2026 » for `2026-11`. */
export const monthName = (month: string, language: Language): string =>
  capital(
    new Intl.DateTimeFormat(TAG[language], { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
      atNoon(`${month}-15`),
    ),
  );

/** « sept. 2026 » for `2026-09`: where months stand beside each other; `year`: with the year. */
export const monthShort = (month: string, language: Language, year: boolean): string =>
  capital(
    new Intl.DateTimeFormat(TAG[language], {
      month: 'short',
      ...(year && { year: 'numeric' }),
      timeZone: 'UTC',
    }).format(atNoon(`${month}-15`)),
  );

/** « samedi 21 novembre » for `2026-11-21`. */
export const dayName = (date: string, language: Language): string =>
  first(
    new Intl.DateTimeFormat(TAG[language], { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' }).format(
      atNoon(date),
    ),
    language,
  );

/** « 21 novembre », for a day that is near. */
export const dayMonth = (date: string, language: Language): string =>
  first(
    new Intl.DateTimeFormat(TAG[language], { day: 'numeric', month: 'long', timeZone: 'UTC' }).format(atNoon(date)),
    language,
  );

/** « sam. 21 nov. » */
export const dayShort = (date: string, language: Language): string =>
  new Intl.DateTimeFormat(TAG[language], { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' }).format(
    atNoon(date),
  );

/** « 21 novembre 2026 » of a date; of an instant, of the reader's own day. */
export const dateLong = (date: string, language: Language): string => dateLongAt(undefined, date, language);

/** The same, of an instant by the day in a zone (the reader's own when none is given); a date is the same everywhere. */
export const dateLongAt = (zone: string | undefined, at: string, language: Language): string =>
  first(
    new Intl.DateTimeFormat(TAG[language], { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
      atNoon(at.includes('T') ? today(zone, new Date(at)) : at),
    ),
    language,
  );

/** « 14:05 » of an instant, in a zone (the reader's own when none is given). */
export const timeOf = (instant: string | Date, language: Language, zone?: string): string =>
  new Intl.DateTimeFormat(TAG[language], { hour: '2-digit', minute: '2-digit', timeZone: zone }).format(
    new Date(instant),
  );

/** « 21 nov., 14:05 »; with its year, where that is another one than `now`'s. */
export const dateTime = (instant: string, language: Language, now: Date = new Date(), zone?: string): string => {
  const at = new Date(instant);
  const year = at.getFullYear() === now.getFullYear() ? undefined : 'numeric';
  const format = { day: 'numeric', month: 'short', year, hour: '2-digit', minute: '2-digit', timeZone: zone } as const;
  return new Intl.DateTimeFormat(TAG[language], format).format(at);
};

/** The same by the clock of a place; by the reader's own where it is not known yet. */
export const dateTimeAt = (zone: string | undefined, instant: string, language: Language): string =>
  dateTime(instant, language, new Date(), zone);

/** « lundi », for 0 = Monday. */
export const weekdayName = (weekday: number, language: Language, style: 'long' | 'short' = 'long'): string =>
  new Intl.DateTimeFormat(TAG[language], { weekday: style, timeZone: 'UTC' }).format(
    new Date(Date.UTC(2024, 0, 1 + weekday, 12)),
  );

export const number = (value: number, language: Language): string => new Intl.NumberFormat(TAG[language]).format(value);

/** Today's calendar date in a zone, `2026-11-21`. */
export const today = (zone?: string, now: Date = new Date()): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(now);
