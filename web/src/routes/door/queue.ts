import { Refused, Unreachable } from '$lib/api/client.ts';
import type { CheckInAnswer, Outcome, Problem } from '$lib/api/types.ts';
import type { KeptScan, Store } from '$lib/store.ts';

export const BATCH = 500;

/** How scans reach the server; both throw `Refused` or `Unreachable`. */
export type Post = {
  one: (scan: KeptScan) => Promise<CheckInAnswer>;
  many: (scans: KeptScan[]) => Promise<Outcome[]>;
};

/**
 * What became of a scan. `kept`: it stays on the device, with the problem the server named, if it named one; `refused`:
 * the server will never take it; `failed`: this device could not even keep it.
 */
export type Fate =
  | { kind: 'failed' }
  | { kind: 'answered'; answer: CheckInAnswer }
  | { kind: 'refused'; problem: Problem }
  | { kind: 'kept'; problem?: Problem }
  | { kind: 'cut-off' };

/** The only problems that are the last word on a scan. A newer server may take what any other refused. */
const FINAL: ReadonlySet<string> = new Set(['scan_id_reused', 'scan_too_old']);

/** A whole batch refused so may be spoilt by one of its scans. */
const maySpeakOfOne = (status: number) => status === 400 || status === 409 || status === 413 || status === 422;

/**
 * Scans of this device. Each is written down before anything is asked, and forgotten only after the server's answer for
 * its id: a crash between any two steps loses nothing, and a repeat is answered as the first time (door.md, The door).
 */
export class Queue {
  #sending = new Set<string>();
  #flushing: Promise<void> | undefined;

  constructor(
    private readonly store: Store,
    private readonly placeId: string,
    private readonly post: Post,
    /** Told of every outcome of a scan that was kept for a while, and of every reason why one stays. */
    private readonly onOutcome: (scan: KeptScan, fate: Fate) => unknown = () => undefined,
  ) {}

  /** The scans of this place that still wait, oldest first. */
  async waiting(): Promise<KeptScan[]> {
    const kept = await this.store.getAll('scans');
    return kept
      .filter((scan) => scan.place_id === this.placeId)
      .sort((one, other) => one.scanned_at.localeCompare(other.scanned_at));
  }

  /** Write a scan down; resolves once it would survive the battery's end. */
  async keep(scan: KeptScan): Promise<void> {
    const transaction = this.store.transaction('scans', 'readwrite', { durability: 'strict' });
    await Promise.all([transaction.store.put(scan), transaction.done]);
  }

  /** Keep a scan, ask the server at once, and say what became of it. */
  async take(scan: KeptScan): Promise<Fate> {
    this.#sending.add(scan.id);
    try {
      await this.keep(scan);
      return await this.#sendOne(scan);
    } finally {
      this.#sending.delete(scan.id);
    }
  }

  /** Send all that waits, in batches. Several calls at once are one. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flushAll().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  async #flushAll(): Promise<void> {
    const waiting = (await this.waiting()).filter((scan) => !this.#sending.has(scan.id));
    // Those that the server would not take before come last, apart: they must not spoil the others' batch.
    for (const scans of [waiting.filter((scan) => !scan.problem), waiting.filter((scan) => scan.problem)]) {
      for (let start = 0; start < scans.length; start += BATCH) {
        if (!(await this.#sendMany(scans.slice(start, start + BATCH)))) return;
      }
    }
  }

  async #sendOne(scan: KeptScan): Promise<Fate> {
    try {
      const answer = await this.post.one(scan);
      await this.#forget(scan);
      return { kind: 'answered', answer };
    } catch (error) {
      return this.#fateOf(scan, error);
    }
  }

  /** Returns false when there is no point in going on. */
  async #sendMany(scans: KeptScan[]): Promise<boolean> {
    let outcomes: Outcome[];
    try {
      outcomes = await this.post.many(scans);
    } catch (error) {
      if (error instanceof Refused && maySpeakOfOne(error.status) && scans.length > 1) {
        // The batch as a whole was refused: find the one that spoils it.
        const middle = Math.ceil(scans.length / 2);
        return (await this.#sendMany(scans.slice(0, middle))) && (await this.#sendMany(scans.slice(middle)));
      }
      for (const scan of scans) {
        const fate = await this.#fateOf(scan, error);
        if (fate.kind === 'kept' && !fate.problem) break;
        await this.onOutcome(scan, fate);
        if (fate.kind === 'cut-off') break;
      }
      return error instanceof Refused && maySpeakOfOne(error.status);
    }
    const byId = new Map(scans.map((scan) => [scan.id, scan]));
    for (const outcome of outcomes) {
      const scan = (outcome.id && byId.get(outcome.id)) || scans[outcome.index];
      if (!scan) continue;
      if (outcome.answer) {
        await this.#forget(scan);
        await this.onOutcome(scan, { kind: 'answered', answer: outcome.answer });
      } else if (outcome.problem) {
        await this.onOutcome(scan, await this.#refused(scan, outcome.problem));
      }
    }
    return true;
  }

  async #fateOf(scan: KeptScan, error: unknown): Promise<Fate> {
    if (error instanceof Refused) {
      return error.status === 401 ? { kind: 'cut-off' } : this.#refused(scan, error.problem);
    }
    if (error instanceof Unreachable) return { kind: 'kept' };
    throw error;
  }

  /** The server would not take it: forgotten if that is its last word, else kept with the reason. */
  async #refused(scan: KeptScan, problem: Problem): Promise<Fate> {
    if (FINAL.has(problem.code)) {
      await this.#forget(scan);
      return { kind: 'refused', problem };
    }
    await this.keep({ ...scan, problem: { code: problem.code, detail: problem.detail } });
    return { kind: 'kept', problem };
  }

  async #forget(scan: KeptScan): Promise<void> {
    await this.store.delete('scans', scan.id);
  }
}
