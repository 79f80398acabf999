import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import verdicts from '../../../passapp/door/verdicts.json';
import { fr } from '../../src/lib/i18n/fr.ts';
import { colourAlone, hold, HOLD_FOR, wordsAlone } from '../../src/routes/door/alone.ts';
import type { Shown } from '../../src/routes/door/showing.ts';

const member = { given_name: 'Léa', initial: 'B', pseudonym: 'K7M-2QX', home: 'Le Hangar' };
const view = (verdict: string, colour = 'red') => ({ verdict, colour, member, choices: [] });
const answered = (verdict: string, colour?: string) =>
  ({ fate: { kind: 'answered', answer: view(verdict, colour) } }) as unknown as Shown;
const local = (verdict: string, certain: boolean, colour = 'green') =>
  ({ fate: { kind: 'kept' }, decision: { ...view(verdict, colour), certain } }) as unknown as Shown;
const said = (shown: Shown) => wordsAlone(shown, fr, 'fr');

test('a visitor is greeted by their first name', () => {
  expect(said(answered('ok', 'green'))).toEqual({ say: fr.alone.hello('Léa'), next: fr.alone.counted });
});

test('offline, the visit is said to be noted and sent later', () => {
  expect(said(local('ok', true)).next).toContain('envoyé plus tard');
});

test('what only the network can tell is no refusal to somebody who is alone', () => {
  const unsure = local('unknown_key', false, 'red');
  expect([said(unsure).next, colourAlone(unsure)]).toEqual([fr.alone.kept, 'amber']);
});

test('what this tablet could not even keep is never said to be noted', () => {
  const lost = { fate: { kind: 'kept' }, trouble: 'full' } as unknown as Shown;
  expect([said(lost).say, colourAlone(lost)]).toEqual([fr.door.notCounted, 'red']);
});

test.each(Object.keys(verdicts))('%s shows no family name, no home and no pseudonym', (verdict) => {
  const { say, next } = said(answered(verdict));
  expect(say).not.toBe('');
  for (const secret of ['B.', 'Hangar', 'K7M']) expect(`${say} ${next}`).not.toContain(secret);
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the way out shows after three seconds of pressing, and not after a touch', () => {
  const done = vi.fn();
  const letGo = hold(done);
  vi.advanceTimersByTime(HOLD_FOR - 1);
  letGo();
  vi.advanceTimersByTime(HOLD_FOR);
  expect(done).not.toHaveBeenCalled();
  hold(done);
  vi.advanceTimersByTime(HOLD_FOR);
  expect(done).toHaveBeenCalledOnce();
});
