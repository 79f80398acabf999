import { expect, test } from 'vitest';
import { Gate, LEFT_AFTER, NOT_AGAIN_BEFORE } from '../../src/routes/door/gate.ts';

test('a code that stays in front of the lens goes through once', () => {
  const gate = new Gate();
  const through = [];
  for (let now = 0; now <= 30_000; now += 100) if (gate.admits('pass', now)) through.push(now);
  expect(through).toEqual([0]);
});

test('a code that left and comes back later goes through again', () => {
  const gate = new Gate();
  expect(gate.admits('pass', 0)).toBe(true);
  expect(gate.admits('pass', NOT_AGAIN_BEFORE)).toBe(true);
});

test('a code that comes back too soon is still the same showing', () => {
  const gate = new Gate();
  gate.admits('pass', 0);
  expect(gate.admits('pass', LEFT_AFTER + 1)).toBe(false);
});

test('a flicker of the decoder is not a leaving', () => {
  const gate = new Gate();
  for (let now = 0; now <= 20_000; now += LEFT_AFTER - 100) expect(gate.admits('pass', now)).toBe(now === 0);
});

test('another code goes through at once, and the first one stays closed', () => {
  const gate = new Gate();
  gate.admits('one', 0);
  expect(gate.admits('other', 100)).toBe(true);
  expect(gate.admits('one', 200)).toBe(false);
});

test('a code that stays behind another one is still the same showing, and nothing more', () => {
  const gate = new Gate();
  gate.admits('pass', 0);
  for (let now = 0; now <= 20_000; now += 100) gate.stays('pass', now);
  gate.stays('other', 20_000);
  expect([gate.admits('pass', 20_100), gate.admits('other', 20_100)]).toEqual([false, true]);
});

test('a forgotten code may be shown again at once', () => {
  const gate = new Gate();
  gate.admits('pass', 0);
  gate.forget('pass');
  expect(gate.admits('pass', 50)).toBe(true);
});
