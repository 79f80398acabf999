import { describe, expect, test } from 'vitest';
import { en } from '../../src/lib/i18n/en.ts';
import { fr } from '../../src/lib/i18n/fr.ts';
import { found } from '../../src/routes/places/everything.ts';
import {
  endsNextDay,
  fromDraft,
  rangesInWords,
  toDraft,
  troubleOf,
  weekInWords,
} from '../../src/routes/places/hours.ts';

const spaces = (text: string) => text.replaceAll('\u00a0', ' ').replaceAll('\u202f', ' ');

describe('hours in words', () => {
  test('are read as people say them', () => {
    const words = rangesInWords(
      [
        { opens: '14:00', closes: '18:30' },
        { opens: '09:00', closes: '12:00' },
      ],
      fr,
      'fr',
    );
    expect(spaces(words)).toBe('9 h à 12 h, 14 h à 18 h 30');
  });

  test('after midnight belong to the evening', () => {
    expect(spaces(rangesInWords([{ opens: '18:00', closes: '26:00' }], fr, 'fr'))).toBe('18 h à 2 h le lendemain');
    expect(rangesInWords([{ opens: '18:00', closes: '26:00' }], en, 'en')).toBe('18:00 to 02:00 the next day');
  });

  test('until midnight end the same day', () => {
    expect(spaces(rangesInWords([{ opens: '18:00', closes: '24:00' }], fr, 'fr'))).toBe('18 h à minuit');
  });

  test('round the clock are said so', () => {
    expect(rangesInWords([{ opens: '00:00', closes: '24:00' }], fr, 'fr')).toBe('toute la journée, jour et nuit');
  });

  test('days with the same hours stand together', () => {
    const office = [0, 1, 2, 3, 4].map((weekday) => ({ weekday, opens: '09:00', closes: '18:00' }));
    const week = weekInWords([...office, { weekday: 5, opens: '10:00', closes: '26:00' }], fr, 'fr');
    expect(week.map(({ days, hours }) => [days, spaces(hours)])).toEqual([
      ['Lundi au vendredi', '9 h à 18 h'],
      ['Samedi', '10 h à 2 h le lendemain'],
      ['Dimanche', 'fermé'],
    ]);
  });
});

describe('the form of hours', () => {
  test('a closing before the opening is on the next day', () => {
    expect(fromDraft({ opens: '18:00', closes: '02:00' })).toEqual({ opens: '18:00', closes: '26:00' });
    expect(endsNextDay({ opens: '18:00', closes: '02:00' })).toBe(true);
    expect(endsNextDay({ opens: '18:00', closes: '00:00' })).toBe(false);
  });

  test.each(['12:30', '24:00', '26:00'])('a closing at %s comes back as it was', (closes) => {
    const range = { opens: '09:00', closes };
    expect(fromDraft(toDraft(range))).toEqual(range);
  });

  test('what is missing or overlaps is said', () => {
    expect(troubleOf([{ opens: '09:00', closes: '' }])).toBe('incomplete');
    expect(
      troubleOf([
        { opens: '09:00', closes: '12:00' },
        { opens: '11:00', closes: '18:00' },
      ]),
    ).toBe('overlap');
    expect(
      troubleOf([
        { opens: '09:00', closes: '12:00' },
        { opens: '12:00', closes: '18:00' },
      ]),
    ).toBeNull();
  });
});

test('a search forgives accents, case and order', () => {
  expect(found('herou image', 'Le Café des images', 'Hérouville-Saint-Clair')).toBe(true);
  expect(found('caen fablab', 'Le Dôme', 'Caen')).toBe(false);
  expect(found('', 'Le Dôme')).toBe(true);
});
