/** Milliseconds without a code in front of the lens after which it has left. */
export const LEFT_AFTER = 1500;
/** The same code is not read again sooner, even when it left. */
export const NOT_AGAIN_BEFORE = 5000;

/** Lets a code through once for as long as it stays in front of the lens. */
export class Gate {
  #seen = new Map<string, { last: number; through: number }>();

  /** Whether this code, seen at `now` (milliseconds), is a new showing. */
  admits(code: string, now: number): boolean {
    for (const [other, { last, through }] of this.#seen) {
      if (now - last > 60_000 && now - through > 60_000) this.#seen.delete(other);
    }
    const known = this.#seen.get(code);
    if (known && (now - known.last < LEFT_AFTER || now - known.through < NOT_AGAIN_BEFORE)) {
      known.last = now;
      return false;
    }
    this.#seen.set(code, { last: now, through: now });
    return true;
  }

  /** A code that went through is still there; another is not let through by this. */
  stays(code: string, now: number): void {
    const known = this.#seen.get(code);
    if (known) known.last = now;
  }

  /** Forget a code: it may be shown again at once (its check-in was undone). */
  forget(code: string): void {
    this.#seen.delete(code);
  }
}
