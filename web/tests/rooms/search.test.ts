import { expect, test } from 'vitest';
import { addressOf, asked, askedOfDay, byDistance, roomAt, searchFrom } from '../../src/lib/rooms/search.ts';

const TODAY = '2026-11-23';
const from = (text: string) => searchFrom(new URLSearchParams(text), TODAY);

test('an address holds the whole search, and says it again', () => {
  const search = from(
    'start=2026-11-24T09:00&end=2026-11-24T12:00&people=6&where=me&kind=room&features=screen,wheelchair&flexible=120',
  );
  expect(search).toMatchObject({ people: 6, where: 'me', kind: 'room', features: ['screen', 'wheelchair'], flexible: 120 });
  expect(searchFrom(new URL(addressOf(search), 'http://here').searchParams, TODAY)).toEqual(search);
  // A room's page holds it too: the way back.
  expect(roomAt(12, search)).toBe(addressOf(search).replace('/rooms?', '/rooms/12?'));
});

test('what an address says badly is as usual', () => {
  const usual = from('');
  expect(usual).toMatchObject({ start: '2026-11-24T14:00', people: 2, where: 'home', kind: '', features: [] });
  expect(from('start=soon&end=2026-11-24T12:00&people=-3&kind=castle')).toEqual(usual);
  expect(from('start=2026-11-24T12:00&end=2026-11-24T09:00')).toEqual(usual);
});

test('near their place, near this phone, in one place or anywhere', () => {
  const search = from('');
  expect(asked(search, 'mine', undefined)).toMatchObject({ near: 'mine', start: '2026-11-24T14:00' });
  expect(asked(search, undefined, undefined)).not.toHaveProperty('near');
  const here = { latitude: 49.4, longitude: 1.1 };
  expect(asked({ ...search, where: 'me' }, 'mine', here)).toMatchObject(here);
  expect(asked({ ...search, where: 'moulin' }, 'mine', here)).toMatchObject({ place: ['moulin'] });
  expect(asked({ ...search, where: 'all' }, 'mine', here)).toEqual({
    start: search.start,
    end: search.end,
    people: 2,
    limit: 50,
  });
});

test('of a day the same is asked, but for the hours', () => {
  const search = from('start=2026-11-24T09:00&end=2026-11-24T12:00&people=6&kind=room&flexible=120');
  expect(askedOfDay(search, 'mine', undefined)).toEqual({
    day: '2026-11-24',
    people: 6,
    limit: 50,
    kind: 'room',
    near: 'mine',
  });
});

test('what is nearby comes apart from what is far away, unless all of it is', () => {
  const [here, unknown, far] = [{ distance_km: 12 }, { distance_km: null }, { distance_km: 9476 }];
  expect(byDistance([here, unknown, far])).toEqual([[here, unknown], [far]]);
  expect(byDistance([far, far])).toEqual([[far, far], []]);
  expect(byDistance([])).toEqual([[], []]);
});
