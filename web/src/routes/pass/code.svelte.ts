import { answer, api, Refused } from '$lib/api/client.ts';
import type { Pass } from '$lib/api/types.ts';
import { stepAt } from '../door/rules/live.ts';
import { serverClock } from './clock.svelte.ts';
import { isPayerOver, liveText, PATIENCE, type LiveKey } from './keys.ts';

const LOOKED_AT = 250;
/** After no answer; and after a refusal, which seldom changes. */
const AGAIN_AFTER = { unreachable: 5000, refused: 60_000 };
const LONGEST_WAIT = 60_000;
/** So many looks in a row without a proof: the key is gone. */
const FAILED = 3;

/** What a QR code says that changes while it is shown. */
export type Changing = {
  /** Empty: there is nothing to show (yet, or any more). */
  readonly text: string;
  /** Seconds until it changes, of how many. */
  readonly left: number;
  readonly every: number;
  stop(): void;
};

/** A live pass: a new proof every 15 seconds, at the same moments everywhere, with no network. */
export class LiveCode implements Changing {
  readonly every = 15;
  text = $state('');
  step = $state(0);
  left = $state(15);
  /** The pass ran out, for want of a network to renew it; or this phone can make no proof any more. */
  trouble = $state<'over' | 'key_lost'>();
  #clock: ReturnType<typeof setInterval>;
  #key: LiveKey;
  #proving = 0;
  #failed = 0;

  /** `onClockSet`: this phone's clock was set while the code was shown. */
  constructor(
    key: LiveKey,
    private readonly onClockSet: () => void,
  ) {
    this.#key = key;
    this.#clock = setInterval(() => void this.#look(), LOOKED_AT);
    void this.#look();
  }

  async #look(): Promise<void> {
    if (serverClock.look()) this.onClockSet();
    const now = serverClock.now();
    if (now >= Date.parse(this.#key.issued.pass.expires_at)) {
      [this.trouble, this.text, this.#proving] = ['over', '', 0];
      return;
    }
    const step = stepAt(now);
    this.left = this.every - (Math.floor(now / 1000) % this.every);
    if (step === this.#proving) return;
    this.#proving = step;
    const text = await liveText(this.#key, step).catch(() => '');
    if (step !== this.#proving) return;
    // Tried again at the next look.
    if (!text) this.#proving = 0;
    this.#failed = text ? 0 : this.#failed + 1;
    this.trouble = this.#failed < FAILED ? undefined : 'key_lost';
    this.text = text;
    this.step = step;
  }

  stop(): void {
    clearInterval(this.#clock);
  }
}

/** A short-lived pass: fetched again every 45 seconds, gone 90 seconds after the network is. */
export class ShortLivedCode implements Changing {
  readonly every = 45;
  text = $state('');
  pass = $state.raw<Pass>();
  left = $state(45);
  /** The server said no, and why. */
  refused = $state.raw<Refused>();
  #clock: ReturnType<typeof setInterval>;
  #membership: string | null;
  #next = 0;
  #asking = false;
  #ends = 0;

  constructor(membership: string | null) {
    this.#membership = membership;
    this.#clock = setInterval(() => void this.#look(), LOOKED_AT);
    void this.#look();
  }

  async #look(): Promise<void> {
    serverClock.look();
    const now = serverClock.now();
    if (now > this.#ends) this.text = '';
    const wait = this.#next - now;
    // Longer than it ever waits: the clock was wrong when that was fixed.
    const isDue = wait <= 0 || wait > LONGEST_WAIT;
    this.left = isDue ? 0 : Math.min(this.every, Math.ceil(wait / 1000));
    if (document.hidden || this.#asking || !isDue) return;
    this.#asking = true;
    const asked = serverClock.instant();
    try {
      const body = { membership_id: this.#membership };
      const signal = AbortSignal.timeout(PATIENCE);
      const given = await answer(api.POST('/api/v1/me/short-lived-pass', { body, signal }));
      serverClock.heard(Date.parse(given.server_now), asked);
      [this.pass, this.text, this.refused] = [given.pass, given.text, undefined];
      this.#ends = Date.parse(given.expires_at);
      this.#next = serverClock.now() + this.every * 1000;
    } catch (error) {
      const isRefused = error instanceof Refused;
      if (isRefused && this.#membership && isPayerOver(error.problem)) {
        this.#membership = null; // whoever pays now comes in their place
        return;
      }
      if (isRefused) [this.pass, this.text, this.refused] = [undefined, '', error];
      this.#next = serverClock.now() + AGAIN_AFTER[isRefused ? 'refused' : 'unreachable'];
    } finally {
      this.#asking = false;
    }
  }

  stop(): void {
    clearInterval(this.#clock);
  }
}
