import { expect, test } from 'vitest';
import { fr } from '../../src/lib/i18n/fr.ts';
import { byDay, FAMILIES, queryOf, searchOf, type Filters } from '../../src/routes/audit/filters.ts';

const NOTHING: Filters = { from: '', to: '', family: '', place: '', actor: '' };

test('nothing chosen asks for everything', () => {
  expect(queryOf(NOTHING)).toEqual({});
  expect(searchOf(NOTHING)).toBe('');
});

test("days are the reader's, the last one included", () => {
  const { since, before } = queryOf({ ...NOTHING, from: '2026-11-18', to: '2026-11-18' });
  expect(new Date(since ?? '')).toEqual(new Date(2026, 10, 18));
  expect(new Date(before ?? '')).toEqual(new Date(2026, 10, 19));
});

test('a family is every kind of deed in it, in an address too', () => {
  const filters = { ...NOTHING, family: 'roles', actor: ' a+b@example.org ' };
  expect(queryOf(filters)).toEqual({ action: ['role', 'invitation'], actor: 'a+b@example.org' });
  expect(searchOf(filters)).toBe('action=role&action=invitation&actor=a%2Bb%40example.org');
});

test('a family that is none narrows nothing', () => {
  expect(queryOf({ ...NOTHING, family: 'constructor' })).toEqual({});
});

test('every deed belongs to exactly one family', () => {
  const kinds = Object.values(FAMILIES).flat();
  for (const action of Object.keys(fr.audit.actions)) {
    expect(kinds.filter((kind) => action.startsWith(`${kind}.`))).toHaveLength(1);
  }
});

test('entries stand by day, in the order in which they came', () => {
  const at = (day: number, hour: number) => ({ at: new Date(2026, 10, day, hour).toISOString() });
  expect(byDay([at(18, 23), at(18, 1), at(17, 12)]).map(([day, all]) => [day, all.length])).toEqual([
    ['2026-11-18', 2],
    ['2026-11-17', 1],
  ]);
});
