/** A version of the rules, as its document says it; and the same in words. */
import type { ConventionVersion } from '$lib/api/types.ts';
import { money } from '$lib/i18n/money.ts';
import type { Dictionary, Language } from '$lib/i18n/types.ts';

export type Kind = 'plan' | 'host_class' | 'host' | 'home' | 'zone';
export const KINDS: readonly Kind[] = ['plan', 'host_class', 'host', 'home', 'zone'];
export type TariffRule = { label?: string | null; when: Partial<Record<Kind, string[]>>; rate_cents: number };
export type Rules = {
  schema: number;
  unit: 'visit' | 'half_day';
  money: boolean;
  tariff: TariffRule[];
  allowance: number | null;
  cap: number | null;
  fund_basis_points: number;
  netting: Netting;
  review_days: number;
  vat: 'by_host' | 'none';
  threshold_cents: number;
  late_days: number;
  transition_days: number;
  answer_days: number;
  payment_days: number;
  /** The local currency; euros without it. */
  currency?: string;
};
export const NETTINGS = ['gross', 'bilateral', 'existing_debts', 'multilateral'] as const;
export type Netting = (typeof NETTINGS)[number];
export type Topic = keyof Dictionary['rules']['topics'];
const TOPICS: readonly Topic[] = [
  ...(['unit', 'money', 'tariff', 'allowance', 'cap', 'fund', 'vat', 'netting', 'threshold'] as const),
  ...(['calendar', 'late', 'transition'] as const),
];
/** What a version says of one topic, a sentence each. */
export type Said = { topic: Topic; sentences: string[] };
export type Change = { topic: Topic; before: string[]; after: string[] };
/** What plans and places are called, by their codes. */
export type Names = { plans: ReadonlyMap<string, string>; places: ReadonlyMap<string, string> };
export const NO_NAMES: Names = { plans: new Map(), places: new Map() };

/** What documents of former versions leave out means this. */
const USUAL = { vat: 'by_host', threshold_cents: 0, late_days: 60, transition_days: 0, answer_days: 7, payment_days: 10 };

export const rulesOf = (document: Record<string, unknown>): Rules => ({ ...USUAL, ...document }) as Rules;

/** A document as the API takes it: what a network that only counts never asked for is nothing. */
export function documentOf({ currency, ...rules }: Rules): Record<string, unknown> {
  const tariff = rules.tariff.map(({ label, when, rate_cents: rate }) => ({
    ...(label?.trim() && { label: label.trim() }),
    when,
    rate_cents: rules.money ? rate : 0,
  }));
  const only = { allowance: null, cap: null, fund_basis_points: 0, threshold_cents: 0 };
  const local = rules.money && currency?.trim();
  return {
    ...rules,
    tariff: rules.money ? tariff : tariff.slice(-1),
    ...(!rules.money && only),
    ...(local && { currency: local }),
  };
}

/** What a network that switches euros on begins with: one price, and pairs of places that pay the difference. */
export const withEuros = (rules: Rules): Rules => ({
  ...rules,
  money: true,
  netting: 'bilateral',
  tariff: [{ when: {}, rate_cents: 500 }],
});

const either = (words: string[], t: Dictionary): string => words.join(` ${t.rules.say.or} `);

/** One condition of a rule, in words. */
export function conditionSaid(kind: Kind, values: string[], t: Dictionary, names: Names): string {
  const say = t.rules.say;
  const place = (code: string) => names.places.get(code) ?? code;
  switch (kind) {
    case 'plan':
      return say.plan(either(values.map((code) => names.plans.get(code) ?? code), t));
    case 'host_class':
      return either(values.map((each) => say.hostClass[each as keyof typeof say.hostClass] ?? each), t);
    case 'host':
      return say.host(either(values.map((code) => say.atHost(place(code))), t));
    case 'home':
      return say.home(either(values.map((code) => say.ofHome(place(code))), t));
    case 'zone':
      return say.zone(either(values, t));
  }
}

