import { describe, expect, test } from 'vitest';
import { en } from '../../src/lib/i18n/en.ts';
import { fr } from '../../src/lib/i18n/fr.ts';
import {
  changesBetween,
  documentOf,
  earliestDay,
  firstDay,
  monthsToTry,
  inForce,
  NO_NAMES,
  ruleSaid,
  rulesOf,
  sayRules,
  settledIn,
  withEuros,
} from '../../src/routes/rules/document.ts';

const COUNTS = {
  schema: 1,
  unit: 'visit',
  tariff: [{ when: {}, rate_cents: 0 }],
  allowance: null,
  cap: null,
  fund_basis_points: 0,
  netting: 'gross',
  money: false,
  review_days: 15,
};
const EUROS = {
  ...COUNTS,
  money: true,
  netting: 'bilateral',
  tariff: [
    { when: { plan: ['SEM'], host: ['moulin', 'phare'] }, rate_cents: 400 },
    { label: 'Lieux aidés', when: { host_class: ['subsidised'] }, rate_cents: 300 },
    { when: {}, rate_cents: 500 },
  ],
  allowance: 2,
  cap: 6,
  fund_basis_points: 550,
  threshold_cents: 1000,
  transition_days: 30,
};
const NAMES = {
  plans: new Map([['SEM', 'Semaine']]),
  places: new Map([
    ['moulin', 'Le Moulin'],
    ['phare', 'Le Phare'],
  ]),
};
const said = (document: Record<string, unknown>, t = en, language: 'en' | 'fr' = 'en') =>
  sayRules(rulesOf(document), t, language, NAMES);

describe('a version of the rules in words', () => {
  test('a network that only counts is told in three sentences', () => {
    expect(said(COUNTS)).toEqual([
      { topic: 'unit', sentences: ['One visit per person, place and day.'] },
      { topic: 'money', sentences: ['We only count: nothing to pay.'] },
      { topic: 'calendar', sentences: ['15 days to look at the month.'] },
    ]);
  });

  test('every topic that money brings is told', () => {
    expect(said(EUROS).map((each) => each.topic)).toEqual([
      'unit',
      'money',
      'tariff',
      'allowance',
      'cap',
      'fund',
      'vat',
      'netting',
      'threshold',
      'calendar',
      'late',
      'transition',
    ]);
    expect(said(EUROS)[2]?.sentences).toEqual([
      'Plan Semaine, at Le Moulin or at Le Phare: €4.00',
      'Lieux aidés: €3.00',
      'All other visits: €5.00',
    ]);
  });

  test('French contracts the names of places', () => {
    expect(said(EUROS, fr, 'fr')[2]?.sentences[0]).toMatch(/^Formule Semaine, au Moulin ou au Phare\u00a0: 4,00/);
  });

  test('a price that is the only one is for all visits', () => {
    expect(ruleSaid({ when: {}, rate_cents: 1 }, true, en, NO_NAMES)).toBe('All visits');
  });

  test('a place that nobody knows by name is called by its code', () => {
    expect(ruleSaid({ when: { home: ['x'] }, rate_cents: 1 }, false, en, NO_NAMES)).toBe('Members of x');
  });

  test('a local currency is told, and every amount is in it', () => {
    const rules = said({ ...EUROS, currency: 'gonettes' });
    const of = (topic: string) => rules.find((each) => each.topic === topic)?.sentences;
    expect(of('money')).toEqual(['Visits between places are paid for.', 'All amounts are in gonettes.']);
    expect(of('tariff')?.[1]).toBe('Lieux aidés: 3.00\u00a0gonettes');
    expect(of('threshold')?.[0]).toContain('10.00\u00a0gonettes');
    expect(JSON.stringify(rules)).not.toContain('€');
  });

  test('a cap of nothing is told, an allowance of nothing is not', () => {
    const topics = said({ ...EUROS, cap: 0, allowance: 0 }).map((each) => each.topic);
    expect([topics.includes('cap'), topics.includes('allowance')]).toEqual([true, false]);
  });
});

