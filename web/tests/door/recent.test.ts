import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { openStore, type Recent } from '../../src/lib/store.ts';
import { countToday, linesOfToday } from '../../src/routes/door/recent.ts';

const NOW = new Date('2026-11-21T10:00:00Z');
const line = (id: string, changes: Partial<Recent> = {}): Recent => ({
  id,
  place_id: 'p',
  at: '2026-11-21T09:00:00Z',
  state: 'answered',
  verdict: 'ok',
  ...changes,
});

test('people are counted once: welcomed or kept, not refused, undone or back again', () => {
  const lines = [
    line('1'),
    line('2', { verdict: 'ok_again' }),
    line('3', { verdict: 'expired' }),
    line('4', { state: 'kept' }),
    line('5', { state: 'undone' }),
  ];
  expect(countToday(lines)).toBe(2);
});

test('yesterday’s names are erased from the device', async () => {
  const store = await openStore(`recent-${Math.random()}`);
  await store.put('recent', line('old', { at: '2026-11-20T09:00:00Z' }));
  await store.put('recent', line('new'));
  expect((await linesOfToday(store, 'p', 'Europe/Paris', NOW)).map(({ id }) => id)).toEqual(['new']);
  expect(await store.getAllKeys('recent')).toEqual(['new']);
});

test('the newest stands first, and another place’s lines do not show', async () => {
  const store = await openStore(`recent-${Math.random()}`);
  await store.put('recent', line('a', { at: '2026-11-21T08:00:00Z' }));
  await store.put('recent', line('b', { at: '2026-11-21T09:30:00Z' }));
  await store.put('recent', line('c', { place_id: 'q' }));
  expect((await linesOfToday(store, 'p', 'Europe/Paris', NOW)).map(({ id }) => id)).toEqual(['b', 'a']);
});