/** Which visits a rule is for: as it is called, else its conditions. */
export function ruleSaid(rule: TariffRule, alone: boolean, t: Dictionary, names: Names): string {
  if (rule.label) return rule.label;
  const said = KINDS.flatMap((kind) => (rule.when[kind] ? [conditionSaid(kind, rule.when[kind], t, names)] : []));
  const words = said.join(', ') || (alone ? t.rules.say.all : t.rules.say.others);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A version of the rules in words, topic by topic: short where a network only counts. */
export function sayRules(rules: Rules, t: Dictionary, language: Language, names: Names): Said[] {
  const say = t.rules.say;
  const percent = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  const alone = rules.tariff.length === 1;
  const price = (cents: number) => money(cents, language, { currency: rules.currency ?? null });
  const said: [Topic, string[] | false][] = [
    ['unit', [say.unit[rules.unit]]],
    ['money', [say.money[rules.money ? 'yes' : 'no'], ...(rules.currency ? [say.currency(rules.currency)] : [])]],
    [
      'tariff',
      rules.money &&
        rules.tariff.map((rule) => say.rate(ruleSaid(rule, alone, t, names), price(rule.rate_cents))),
    ],
    ['allowance', rules.money && !!rules.allowance && [say.allowance(rules.allowance)]],
    ['cap', rules.money && rules.cap !== null && [say.cap(rules.cap)]],
    ['fund', rules.fund_basis_points > 0 && [say.fund(percent.format(rules.fund_basis_points / 100))]],
    ['vat', rules.money && [say.vat[rules.vat]]],
    ['netting', rules.money && [say.netting[rules.netting]]],
    ['threshold', rules.money && rules.threshold_cents > 0 && [say.threshold(price(rules.threshold_cents))]],
    [
      'calendar',
      [
        rules.money
          ? say.calendar(rules.review_days, rules.answer_days, rules.payment_days)
          : say.review(rules.review_days),
      ],
    ],
    ['late', rules.money && [say.late(rules.late_days)]],
    ['transition', rules.money && rules.transition_days > 0 && [say.transition(rules.transition_days)]],
  ];
  return said.flatMap(([topic, sentences]) => (sentences ? [{ topic, sentences }] : []));
}

/** What differs between two versions, topic by topic. */
export function changesBetween(before: Said[], after: Said[]): Change[] {
  const told = new Set([...before, ...after].map((each) => each.topic));
  const topics = TOPICS.filter((topic) => told.has(topic));
  const of = (said: Said[], topic: Topic) => said.find((each) => each.topic === topic)?.sentences ?? [];
  return topics
    .map((topic) => ({ topic, before: of(before, topic), after: of(after, topic) }))
    .filter((change) => change.before.join('\n') !== change.after.join('\n'));
}

/** The version in force on a day, of all in their order. */
export const inForce = (versions: ConventionVersion[], day: string): ConventionVersion | undefined =>
  versions.findLast((version) => version.starts_on <= day);

/** What the published versions that move money settle in: a local currency, '' for euros; undefined before any does. */
export const settledIn = (versions: ConventionVersion[]): string | undefined => {
  const first = versions.map((version) => rulesOf(version.document)).find((rules) => rules.money);
  return first && (first.currency ?? '');
};

/** The months that an example may be of, the newest first: those before this one, since the first visit; twelve at most. */
export function monthsToTry(thisMonth: string, counted: readonly { month: string; visits: number }[]): string[] {
  const first = counted.filter(({ visits }) => visits > 0).map(({ month }) => month).sort()[0];
  const before = Array.from({ length: 12 }, (_, back) => {
    const at = new Date(`${thisMonth}-15T12:00:00Z`);
    at.setUTCMonth(at.getUTCMonth() - back - 1);
    return at.toISOString().slice(0, 7);
  });
  return before.filter((month, index) => index === 0 || (first !== undefined && month >= first));
}

const daysAfter = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T12:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** The first day of rules that places are asked about for so many days from today; always `after` the former ones'. */
export function earliestDay(today: string, days: number, after = ''): string {
  const answered = daysAfter(today, days + 2); // its last day may have begun elsewhere
  return answered > after ? answered : daysAfter(after, 1);
}

/** The first of a month that they can have answered before. */
export function firstDay(today: string, days: number, after = ''): string {
  const earliest = earliestDay(today, days, after);
  if (earliest.endsWith('-01')) return earliest;
  const at = new Date(`${earliest}T12:00:00Z`);
  at.setUTCMonth(at.getUTCMonth() + 1, 1);
  return at.toISOString().slice(0, 10);
}
