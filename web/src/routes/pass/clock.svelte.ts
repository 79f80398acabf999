/**
 * The server's time, by this phone's clock: a proof holds only if both agree to some 15 seconds, and phones are set wrong,
 * and set right, at any moment. Every answer of the server says how far the clock is off. In between, a steady counter
 * tells when the clock is set.
 */
import { api } from '$lib/api/client.ts';

/** An answer that takes longer says too little of when it was written. */
const SLOW = 10_000;
/** Less than this is no jump; and where a header says the time, in whole seconds, no news. */
const JUMP = 2000;
/** How exactly a jump is what the clock was wrong by: then it was set right. */
const SET_RIGHT = 10_000;

/** An instant by this phone: by its clock, and by a counter that nobody sets (though it stops while a phone sleeps). */
type Instant = { date: number; ticks: number };

export class ServerClock {
  /** How far this phone's clock is behind the server's, in milliseconds. */
  behind = $state(0);
  /** The server has said so since this page was opened. */
  measured = false;
  #base: number;
  #away = false;

  constructor() {
    const { date, ticks } = this.instant();
    this.#base = date - ticks;
  }

  instant = (): Instant => ({ date: Date.now(), ticks: performance.now() });

  /** The server's time, in milliseconds. */
  now(): number {
    return Date.now() + this.behind;
  }

  /** What this phone kept from the last time; what the server said since is better. */
  recall(behind: number): void {
    if (!this.measured) this.behind = behind;
  }

  /** The server said what time it is (milliseconds), asked at that instant. `exact`: not in whole seconds. */
  heard(said: number, asked: Instant, { exact = true } = {}): void {
    const { date, ticks } = this.instant();
    const [waited, counted] = [date - asked.date, ticks - asked.ticks];
    // Between the two the phone may have slept, or its clock been set: then nobody knows when it was said.
    if (Number.isNaN(said) || (this.measured && waited > SLOW) || Math.abs(waited - counted) > JUMP) return;
    const behind = said - (asked.date + waited / 2);
    if (!exact && this.measured && Math.abs(behind - this.behind) < JUMP) return;
    this.behind = behind;
    this.measured = true;
    this.#base = date - ticks;
  }

  /** The page is hidden, or was: from now on the phone may sleep. */
  leave(): void {
    this.#away = true;
  }

  /** Look whether the clock was set since the last look. Gives true where the server should be asked for the time. */
  look(): boolean {
    const { date, ticks } = this.instant();
    const jump = date - ticks - this.#base;
    const mayHaveSlept = this.#away && jump > 0;
    this.#away = document.hidden;
    if (Math.abs(jump) < JUMP) return false;
    this.#base += jump;
    // A phone that sleeps jumps ahead too, and is as wrong as before; unless it is by just what it was wrong.
    if (!mayHaveSlept || Math.abs(jump - this.behind) < SET_RIGHT) this.behind -= jump;
    return true;
  }
}

export const serverClock = new ServerClock();

/** While a page is open: hear the time in every answer, and know when the page is hidden. Gives what ends it. */
export function listenForTime(clock: ServerClock = serverClock): () => void {
  const asked = new WeakMap<Request, Instant>();
  const ears: Parameters<typeof api.use>[0] = {
    onRequest: ({ request }) => {
      asked.set(request, clock.instant());
    },
    onResponse: ({ request, response }) => {
      const at = asked.get(request);
      // The header is cut to the second: half a one more is the middle of it.
      if (at) clock.heard(Date.parse(response.headers.get('Date') ?? '') + 500, at, { exact: false });
    },
  };
  const leave = () => clock.leave();
  api.use(ears);
  document.addEventListener('visibilitychange', leave);
  return () => {
    api.eject(ears);
    document.removeEventListener('visibilitychange', leave);
  };
}
