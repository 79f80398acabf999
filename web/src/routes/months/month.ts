import { monthName } from '$lib/i18n/dates.ts';
import type { Dictionary, Language } from '$lib/i18n/types.ts';

/** Whether this is a month as addresses write it, `2026-10`. */
export const isMonth = (text: string): boolean => /^\d{4}-(0[1-9]|1[0-2])$/.test(text);

/** « Octobre 2026 »; what is no month has no title: the server explains. */
export const titleOf = (month: string, language: Language): string => (isMonth(month) ? monthName(month, language) : '');

/** The same inside a sentence: « octobre 2026 »; English writes it as it does at the beginning. */
export const titleInside = (month: string, language: Language): string =>
  language === 'fr' ? titleOf(month, language).toLowerCase() : titleOf(month, language);

/** « Octobre », where the year stands beside. */
export const wordOf = (month: string, language: Language): string =>
  titleOf(month, language).replace(/\s\d{4}$/, '');

/** How a month's state reads: one that is over is no longer running, though its counts may still be open. */
export const stateShown = (month: string, state: string, thisMonth: string): string =>
  state === 'open' && month < thisMonth ? 'ended' : state;

/** What the closing page of a month that is over is for, by its state; closed, it is only looked at. */
export const closingIsFor = (state: string): 'publish' | 'check' | 'close' | 'closed' => {
  const before = { open: 'publish', provisional: 'check', review: 'close' } as const;
  return state in before ? before[state as keyof typeof before] : 'closed';
};

/** The months to choose from, the newest first: those with visits, the one on screen, and the running one. */
export const toChoose = (known: readonly string[], shown: string | undefined, thisMonth: string): string[] =>
  [...new Set([...known, thisMonth, ...(shown && isMonth(shown) ? [shown] : [])])].sort().reverse();

type Named = { code: string; name: string };

/** The fund is a participant without a name of its own. */
export const isFund = (who: { code: string }): boolean => who.code === '@fund';

/** What stands in a table. */
export const labelOf = (who: Named, t: Dictionary): string => (isFund(who) ? t.months.fund : who.name);

/** What stands inside a sentence. */
export const nameIn = (who: Named, t: Dictionary): string => (isFund(who) ? t.months.theFund : who.name);
