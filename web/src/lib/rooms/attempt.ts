import { uuid7 } from '../uuid.ts';

/**
 * The key that makes a request safe to send again (Idempotency-Key): the same as long as the same thing is asked, so that
 * a lost answer books nothing twice; another one for another thing, or once it was refused.
 */
export class Attempt {
  #body = '';
  #key = '';

  keyFor(body: unknown): string {
    const text = JSON.stringify(body);
    if (text !== this.#body) {
      this.#body = text;
      this.#key = uuid7();
    }
    return this.#key;
  }

  /** The server answered: whatever is asked next is another thing. */
  answered(): void {
    this.#body = '';
  }
}
