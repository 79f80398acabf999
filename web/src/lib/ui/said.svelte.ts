/** A short sentence shown for a moment, and read by screen readers. */
class Said {
  shown = $state('');
  aloud = $state('');
  #timer: ReturnType<typeof setTimeout> | undefined;

  say(sentence: string, milliseconds = 3500): void {
    clearTimeout(this.#timer);
    this.shown = sentence;
    this.aloud = sentence;
    this.#timer = setTimeout(() => this.hush(), milliseconds);
  }

  /** Something more important is on the screen. */
  hush(): void {
    clearTimeout(this.#timer);
    this.shown = '';
    this.aloud = '';
  }

  /** For screen readers only. */
  whisper(sentence: string): void {
    this.aloud = sentence;
  }
}

export const said = new Said();
