import { money } from '../i18n/money.ts';
import type { Dictionary, Language } from '../i18n/types.ts';
import { momentSaid } from './when.ts';

type Words = Dictionary['rooms'];
export type Costs = { price: number; payer: string; home: { name: string } | null };

export const cents = (amount: number, language: Language) => money(amount, language, { spoken: true });

/** « 12 € à régler sur place », « 12 €, avancés par Le Hangar », « Gratuit ». */
export function priceSaid({ price, payer, home }: Costs, t: Words, language: Language): string {
  if (price === 0) return t.free;
  return payer === 'home' && home ? t.advanced(cents(price, language), home.name) : t.onTheSpot(cents(price, language));
}

/** « 12 km »; nothing where it is not known, and no kilometre for next door. */
export function distanceSaid(km: number | null | undefined, t: Words, language: Language): string | undefined {
  if (km == null) return undefined;
  const digits = km < 10 ? 1 : 0;
  return km < 0.1 ? t.here : t.km(km.toLocaleString(language === 'fr' ? 'fr-FR' : 'en-GB', { maximumFractionDigits: digits }));
}

export type Step = { until: string | null; fee: number };

/** What a cancellation costs, step by step: « Sans frais jusqu'à lundi 14 h », « puis 6 € ». */
export function cancellationSaid(
  steps: readonly Step[],
  t: Words,
  language: Language,
  zone: string,
  now: Date = new Date(),
): string[] {
  const left = steps.filter(({ until }) => until === null || new Date(until) > now);
  if (left.every(({ fee }) => fee === 0)) return [t.cancelFree];
  return left.map(({ until, fee }, index) => {
    const what = fee === 0 ? t.noFee : cents(fee, language);
    return until === null
      ? t.cancelAfter(what, index > 0)
      : t.cancelUntil(what, momentSaid(until, language, zone, now), index > 0);
  });
}

/** A feature in words: known ones as the network calls them, others as they were written. */
export function featureSaid(code: string, t: Words): string {
  const known = t.features[code];
  return known ?? code.charAt(0).toUpperCase() + code.slice(1).replaceAll('_', ' ');
}
