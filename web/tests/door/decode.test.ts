import { expect, test } from 'vitest';
import { all, cut, fallingBack, looks, startingAgain, type Decoder, type Picture } from '../../src/routes/door/decode.ts';

const picture = {} as Picture;
const area = all(640, 480);

function decoder(read: () => Promise<string[]>): Decoder & { closed: boolean } {
  return {
    whole: true,
    closed: false,
    read,
    close() {
      this.closed = true;
    },
  };
}
const failing = () => decoder(() => Promise.reject(new Error('no service')));

test('a frame is cut whole, then its middle', () => {
  expect(cut(1280, 720, 0)).toEqual({ x: 0, y: 0, width: 1280, height: 720, scale: 0.75 });
  expect(cut(1280, 720, 1)).toMatchObject({ x: 280, y: 0, width: 720, height: 720 });
});

test('the middle of a small frame is enlarged, for it is read better so, but never beyond what is read in time', () => {
  expect(cut(640, 480, 0).scale).toBe(1);
  expect(cut(640, 480, 1).scale).toBe(1.6);
  expect(cut(1280, 720, 1).scale).toBeCloseTo(1.33, 2);
  expect(cut(1920, 1440, 1).scale).toBeLessThan(1);
});

test('a large photo is looked at whole at several scales, and then in quarters that leave nothing out', () => {
  const looked = looks(4000, 3000);
  expect(looked.slice(0, 3).map((each) => Math.round(each.width * each.scale))).toEqual([960, 1920, 480]);
  const quarters = looked.slice(3);
  expect(quarters).toHaveLength(4);
  for (const [x, y] of [
    [0, 0],
    [3999, 2999],
    [2000, 1500],
    [0, 2999],
  ] as const) {
    const holds = (each: (typeof quarters)[number]) =>
      each.x <= x && x < each.x + each.width && each.y <= y && y < each.y + each.height;
    expect(quarters.some(holds)).toBe(true);
  }
});

test('no look at a photo is larger than a canvas of a phone may be', () => {
  for (const each of looks(12_000, 9000)) expect(each.width * each.height * each.scale ** 2).toBeLessThan(4_000_000);
});

test('a detector that fails three times gives way to the other decoder', async () => {
  const first = failing();
  const reading = fallingBack(first, () => decoder(async () => ['found']));
  await expect(reading.read(picture, area)).rejects.toThrow();
  await expect(reading.read(picture, area)).rejects.toThrow();
  expect(await reading.read(picture, area)).toEqual(['found']);
  expect(first.closed).toBe(true);
});

test('a detector that fails now and then stays', async () => {
  let turn = 0;
  const first = decoder(async () => {
    if (turn++ % 2 === 0) throw new Error('once');
    return ['own'];
  });
  const reading = fallingBack(first, failing);
  for (let pair = 0; pair < 5; pair++) {
    await expect(reading.read(picture, area)).rejects.toThrow('once');
    expect(await reading.read(picture, area)).toEqual(['own']);
  }
});

test('a decoder whose file could not be fetched is made anew for the next frame', async () => {
  const made = [failing(), decoder(async () => ['found'])];
  const [first] = made;
  const reading = startingAgain(() => made.shift() as Decoder);
  await expect(reading.read(picture, area)).rejects.toThrow();
  expect(await reading.read(picture, area)).toEqual(['found']);
  expect(first?.closed).toBe(true);
});
