/** Sentences are written plainly in the dictionaries; this sets them as a printer would. */

const NARROW = '\u202f';
const UNBROKEN = '\u00a0';

/** French spacing: narrow no-break space before ; ! ? », after «, no-break before a colon; curly apostrophes. */
export function setFrench(text: string): string {
  return text
    .replaceAll("'", '’')
    .replace(/ ([;!?»])/g, `${NARROW}$1`)
    .replace(/« /g, `«${NARROW}`)
    .replace(/ :/g, `${UNBROKEN}:`)
    .replace(/(\d) (h|km|€|%)(?![\p{L}])/gu, `$1${UNBROKEN}$2`);
}

/** English: curly apostrophes. */
export function setEnglish(text: string): string {
  return text.replaceAll("'", '’');
}

/** The same dictionary, every sentence (and every function's sentence) set by `set`. */
export function typeset<T>(entry: T, set: (text: string) => string): T {
  if (typeof entry === 'string') return set(entry) as T;
  if (typeof entry === 'function') return ((...given: unknown[]) => set(entry(...given))) as T;
  if (Array.isArray(entry)) return entry.map((each) => typeset(each, set)) as T;
  return Object.fromEntries(Object.entries(entry as object).map(([key, value]) => [key, typeset(value, set)])) as T;
}
