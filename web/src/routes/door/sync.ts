import { Unreachable } from '$lib/api/client.ts';
import type { Known, Store } from '$lib/store.ts';

/** Nobody waits for it: a scan goes by what is there. */
const PATIENCE = 15_000;
export const SYNC_EVERY = 5 * 60_000;
const ADDRESS = { sync: '/api/v1/door/sync', list: '/api/v1/status-list' } as const;
type What = keyof typeof ADDRESS;

/** What a door has of its network, as it came; what is missing was never fetched. */
export type Fetched = { sync?: Known; list?: Known };
export type Synced = 'done' | 'unreachable' | 'cut-off';

/** Keeps what a door must know to decide by itself, in step with the server (door.md, The door). */
export class Sync {
  fetched: Fetched = {};
  #running: Promise<Synced> | undefined;

  constructor(
    private readonly store: Store,
    private readonly placeId: string,
    private readonly token: string,
    /** Told when something new is there, from the device or from the server. */
    private readonly onNews: (fetched: Fetched) => unknown = () => undefined,
    private readonly ask: typeof fetch = (...given) => fetch(...given),
  ) {}

  /** How far this device's clock is behind the server's, in milliseconds. */
  get behind(): number {
    return this.fetched.sync?.behind ?? 0;
  }

  /** What was kept on this device. What belongs to another place is not ours to know: it is forgotten. */
  async load(): Promise<void> {
    for (const what of ['sync', 'list'] as const) {
      const kept = await this.store.get('known', what).catch(() => undefined);
      if (kept?.place_id === this.placeId) this.fetched[what] = kept;
      else if (kept) await this.store.delete('known', what).catch(() => undefined);
    }
    await this.onNews(this.fetched);
  }

  /** Ask the server for what is newer. Several calls at once are one. */
  refresh(): Promise<Synced> {
    this.#running ??= this.#refresh().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #refresh(): Promise<Synced> {
    try {
      // The list after the people: it may not be older than a pass that they name.
      const news = [await this.#fetch('sync'), await this.#fetch('list')];
      if (news.includes('cut-off')) return 'cut-off';
      await this.onNews(this.fetched);
      return 'done';
    } catch (error) {
      if (error instanceof Unreachable) return 'unreachable';
      throw error;
    }
  }

  async #fetch(what: What): Promise<'cut-off' | 'known'> {
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
      else if (response.status !== 304) throw new Error(`answered ${response.status}`);
    } catch (cause) {
      throw new Unreachable('no answer', { cause });
    }
    const at = Date.now();
    const etag = response.headers.get('ETag') ?? undefined;
    const behind = what === 'sync' ? behindOf(response, text, (asked + at) / 2, before?.behind) : undefined;
    const known: Known = { place_id: this.placeId, text, at, ...(etag && { etag }), ...(behind !== undefined && { behind }) };
    this.fetched = { ...this.fetched, [what]: known };
    // A device without room still has it in memory.
    await this.store.put('known', known, what).catch((error: unknown) => console.error(error));
    return 'known';
  }
}

/**
 * How far the device is behind the server: the server's instant against the middle of the round trip. An unchanged document
 * says no instant, and the `Date` of its headers is cut to the second: good enough to see a clock that was set since.
 */
function behindOf(response: Response, text: string, middle: number, before: number | undefined): number | undefined {
  if (response.status !== 304) {
    const said = Date.parse((JSON.parse(text) as { server_now: string }).server_now);
    return said - middle;
  }
  const date = Date.parse(response.headers.get('Date') ?? '') + 500;
  const now = date - middle;
  return Number.isNaN(now) || (before !== undefined && Math.abs(now - before) < 2000) ? before : now;
}

/** Names leave a device that no longer receives anybody: what it knew, and its list. What waits to be sent stays. */
export async function forgetNames(store: Store): Promise<void> {
  const transaction = store.transaction(['known', 'recent'], 'readwrite');
  await transaction.objectStore('known').clear();
  const lines = transaction.objectStore('recent');
  for (const line of await lines.getAll()) {
    const { member: _, ...nameless } = line;
    await lines.put(nameless);
  }
  await transaction.done;
}
