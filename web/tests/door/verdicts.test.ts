import { expect, test } from 'vitest';
import verdicts from '$verdicts';
import { sentencesOf } from '../../src/routes/door/verdicts.ts';

const all = Object.entries(verdicts);

test.each(all)('%s says something and what to do next, in both languages', (_code, { fr, en, colour }) => {
  for (const words of [fr, en]) {
    expect(words.say.length).toBeGreaterThan(3);
    expect(words.say.length).toBeLessThan(45);
    expect(words.next.length).toBeGreaterThan(10);
  }
  expect(['green', 'amber', 'red']).toContain(colour);
});

test('unpaid, suspended and revoked are one sentence to the host', () => {
  expect(verdicts.suspended).toEqual(verdicts.revoked);
  expect(verdicts.unpaid).toEqual(verdicts.revoked);
  expect(verdicts.revoked.fr.say).toBe('Pass inactif');
});

test('a verdict from a newer server reads as an error', () => {
  expect(sentencesOf('from-the-future', 'fr')).toEqual(sentencesOf('error', 'fr'));
});
