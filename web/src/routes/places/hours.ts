/** Opening hours in words, and back from a form. Times are local wall clock; `26:00` is 2 h the next day. */
import { weekdayName } from '$lib/i18n/dates.ts';
import type { Dictionary, Language } from '$lib/i18n/types.ts';

export type Interval = { opens: string; closes: string };
export type WeekInterval = Interval & { weekday: number };
export type Exception = { day: string; hours: Interval[]; note?: string | null };

export const minutes = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
export const clock = (total: number): string =>
  `${String(Math.floor(total / 60)).padStart(2, '0')}:${String(total % 60).padStart(2, '0')}`;

/** « 9 h », « 18 h 30 », « 2 h le lendemain »; 09:00 and 18:30 in English. */
export function timeInWords(time: string, t: Dictionary, language: Language): string {
  const total = minutes(time);
  const day = total % 1440;
  const [hour, minute] = [Math.floor(day / 60), day % 60];
  const words =
    language === 'fr' ? (minute ? `${hour} h ${String(minute).padStart(2, '0')}` : `${hour} h`) : clock(day);
  // Midnight ends its own day.
  if (total === 1440) return language === 'fr' ? 'minuit' : 'midnight';
  return total > 1440 ? t.place.nextDay(words) : words;
}

/** « 9 h à 12 h 30, 14 h à 18 h » or « fermé ». */
export function rangesInWords(ranges: readonly Interval[], t: Dictionary, language: Language): string {
  if (ranges.length === 0) return t.place.closedDay;
  const sorted = [...ranges].sort((one, other) => minutes(one.opens) - minutes(other.opens));
  return sorted
    .map(({ opens, closes }) =>
      minutes(closes) - minutes(opens) === 1440
        ? t.place.allDay
        : t.place.range(timeInWords(opens, t, language), timeInWords(closes, t, language)),
    )
    .join(', ')
    .replaceAll(' h', '\u00a0h');
}

/** The week in as few lines as a notice on the door would have: days with the same hours stand together. */
export function weekInWords(
  hours: readonly WeekInterval[],
  t: Dictionary,
  language: Language,
): { days: string; hours: string; open: boolean }[] {
  const byDay = Array.from({ length: 7 }, (_, weekday) =>
    rangesInWords(
      hours.filter((each) => each.weekday === weekday),
      t,
      language,
    ),
  );
  const lines: { days: string; hours: string; open: boolean }[] = [];
  let from = 0;
  while (from < 7) {
    let to = from;
    while (to < 6 && byDay[to + 1] === byDay[from]) to++;
    const name = (weekday: number) => weekdayName(weekday, language);
    const days =
      from === to ? name(from) : to === from + 1 ? `${name(from)}, ${name(to)}` : t.place.days(name(from), name(to));
    lines.push({
      days: days.charAt(0).toUpperCase() + days.slice(1),
      hours: byDay[from] ?? '',
      open: hours.some((each) => each.weekday === from),
    });
    from = to + 1;
  }
  return lines;
}

/** A range as two time fields hold it: `02:00` for a closing after midnight. */
export type Draft = { opens: string; closes: string };

export const toDraft = ({ opens, closes }: Interval): Draft => ({ opens, closes: clock(minutes(closes) % 1440) });

/** A closing that is not after the opening is on the next day. Null while a field is empty. */
export function fromDraft({ opens, closes }: Draft): Interval | null {
  if (!opens || !closes) return null;
  const [start, end] = [minutes(opens), minutes(closes)];
  return { opens, closes: clock(end > start ? end : end + 1440) };
}

export const endsNextDay = (draft: Draft): boolean => {
  const interval = fromDraft(draft);
  return interval !== null && minutes(interval.closes) > 1440;
};

/** Whether two ranges of one day overlap; touching is allowed. */
export function overlap(ranges: readonly Interval[]): boolean {
  const sorted = [...ranges].sort((one, other) => minutes(one.opens) - minutes(other.opens));
  return sorted.some((range, index) => {
    const before = sorted[index - 1];
    return before !== undefined && minutes(range.opens) < minutes(before.closes);
  });
}

export type Trouble = 'incomplete' | 'overlap' | null;

/** What is wrong with a day as it stands in the form. */
export function troubleOf(drafts: readonly Draft[]): Trouble {
  const ranges = drafts.map(fromDraft);
  if (ranges.includes(null)) return 'incomplete';
  return overlap(ranges as Interval[]) ? 'overlap' : null;
}
