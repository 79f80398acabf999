/** The file that a phone which was cut off writes its unsent scans to, and that a manager drops on the Doors page. */
import type { components } from '$lib/api/schema.d.ts';
import type { Device, KeptScan } from '$lib/store.ts';

export const FORMAT = 'passapp-scans-1';
/** The server takes so many at once. */
export const PART = 500;

type Scan = Omit<KeptScan, 'place_id' | 'problem' | 'behind' | 'synced_at'>;
export type ScanFile = {
  format: typeof FORMAT;
  place_id: string;
  place: string;
  door_id: string;
  door: string;
  /** By the phone's clock: the server sees with it whether that clock is ahead. */
  saved_at: string;
  scans: Scan[];
};
export type Part = Omit<components['schemas']['RecoveredScans'], 'also_after_cut_off'>;

/** What this phone writes: the scans of the place that it was paired with last, the oldest first. */
export function fileOf({ door }: Device, scans: readonly KeptScan[], now: Date): ScanFile | null {
  if (!door) return null;
  const mine = scans.filter((scan) => scan.place_id === door.place.id);
  if (mine.length === 0) return null;
  return {
    format: FORMAT,
    place_id: door.place.id,
    place: door.place.name,
    door_id: door.id,
    door: door.name,
    saved_at: now.toISOString(),
    scans: mine
      .sort((one, other) => one.scanned_at.localeCompare(other.scanned_at))
      .map(({ place_id: _, problem: __, behind: ___, synced_at: ____, ...scan }) => scan),
  };
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** The file as it was written, or null where it is none of ours. What is wrong with one scan, the server says. */
export function readFile(text: string): ScanFile | null {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof read !== 'object' || read === null) return null;
  const file = read as Partial<ScanFile>;
  const whole =
    file.format === FORMAT &&
    [file.place_id, file.place, file.door_id, file.door, file.saved_at].every(isText) &&
    Array.isArray(file.scans) &&
    file.scans.length > 0;
  return whole ? (file as ScanFile) : null;
}

/** The file in parts that the server takes. */
export function partsOf({ format, place_id, door_id, saved_at, scans }: ScanFile): Part[] {
  const parts: Part[] = [];
  for (let start = 0; start < scans.length; start += PART) {
    parts.push({ format, place_id, door_id, saved_at, items: scans.slice(start, start + PART) as Part['items'] });
  }
  return parts;
}
