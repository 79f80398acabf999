import { expect, test } from 'vitest';
import verdicts from '../../../passapp/door/verdicts.json';
import type { ArrivalAnswer } from '../../src/lib/api/types.ts';
import { fr } from '../../src/lib/i18n/fr.ts';
import { wordsOf } from '../../src/routes/arrive/words.ts';

const given = (verdict: string) => ({ verdict, given_name: 'Léa', place: { name: 'Le Moulin' } }) as ArrivalAnswer;

test('who comes is greeted by name, and told where they are noted', () => {
  const { say, next } = wordsOf(given('ok'), fr.arriving);
  expect([say, next]).toEqual([fr.arriving.hello('Léa'), 'Votre passage au Moulin est noté.']);
});

test('who is in already is told so, and not counted as new', () => {
  expect(wordsOf(given('ok_again'), fr.arriving).next).toContain('déjà');
});

test('the member, and nobody else, is told why their membership opens nothing', () => {
  expect(wordsOf(given('unpaid'), fr.arriving).next).toContain('impayé');
  expect(wordsOf(given('suspended'), fr.arriving).next).toContain('suspendu');
});

test.each(Object.keys(verdicts))('%s is said in words, with what to do', (verdict) => {
  const { say, next } = wordsOf(given(verdict), fr.arriving);
  expect(say).not.toBe('');
  if (verdict !== 'ambiguous') expect(next).not.toBe('');
});
