import { expect, test } from 'vitest';
import type { PersonToday } from '../../src/lib/api/types.ts';
import { columnsFor, daysUntil, isUndone, nameOf, namesakes, standing } from '../../src/routes/today/day.ts';

const person = (...undone: boolean[]) =>
  ({ check_ins: undone.map((gone, number) => ({ id: `${number}`, undone: gone })) }) as unknown as PersonToday;

test('a name is a first name and an initial, or somebody', () => {
  expect(nameOf({ given_name: 'Léa', initial: 'B', pseudonym: 'K7M-2QX' }, 'Quelqu’un')).toBe('Léa B.');
  expect(nameOf(null, 'Quelqu’un')).toBe('Quelqu’un');
});

test('two people of one name are told apart by what the place calls them, the others need no code', () => {
  const named = (given_name: string, pseudonym: string) => ({ name: { given_name, initial: 'B', pseudonym } });
  const [one, other, ali] = [named('Léa', 'K7M-2QX'), named('Léa', '3F1-J2E'), named('Ali', 'Q0Z-9TT')];
  const code = namesakes([one, other, ali, one, { name: null }, { name: null }]);
  expect([one, other, ali, { name: null }].map(code)).toEqual(['K7M-2QX', '3F1-J2E', null, null]);
  expect(namesakes([one, one])(one)).toBeNull();
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
