import type { ScanShown } from '$lib/api/types.ts';
import type { Dictionary, Language } from '$lib/i18n/types.ts';
import { timeOf } from '$lib/i18n/dates.ts';

/** Rows by their local date, in the order in which they come. */
export function byDay<T extends { local_date: string }>(rows: readonly T[]): [string, T[]][] {
  const days = new Map<string, T[]>();
  for (const row of rows) days.set(row.local_date, [...(days.get(row.local_date) ?? []), row]);
  return [...days];
}

/** « 5 heures » of seconds, in the largest unit that says enough. */
export function spanOf(seconds: number, t: Dictionary['reviews']): string {
  const minutes = Math.max(0, Math.round(seconds / 60));
  if (minutes < 100) return t.minutes(minutes);
  return minutes < 48 * 60 ? t.hours(Math.round(minutes / 60)) : t.days(Math.round(minutes / 1440));
}

/** Why a manager is asked. */
export function whyOf(scan: Pick<ScanShown, 'waits' | 'verdict' | 'home' | 'choices'>, t: Dictionary['reviews']): string[] {
  if (scan.waits === 'self') return [t.selfWhy];
  const why = t.conflictWhy[scan.verdict] ?? t.conflictOther;
  return scan.home === null && scan.choices.length === 0 ? [why, t.noPayer] : [why];
}

/** What came after the verdict, in words: « offert, 14:05 ». */
export function followedBy(
  scan: Pick<ScanShown, 'follow_ups' | 'undone_at' | 'undone_because' | 'waived'>,
  t: Dictionary['reviews'],
  language: Language,
  zone: string,
): string[] {
  const said = scan.follow_ups.map(({ kind, at, reason }) =>
    [t.followUpAt(t.followUps[kind] ?? kind, timeOf(at, language, zone)), reason && t.quoted(reason)]
      .filter(Boolean)
      .join(' '),
  );
  if (scan.waived === 'stale_list') said.push(t.staleList);
  if (scan.waived === 'too_late') said.push(t.tooLate);
  if (scan.undone_at) said.push(scan.undone_because ? t.undoneFor(scan.undone_because) : t.undone);
  return said;
}

/** Whether the host may still ask nothing for it: another place pays for the visit that it opens. */
export const mayOffer = (scan: Pick<ScanShown, 'visit' | 'at_home' | 'waived'>): boolean =>
  scan.visit && !scan.at_home && scan.waived === null;
