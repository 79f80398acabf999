import { Refused, Unreachable } from '$lib/api/client.ts';
import type { Outcome, Problem } from '$lib/api/types.ts';
import type { KeptDeed, KeptScan, Recent } from '$lib/store.ts';
import type { Answer } from './answer.ts';
import type { Shelf } from './shelf.ts';
import type { Tabs } from './tabs.ts';

export const BATCH = 500;

/** How scans and deeds reach the server; all throw `Refused` or `Unreachable`. */
export type Post = {
  one: (scan: KeptScan) => Promise<Answer>;
  many: (scans: KeptScan[]) => Promise<Outcome[]>;
  deed: (deed: KeptDeed) => Promise<void>;
};

/**
 * What became of a scan. `kept`: it stays on the device, with the problem the server named, if it named one; `refused`:
 * the server will never take it.
 */
export type Fate =
  | { kind: 'answered'; answer: Answer }
  | { kind: 'refused'; problem: Problem }
  | { kind: 'kept'; problem?: Problem }
  | { kind: 'cut-off' };

/** What became of a deed. `kept`: it is sent later; `failed`: this device could neither send nor keep it. */
export type DeedFate = { kind: 'done' | 'kept' | 'cut-off' | 'failed' } | { kind: 'refused'; problem: Problem };

/** The only problems that are the last word on a scan. A newer server may take what any other refused. */
const FINAL: ReadonlySet<string> = new Set(['scan_id_reused', 'scan_too_old']);

/** Of a deed, the server has the last word: it says what stands in its way. But not a server that does not know it yet. */
const isFinal = ({ problem, status }: Refused) =>
  (status === 404 || status === 409 || status === 422) &&
  !['not_found', 'method_not_allowed', 'invalid_request'].includes(problem.code);

/** A whole batch refused so may be spoilt by one of its scans. */
const maySpeakOfOne = (status: number) => status === 400 || status === 409 || status === 413 || status === 422;

type Telling = {
  /** Told of every outcome of a scan that was kept for a while, and of every reason why one stays. */
  scan?: (scan: KeptScan, fate: Fate) => unknown;
  /** Told of every outcome of a deed that was kept for a while. */
  deed?: (deed: KeptDeed, fate: DeedFate) => unknown;
};

/**
 * Sends what a door keeps. A scan is written down before anything is asked, and forgotten only after the server's answer
 * for its id: a crash between any two steps loses nothing, and a repeat is answered as the first time (door.md, The door).
 */
export class Queue {
  #flushing: Promise<void> | undefined;
  #askedAgain = false;

  constructor(
    private readonly shelf: Shelf,
    private readonly tabs: Tabs,
    private readonly post: Post,
    private readonly tell: Telling = {},
  ) {}

  /** Keep a scan, then ask the server at once: `kept` says whether it would survive a crash, `fate` what became of it. */
  take(scan: KeptScan): { kept: Promise<boolean>; fate: Promise<Fate> } {
    let written: (lasting: boolean) => void = () => undefined;
    const kept = new Promise<boolean>((resolve) => (written = resolve));
    // Marked as on its way before it is written: no other tab may find it there and send it too.
    const fate = this.tabs.sending(scan.id, async () => {
      written(await this.shelf.keep(scan));
      return this.#sendOne(scan);
    });
    return { kept, fate };
  }

