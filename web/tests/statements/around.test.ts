import { expect, test } from 'vitest';
import type { MonthLife } from '../../src/lib/api/types.ts';
import { mayReport } from '../../src/routes/statements/around.ts';

const life = (state: string) => ({ state, review_until: '2026-11-15' }) as MonthLife;

test('errors are reported until the review ends, and again once the month is closed', () => {
  expect(mayReport(life('open'), '2026-11-01')).toBe(false);
  expect(mayReport(life('provisional'), '2026-11-15')).toBe(true);
  expect(mayReport(life('review'), '2026-11-16')).toBe(false);
  expect(mayReport(life('netted'), '2026-12-01')).toBe(true);
});
