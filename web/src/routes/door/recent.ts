import { today } from '$lib/i18n/dates.ts';
import type { KeptScan, Recent, Store } from '$lib/store.ts';
import type { Fate } from './queue.ts';

/** How a scan stands in the list of this phone. */
export function recentOf(scan: KeptScan, fate: Fate): Recent {
  const line: Recent = { id: scan.id, place_id: scan.place_id, at: scan.scanned_at, state: 'kept' };
  if (fate.kind === 'answered') {
    const { check_in_id, verdict, colour, member } = fate.answer;
    return { ...line, state: 'answered', check_in_id, verdict, colour, member };
  }
  if (fate.kind === 'refused') return { ...line, state: 'refused' };
  return line;
}

/** People counted today on this phone: welcomed, or kept for later; not those who were already in. */
export function countToday(lines: readonly Recent[]): number {
  return lines.filter((line) => line.state === 'kept' || (line.state === 'answered' && line.verdict === 'ok')).length;
}

/** Today's lines at this place, newest first. Older ones, which hold first names, are erased. */
export async function linesOfToday(store: Store, placeId: string, zone: string, now: Date): Promise<Recent[]> {
  const day = today(zone, now);
  const lines = await store.getAll('recent');
  const waiting = new Set(await store.getAllKeys('scans'));
  const old = lines.filter((line) => today(zone, new Date(line.at)) !== day && !waiting.has(line.id));
  if (old.length) {
    const transaction = store.transaction('recent', 'readwrite');
    await Promise.all([...old.map((line) => transaction.store.delete(line.id)), transaction.done]);
  }
  return lines
    .filter((line) => line.place_id === placeId && today(zone, new Date(line.at)) === day)
    .sort((one, other) => other.at.localeCompare(one.at));
}
