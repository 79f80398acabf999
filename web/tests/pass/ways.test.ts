import { expect, test } from 'vitest';
import type { Pass } from '../../src/lib/api/types.ts';
import type { KeptPass } from '../../src/lib/store.ts';
import type { LiveKey } from '../../src/routes/pass/keys.ts';
import { onePerPayer, payersOf, waysOf } from '../../src/routes/pass/ways.ts';

const card = (membership_id: string | null, state: Pass['state'] = 'active', id = `card-${membership_id}`) =>
  ({ id, pass: { id, state, membership_id, issued_at: '2026-11-01T00:00:00Z' } }) as KeptPass;
const key = (membership_id: string | null) => ({ membership_id }) as LiveKey;

test('who has no card has one live pass, and the door may choose who pays', () => {
  expect(payersOf([])).toEqual([null]);
  expect(payersOf([card('hangar', 'revoked')])).toEqual([null]);
});

test('cards for several memberships are as many live passes', () => {
  expect(payersOf([card('hangar'), card('moulin'), card('hangar', 'active', 'other')])).toEqual(['hangar', 'moulin']);
});

test('without network a phone shows the live pass that it has, with its card', () => {
  expect(waysOf([card(null)], [key(null)])).toMatchObject([{ membership: null, key: {}, card: { id: 'card-null' } }]);
  expect(waysOf([], [key('hangar')])).toMatchObject([{ membership: 'hangar', key: {} }]);
});

test('a card that names a membership that is over is the card of whoever pays in its place', () => {
  expect(waysOf([card('hangar')], [key(null)])).toMatchObject([{ membership: null, key: {}, card: { id: 'card-hangar' } }]);
});

test('a live pass for each of two memberships is shown as that, though a third names nobody', () => {
  const ways = waysOf([card('hangar'), card('moulin')], [key(null), key('hangar'), key('moulin')]);
  expect(ways.map(({ key: own }) => own?.membership_id)).toEqual(['hangar', 'moulin']);
});

test('of two memberships that are over, one pass comes in their place', () => {
  const [first, ...others] = onePerPayer([{ membership: null, card: card('hangar') }, { membership: null, card: card('moulin') }]);
  expect([first?.card?.id, others]).toEqual(['card-hangar', []]);
  expect(waysOf([card('hangar'), card('moulin')], [key(null)])).toHaveLength(1);
});

test('a phone that has nothing has nothing to show', () => {
  expect(waysOf([], [])).toEqual([]);
});
