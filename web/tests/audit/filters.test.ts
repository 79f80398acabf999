import { expect, test } from 'vitest';
import { fr } from '../../src/lib/i18n/fr.ts';
import { byDay, FAMILIES, queryOf, type Filters } from '../../src/routes/audit/filters.ts';

const NOTHING: Filters = { from: '', to: '', family: '', place: '', actor: '' };

test('nothing chosen asks for everything', () => {
  expect(queryOf(NOTHING)).toEqual({});
});

test("days are the reader's, the last one included", () => {
  const { since, before } = queryOf({ ...NOTHING, from: '2026-11-18', to: '2026-11-18' });
  expect(new Date(since ?? '')).toEqual(new Date(2026, 10, 18));
  expect(new Date(before ?? '')).toEqual(new Date(2026, 10, 19));
});

test('a family is every kind of deed in it', () => {
  expect(queryOf({ ...NOTHING, family: 'roles' })).toEqual({ action: ['role', 'invitation'] });
});

test("who did it is asked for by an id, and nobody's address leaves in one", () => {
  const actor = '01890000-0000-7000-8000-000000000001';
  expect(queryOf({ ...NOTHING, actor })).toEqual({ actor });
  expect(queryOf({ ...NOTHING, actor: 'lea@example.org' })).toEqual({});
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
