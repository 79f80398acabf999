import { expect, test } from 'vitest';
import type { FreeRoom } from '../../src/lib/api/types.ts';
import { around, creditOf, hostOf, pinsOf } from '../../src/lib/rooms/map.ts';

const free = (id: number, place: string, latitude: number | null = null, distance_km: number | null = null) =>
  ({ distance_km, resource: { id, place: { id: place, latitude, longitude: latitude } } }) as unknown as FreeRoom;

test('rooms of one place share a pin, in the order in which they were found', () => {
  const { pins, elsewhere } = pinsOf([free(1, 'a', 49), free(2, 'b', 48), free(3, 'a', 49)]);
  expect(pins.map(({ at, rooms }) => [at, rooms.map(({ resource }) => resource.id)])).toEqual([
    [[49, 49], [1, 3]],
    [[48, 48], [2]],
  ]);
  expect(elsewhere).toBe(0);
});

test('a place without a position has no pin, and its rooms are counted; one at zero degrees has', () => {
  const { pins, elsewhere } = pinsOf([free(1, 'a'), free(2, 'a'), free(3, 'b', 0)]);
  expect([pins.length, elsewhere]).toEqual([1, 2]);
});

test.each([
  ['© OpenStreetMap https://osm.org/copyright', '© OpenStreetMap', 'https://osm.org/copyright'],
  ['© IGN', '© IGN', undefined],
  ['https://osm.org', 'https://osm.org', 'https://osm.org'],
  ['', '', undefined],
  ['© <b>Eux</b> http://plain.example', '© <b>Eux</b> http://plain.example', undefined],
])('a credit is words, and where they lead: %s', (said, words, href) => {
  expect(creditOf(said)).toEqual({ words, href });
});

test('the machine that is asked is named', () => {
  expect(hostOf('https://tiles.example.org:8443/{z}/{x}/{y}.png')).toBe('tiles.example.org:8443');
});

test.each([
  ['those around, where one is beyond the sea', [0, 26, 9476], [0, 26]],
  ['the nearest, where all are far', [900, 9476], [900]],
  ['all of them, where nobody looks near a place', [null, null], [null, null]],
])('a map shows first %s', (_, far, first) => {
  const { pins } = pinsOf(far.map((km, index) => free(index, `place ${index}`, index, km)));
  expect(around(pins).map(({ rooms }) => rooms[0]?.distance_km)).toEqual(first);
});
