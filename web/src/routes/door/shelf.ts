import type { KeptDeed, KeptScan, Recent, Use } from '$lib/store.ts';
import type { Answer } from './answer.ts';
import { isNews, recentOf } from './recent.ts';
import type { Fate } from './queue.ts';

/** Why this device cannot write: `full`, it has no room; `gone`, the browser took the store away. */
export type Trouble = 'full' | 'gone';

const troubleOf = (error: unknown): Trouble =>
  (error as DOMException | undefined)?.name === 'QuotaExceededError' ? 'full' : 'gone';

/** Written to the disk before it counts as written. */
const LASTING = { durability: 'strict' } as const;
/** A verdict waits no longer for what this device writes, in milliseconds. */
export const WRITES_WITHIN = 1000;

/**
 * What a door keeps: scans, deeds, and the lines of its list. Where the device cannot write, a scan stays in memory and is
 * written as soon as it can be: never silently lost, and `trouble` says so.
 */
export class Shelf {
  trouble: Trouble | undefined;
  readonly #loose = new Map<string, KeptScan>();

  constructor(
    private readonly use: Use,
    readonly placeId: string,
  ) {}

  /** How many scans only this page knows. */
  get loose(): number {
    return this.#loose.size;
  }

  /** The scans of this place that still wait, oldest first. */
  async waiting(): Promise<KeptScan[]> {
    const kept = await this.use((store) => store.getAll('scans')).catch(this.#inTrouble<KeptScan[]>([]));
    const all = new Map([...kept, ...this.#loose.values()].map((scan) => [scan.id, scan]));
    return [...all.values()]
      .filter((scan) => scan.place_id === this.placeId)
      .sort((one, other) => one.scanned_at.localeCompare(other.scanned_at));
  }

  /** Write a scan down. Returns whether it would survive the battery's end; else it is kept in memory. */
  keep(scan: KeptScan): Promise<boolean> {
    return this.#inTime(this.#keep(scan), () => {
      this.#loose.set(scan.id, scan);
      return false;
    });
  }

  async #keep(scan: KeptScan): Promise<boolean> {
    try {
      await this.use(async (store) => {
        const transaction = store.transaction('scans', 'readwrite', LASTING);
        await Promise.all([transaction.store.put(scan), transaction.done]);
      });
      return true;
    } catch (error) {
      this.#inTrouble(false)(error);
      this.#loose.set(scan.id, scan);
      return false;
    }
  }

  /** Write down what could not be written before. */
  async mend(): Promise<void> {
    if (!this.trouble) return;
    for (const scan of [...this.#loose.values()]) {
      this.#loose.delete(scan.id);
      // Where it fails again, `keep` takes it back into memory.
      if (!(await this.keep(scan))) return;
    }
    this.trouble = undefined;
  }

  /** Change a scan that still waits, and its line. Returns false where it is gone: the server has answered. */
  amend(id: string, changes: Partial<KeptScan>, line?: Recent): Promise<boolean> {
    return this.#inTime(this.#amend(id, changes, line), () => true);
  }

  async #amend(id: string, changes: Partial<KeptScan>, line?: Recent): Promise<boolean> {
    const loose = this.#loose.get(id);
    if (loose) {
      this.#loose.set(id, { ...loose, ...changes });
      if (line) void this.note(line);
      return true;
    }
    try {
      return await this.use(async (store) => {
        const transaction = store.transaction(['scans', 'recent'], 'readwrite', LASTING);
        const scan = await transaction.objectStore('scans').get(id);
        if (scan) {
          await transaction.objectStore('scans').put({ ...scan, ...changes });
          if (line) await transaction.objectStore('recent').put(line);
        }
        await transaction.done;
        return scan !== undefined;
      });
    } catch (error) {
      // What stood there stays as it was; the change is kept with it in memory.
      this.#inTrouble(undefined)(error);
      const scan = (await this.waiting()).find((each) => each.id === id);
      if (scan) this.#loose.set(id, { ...scan, ...changes });
      return true;
    }
  }

  /**
   * The server's outcome for a scan: it is forgotten, its deeds know their check-in, and its line says so, all at once.
   * `fresh`: nobody has acted on anything yet. Returns the scan, still kept, where something the server must know was
   * added to it meanwhile.
   */
  settle(sent: KeptScan, fate: Fate & { kind: 'answered' | 'refused' }, fresh = false): Promise<KeptScan | undefined> {
    return this.#inTime(this.#settle(sent, fate, fresh), () => undefined);
  }

