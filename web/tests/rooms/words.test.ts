import { expect, test } from 'vitest';
import { englishRooms } from '../../src/lib/i18n/en-rooms.ts';
import { frenchRooms } from '../../src/lib/i18n/fr-rooms.ts';
import { Attempt } from '../../src/lib/rooms/attempt.ts';
import { cancellationSaid, distanceSaid, featureSaid, priceSaid } from '../../src/lib/rooms/words.ts';

const t = frenchRooms.rooms;
const plain = (text: string | undefined) => text?.replaceAll(/[\u00a0\u202f]/g, ' ');
const home = { name: 'Le Hangar' };

test('a price says who pays', () => {
  const said = (price: number, payer: string) => plain(priceSaid({ price, payer, home }, t, 'fr'));
  expect(said(1200, 'member')).toBe('12 € à régler sur place');
  expect(said(1250, 'home')).toBe('12,50 €, avancés par Le Hangar');
  expect(said(0, 'member')).toBe('Gratuit');
});

test('a distance is as fine as it matters', () => {
  expect([12.34, 3.26, 0.04, null].map((km) => plain(distanceSaid(km, t, 'fr')))).toEqual([
    '12 km',
    '3,3 km',
    'sur place',
    undefined,
  ]);
});

test('what a cancellation costs is said step by step, without the steps that are past', () => {
  const now = new Date('2026-11-20T10:00:00Z');
  const steps = [
    { until: '2026-11-19T10:00:00Z', fee: 0 },
    { until: '2026-11-23T13:00:00Z', fee: 300 },
    { until: null, fee: 600 },
  ];
  expect(cancellationSaid(steps, t, 'fr', 'Europe/Paris', now).map(plain)).toEqual([
    "Annulation : 3 € jusqu'à lundi 14 h.",
    'Ensuite 6 €.',
  ]);
  expect(cancellationSaid([{ until: null, fee: 0 }], englishRooms.rooms, 'en', 'Europe/Paris', now)).toEqual([
    'Cancelling costs nothing.',
  ]);
});

test('a feature that nobody named is said as it was written', () => {
  expect(['screen', 'four_a_pain'].map((code) => featureSaid(code, t))).toEqual(['Écran', 'Four a pain']);
});

test('the same request keeps its key until it is answered; another one has its own', () => {
  const attempt = new Attempt();
  const first = attempt.keyFor({ start: 1 });
  expect(attempt.keyFor({ start: 1 })).toBe(first);
  const other = attempt.keyFor({ start: 2 });
  expect(other).not.toBe(first);
  attempt.answered();
  expect(attempt.keyFor({ start: 2 })).not.toBe(other);
});
