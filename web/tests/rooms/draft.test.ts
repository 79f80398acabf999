import { expect, test } from 'vitest';
import type { Room } from '../../src/lib/api/types.ts';
import { draftOf, lines, NO_RATE, USUAL, wantedOf } from '../../src/lib/rooms/draft.ts';

const room = {
  kind: 'desk',
  name: 'Bureaux',
  description: null,
  capacity: 1,
  features: ['screen', 'four à pain'],
  access: 'Code 12',
  contact: null,
  units: [
    { id: 1, name: 'Bureau 1' },
    { id: 2, name: 'Bureau 2' },
  ],
  parts: [],
  rates: [{ ...NO_RATE, hour: 500, tier: 'solidaire', is_home: true }],
  policy: { ...USUAL, tiers: [{ hours_before: 24, fee_percent: 50 }] },
} as unknown as Room;

test('a room that is opened and saved stays as it was', () => {
  const { units, ...rest } = wantedOf(draftOf(room, ['screen']));
  const { units: theirs, ...was } = room;
  expect(units).toEqual(theirs.map(({ name }) => name));
  expect(rest).toEqual(was);
});

test('a draft is its own: what is typed changes no page', () => {
  const draft = draftOf(room, []);
  draft.policy.tiers.push({ hours_before: 2, fee_percent: 100 });
  draft.rates.push({ ...NO_RATE });
  expect([room.policy.tiers.length, room.rates.length]).toEqual([1, 1]);
});

test('a new room is free of charge, and for everybody of the network', () => {
  const wanted = wantedOf({ ...draftOf(undefined, []), name: ' Salle Rouge ' });
  expect(wanted).toMatchObject({ name: 'Salle Rouge', rates: [], units: [], description: null });
  expect(wanted.policy).toMatchObject({ audience: 'network', approval: 'never' });
});

test('lists are lines without blanks and doubles', () => {
  expect(lines(' Bureau 1 \n\nBureau 2\nBureau 1')).toEqual(['Bureau 1', 'Bureau 2']);
  expect(lines('four, , évier', /,/)).toEqual(['four', 'évier']);
});