  async #settle(
    sent: KeptScan,
    fate: Fate & { kind: 'answered' | 'refused' },
    fresh: boolean,
  ): Promise<KeptScan | undefined> {
    const answer = fate.kind === 'answered' ? fate.answer : undefined;
    const loose = this.#loose.get(sent.id);
    if (answer && loose && mustKnow(sent, loose, answer)) return loose;
    this.#loose.delete(sent.id);
    try {
      return await this.use(async (store) => {
        const transaction = store.transaction(['scans', 'deeds', 'recent'], 'readwrite');
        const scans = transaction.objectStore('scans');
        const now = await scans.get(sent.id);
        const again = answer && now && !loose && mustKnow(sent, now, answer) ? now : undefined;
        if (!again) {
          await scans.delete(sent.id);
          await this.#tellDeeds(transaction.objectStore('deeds'), sent.id, answer?.check_in_id);
        }
        const lines = transaction.objectStore('recent');
        const before = await lines.get(sent.id);
        const late = before?.late || (isNews(before, fate) && !(fresh && !before));
        await lines.put({ ...recentOf(sent, fate, before), ...(late && { late }) });
        await transaction.done;
        return again;
      });
    } catch (error) {
      // It stays where it is, and is sent again: the server answers the same.
      this.#inTrouble(undefined)(error);
      return undefined;
    }
  }

  async #tellDeeds(
    deeds: { getAll: () => Promise<KeptDeed[]>; put: (deed: KeptDeed) => unknown; delete: (id: string) => unknown },
    scanId: string,
    checkInId: string | undefined,
  ): Promise<void> {
    for (const deed of await deeds.getAll()) {
      if (deed.scan_id !== scanId || deed.check_in_id) continue;
      await (checkInId ? deeds.put({ ...deed, check_in_id: checkInId }) : deeds.delete(deed.id));
    }
  }

  /**
   * Write a deed down, and the line it changes. Where its scan has its outcome already, the deed learns which check-in that
   * made. Throws where the device cannot write.
   */
  keepDeed(deed: KeptDeed, line?: Recent): Promise<KeptDeed> {
    return this.use(async (store) => {
      const transaction = store.transaction(['scans', 'deeds', 'recent'], 'readwrite', LASTING);
      const known = { ...deed };
      if (deed.scan_id && !deed.check_in_id && !(await transaction.objectStore('scans').get(deed.scan_id))) {
        const { check_in_id } = (await transaction.objectStore('recent').get(deed.scan_id)) ?? {};
        if (check_in_id) known.check_in_id = check_in_id;
      }
      await transaction.objectStore('deeds').put(known);
      if (line) await transaction.objectStore('recent').put(line);
      await transaction.done;
      return known;
    });
  }

  /** The deeds of this place that still wait, oldest first. */
  async deeds(): Promise<KeptDeed[]> {
    const kept = await this.use((store) => store.getAll('deeds')).catch(this.#inTrouble<KeptDeed[]>([]));
    return kept
      .filter((deed) => deed.place_id === this.placeId)
      .sort((one, other) => one.at.localeCompare(other.at) || one.id.localeCompare(other.id));
  }

  deed = (id: string): Promise<KeptDeed | undefined> => this.use((store) => store.get('deeds', id));

  async forgetDeed({ id }: KeptDeed): Promise<void> {
    await this.use((store) => store.delete('deeds', id)).catch(this.#inTrouble(undefined));
  }

  /** A line of the list; the list is a help, so that what stands in its way is only said. */
  async note(line: Recent): Promise<void> {
    await this.use((store) => store.put('recent', line)).catch(this.#inTrouble(''));
  }

  /** How a scan stands in the list. */
  line = (id: string): Promise<Recent | undefined> =>
    this.use((store) => store.get('recent', id)).catch(() => undefined);

  /** The pass that a line stands for, by which this door knows it again later. */
  know(id: string, { index, step }: { index?: number; step?: number }): Promise<void> {
    return this.#inTime(this.#know(id, index, step), () => undefined);
  }

  async #know(id: string, index?: number, step?: number): Promise<void> {
    try {
      await this.use(async (store) => {
        const transaction = store.transaction('recent', 'readwrite');
        const line = await transaction.store.get(id);
        if (line && index !== undefined) await transaction.store.put({ ...line, index, ...(step !== undefined && { step }) });
        await transaction.done;
      });
    } catch (error) {
      this.#inTrouble(undefined)(error);
    }
  }

  /** What comes of writing; where that takes too long, `instead`, and `trouble`: until it is done after all. */
  async #inTime<T>(writing: Promise<T>, instead: () => T): Promise<T> {
    let waited: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<'late'>((resolve) => (waited = setTimeout(resolve, WRITES_WITHIN, 'late')));
    const came = await Promise.race([writing.then((given) => ({ given })), late]);
    clearTimeout(waited);
    if (came !== 'late') return came.given;
    this.trouble ??= 'gone';
    void writing.then(() => this.mend());
    return instead();
  }

  #inTrouble<T>(instead: T): (error: unknown) => T {
    return (error) => {
      console.error(error);
      this.trouble = troubleOf(error);
      return instead;
    };
  }
}

/** Whether what was added since tells the server something: it refused, and the host had let them in, or lets them in. */
function mustKnow(sent: KeptScan, now: KeptScan, answer: Answer): boolean {
  if (answer.colour === 'green') return false;
  return now.shown !== sent.shown || (now.override !== undefined && sent.override === undefined);
}
