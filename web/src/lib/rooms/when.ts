import { dayName } from '../i18n/dates.ts';
import type { Language } from '../i18n/types.ts';

/*
 * Wall times: `2026-11-24T14:00`, what the clocks of a place show. They are reckoned as if they were UTC, whatever the
 * zone of this device: what a place's clocks skip or repeat is the server's to say.
 */

const MINUTE = 60_000;
const DAY = 24 * 60;
const UNBROKEN = '\u00a0';
const TAG = { fr: 'fr-FR', en: 'en-GB' } as const;

const instant = (local: string) => Date.parse(`${local.slice(0, 16)}Z`);
const wall = (at: number) => new Date(at).toISOString().slice(0, 16);

/** So many minutes later on the wall. */
export const later = (local: string, minutes: number): string => wall(instant(local) + minutes * MINUTE);

/** How long it is from one wall time to another, in minutes. */
export const minutesBetween = (from: string, to: string): number => (instant(to) - instant(from)) / MINUTE;

/** Minutes since midnight of a day: more than a day's for the days after. */
export const minutesOf = (local: string, day: string): number => minutesBetween(`${day}T00:00`, local);

/** « 14 h 30 » for `2026-11-24T14:30`; as a person says it. */
export function hourSaid(local: string, language: Language): string {
  const [hour = '0', minute = '00'] = local.slice(11, 16).split(':');
  if (language === 'en') return `${hour}:${minute}`;
  return [Number(hour), 'h', ...(minute === '00' ? [] : [minute])].join(UNBROKEN);
}

/** « 14 h » for minutes since midnight; the end of a day is midnight. */
export const minuteSaid = (minutes: number, language: Language): string =>
  hourSaid(later('2000-01-01T00:00', ((minutes % DAY) + DAY) % DAY), language);

/** « mardi 24 novembre » and « 14 h–16 h »; the second day is named too where it is another one. */
export function spanParts(from: string, to: string, language: Language): [day: string, hours: string] {
  const [start, end] = [hourSaid(from, language), hourSaid(to, language)];
  const day = dayName(from.slice(0, 10), language);
  const isOneDay = minutesOf(to, from.slice(0, 10)) <= DAY;
  return isOneDay ? [day, `${start}–${end}`] : [`${day}, ${start} – ${dayName(to.slice(0, 10), language)}`, end];
}

/** « mardi 24 novembre, 14 h–16 h ». */
export const spanSaid = (from: string, to: string, language: Language): string =>
  spanParts(from, to, language).join(', ');

/** « lundi 18 h » within the next six days, else « lundi 30 novembre, 18 h »: an instant, on the clocks of a zone. */
export function momentSaid(at: string, language: Language, zone: string, now: Date = new Date()): string {
  const local = wallIn(at, zone);
  const isSoon = minutesBetween(wallIn(now.toISOString(), zone).slice(0, 10) + 'T00:00', local) < 6 * DAY;
  const day = isSoon
    ? new Intl.DateTimeFormat(TAG[language], { weekday: 'long', timeZone: 'UTC' }).format(instant(local))
    : `${dayName(local.slice(0, 10), language)},`;
  return `${day} ${hourSaid(local, language)}`;
}

/** What the clocks of a zone show at an instant (this device's own when none is given). */
export function wallIn(at: string, zone?: string): string {
  const said = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short', timeZone: zone });
  return said.format(new Date(at)).replace(' ', 'T');
}

/** « Saint-Denis » of a zone's name: what people call it. */
export const cityOf = (zone: string): string => (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');

/** Whether the clocks there show something else at that instant than those here. */
export const isElsewhere = (zone: string, at: string, here?: string): boolean => wallIn(at, zone) !== wallIn(at, here);

/** « 2 h », « 1 h 30 », « 45 min ». */
export function lastsSaid(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours === 0) return `${rest}${UNBROKEN}min`;
  return [hours, 'h', ...(rest ? [String(rest).padStart(2, '0')] : [])].join(UNBROKEN);
}

/** Tomorrow from two to four, or Monday where tomorrow is no working day. */
export function usualWhen(today: string): { start: string; end: string } {
  let start = later(`${today}T14:00`, DAY);
  while ([0, 6].includes(new Date(instant(start)).getUTCDay())) start = later(start, DAY);
  return { start, end: later(start, 120) };
}

/** Whether it is a wall time as addresses write it. */
export const isWall = (text: string | null): text is string =>
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text ?? '') && !Number.isNaN(instant(text ?? ''));
