import { expect, test } from 'vitest';
import { frameOf, hoursOf, partsOf } from '../../src/lib/rooms/day.ts';

const DAY = '2026-11-24';
const taken = (from: string, to: string) => ({ local_start: `${DAY}T${from}`, local_end: `${DAY}T${to}` });

test('a day is free and taken in turn, from its opening to its closing', () => {
  const parts = partsOf(DAY, [{ opens: 540, closes: 1080 }], [taken('14:00', '16:00'), taken('08:00', '10:00')]);
  expect(parts).toEqual([
    { from: 540, to: 600, what: 'taken' },
    { from: 600, to: 840, what: 'free' },
    { from: 840, to: 960, what: 'taken' },
    { from: 960, to: 1080, what: 'free' },
  ]);
});

test('what touches or overlaps is one', () => {
  const busy = [taken('09:00', '11:00'), taken('10:00', '10:30'), taken('11:00', '12:00')];
  expect(partsOf(DAY, [{ opens: 540, closes: 720 }], busy)).toEqual([{ from: 540, to: 720, what: 'taken' }]);
});

test('a pool is taken where all its units are', () => {
  const busy = [taken('09:00', '11:00'), taken('10:00', '12:00')];
  expect(partsOf(DAY, [{ opens: 540, closes: 720 }], busy, 2)).toEqual([
    { from: 540, to: 600, what: 'free' },
    { from: 600, to: 660, what: 'taken' },
    { from: 660, to: 720, what: 'free' },
  ]);
});

test('a closed hour at noon is left out, and an evening may pass midnight', () => {
  const noon = partsOf(DAY, [{ opens: 540, closes: 720 }, { opens: 780, closes: 900 }], []);
  expect(noon.map(({ from, to }) => [from, to])).toEqual([[540, 720], [780, 900]]);
  const night = [{ local_start: '2026-11-25T01:00', local_end: '2026-11-25T03:00' }];
  expect(partsOf(DAY, [{ opens: 1080, closes: 1560 }], night).at(-1)).toEqual({ from: 1500, to: 1560, what: 'taken' });
});

test('a day that is closed has no parts, and a picture all the same', () => {
  expect(partsOf(DAY, [], [taken('09:00', '10:00')])).toEqual([]);
  expect(frameOf([])).toEqual({ from: 480, to: 1200 });
});

test('the picture stands on full hours, with a few of them written', () => {
  const frame = frameOf(partsOf(DAY, [{ opens: 510, closes: 1140 }], []));
  expect(frame).toEqual({ from: 480, to: 1200 });
  expect(hoursOf(frame)).toEqual([480, 600, 720, 840, 960, 1080, 1200]);
});
