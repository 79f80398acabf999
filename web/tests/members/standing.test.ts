import { expect, test } from 'vitest';
import { standing, usualPlan } from '../../src/routes/members/homes.ts';

test.each([
  ['2026-11-22', null, 'future'],
  ['2026-11-21', null, 'current'],
  ['2026-01-01', '2026-11-21', 'current'],
  ['2026-01-01', '2026-11-20', 'past'],
] as const)('a membership from %s to %s is %s on 21 November', (first_day, last_day, expected) => {
  expect(standing({ first_day, last_day }, '2026-11-21')).toBe(expected);
});

test('the plan proposed opens everywhere every day, if there is one', () => {
  const plan = (code: string, opens: 'everywhere' | 'home', weekdays: number[]) => ({ code, opens, weekdays });
  const [home, weekend, all] = [
    plan('home', 'home', [0, 1, 2, 3, 4, 5, 6]),
    plan('weekend', 'everywhere', [5, 6]),
    plan('all', 'everywhere', [0, 1, 2, 3, 4, 5, 6]),
  ];
  expect(usualPlan([home, weekend, all])).toBe('all');
  expect(usualPlan([home, weekend])).toBe('weekend');
  expect(usualPlan([home])).toBe('home');
  expect(usualPlan([])).toBe('');
});
