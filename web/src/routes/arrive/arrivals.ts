import { answer, api, Refused, Unreachable } from '$lib/api/client.ts';
import type { ArrivalAnswer, Problem } from '$lib/api/types.ts';
import { store, type KeptArrival, type Store } from '$lib/store.ts';

/** What became of an arrival. `kept`: it stays on this phone, and is sent later; `problem`: once its member signs in again. */
export type Fate =
  | { kind: 'answered'; answer: ArrivalAnswer }
  | { kind: 'refused'; problem: Problem }
  | { kind: 'kept'; problem?: Problem };
export type Settled = { id: string; fate: Fate };
export type Send = (arrival: KeptArrival) => Promise<ArrivalAnswer>;

/** Nobody waits longer: then it is kept. */
const ANSWERS_WITHIN = 8000;
/** The only problems that are the last word on an arrival. */
const FINAL: ReadonlySet<string> = new Set(['poster_not_valid', 'member_unknown', 'scan_id_reused', 'arrival_too_old']);

/** Sends an arrival as whoever is signed in; throws `Refused` or `Unreachable`. */
export const send: Send = ({ id, poster_code, home_id, scanned_at }) =>
  answer(
    api.POST('/api/v1/me/check-ins', {
      // The phone's clock as it is when it sends: the server measures its error with it.
      body: { id, poster_code, ...(home_id && { home_id }), scanned_at, device_now: new Date().toISOString() },
      signal: AbortSignal.timeout(ANSWERS_WITHIN),
    }),
  );

/**
 * Arrivals of this phone, under a door's guarantees: written down before anything is asked, and forgotten only after the
 * server's answer for its id; sent again, it is answered as the first time.
 */
export class Arrivals {
  constructor(
    private readonly shelf: Store,
    private readonly post: Send = send,
  ) {}

  /** Write it down, then ask at once. Throws where this device cannot keep it and nobody answers. */
  async take(arrival: KeptArrival): Promise<Fate> {
    const transaction = this.shelf.transaction('arrivals', 'readwrite', { durability: 'strict' });
    const written = Promise.all([transaction.store.put(arrival), transaction.done]).then(
      () => true,
      () => false,
    );
    const kept = await written;
    const fate = await this.#send(arrival);
    if (fate.kind === 'kept' && !kept) throw new Unreachable('neither sent nor kept');
    return fate;
  }

  /** Send what this account's arrivals still wait for. Gives what became of those that wait no more. */
  async sendKept(accountId: string): Promise<Settled[]> {
    const mine = (await this.shelf.getAll('arrivals')).filter(({ account_id }) => account_id === accountId);
    const settled: Settled[] = [];
    for (const arrival of mine.sort((one, other) => one.scanned_at.localeCompare(other.scanned_at))) {
      const fate = await this.#send(arrival);
      if (fate.kind === 'kept') break;
      settled.push({ id: arrival.id, fate });
    }
    return settled;
  }

  /** How many of this account's arrivals wait. */
  async waiting(accountId: string): Promise<number> {
    return (await this.shelf.getAll('arrivals')).filter(({ account_id }) => account_id === accountId).length;
  }

  async #send(arrival: KeptArrival): Promise<Fate> {
    let fate: Fate;
    try {
      fate = { kind: 'answered', answer: await this.post(arrival) };
    } catch (error) {
      if (error instanceof Unreachable) return { kind: 'kept' };
      if (!(error instanceof Refused)) throw error;
      const { problem } = error;
      if (problem.code === 'sign_in_again') return { kind: 'kept', problem };
      if (!FINAL.has(problem.code)) return { kind: 'kept' };
      fate = { kind: 'refused', problem };
    }
    await this.shelf.delete('arrivals', arrival.id).catch(() => undefined);
    return fate;
  }
}

export const arrivals = async (): Promise<Arrivals> => new Arrivals(await store());
