import { answer, api, Refused } from '$lib/api/client.ts';
import type { Pass } from '$lib/api/types.ts';
import { stepAt } from '../door/rules/live.ts';
import { liveText, type LiveKey } from './keys.ts';

const LOOKED_AT = 250;
/** After no answer. */
const AGAIN_AFTER = 5000;

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
  #clock: ReturnType<typeof setInterval>;
  #key: LiveKey;
  #proving = 0;

  constructor(key: LiveKey) {
    this.#key = key;
    this.#clock = setInterval(() => void this.#look(), LOOKED_AT);
    void this.#look();
  }

  async #look(): Promise<void> {
    const now = Date.now() + this.#key.issued.behind;
    const step = stepAt(now);
    this.left = this.every - (Math.floor(now / 1000) % this.every);
    if (step === this.#proving) return;
    this.#proving = step;
    const text = await liveText(this.#key, step).catch(() => '');
    if (step !== this.#proving) return;
    // Tried again at the next look.
    if (!text) this.#proving = 0;
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
  #ends = 0;

  constructor(membership: string | null) {
    this.#membership = membership;
    this.#clock = setInterval(() => void this.#look(), LOOKED_AT);
    void this.#look();
  }

  async #look(): Promise<void> {
    const now = Date.now();
    if (now > this.#ends) this.text = '';
    this.left = Math.max(0, Math.ceil((this.#next - now) / 1000));
    if (document.hidden || now < this.#next) return;
    this.#next = Infinity;
    try {
      const body = { membership_id: this.#membership };
      const given = await answer(api.POST('/api/v1/me/short-lived-pass', { body }));
      this.pass = given.pass;
      this.text = given.text;
      // By this phone's clock, whatever it says: from when it was asked for.
      this.#ends = now + Date.parse(given.expires_at) - Date.parse(given.server_now);
      this.#next = now + this.every * 1000;
    } catch (error) {
      if (error instanceof Refused) this.refused = error;
      this.#next = Date.now() + AGAIN_AFTER;
    }
  }

  stop(): void {
    clearInterval(this.#clock);
  }
}
