import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { openStore, type KeptScan, type Recent } from '../../src/lib/store.ts';
import { countToday, countWaiting, isNews, lateLines, linesOfToday, mayBeUndone, takenBackWith } from '../../src/routes/door/recent.ts';
import { answerTo } from './answers.ts';

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
    line('6', { state: 'kept', verdict: 'expired', colour: 'red' }),
    line('7', { state: 'kept', verdict: 'revoked', colour: 'red', let_in: true }),
  ];
  expect(countToday(lines)).toBe(3);
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

test('what was refused after the fact stays until it is read, whatever the day', async () => {
  const store = await openStore(`recent-${Math.random()}`);
  await store.put('recent', line('old', { at: '2026-11-20T09:00:00Z', late: true }));
  await store.put('recent', line('elsewhere', { place_id: 'q', late: true }));
  expect(await linesOfToday(store, 'p', 'Europe/Paris', NOW)).toEqual([]);
  expect((await lateLines(store, 'p')).map(({ id }) => id)).toEqual(['old']);
});

const said = (verdict: 'ok' | 'revoked', colour: 'green' | 'red') =>
  ({ kind: 'answered', answer: answerTo({ id: '1', scanned_at: '' }, { verdict, colour }) }) as const;

test.each([
  ['a welcome after « gardé »', line('1', { state: 'kept', verdict: undefined }), said('ok', 'green'), false],
  ['a refusal after « gardé »', line('1', { state: 'kept', verdict: undefined }), said('revoked', 'red'), true],
  ['a refusal after a welcome', line('1', { state: 'kept', colour: 'green' }), said('revoked', 'red'), true],
  ['the same refusal', line('1', { state: 'kept', verdict: 'revoked', colour: 'red' }), said('revoked', 'red'), false],
  ['a welcome after a refusal', line('1', { state: 'kept', verdict: 'expired', colour: 'red' }), said('ok', 'green'), true],
  ['a refusal of whom the host let in', line('1', { state: 'kept', let_in: true }), said('revoked', 'red'), false],
  ['a refusal of what was taken back', line('1', { state: 'undone' }), said('revoked', 'red'), false],
  ['nothing yet', line('1', { state: 'kept' }), { kind: 'kept' } as const, false],
])('whether the host must read %s', (_name, before, fate, news) => {
  expect(isNews(before, fate)).toBe(news);
});

test('only who was let in can be taken back', () => {
  const known = { check_in_id: 'c' };
  expect(mayBeUndone(line('1', known))).toBe(true);
  expect(mayBeUndone(line('2', { ...known, verdict: 'ok_again' }))).toBe(true);
  expect(mayBeUndone(line('3', { ...known, verdict: 'revoked' }))).toBe(false);
  expect(mayBeUndone(line('4', { ...known, state: 'undone' }))).toBe(false);
  expect(mayBeUndone(line('5', { state: 'kept' }))).toBe(true);
  expect(mayBeUndone(line('6', { state: 'kept', verdict: 'expired' }))).toBe(false);
});

test('a welcome is taken back with all the scans that stand for its visit, a welcome back alone', () => {
  const member = { given_name: 'Léa', initial: 'B', pseudonym: 'K7M-2QX', home: 'Le Hangar' };
  const of = (id: string, opened_at: number, changes: Partial<Recent> = {}) =>
    line(id, { check_in_id: id, opened_at, member, ...changes });
  const back = of('3', 1, { verdict: 'ok_again' });
  const first = of('1', 1);
  const lines = [first, of('2', 2), back, of('4', 1, { member: { ...member, pseudonym: '3F1-J2E' } })];
  expect(takenBackWith(lines, first).map(({ id }) => id)).toEqual(['1', '3']);
  expect(takenBackWith(lines, back)).toEqual([back]);
});

test('a pass held up twice offline is one visit that waits', () => {
  const scans = [
    { id: '1', pass: 'a', scanned_at: '2026-11-21T09:00:00Z' },
    { id: '2', pass: 'a', scanned_at: '2026-11-21T09:05:00Z' },
    { id: '3', pass: 'a', scanned_at: '2026-11-20T09:05:00Z' },
    { id: '4', pass: 'b', scanned_at: '2026-11-21T09:05:00Z' },
  ].map((scan): KeptScan => ({ ...scan, place_id: 'p' }));
  expect(countWaiting(scans, 'Europe/Paris')).toBe(3);
});

test('a day is the server’s, whatever this device’s clock says', async () => {
  const store = await openStore(`recent-${Math.random()}`);
  await store.put('recent', line('today', { at: '2026-11-19T09:00:00Z', behind: 2 * 86_400_000 }));
  expect((await linesOfToday(store, 'p', 'Europe/Paris', NOW)).map(({ id }) => id)).toEqual(['today']);
});
