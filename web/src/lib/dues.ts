import { i18n } from './i18n/i18n.svelte.ts';
import { money, type Options } from './i18n/money.ts';
import { session } from './session.svelte.ts';

/** The local currency in which the places settle; null: euros. Rooms are priced in euros all the same. */
export const localCurrency = (): string | null => session.network?.currency ?? null;

/** An amount that the places settle, as the reader says it. What is paid to a host on the spot is `money`. */
export const dues = (cents: number, options: Options = {}): string =>
  money(cents, i18n.language, { currency: localCurrency(), ...options });

/** « euros », « gonettes »: what a table of bare amounts is in. */
export const duesIn = (): string => localCurrency() ?? i18n.t.months.euros;

/** « € », « gonettes »: what stands beside an amount to type. */
export const duesSign = (): string => localCurrency() ?? '€';
