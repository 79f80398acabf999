import { expect, test } from 'vitest';
import { firstStep } from '../../src/routes/home/first-step.ts';

test.each([
  [0, 0, 'place'],
  [1, 0, 'member'],
  [1, 1, 'none'],
] as const)('with %d places and %d members, the next thing to add is: %s', (places, members, step) => {
  expect(firstStep(places, members)).toBe(step);
});
