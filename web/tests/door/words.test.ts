import { expect, test } from 'vitest';
import { fr } from '../../src/lib/i18n/fr.ts';
import type { Answer, Decision } from '../../src/routes/door/answer.ts';
import type { Fate } from '../../src/routes/door/queue.ts';
import type { Shown } from '../../src/routes/door/showing.ts';
import { saidBy, wordsOf } from '../../src/routes/door/words.ts';
import { answerTo } from './answers.ts';

const LEA = { given_name: 'Léa', initial: 'B', pseudonym: 'K7M-2QX', home: 'Le Hangar' };
const answered = (changes: Partial<Answer>): Fate => ({
  kind: 'answered',
  answer: answerTo({ id: '1', scanned_at: '2026-11-21T10:00:00Z' }, { member: LEA, ...changes }),
});
const words = (fate: Fate, decision?: Decision) => wordsOf({ fate, decision } as Shown, fr, 'fr', 'Europe/Paris');
const decided = (changes: Partial<Decision>): Decision => ({
  ...answerTo({ id: '1', scanned_at: '' }),
  member: LEA,
  certain: true,
  ...changes,
});

test('a welcome says hello by first name, and where from', () => {
  expect(words(answered({}))).toMatchObject({ say: 'Bonjour Léa\u202f!', member: 'Membre du Hangar', check: null });
});

test('a card asks the host to check the name', () => {
  expect(words(answered({ check_name: true })).check).toBe('Vérifiez\u00a0: Léa B.');
});

test('a second scan of the day says since when', () => {
  const again = words(answered({ verdict: 'ok_again', first_check_in_at: '2026-11-21T08:05:00Z' }));
  expect(again).toMatchObject({ say: 'Re-bonjour Léa\u202f!', next: 'Déjà là depuis 09:05' });
});

test('a refusal says the same whatever the reason why the pass is inactive', () => {
  expect(words(answered({ verdict: 'revoked', colour: 'red' }))).toEqual(
    words(answered({ verdict: 'suspended', colour: 'red' })),
  );
});

test('a question about homes names the person, not one of the homes', () => {
  expect(words(answered({ verdict: 'ambiguous', colour: 'amber' })).member).toBe('Léa B.');
});

test('without network the host reads that the visit is kept', () => {
  expect(words({ kind: 'kept' }).say).toBe('Gardé, envoyé plus tard');
});

test('a scan that the server would not take says why, and that it is kept', () => {
  const problem = { type: '', title: '', status: 429, code: 'too_many_codes', detail: 'Trop de codes.', errors: [] };
  expect(words({ kind: 'kept', problem })).toEqual({
    say: 'Pas encore envoyé',
    member: null,
    next: 'Trop de codes. Le scan est gardé sur ce téléphone, et sera renvoyé.',
    check: null,
  });
});

test('what this phone found by itself reads as any verdict, and says by whose word', () => {
  expect(words({ kind: 'kept' }, decided({})).say).toBe('Bonjour Léa\u202f!');
  expect(saidBy({ fate: { kind: 'kept' }, decision: decided({}) } as Shown, fr)).toContain('vérifié par ce téléphone');
  expect(saidBy({ fate: answered({}) } as Shown, fr)).toBe(null);
});

test.each(['unknown_key', 'error'])('%s without network says to let them in, and that it is checked later: never a refusal', (verdict) => {
  const { say, next } = words({ kind: 'kept' }, decided({ verdict, colour: 'red', certain: false }));
  expect(say).toBe('À vérifier avec du réseau');
  expect(next).toMatch(/^Laissez entrer.*vérifié plus tard/);
});
