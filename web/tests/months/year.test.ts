import { expect, test } from 'vitest';
import { balancesOf } from '../../src/routes/months/year.ts';

const row = (name: string, received: number, made: number) => ({
  place: { id: name, code: name, name },
  received,
  made,
  months: [],
});

test('places go from who hosts more to who sends more, by the greatest difference', () => {
  const rows = balancesOf([row('A', 1, 5), row('B', 9, 1), row('C', 2, 2)], 'fr');
  expect(rows.map(({ place, balance, share }) => [place.code, balance, share])).toEqual([
    ['B', 8, 1],
    ['C', 0, 0],
    ['A', -4, -0.5],
  ]);
});
