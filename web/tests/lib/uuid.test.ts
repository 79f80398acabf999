import { expect, test } from 'vitest';
import { uuid7 } from '../../src/lib/uuid.ts';

test('ids are UUIDs of version 7, in the order of time', () => {
  const [early, late] = [uuid7(1_700_000_000_000), uuid7(1_800_000_000_000)];
  expect(early).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(early < late).toBe(true);
  expect(uuid7(5)).not.toBe(uuid7(5));
});
