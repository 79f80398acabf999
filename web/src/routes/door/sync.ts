import type { Known, Use } from '$lib/store.ts';
import type { Clock, Measured } from './clock.ts';

/** Nobody waits for it: a scan goes by what is there. */
const PATIENCE = 15_000;
export const SYNC_EVERY = 5 * 60_000;
/** So many times nobody answers before what waits is sent by a clock that may be wrong: a slow network is one, too. */
const SILENCES = 4;
/** As exactly as a clock runs, in milliseconds. */
const CLOCK_RUNS = 5000;
const ADDRESS = { sync: '/api/v1/door/sync', list: '/api/v1/status-list' } as const;
type What = keyof typeof ADDRESS;

/** What a door has of its network, as it came; what is missing was never fetched. */
export type Fetched = { sync?: Known; list?: Known };
export type Synced = 'done' | 'unreachable' | 'cut-off';

/** Keeps what a door must know to decide by itself, in step with the server (door.md, The door). */
export class Sync {
  fetched: Fetched = {};
  #running: Promise<Synced> | undefined;
  /** What `running` said when the clock was measured. */
  #ran: number | undefined;
  #silences = 0;

  constructor(
    private readonly use: Use,
    private readonly placeId: string,
    private readonly token: string,
    /** Told when something new is there, from the device or from the server. */
    private readonly onNews: (fetched: Fetched) => unknown = () => undefined,
    private readonly ask: typeof fetch = (...given) => fetch(...given),
  ) {}

  /** How far this device's clock is behind the server's, in milliseconds, as it was measured last. */
  get behind(): number {
    return this.fetched.sync?.behind ?? 0;
  }

  /** What a scan remembers of it. */
  get measured(): Measured {
    const { behind, at } = this.fetched.sync ?? {};
    return behind === undefined || at === undefined ? {} : { behind, synced_at: at + behind };
  }

  get clock(): Clock {
    return { now: Date.now(), behind: this.fetched.sync?.behind };
  }

  /** Whether the clock may have been set since it was measured: or else this page has not measured it yet. */
  get isDoubtful(): boolean {
    return this.#ran === undefined || Math.abs(running() - this.#ran) > CLOCK_RUNS;
  }

  /** Whether to ask the server for the time once more before anything is sent. */
  get mustMeasure(): boolean {
    return this.isDoubtful && this.#silences > 0 && this.#silences < SILENCES;
  }

  /** What was kept on this device. What belongs to another place is not ours to know: it is forgotten. */
  async load(): Promise<void> {
    for (const what of ['sync', 'list'] as const) {
      const kept = await this.use((store) => store.get('known', what)).catch(() => undefined);
      if (kept?.place_id === this.placeId) this.fetched[what] = kept;
      else if (kept) await this.use((store) => store.delete('known', what)).catch(() => undefined);
    }
    await this.onNews(this.fetched);
  }

  /** Keys and rules stay, names leave the device. Returns whether there were any. */
  async forgetPeople(): Promise<boolean> {
    const { sync } = this.fetched;
    if (!sync) return false;
    const document = JSON.parse(sync.text) as { roster: unknown[] };
    if (document.roster.length === 0) return false;
    // Without its ETag: the whole of it is asked for again.
    const { etag: _, ...nameless } = { ...sync, text: JSON.stringify({ ...document, roster: [] }) };
    this.fetched = { ...this.fetched, sync: nameless };
    await forgetNames(this.use, this.fetched).catch((error: unknown) => console.error(error));
    await this.onNews(this.fetched);
    return true;
  }

  /**
   * Ask the server for what is newer. Several calls at once are one; whoever joined one that met no network has it tried once
   * more: the network may have come back since it began.
   */
  async refresh(): Promise<Synced> {
    const came = await this.#running;
    if (came !== undefined && came !== 'unreachable') return came;
    this.#running ??= this.#refresh().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #refresh(): Promise<Synced> {
    let came = 0;
    // The list after the people: it may not be older than a pass that they name.
    for (const what of ['sync', 'list'] as const) {
      const fetched = await this.#fetch(what);
      if (fetched === 'cut-off') return 'cut-off';
      this.#silences = fetched === 'silence' ? this.#silences + 1 : 0;
      if (fetched === 'silence') break;
      if (fetched === 'known') came += 1;
    }
    if (came > 0) await this.onNews(this.fetched);
    return came === 2 ? 'done' : 'unreachable';
  }

  async #fetch(what: What): Promise<'known' | 'cut-off' | 'useless' | 'silence'> {
    const before = this.fetched[what];
    const asked = Date.now();
    let response: Response;
    let text = before?.text ?? '';
    try {
      response = await this.ask(ADDRESS[what], {
        headers: { Authorization: `Bearer ${this.token}`, ...(before?.etag && { 'If-None-Match': before.etag }) },
        // A door speaks for a place, not for whoever is signed in; and we keep its answers ourselves.
        credentials: 'omit',
        cache: 'no-store',
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (response.status === 401) return 'cut-off';
      if (response.ok) text = await response.text();
      // A page, as a café's network gives it until somebody clicks, is no document of ours.
      if ((!response.ok && response.status !== 304) || text.startsWith('<')) return 'useless';
    } catch {
      return 'silence';
    }
    const at = Date.now();
    const known: Known = { place_id: this.placeId, text, at };
    const etag = response.headers.get('ETag');
    if (etag) known.etag = etag;
    if (what === 'sync') {
      const behind = behindOf(response, text, (asked + at) / 2, before?.behind);
      if (behind === null) return 'useless';
      if (behind !== undefined) known.behind = behind;
      this.#ran = running();
    }
    this.fetched = { ...this.fetched, [what]: known };
    // A device without room still has it in memory.
    await this.use((store) => store.put('known', known, what)).catch((error: unknown) => console.error(error));
    return 'known';
  }
}

/**
 * How far the device is behind the server: the server's instant against the middle of the round trip. An unchanged document
 * says no instant, and the `Date` of its headers is cut to the second: good enough to see a clock that was set since.
 */
function behindOf(response: Response, text: string, middle: number, before?: number): number | undefined | null {
  if (response.status !== 304) return saidIn(text, middle);
  const date = Date.parse(response.headers.get('Date') ?? '') + 500;
  const now = date - middle;
  return Number.isNaN(now) || (before !== undefined && Math.abs(now - before) < 2000) ? before : now;
}

/** Null: no document of ours. */
function saidIn(text: string, middle: number): number | null {
  try {
    const said = Date.parse((JSON.parse(text) as { server_now: string }).server_now);
    return Number.isNaN(said) ? null : said - middle;
  } catch {
    return null;
  }
}

/** Changes only where a clock is set, or where a device that slept stops the other one. */
const running = (): number => Date.now() - performance.now();

/** Names leave a device that no longer receives anybody: what it knew, but for `kept`, and its list. What waits stays. */
export const forgetNames = (use: Use, kept: Fetched = {}): Promise<void> =>
  use(async (store) => {
    const transaction = store.transaction(['known', 'recent'], 'readwrite');
    const known = transaction.objectStore('known');
    await known.clear();
    for (const what of ['sync', 'list'] as const) if (kept[what]) await known.put(kept[what], what);
    const lines = transaction.objectStore('recent');
    for (const line of await lines.getAll()) {
      const { member: _, ...nameless } = line;
      await lines.put(nameless);
    }
    await transaction.done;
  });
