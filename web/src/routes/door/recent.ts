import { today } from '$lib/i18n/dates.ts';
import type { KeptScan, Recent, Store } from '$lib/store.ts';
import { admits, type Decision } from './answer.ts';
import { serverTime } from './clock.ts';
import type { Fate } from './queue.ts';

const DAY = 86_400_000;

const lineOf = ({ id, place_id, scanned_at, behind }: KeptScan): Recent => ({
  id,
  place_id,
  at: scanned_at,
  ...(behind !== undefined && { behind }),
  state: 'kept',
});

/** When it was, as far as this device knew, by the server's clock. */
export const momentOf = (line: Pick<Recent, 'at' | 'behind'>): Date => new Date(serverTime(line.at, line));

/** How a scan stands in the list of this phone; `before`: how it stood. */
export function recentOf(scan: KeptScan, fate: Fate, before?: Recent): Recent {
  const { late: _, reason: __, ...known } = before ?? {};
  const line: Recent = { ...known, ...lineOf(scan) };
  if (fate.kind === 'answered') {
    const { check_in_id, verdict, colour, member, first_check_in_at, scanned_at } = fate.answer;
    const opened_at = Date.parse(first_check_in_at ?? scanned_at);
    // What was taken back stays so: the deed that says it leaves after its scan.
    const state = before?.state === 'undone' ? 'undone' : 'answered';
    return { ...line, state, check_in_id, verdict, colour, member, opened_at };
  }
  if (fate.kind === 'refused') return { ...line, state: 'refused', reason: fate.problem.detail };
  if (before?.state === 'undone') line.state = 'undone';
  return fate.kind === 'kept' && fate.problem ? { ...line, reason: fate.problem.detail } : line;
}

/** How a scan stands that this door decided by itself. */
export function decidedLine(scan: KeptScan, decision: Decision | undefined): Recent {
  const line = lineOf(scan);
  if (!decision) return line;
  const { verdict, certain, colour, member, first_check_in_at, index, step } = decision;
  return {
    ...line,
    verdict,
    colour: certain ? colour : 'amber',
    ...(member && { member }),
    ...(first_check_in_at && { opened_at: Date.parse(first_check_in_at) }),
    ...(index !== undefined && { index }),
    ...(step !== undefined && { step }),
  };
}

/** Whether the server's word is news to a host who acted on what was shown, or on nothing more than « gardé ». */
export function isNews(before: Recent | undefined, fate: Fate): boolean {
  if (before?.state === 'undone' || before?.let_in) return false;
  if (fate.kind === 'refused') return true;
  if (fate.kind !== 'answered') return false;
  const { colour, verdict } = fate.answer;
  // Welcomed all along, or at last: only who was turned away needs to hear it.
  if (colour === 'green') return before?.colour === 'red';
  // A colour of its own: they were let in because this door could not tell.
  return verdict !== before?.verdict || colour !== before.colour;
}

/** Whether this line let somebody in, and may be taken back. */
export const mayBeUndone = (line: Recent): boolean =>
  admits(line.verdict) && (line.state === 'kept' || (line.state === 'answered' && line.check_in_id !== undefined));

/**
 * The scans of this phone that are taken back with this one: of a welcome all that stand for its visit, or the next would
 * open it instead; of a welcome back itself alone, and the visit stays.
 */
export function takenBackWith(lines: readonly Recent[], line: Recent): Recent[] {
  if (line.verdict === 'ok_again') return [line];
  const who = (each: Recent) =>
    each.state === 'kept'
      ? JSON.stringify([each.index, each.member?.pseudonym])
      : JSON.stringify([each.opened_at, each.member?.pseudonym]);
  const same = (each: Recent) =>
    each.state === line.state
      ? who(each) === who(line) && (each.state !== 'kept' || each.index !== undefined)
      : // One was answered, the other waits: the person is all that they share.
        each.member !== undefined && each.member?.pseudonym === line.member?.pseudonym;
  const others = lines.filter(
    (each) =>
      each.id !== line.id &&
      mayBeUndone(each) &&
      Math.abs(Date.parse(each.at) - Date.parse(line.at)) < DAY &&
      same(each),
  );
  return [line, ...others];
}

/** People counted today on this phone: welcomed, or kept for later; not those who were already in. */
export function countToday(lines: readonly Recent[]): number {
  return lines.filter(
    ({ state, verdict, colour, let_in }) =>
      (state === 'kept' && (colour !== 'red' || let_in) && verdict !== 'ok_again') ||
      (state === 'answered' && (verdict === 'ok' || let_in)),
  ).length;
}

/** A live pass ends with the step and its proof, which are new every 15 seconds: 68 bytes, 102 characters of base45. */
export const withoutProof = (pass: string) => (pass.startsWith('CP1:') ? pass.slice(0, -105) : pass);

/** How many visits these scans will be at most: a pass counts once a day, however often it was held up. */
export function countWaiting(scans: readonly KeptScan[], zone?: string): number {
  const who = ({ pass, short_code, id }: KeptScan) => (pass ? withoutProof(pass) : (short_code ?? id));
  return new Set(scans.map((scan) => `${who(scan)} ${today(zone, new Date(serverTime(scan.scanned_at, scan)))}`)).size;
}

/** Today's lines at this place, newest first. Older ones, which hold first names, are erased once they were read. */
export async function linesOfToday(store: Store, placeId: string, zone: string, now: Date): Promise<Recent[]> {
  const day = today(zone, now);
  const lines = await store.getAll('recent');
  const waiting = new Set(await store.getAllKeys('scans'));
  const old = lines.filter((line) => today(zone, momentOf(line)) !== day && !waiting.has(line.id) && !line.late);
  if (old.length) {
    const transaction = store.transaction('recent', 'readwrite');
    await Promise.all([...old.map((line) => transaction.store.delete(line.id)), transaction.done]);
  }
  return lines
    .filter((line) => line.place_id === placeId && today(zone, momentOf(line)) === day)
    .sort((one, other) => other.at.localeCompare(one.at));
}

/** What the server said otherwise after the fact at this place and was not read yet, oldest first. */
export async function lateLines(store: Store, placeId: string): Promise<Recent[]> {
  const lines = await store.getAll('recent');
  return lines
    .filter((line) => line.late && line.place_id === placeId)
    .sort((one, other) => one.at.localeCompare(other.at));
}
