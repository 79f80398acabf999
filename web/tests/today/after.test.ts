import { expect, test } from 'vitest';
import type { PersonToday } from '../../src/lib/api/types.ts';
import { followed, instantAt, isWaiting, mayOffer } from '../../src/routes/today/day.ts';

const person = (...kinds: string[]): PersonToday => ({
  name: null,
  home: 'Le Hangar',
  at_home: false,
  first_at: '2026-11-18T10:00:00Z',
  here: true,
  check_ins: [
    {
      id: '1',
      at: '2026-11-18T10:00:00Z',
      evidence: 'card',
      verdict: 'ok',
      undone: false,
      left_at: null,
      follow_ups: kinds,
    },
  ],
});

test('a conflict waits until a manager has said what it is', () => {
  expect(isWaiting(person('conflict'))).toBe(true);
  expect(isWaiting(person('conflict', 'accepted'))).toBe(false);
  expect(isWaiting(person('override'))).toBe(false);
});

test('what is offered, of ones own house or not counted yet cannot be offered', () => {
  expect(mayOffer(person())).toBe(true);
  expect(mayOffer(person('offered'))).toBe(false);
  expect(mayOffer(person('conflict'))).toBe(false);
  expect(mayOffer({ ...person(), at_home: true })).toBe(false);
  expect(mayOffer({ ...person(), home: null })).toBe(false);
  const undone = person().check_ins.map((checkIn) => ({ ...checkIn, undone: true }));
  expect(mayOffer({ ...person(), check_ins: undone })).toBe(false);
});

test('what came after is said once, and not of what was taken back', () => {
  const [checkIn] = person('offered').check_ins;
  if (!checkIn) throw new Error('there is one');
  const again = { ...checkIn, id: '2' };
  expect(followed({ ...person(), check_ins: [checkIn, again] })).toEqual(['offered']);
  expect(followed({ ...person(), check_ins: [{ ...checkIn, undone: true }] })).toEqual([]);
});

test('a time is that of the clock on the wall at the place, over changes of clocks too', () => {
  expect(instantAt('2026-11-18', '14:05', 'Europe/Paris')).toBe('2026-11-18T13:05:00.000Z');
  expect(instantAt('2026-11-18', '14:05', 'Indian/Reunion')).toBe('2026-11-18T10:05:00.000Z');
  expect(instantAt('2026-10-25', '04:00', 'Europe/Paris')).toBe('2026-10-25T03:00:00.000Z');
  expect(instantAt('2026-10-25', '00:30', 'Europe/Paris')).toBe('2026-10-24T22:30:00.000Z');
});
