import { expect, test } from 'vitest';
import { standsFor, type Shown } from '../../src/routes/door/showing.ts';

const shown = (choices: unknown[]) =>
  ({ fate: { kind: 'answered', answer: { verdict: 'ambiguous', choices } }, deeds: {}, colour: 'amber' }) as unknown as Shown;
const asks = shown([{ home_id: 'h1' }, { home_id: 'h2' }]);

test('alone before a tablet, there is time to read a question and to answer it', () => {
  const [said, asked] = [standsFor(shown([]), false), standsFor(asks, false)];
  expect(asked).toBeGreaterThanOrEqual(4 * (said ?? Infinity));
});

test('beside a host, a question stands until it is answered', () => {
  expect(standsFor(asks, true)).toBeNull();
});
