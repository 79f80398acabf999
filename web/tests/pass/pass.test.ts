import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import type { Pass } from '../../src/lib/api/types.ts';
import { openStore, type KeptPass } from '../../src/lib/store.ts';
import { keepPasses, keptPasses, shortName, worthShowing } from '../../src/routes/pass/kept.ts';
import { byMonth, inkOf } from '../../src/routes/pass/visits.ts';

const pass = (id: string, state: Pass['state'], issued_at = '2026-11-01T00:00:00Z') => ({
  pass: { id, state, issued_at },
});
const kept = (id: string, svg = '<svg/>') => ({ id, svg, pass: { state: 'active' } }) as KeptPass;

test('a name is a first name and an initial', () => {
  expect(shortName({ given_name: 'Léa', family_name: ' bertin' })).toBe('Léa B.');
});

test('passes that open doors are shown, the newest first', () => {
  const shown = worthShowing([
    pass('old', 'active', '2026-01-01T00:00:00Z'),
    pass('gone', 'revoked'),
    pass('new', 'active'),
  ]);
  expect(shown.map((each) => each.pass.id)).toEqual(['new', 'old']);
});

test('without one that opens doors, one is shown to say so', () => {
  expect(worthShowing([pass('gone', 'revoked'), pass('paused', 'inactive')]).map((each) => each.pass.id)).toEqual([
    'paused',
  ]);
  expect(worthShowing([])).toEqual([]);
});

test('kept means that it can be read back with its drawing', async () => {
  const store = await openStore(`pass-${Math.random()}`);
  expect(await keepPasses([kept('1')], store)).toBe(true);
  expect(await keepPasses([kept('1', '')], store)).toBe(false);
});

test('only the passes of now are kept', async () => {
  const store = await openStore(`pass-${Math.random()}`);
  await keepPasses([kept('1'), kept('2')], store);
  await keepPasses([kept('3')], store);
  expect((await keptPasses(store)).map(({ id }) => id)).toEqual(['3']);
});

test('a store that refuses to write is not called kept', async () => {
  const store = await openStore(`pass-${Math.random()}`);
  store.close();
  expect(await keepPasses([kept('1')], store)).toBe(false);
});

test('visits stand under the month of their local date, the newest first', () => {
  const visit = (local_date: string, opened_at: string) => ({ local_date, opened_at });
  const months = byMonth([
    visit('2026-10-31', '2026-10-31T20:30:00Z'),
    visit('2026-11-01', '2026-10-31T20:40:00Z'),
    visit('2026-11-02', '2026-11-02T08:00:00Z'),
  ]);
  expect(months.map(({ month, visits }) => [month, visits.map((each) => each.local_date)])).toEqual([
    ['2026-11', ['2026-11-02', '2026-11-01']],
    ['2026-10', ['2026-10-31']],
  ]);
});

test('a place keeps its ink', () => {
  expect(inkOf('Le Dôme')).toBe(inkOf('Le Dôme'));
  expect(inkOf('Le Dôme')).toBeLessThan(6);
});
