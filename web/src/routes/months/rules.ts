import { money } from '$lib/i18n/money.ts';
import type { Dictionary, Language } from '$lib/i18n/types.ts';

type Rule = { label?: string; when: Record<string, string[]>; rate_cents: number };
type Convention = {
  money?: boolean;
  tariff?: Rule[];
  allowance?: number | null;
  cap?: number | null;
  fund_basis_points?: number;
  currency?: string;
};

/** A version of the rules as sentences: what is paid, what is free, what is shared. Nothing where it only counts. */
export function rulesInWords(document: Record<string, unknown>, t: Dictionary, language: Language): string[] {
  const { money: settled, tariff = [], allowance, cap, fund_basis_points: fund = 0, currency = null } = document as Convention;
  if (!settled) return [];
  const say = t.months.tariff;
  const labels = tariff.map(
    (rule, index) => rule.label ?? (Object.keys(rule.when).length ? say.rule(index + 1) : tariff.length > 1 ? say.others : t.rules.say.all),
  );
  const percent = new Intl.NumberFormat(language, { maximumFractionDigits: 2 }).format(fund / 100);
  return [
    ...tariff.map((rule, index) => say.rate(labels[index] ?? '', money(rule.rate_cents, language, { currency }))),
    ...(allowance ? [say.allowance(allowance)] : []),
    ...(cap === null || cap === undefined ? [] : [say.cap(cap)]),
    ...(fund ? [say.fund(percent)] : []),
  ];
}
