import { describe, expect, test } from 'vitest';
import { en } from '../../src/lib/i18n/en.ts';
import { fr } from '../../src/lib/i18n/fr.ts';
import { isWindow, minutesOf, opensInWords } from '../../src/routes/plans/plan.ts';

const plan = {
  opens: 'everywhere' as const,
  weekdays: [0, 1, 2, 3, 4, 5, 6],
  from_time: '00:00',
  to_time: '24:00',
  monthly_visits: null,
};

describe('a plan in words', () => {
  test('one that opens everything says so', () => {
    expect(opensInWords(plan, fr, 'fr')).toBe('Tous les lieux du réseau · tous les jours · à toute heure');
  });

  test('days, hours and visits elsewhere are named', () => {
    const some = { ...plan, weekdays: [0, 2], from_time: '08:00', to_time: '19:00', monthly_visits: 1 };
    expect(opensInWords(some, en, 'en')).toBe(
      'Every place of the network · Monday, Wednesday · from 08:00 to 19:00 · 1 visit elsewhere a month',
    );
  });

  test('a plan of one place says that it is the member’s own', () => {
    expect(opensInWords({ ...plan, opens: 'home' }, en, 'en')).toContain("The member’s own place only");
  });
});

describe('the hours of a plan', () => {
  test('are minutes from midnight, past it too', () => {
    expect([minutesOf('08:30'), minutesOf('26:00')]).toEqual([510, 1560]);
  });

  test.each(['8:30', '08:60', '', 'midi', '50:00'])('%j is no time', (words) => {
    expect(minutesOf(words)).toBeNull();
  });

  test.each([
    ['00:00', '24:00'],
    ['18:00', '26:00'],
    ['23:59', '47:59'],
  ])('%s to %s is a window', (from, to) => {
    expect(isWindow(from, to)).toBe(true);
  });

  test.each([
    ['24:00', '26:00'],
    ['18:00', '08:00'],
    ['08:00', '08:00'],
    ['08:00', '32:01'],
  ])('%s to %s is none', (from, to) => {
    expect(isWindow(from, to)).toBe(false);
  });
});
