import { expect, test } from 'vitest';
import { stepOf } from '../../src/routes/start/steps.ts';

const nothing = { place: null, member: null, pass_id: null, phones: 0, tried: false, done: false };
const place = { id: '1', code: 'le-hangar', name: 'Le Hangar', town: 'Caen' };
const member = { id: '2', given_name: 'Léa', family_name: 'Bertin' };

test.each([
  [nothing, [], 'place'],
  [{ ...nothing, place }, [], 'mail'],
  [{ ...nothing, place }, ['mail'], 'member'],
  [{ ...nothing, place, member }, [], 'member'],
  [{ ...nothing, place, member, pass_id: '3' }, [], 'phone'],
  [{ ...nothing, place, member, pass_id: '3', phones: 1 }, [], 'trial'],
  [{ ...nothing, place, phones: 1 }, ['mail', 'member'], 'trial'],
  [{ ...nothing, place }, ['mail', 'member', 'phone', 'trial'], 'done'],
  [{ ...nothing, place, done: true }, [], 'done'],
  [nothing, ['place'], 'place'],
] as const)('%j with %j put off goes on at: %s', (progress, putOff, step) => {
  expect(stepOf(progress, putOff)).toBe(step);
});
