import { today } from '$lib/i18n/dates.ts';
import type { KeptScan, Recent, Store } from '$lib/store.ts';
import type { Fate } from './queue.ts';

/** How a scan stands in the list of this phone. */
export function recentOf(scan: KeptScan, fate: Fate): Recent {
  const line: Recent = { id: scan.id, place_id: scan.place_id, at: scan.scanned_at, state: 'kept' };
  if (fate.kind === 'answered') {
    const { check_in_id, verdict, colour, member, first_check_in_at, scanned_at } = fate.answer;
    const opened_at = Date.parse(first_check_in_at ?? scanned_at);
    return { ...line, state: 'answered', check_in_id, verdict, colour, member, opened_at };
  }
  if (fate.kind === 'refused') return { ...line, state: 'refused', reason: fate.problem.detail };
  if (fate.kind === 'kept' && fate.problem) return { ...line, reason: fate.problem.detail };
  return line;
}

/** Whoever was let in offline, and should not have been: the host must read it. */
export const isLate = (fate: Fate): boolean =>
  fate.kind === 'refused' || (fate.kind === 'answered' && fate.answer.colour !== 'green');

/** Whether this line let somebody in, and may be taken back. */
export const mayBeUndone = (line: Recent): boolean =>
  line.state === 'answered' && (line.verdict === 'ok' || line.verdict === 'ok_again') && line.check_in_id !== undefined;

/** The scans of this phone that stand for the same visit as this one: it is uncounted when none of them stands. */
export function sameVisit(lines: readonly Recent[], line: Recent): Recent[] {
  const who = (each: Recent) => JSON.stringify([each.opened_at, each.member?.pseudonym]);
  const others = lines.filter((each) => each.id !== line.id && mayBeUndone(each) && who(each) === who(line));
  return [line, ...others];
}

/** People counted today on this phone: welcomed, or kept for later; not those who were already in. */
export function countToday(lines: readonly Recent[]): number {
  return lines.filter((line) => line.state === 'kept' || (line.state === 'answered' && line.verdict === 'ok')).length;
}

/** How many visits these scans will be at most: a pass counts once a day, however often it was held up. */
export function countWaiting(scans: readonly KeptScan[], zone?: string): number {
  return new Set(
    scans.map((scan) => `${scan.pass ?? scan.short_code ?? scan.id} ${today(zone, new Date(scan.scanned_at))}`),
  ).size;
}

/** Today's lines at this place, newest first. Older ones, which hold first names, are erased once they were read. */
export async function linesOfToday(store: Store, placeId: string, zone: string, now: Date): Promise<Recent[]> {
  const day = today(zone, now);
  const lines = await store.getAll('recent');
  const waiting = new Set(await store.getAllKeys('scans'));
  const old = lines.filter((line) => today(zone, new Date(line.at)) !== day && !waiting.has(line.id) && !line.late);
  if (old.length) {
    const transaction = store.transaction('recent', 'readwrite');
    await Promise.all([...old.map((line) => transaction.store.delete(line.id)), transaction.done]);
  }
  return lines
    .filter((line) => line.place_id === placeId && today(zone, new Date(line.at)) === day)
    .sort((one, other) => other.at.localeCompare(one.at));
}

/** What was refused after the fact at this place and not read yet, oldest first. */
export async function lateLines(store: Store, placeId: string): Promise<Recent[]> {
  const lines = await store.getAll('recent');
  return lines
    .filter((line) => line.late && line.place_id === placeId)
    .sort((one, other) => one.at.localeCompare(other.at));
}