  /**
   * Send all that waits: scans in batches, then deeds. One at a time, in this tab and in others; whoever asks meanwhile has
   * it tried once more: the network may have come back since it began.
   */
  flush(): Promise<void> {
    this.#askedAgain = this.#flushing !== undefined;
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  async #flush(): Promise<void> {
    do {
      this.#askedAgain = false;
      await this.tabs.unlessBusy('flush', async () => {
        await this.shelf.mend();
        if (await this.#flushScans()) await this.#flushDeeds();
      });
    } while (this.#askedAgain);
  }

  /** Keep a deed, and the line it changes; send it at once where its check-in is known. */
  async perform(deed: KeptDeed, line?: Recent): Promise<DeedFate> {
    const kept = await this.shelf.keepDeed(deed, line).catch((error: unknown) => {
      console.error(error);
      return undefined;
    });
    const fate = await this.tabs.inTurn('deeds', async () =>
      kept && !(await this.shelf.deed(kept.id)) ? ({ kind: 'done' } as const) : this.#sendDeed(kept ?? deed),
    );
    return fate.kind === 'kept' && !kept ? { kind: 'failed' } : fate;
  }

  async #flushScans(): Promise<boolean> {
    const found = new Set((await this.shelf.waiting()).map(({ id }) => id));
    // Asked between two looks: what is neither on its way nor gone was there all along.
    const busy = await this.tabs.busy();
    const waiting = (await this.shelf.waiting()).filter(({ id }) => found.has(id) && !busy.has(id));
    // Those that the server would not take before come last, apart: they must not spoil the others' batch.
    for (const scans of [waiting.filter((scan) => !scan.problem), waiting.filter((scan) => scan.problem)]) {
      for (let start = 0; start < scans.length; start += BATCH) {
        if (!(await this.#sendMany(scans.slice(start, start + BATCH)))) return false;
      }
    }
    return true;
  }

  async #sendOne(scan: KeptScan): Promise<Fate> {
    let said: Fate | undefined;
    let sent = scan;
    try {
      for (;;) {
        const fate = { kind: 'answered', answer: await this.post.one(sent) } as const;
        said = fate;
        const again = await this.shelf.settle(sent, fate, true);
        if (!again) return fate;
        sent = again;
      }
    } catch (error) {
      // Its first answer stands; what was added since leaves later.
      return said ?? this.#fateOf(scan, error);
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
        await this.tell.scan?.(scan, fate);
        if (fate.kind === 'cut-off') break;
      }
      return error instanceof Refused && maySpeakOfOne(error.status);
    }
    const byId = new Map(scans.map((scan) => [scan.id, scan]));
    for (const outcome of outcomes) {
      const scan = (outcome.id && byId.get(outcome.id)) || scans[outcome.index];
      if (!scan) continue;
      if (outcome.answer) {
        const fate = { kind: 'answered', answer: outcome.answer } as const;
        await this.shelf.settle(scan, fate);
        await this.tell.scan?.(scan, fate);
      } else if (outcome.problem) {
        const fate = await this.#refused(scan, outcome.problem);
        await this.tell.scan?.(scan, fate);
      }
    }
    return true;
  }

  async #flushDeeds(): Promise<void> {
    for (const { id } of await this.shelf.deeds()) {
      const stop = await this.tabs.inTurn('deeds', async () => {
        // Another tab, or the host's finger, may have sent it meanwhile.
        const deed = await this.shelf.deed(id);
        if (!deed) return false;
        const fate = await this.#sendDeed(deed);
        await this.tell.deed?.(deed, fate);
        return fate.kind === 'cut-off';
      });
      if (stop) return;
    }
  }

  async #sendDeed(deed: KeptDeed): Promise<DeedFate> {
    if (deed.kind !== 'guest' && !deed.check_in_id) return { kind: 'kept' };
    try {
      await this.post.deed(deed);
    } catch (error) {
      if (error instanceof Unreachable) return { kind: 'kept' };
      if (!(error instanceof Refused)) throw error;
      if (error.status === 401) return { kind: 'cut-off' };
      if (!isFinal(error)) return { kind: 'kept' };
      await this.shelf.forgetDeed(deed);
      return { kind: 'refused', problem: error.problem };
    }
    await this.shelf.forgetDeed(deed);
    return { kind: 'done' };
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
      const fate = { kind: 'refused', problem } as const;
      await this.shelf.settle(scan, fate);
      return fate;
    }
    await this.shelf.amend(scan.id, { problem: { code: problem.code, detail: problem.detail } });
    return { kind: 'kept', problem };
  }
}
