import { generateKeyPairSync, sign } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { byNoble, byWebCrypto, type Bytes } from '../../src/routes/door/rules/verify.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const bytesOf = (buffer: Uint8Array): Bytes => Uint8Array.from(buffer);
const data = bytesOf(Buffer.from('hello'));
/** A key, and its signature of something. */
const GOOD = [
  bytesOf(Buffer.from(publicKey.export({ format: 'jwk' }).x as string, 'base64url')),
  bytesOf(sign(null, data, privateKey)),
  data,
] as const;

afterEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
});

test('a browser with Ed25519 verifies by itself', async () => {
  const rules = await import('../../src/routes/door/rules/verify.ts');
  expect(await rules.verifier()).toBe(rules.byWebCrypto);
});

test('a browser without Ed25519 verifies with noble, and asks for it once', async () => {
  const missing = vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(new DOMException('', 'NotSupportedError'));
  const rules = await import('../../src/routes/door/rules/verify.ts');
  const [first, second] = await Promise.all([rules.verifier(), rules.verifier()]);
  expect([first, second]).toEqual([rules.byNoble, rules.byNoble]);
  expect(missing).toHaveBeenCalledOnce();
  expect(await first(...GOOD)).toBe(true);
});

test.each([byWebCrypto, byNoble])('a key or a signature that cannot be one verifies nothing', async (verify) => {
  const bytes = (length: number) => new Uint8Array(length).fill(255);
  for (const [key, signature] of [[0, 64], [31, 64], [32, 0], [32, 63], [32, 64], [33, 65]] as const)
    expect(await verify(bytes(key), bytes(signature), bytes(3))).toBe(false);
});

test('noble reads as RFC 8032 does: with a key of small order, one signature would be good for every message', async () => {
  const neutral = new Uint8Array(32).fill(1, 0, 1);
  const signature = new Uint8Array(64).fill(1, 0, 1);
  expect(await byNoble(neutral, signature, new Uint8Array(3))).toBe(false);
});
