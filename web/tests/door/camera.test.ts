import { expect, test } from 'vitest';
import {
  after,
  Camera,
  constraintsFor,
  platformOf,
  sameCamera,
  STILL_FOR,
  Stillness,
  troubleOf,
} from '../../src/routes/door/camera.ts';

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

test('a tablet that stands alone looks at who stands before it', () => {
  expect(constraintsFor(null, 'user').video).toMatchObject({ facingMode: { ideal: 'user' } });
});

test('cameras change round and round', () => {
  const all = [{ deviceId: 'a' }, { deviceId: 'b' }];
  expect(after(all, 'a')).toBe(all[1]);
  expect(after(all, 'b')).toBe(all[0]);
  expect(after(all, null)).toBe(all[0]);
  expect(after([{ deviceId: 'a' }], 'a')).toBeNull();
});

const device = (deviceId: string, label: string) => ({ deviceId, label }) as MediaDeviceInfo;

test('a camera that was chosen is known by its name where its id is new at each visit', () => {
  const all = [device('1', 'Front'), device('2', 'Back')];
  expect(sameCamera(all, { id: '1', label: 'Back' })).toBe('1');
  expect(sameCamera(all, { id: 'before', label: 'Back' })).toBe('2');
  expect(sameCamera(all, { id: 'before', label: 'Wide' })).toBeNull();
  expect(sameCamera([device('3', '')], { id: 'before', label: '' })).toBeNull();
});

/** A camera that can do so much, and writes down what it is told. */
function cameraThatCan(able: object): { camera: Camera; told: object[] } {
  const told: object[] = [];
  const track = {
    getCapabilities: () => able,
    getSettings: () => ({}),
    applyConstraints: async (wish: { advanced: object[] }) => void told.push(...wish.advanced),
  };
  return { camera: new Camera({ getVideoTracks: () => [track] } as unknown as MediaStream), told };
}

test('a camera that can focus by itself is told to from the start', () => {
  const { told } = cameraThatCan({ focusMode: ['continuous', 'single-shot'] });
  expect(told).toEqual([{ focusMode: 'continuous' }]);
});

test('a camera without lamp, zoom or focus offers none', () => {
  const { camera } = cameraThatCan({ zoom: { min: 1, max: 1 }, focusMode: ['continuous'] });
  expect([camera.hasTorch, camera.zoomRange, camera.canFocus]).toEqual([false, null, false]);
});

test('a camera looks as near as it is told to', async () => {
  const { camera, told } = cameraThatCan({ torch: true, zoom: { min: 1, max: 8, step: 0.1 } });
  expect([camera.hasTorch, camera.zoomRange?.max, camera.zoomNow]).toEqual([true, 8, 1]);
  await camera.zoom(2.5);
  expect(told).toEqual([{ zoom: 2.5 }]);
});

test('a video that stands still is noticed, and one that goes on never is', () => {
  const stillness = new Stillness();
  expect(stillness.isStill(1, 0)).toBe(false);
  expect(stillness.isStill(2, STILL_FOR * 2)).toBe(false);
  expect(stillness.isStill(2, STILL_FOR * 3 - 1)).toBe(false);
  expect(stillness.isStill(2, STILL_FOR * 3)).toBe(true);
});

test.each([
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)', 5, 'ios'],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)', 5, 'ios'],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)', 0, 'computer'],
  ['Mozilla/5.0 (Linux; Android 15; K)', 5, 'android'],
  ['Mozilla/5.0 (X11; Linux x86_64)', 0, 'computer'],
])('%s with %i fingers is helped as %s', (agent, fingers, platform) => {
  expect(platformOf(agent, fingers)).toBe(platform);
});
