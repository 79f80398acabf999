import { describe, expect, it } from 'vitest';
import { en } from '../../src/lib/i18n/en.ts';
import { fr } from '../../src/lib/i18n/fr.ts';
import { rulesInWords } from '../../src/routes/months/rules.ts';

const agreed = {
  money: true,
  tariff: [
    { label: 'Lieu soutenu', when: { host_class: ['subsidised'] }, rate_cents: 300 },
    { when: { plan: ['JOUR'] }, rate_cents: 450 },
    { when: {}, rate_cents: 500 },
  ],
  allowance: 2,
  cap: 6,
  fund_basis_points: 550,
};

describe('the rules of a month in words', () => {
  it('name each rate, what is free, what is capped and what is shared', () => {
    expect(rulesInWords(agreed, en, 'en')).toEqual([
      'Lieu soutenu: €3.00',
      'Rate 2: €4.50',
      'All other visits: €5.00',
      '2 free visits per member and month, first',
      '6 paid visits at most per member and month; beyond, nothing is owed',
      '5.5% of what each place receives goes to the common fund',
    ]);
    expect(rulesInWords(agreed, fr, 'fr')[5]).toContain('5,5');
  });

  it('are in the local currency that they name', () => {
    expect(rulesInWords({ ...agreed, currency: 'gonettes' }, en, 'en')[0]).toBe('Lieu soutenu: 3.00\u00a0gonettes');
  });

  it('leave out what was not agreed, but not a cap of nothing', () => {
    const bare = { ...agreed, tariff: agreed.tariff.slice(2), allowance: null, cap: 0, fund_basis_points: 0 };
    expect(rulesInWords(bare, en, 'en')).toHaveLength(2);
    expect(rulesInWords(bare, en, 'en')[0]).toBe('All visits: €5.00');
  });

  it('say nothing where the network only counts', () => {
    expect(rulesInWords({ ...agreed, money: false }, en, 'en')).toEqual([]);
  });
});
