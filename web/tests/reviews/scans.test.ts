import { expect, test } from 'vitest';
import { en } from '../../src/lib/i18n/en.ts';
import { fr } from '../../src/lib/i18n/fr.ts';
import { byDay, followedBy, mayOffer, spanOf, whyOf } from '../../src/routes/reviews/scans.ts';

const follow = (kind: 'override' | 'offered', reason: string | null = null) => ({
  kind,
  at: '2026-11-18T10:00:00Z',
  reason,
  actor: 'door',
});

test('rows stand together by day, in the order in which they come', () => {
  const rows = ['2026-11-18', '2026-11-17', '2026-11-18'].map((local_date, id) => ({ local_date, id }));
  expect(byDay(rows).map(([day, of]) => [day, of.map(({ id }) => id)])).toEqual([
    ['2026-11-18', [0, 2]],
    ['2026-11-17', [1]],
  ]);
});

test('an age is said in the largest unit that says enough', () => {
  expect([-30, 90, 5 * 3600, 3 * 86_400].map((seconds) => spanOf(seconds, fr.reviews))).toEqual([
    '0 minute',
    '2 minutes',
    '5 heures',
    '3 jours',
  ]);
  expect(spanOf(60, en.reviews)).toBe('1 minute');
});

test('why a manager is asked is said in words, and that nobody pays where nobody does', () => {
  const scan = { waits: 'conflict' as const, verdict: 'closed', home: 'Le Hangar', choices: [] };
  expect(whyOf(scan, en.reviews)).toEqual(['The place was closed.']);
  expect(whyOf({ ...scan, home: null }, en.reviews)).toHaveLength(2);
  const choices = [
    { home_id: 'a', home: 'Le Hangar' },
    { home_id: 'b', home: 'Le Phare' },
  ];
  expect(whyOf({ ...scan, verdict: 'ambiguous', home: null, choices }, en.reviews)).toEqual([
    'Nobody knows which of their memberships pays.',
  ]);
  expect(whyOf({ ...scan, verdict: 'not known yet' }, en.reviews)).toEqual(['The server cannot confirm it.']);
  expect(whyOf({ ...scan, waits: 'self' }, en.reviews)).toEqual(['Nobody was at the door.']);
});

test('what came after is said with its hour at the place and its reason', () => {
  const scan = { follow_ups: [follow('override', 'Known'), follow('offered')], undone_at: null, undone_because: null, waived: null };
  expect(followedBy(scan, en.reviews, 'en', 'Europe/Paris')).toEqual([
    'let in all the same, 11:00 “Known”',
    'offered, 11:00',
  ]);
  const stale = { ...scan, follow_ups: [], waived: 'stale_list' as const, undone_at: '2026-11-18T10:00:00Z' };
  expect(followedBy(stale, en.reviews, 'en', 'Europe/Paris')).toEqual([
    'counted, nothing to settle: list of passes too old',
    'undone',
  ]);
});

test('only a visit that another place pays for can be offered', () => {
  const scan = { visit: true, at_home: false, waived: null };
  expect(mayOffer(scan)).toBe(true);
  expect(mayOffer({ ...scan, visit: false })).toBe(false);
  expect(mayOffer({ ...scan, at_home: true })).toBe(false);
  expect(mayOffer({ ...scan, waived: 'offered' })).toBe(false);
});
