/** Milliseconds between two characters of a scanner at most; people are slower, Bluetooth is not always fast. */
const GAP = 150;
/** A scanner that ends with nothing has ended when nothing came for so long. */
const ENDS_AFTER = 500;
/** So many characters in a row are a scanner: until then the page's own keys work as ever. */
const BURST = 4;
/** Some end with two line ends: the second is the scanner's too. */
const ENDS_TWICE_WITHIN = 100;
/** Shorter texts are nobody's pass. */
const SHORTEST = 20;

/** A key of the keyboard, as the browser tells of it. */
export type Key = Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey'>;

/** What stands on the keys of a US keyboard, plain and with shift. */
const US: Record<string, [plain: string, shifted: string]> = {
  ...letters('ABCDEFGHIJKLMNOPQRSTUVWXYZ'),
  ...digits(')!@#$%^&*(', false),
  Space: [' ', ' '],
  Minus: ['-', '_'],
  Equal: ['=', '+'],
  BracketLeft: ['[', '{'],
  BracketRight: [']', '}'],
  Backslash: ['\\', '|'],
  Semicolon: [';', ':'],
  Quote: ["'", '"'],
  Comma: [',', '<'],
  Period: ['.', '>'],
  Slash: ['/', '?'],
};

/** The same places on a French keyboard (AZERTY). */
const FRENCH: Record<string, [plain: string, shifted: string]> = {
  ...letters('ABCDEFGHIJKLMNOPQRSTUVWXYZ'),
  ...digits('à&é"\'(-è_ç', true),
  KeyQ: ['a', 'A'],
  KeyA: ['q', 'Q'],
  KeyW: ['z', 'Z'],
  KeyZ: ['w', 'W'],
  Semicolon: ['m', 'M'],
  KeyM: [',', '?'],
  Comma: [';', '.'],
  Period: [':', '/'],
  Slash: ['!', '§'],
  Space: [' ', ' '],
  Equal: ['=', '+'],
  BracketRight: ['$', '£'],
  Quote: ['ù', '%'],
  Backslash: ['*', 'µ'],
};

function letters(all: string): Record<string, [string, string]> {
  return Object.fromEntries([...all].map((letter) => [`Key${letter}`, [letter.toLowerCase(), letter]]));
}

function digits(others: string, shifted: boolean): Record<string, [string, string]> {
  return Object.fromEntries([...others].map((sign, n) => [`Digit${n}`, shifted ? [sign, `${n}`] : [`${n}`, sign]]));
}

/**
 * What a USB or Bluetooth scanner types: very fast, ended by Enter, Tab or a pause. It types as on the keyboard of some
 * country, and this device may read as on another's; so each text is given as it came, and as the same keys say on a US and
 * on a French keyboard.
 */
export class Wedge {
  #keys: Key[] = [];
  #last = -Infinity;
  #ended = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly onTexts: (texts: string[]) => void) {}

  /** A key was pressed at `now` (milliseconds). Returns whether it is the scanner's, and means nothing to the page. */
  key(pressed: Key, now: number): boolean {
    if (now - this.#last > (this.#keys.length < BURST ? GAP : ENDS_AFTER)) this.#keys = [];
    this.#last = now;
    clearTimeout(this.#timer);
    if (pressed.key === 'Enter' || pressed.key === 'Tab') {
      const ours = this.isTyping || now - this.#ended < ENDS_TWICE_WITHIN;
      if (this.isTyping) this.#ended = now;
      this.#end();
      return ours;
    }
    // A dead key (^, ¨) says nothing by itself, and still is a key of the text.
    if (pressed.key.length === 1 || pressed.key === 'Dead') {
      const { key, code, shiftKey } = pressed;
      this.#keys.push({ key, code, shiftKey });
      this.#timer = setTimeout(() => this.#end(), ENDS_AFTER);
    }
    return this.isTyping;
  }

  /** Whether a scanner is at work: a space or an Enter of its text must not press a button of the page. */
  get isTyping(): boolean {
    return this.#keys.length >= BURST;
  }

  /** No more keys are awaited. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#keys = [];
  }

  #end(): void {
    clearTimeout(this.#timer);
    const keys = this.#keys;
    this.#keys = [];
    if (keys.length >= SHORTEST) this.onTexts([...new Set(readingsOf(keys))]);
  }
}

/** The texts that these keys may mean: as they came, then on a US, then on a French keyboard. */
function readingsOf(keys: Key[]): string[] {
  const on = (keyboard: typeof US) =>
    keys.map(({ key, code, shiftKey }) => keyboard[code]?.[shiftKey ? 1 : 0] ?? (key.length === 1 ? key : '')).join('');
  return [keys.map(({ key }) => (key.length === 1 ? key : '')).join(''), on(US), on(FRENCH)];
}

/**
 * Whether this is a pass or a live pass, as long as one is, and in letters that none has: a keyboard in between changed it.
 * A link or a product's number is neither.
 */
export function looksSpoilt(texts: readonly string[]): boolean {
  return texts.every((text) => text.length >= 120 && !/^https?:/i.test(text));
}
