import { expect, test } from 'vitest';
import type { PersonToday } from '../../src/lib/api/types.ts';
import { columnsFor, daysUntil, isUndone, nameOf, standing } from '../../src/routes/today/day.ts';

const person = (...undone: boolean[]) =>
  ({ check_ins: undone.map((gone, number) => ({ id: `${number}`, undone: gone })) }) as unknown as PersonToday;

test('a name is a first name and an initial, or somebody', () => {
  expect(nameOf({ given_name: 'Léa', initial: 'B' }, 'Quelqu’un')).toBe('Léa B.');
  expect(nameOf(null, 'Quelqu’un')).toBe('Quelqu’un');
});

test('a person is undone once every check-in of theirs is', () => {
  expect(isUndone(person(true, false))).toBe(false);
  expect(isUndone(person(true, true))).toBe(true);
  expect(standing(person(true, false)).map(({ id }) => id)).toEqual(['1']);
});

test('a day can be looked at for a week, over the end of a month and of summer time', () => {
  expect(daysUntil('2026-11-03')).toEqual([
    '2026-11-03',
    '2026-11-02',
    '2026-11-01',
    '2026-10-31',
    '2026-10-30',
    '2026-10-29',
    '2026-10-28',
    '2026-10-27',
  ]);
  expect(daysUntil('2026-10-26')[1]).toBe('2026-10-25');
});

test('more names make more columns, so that one page holds them', () => {
  expect([20, 21, 52, 53].map(columnsFor)).toEqual([1, 2, 2, 3]);
});
