import { expect, test } from 'vitest';
import type { MonthLife } from '../../src/lib/api/types.ts';
import { mayReport } from '../../src/routes/statements/around.ts';

const life = (state: string, errors_until: string) => ({ state, errors_until }) as MonthLife;

test('errors are reported until the review ends, and again for a while once the month is closed', () => {
  expect(mayReport(life('open', '2026-11-15'), '2026-11-01')).toBe(false);
  expect(mayReport(life('provisional', '2026-11-15'), '2026-11-15')).toBe(true);
  expect(mayReport(life('review', '2026-11-15'), '2026-11-16')).toBe(false);
  expect(mayReport(life('netted', '2026-12-30'), '2026-12-30')).toBe(true);
  expect(mayReport(life('paid', '2026-12-30'), '2026-12-31')).toBe(false);
});
