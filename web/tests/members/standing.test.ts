import { expect, test } from 'vitest';
import { standing } from '../../src/routes/members/homes.ts';

test.each([
  ['2026-11-22', null, 'future'],
  ['2026-11-21', null, 'current'],
  ['2026-01-01', '2026-11-21', 'current'],
  ['2026-01-01', '2026-11-20', 'past'],
] as const)('a membership from %s to %s is %s on 21 November', (first_day, last_day, expected) => {
  expect(standing({ first_day, last_day }, '2026-11-21')).toBe(expected);
});
