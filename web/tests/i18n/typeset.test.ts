import { describe, expect, test } from 'vitest';
import { setEnglish, setFrench, typeset } from '../../src/lib/i18n/typeset.ts';
import { en } from '../../src/lib/i18n/en.ts';
import { fr } from '../../src/lib/i18n/fr.ts';

describe('typesetting', () => {
  test('French signs keep to the word before them', () => {
    expect(setFrench('Bonjour Léa !')).toBe('Bonjour Léa\u202f!');
    expect(setFrench('« Le Hangar » : ouvert')).toBe('«\u202fLe Hangar\u202f»\u00a0: ouvert');
  });

  test('hours and units are not torn from their number', () => {
    expect(setFrench('9 h à 18 h 30')).toBe('9\u00a0h à 18\u00a0h 30');
    expect(setFrench('14 heures')).toBe('14 heures');
  });

  test('apostrophes are curly in both languages', () => {
    expect(setFrench("l'accueil")).toBe('l’accueil');
    expect(setEnglish("today's visit")).toBe('today’s visit');
  });

  test('sentences made by functions are set as well', () => {
    const words = typeset({ deep: { hello: (name: string) => `Bonjour ${name} !` } }, setFrench);
    expect(words.deep.hello('Léa')).toBe('Bonjour Léa\u202f!');
  });
});

describe('the dictionaries', () => {
  const keys = (entry: unknown, path = ''): string[] =>
    typeof entry === 'object' && entry !== null
      ? Object.entries(entry).flatMap(([key, value]) => keys(value, `${path}/${key}`))
      : [path];

  test('say the same things in both languages', () => {
    expect(keys(en).sort()).toEqual(keys(fr).sort());
  });

  test('count in the way of each language', () => {
    expect(fr.door.offlineBanner(0)).toBe('Hors connexion');
    expect(fr.door.offlineBanner(1)).toBe('Hors connexion, 1 passage gardé, envoyé plus tard');
    expect(fr.door.offlineBanner(2)).toBe('Hors connexion, 2 passages gardés, envoyés plus tard');
    expect(fr.door.today(0)).toBe('0 passage aujourd’hui');
    expect(en.door.today(0)).toBe('0 visits today');
  });
});
