import { expect, test } from 'vitest';
import { Refused, Unreachable } from '../../src/lib/api/client.ts';
import type { Problem } from '../../src/lib/api/types.ts';
import { notBookable, seriesConflicts, slotTaken } from '../../src/lib/rooms/refusal.ts';

const refused = (code: string, more: object) =>
  new Refused({ code, detail: 'Dates impossibles : 2 sur 4.', errors: [], ...more } as unknown as Problem, 409);

test('a series that cannot be had whole says which dates, and the server’s words', () => {
  const occurrences = [{ outcome: 'free' }, { outcome: 'taken' }];
  expect(seriesConflicts(refused('series_conflicts', { occurrences }))).toEqual({
    detail: 'Dates impossibles : 2 sur 4.',
    occurrences,
  });
});

test('another refusal, or none, is no conflict of a series', () => {
  expect(seriesConflicts(refused('slot_taken', {}))).toBeUndefined();
  expect(seriesConflicts(new Unreachable('no answer'))).toBeUndefined();
});

test('what is taken may come without anything to take instead', () => {
  expect(slotTaken(refused('slot_taken', {}))).toEqual({ next_free: null, alternatives: [] });
  expect(slotTaken(refused('not_bookable', {}))).toBeUndefined();
});

test('every reason is said', () => {
  const errors = [{ detail: 'Trop long.' }, { detail: 'Trop tôt.' }];
  expect(notBookable(refused('not_bookable', { errors }))).toEqual(['Trop long.', 'Trop tôt.']);
});
