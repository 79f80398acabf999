import { expect, test } from 'vitest';
import { after, constraintsFor, troubleOf } from '../../src/routes/door/camera.ts';
import { cut } from '../../src/routes/door/decode.ts';
import { Wedge } from '../../src/routes/door/wedge.ts';

test('the rear camera is asked for first, but never insisted on', () => {
  expect(constraintsFor(null).video).toMatchObject({ facingMode: { ideal: 'environment' } });
});

test('a camera that was chosen is asked for by name', () => {
  expect(constraintsFor('front').video).toMatchObject({ deviceId: { exact: 'front' } });
});

test.each([
  ['NotAllowedError', 'refused'],
  ['NotReadableError', 'busy'],
  ['NotFoundError', 'none'],
  ['OverconstrainedError', 'none'],
])('%s is told as %s', (name, trouble) => {
  expect(troubleOf(new DOMException('', name))).toBe(trouble);
});

test('cameras change round and round', () => {
  const all = [{ deviceId: 'a' }, { deviceId: 'b' }];
  expect(after(all, 'a')).toBe('b');
  expect(after(all, 'b')).toBe('a');
  expect(after(all, null)).toBe('a');
  expect(after([{ deviceId: 'a' }], 'a')).toBeNull();
});

test('a frame is cut whole, then its middle, and never enlarged', () => {
  expect(cut(1280, 720, 0)).toEqual({ x: 0, y: 0, width: 1280, height: 720, scale: 0.75 });
  expect(cut(1280, 720, 1)).toEqual({ x: 388, y: 108, width: 504, height: 504, scale: 1 });
  expect(cut(320, 240, 0).scale).toBe(1);
});

test('a scanner that types is read when it presses Enter', () => {
  const wedge = new Wedge();
  let now = 0;
  for (const key of 'eyJhbGciOiJFZERTQSIs.abc') expect(wedge.key(key, (now += 8))).toBeNull();
  expect(wedge.key('Enter', now + 8)).toBe('eyJhbGciOiJFZERTQSIs.abc');
});

test('a person who types slowly is not a scanner', () => {
  const wedge = new Wedge();
  let now = 0;
  for (const key of 'a long sentence typed by hand') wedge.key(key, (now += 200));
  expect(wedge.key('Enter', now + 200)).toBeNull();
});
