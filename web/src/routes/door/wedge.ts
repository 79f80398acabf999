/** A USB or Bluetooth scanner types very fast and ends with Enter. Returns what it typed, or null. */
export class Wedge {
  #typed = '';
  #last = 0;

  key(key: string, now: number): string | null {
    if (now - this.#last > 120) this.#typed = '';
    this.#last = now;
    if (key === 'Enter') {
      const typed = this.#typed;
      this.#typed = '';
      return typed.length >= 20 ? typed : null;
    }
    if (key.length === 1) this.#typed += key;
    return null;
  }
}
