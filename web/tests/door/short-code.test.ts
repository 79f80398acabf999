import { expect, test } from 'vitest';
import { canonical, isSound, printed } from '../../src/routes/door/short-code.ts';

test('any case, O for 0, I and L for 1, hyphens and spaces are the same code', () => {
  expect(canonical(' k7m2-9qxo ')).toBe('K7M29QX0');
  expect(canonical('IL o0')).toBe('1100');
});

test('a code is printed in two groups', () => {
  expect(printed('k7m29qx4')).toBe('K7M2-9QX4');
  expect(printed('k7m')).toBe('K7M');
});

// 0000001 is 1, modulo 37: 1. 000000Z is 31: Z. 0000010 is 32: a sign that is never drawn.
test('the last character checks the other seven', () => {
  expect(isSound('0000-0011')).toBe(true);
  expect(isSound('0000-00ZZ')).toBe(true);
  expect(isSound('0000-0012')).toBe(false);
  expect(isSound('0000-0101')).toBe(false);
});

test('two characters swapped are noticed, and so is a missing one', () => {
  expect(isSound('0000-0101')).toBe(false);
  expect(isSound('0000001')).toBe(false);
  expect(isSound('U000-0011')).toBe(false);
});
