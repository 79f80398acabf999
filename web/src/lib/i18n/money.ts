import type { Language } from './types.ts';

const TAG = { fr: 'fr-FR', en: 'en-GB' } as const;
const MINUS = '\u2212';
const UNBROKEN = '\u00a0';

export type Options = {
  /** « +18,00 € » as well as « −18,00 € ». */
  signed?: boolean;
  /** « 18 € » for a round amount, as a person says it; columns keep their cents. */
  spoken?: boolean;
  /** « 18,00 » where the table says that it is in euros. */
  bare?: boolean;
  /** The local currency that these are hundredths of: « 12,50 gonettes ». */
  currency?: string | null;
};

/** Cents as euros or as a local currency, in the language of the page, with a real minus sign and spaces that do not break. */
export function money(cents: number, language: Language, { signed, spoken, bare, currency }: Options = {}): string {
  const format = new Intl.NumberFormat(TAG[language], {
    ...(bare || currency ? { minimumFractionDigits: 2, maximumFractionDigits: 2 } : { style: 'currency', currency: 'EUR' }),
    ...(signed && { signDisplay: 'exceptZero' }),
    ...(spoken && { trailingZeroDisplay: 'stripIfInteger' }),
  });
  // Nothing is neither owed nor due: no « −0,00 € ».
  const said = format.format(cents === 0 ? 0 : cents / 100).replace('-', MINUS);
  return currency && !bare ? `${said} ${currency}`.replaceAll(' ', UNBROKEN) : said;
}
