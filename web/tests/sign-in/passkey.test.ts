import { expect, test } from 'vitest';
import { bytesOf, knowsPasskeys, offersPasskeys, refusalOf, textOf } from '../../src/routes/sign-in/passkey.ts';

test.each([
  ['', []],
  ['AA', [0]],
  ['_-8', [255, 239]],
  ['-_-_', [251, 255, 191]],
])('bytes are written as base64url without padding, and read again: %s', (text, bytes) => {
  expect([...bytesOf(text)]).toEqual(bytes);
  expect(textOf(Uint8Array.from(bytes).buffer)).toBe(text);
});

test('an attestation of many kilobytes is written too', () => {
  const many = new Uint8Array(200_000).fill(7);
  const again = bytesOf(textOf(many.buffer));
  expect([again.length, again.every((byte) => byte === 7)]).toEqual([200_000, true]);
});

test('a browser without passkeys is known as such, and offers none', async () => {
  expect(knowsPasskeys()).toBe(false);
  expect(await offersPasskeys()).toBe(false);
});

test.each([
  ['NotAllowedError', 'gaveUp'],
  ['AbortError', 'gaveUp'],
  ['InvalidStateError', 'there'],
  ['SecurityError', 'elsewhere'],
])('what a device refuses has words: %s', (name, refusal) => {
  expect(refusalOf(new DOMException('no', name))).toBe(refusal);
});

test('what our server or the network refuses is no refusal of the device', () => {
  expect(refusalOf(new Error('no answer'))).toBe(null);
});
