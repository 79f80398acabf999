import type { Language } from './types.ts';

const TAG = { fr: 'fr-FR', en: 'en-GB' } as const;

/** A number as it stands in a field: « 6,50 », « 5 »; `least`: digits of a part of one. A browser writes its own language's sign in a number field, not the page's. */
export const decimalOf = (value: number, language: Language, least = 2): string =>
  new Intl.NumberFormat(TAG[language], {
    minimumFractionDigits: least,
    maximumFractionDigits: 2,
    useGrouping: false,
    // As money is said aloud: round amounts without their cents.
    trailingZeroDisplay: 'stripIfInteger',
  }).format(value);

/** What was typed, with a comma or a point, in either language; null: that is no number, or has more than two decimals. */
export function readDecimal(typed: string): number | null {
  const text = typed.replace(/\s/g, '').replace(',', '.').replace('\u2212', '-');
  return /^-?(\d+(\.\d{0,2})?|\.\d{1,2})$/.test(text) ? Number(text) : null;
}