describe('what changes between two versions', () => {
  test('is nothing between a version and itself', () => {
    expect(changesBetween(said(EUROS), said({ ...EUROS }))).toEqual([]);
  });

  test('is told topic by topic, before and after', () => {
    expect(changesBetween(said(EUROS), said({ ...EUROS, cap: null, allowance: 3 }))).toEqual([
      {
        topic: 'allowance',
        before: ['2 visits per member and month first, free of charge.'],
        after: ['3 visits per member and month first, free of charge.'],
      },
      { topic: 'cap', before: ['6 paid visits at most per member and month.'], after: [] },
    ]);
  });

  test('a version that leaves out what is usual says the same as one that writes it', () => {
    const usual = { vat: 'by_host', threshold_cents: 0, late_days: 60, transition_days: 0, answer_days: 7 };
    expect(changesBetween(said(COUNTS), said({ ...COUNTS, ...usual }))).toEqual([]);
  });
});

describe('the document that is sent', () => {
  test('euros begin with one price, and pairs of places that pay the difference', () => {
    const document = documentOf(withEuros(rulesOf(COUNTS)));
    expect(document).toMatchObject({ money: true, netting: 'bilateral', tariff: [{ when: {}, rate_cents: 500 }] });
  });

  test('a network that goes back to counting has neither rates nor a fund', () => {
    const document = documentOf({ ...rulesOf(EUROS), money: false });
    expect(document).toMatchObject({ tariff: [{ when: {}, rate_cents: 0 }], fund_basis_points: 0, cap: null });
  });

  test('euros, and a network that only counts, name no currency', () => {
    expect(documentOf(rulesOf(EUROS))).not.toHaveProperty('currency');
    expect(documentOf({ ...rulesOf(EUROS), currency: ' ' })).not.toHaveProperty('currency');
    expect(documentOf({ ...rulesOf(EUROS), currency: 'gonettes', money: false })).not.toHaveProperty('currency');
    expect(documentOf({ ...rulesOf(EUROS), currency: ' gonettes ' })).toMatchObject({ currency: 'gonettes' });
  });

  test('what a network settles in is what its first rules with money say', () => {
    const versions = (...documents: Record<string, unknown>[]) =>
      documents.map((document, index) => ({ number: index + 1, starts_on: '', document, sha256: '', published_at: '' }));
    expect(settledIn(versions(COUNTS))).toBeUndefined();
    expect(settledIn(versions(COUNTS, EUROS))).toBe('');
    expect(settledIn(versions(COUNTS, { ...EUROS, currency: 'gonettes' }, COUNTS))).toBe('gonettes');
  });

  test('an empty name of a case is none', () => {
    const rules = rulesOf({ ...EUROS, tariff: [{ label: '  ', when: {}, rate_cents: 5 }] });
    expect(documentOf(rules)['tariff']).toEqual([{ when: {}, rate_cents: 5 }]);
  });
});

describe('days', () => {
  test('a version holds until the next one begins', () => {
    const versions = [1, 2].map((number) => ({
      number,
      starts_on: `2026-0${number}-01`,
      document: {},
      sha256: '',
      published_at: '',
    }));
    expect(inForce(versions, '2026-01-31')?.number).toBe(1);
    expect(inForce(versions, '2026-02-01')?.number).toBe(2);
    expect(inForce(versions, '2025-12-31')).toBeUndefined();
  });

  test('new rules begin with the month after all may have answered, and after the last version', () => {
    expect(firstDay('2026-11-18', 15)).toBe('2027-01-01');
    expect(firstDay('2026-11-14', 15)).toBe('2026-12-01');
    expect(firstDay('2026-11-18', 15, '2027-02-15')).toBe('2027-03-01');
  });
  test('an example is of a month since the first visit, of the last one where there was none', () => {
    const counted = [
      { month: '2026-11', visits: 3 },
      { month: '2026-08', visits: 0 },
      { month: '2026-09', visits: 4 },
    ];
    expect(monthsToTry('2026-11', counted)).toEqual(['2026-10', '2026-09']);
    expect(monthsToTry('2026-11', [])).toEqual(['2026-10']);
    expect(monthsToTry('2026-11', [{ month: '2020-01', visits: 1 }])).toHaveLength(12);
  });

  test('the earliest day is told even where it begins no month', () => {
    expect(earliestDay('2026-11-22', 15)).toBe('2026-12-09');
    expect(earliestDay('2026-11-22', 15, '2026-12-31')).toBe('2027-01-01');
  });
});
