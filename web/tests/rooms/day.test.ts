import { expect, test } from 'vitest';
import { after, chosenOf, dayFrame, frameOf, hoursOf, partsOf, shareOf, tappedOf } from '../../src/lib/rooms/day.ts';

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

test('what is over of today is left out', () => {
  const parts = partsOf(DAY, [{ opens: 540, closes: 1080 }], [taken('10:00', '11:00')]);
  expect(after(parts, 630)).toEqual([
    { from: 630, to: 660, what: 'taken' },
    { from: 660, to: 1080, what: 'free' },
  ]);
  expect(after(parts, 1080)).toEqual([]);
  expect(after(parts, -1440)).toEqual(parts);
});

test.each([
  ['the time that is wanted, where it is free', { from: 540, to: 1080 }, { from: 840, to: 960 }],
  ['as early as can be, where that is later', { from: 900, to: 1080 }, { from: 900, to: 1020 }],
  ['as late as can be, where that is earlier', { from: 540, to: 720 }, { from: 600, to: 720 }],
  ['all of a stretch that is shorter', { from: 900, to: 960 }, { from: 900, to: 960 }],
  ['from a full quarter on, after what is set up again', { from: 850, to: 1080 }, { from: 855, to: 975 }],
  ['all of a stretch within a quarter', { from: 901, to: 910 }, { from: 901, to: 910 }],
])('a tap on a free stretch takes %s', (_, free, found) => {
  expect(chosenOf(free, { from: 840, to: 960 })).toEqual(found);
});

test('a tap takes the half hour under the finger, and on what is wanted that, within what is free', () => {
  const [free, wanted] = [
    { from: 540, to: 1080 },
    { from: 840, to: 960 },
  ];
  expect(tappedOf(free, wanted, 619)).toEqual({ from: 600, to: 720 });
  expect(tappedOf(free, wanted, 950)).toEqual(wanted);
  expect(tappedOf(free, wanted, 1075)).toEqual({ from: 960, to: 1080 });
});

test('one frame for many rooms leaves out nights that are nothing but open, not what is wanted at night', () => {
  const always = [{ from: 0, to: 1440, what: 'free' as const }];
  const usual = [{ from: 540, to: 1080, what: 'free' as const }];
  expect(dayFrame([usual], { from: 840, to: 960 })).toMatchObject({ from: 540 });
  expect(dayFrame([always, usual], { from: 840, to: 960 })).toMatchObject({ from: 420, to: 1380 });
  expect(dayFrame([always], { from: 120, to: 240 }).from).toBe(120);
});

test('a stretch has its share of the frame, and none outside of it', () => {
  const frame = { from: 480, to: 1080 };
  expect(shareOf({ from: 540, to: 600 }, frame)).toEqual({ left: 10, width: 10 });
  expect(shareOf({ from: 0, to: 540 }, frame)).toEqual({ left: 0, width: 10 });
  expect(shareOf({ from: 1080, to: 1200 }, frame)).toBeUndefined();
});
