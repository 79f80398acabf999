import { beforeEach, expect, test, vi } from 'vitest';
import { forgetPosterCode, posterCode } from '../../src/routes/arrive/poster-code.ts';

const NOW = Date.UTC(2026, 10, 22, 8);
const MINUTES = 60_000;

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  });
});

test('the code of the address is the poster’s, and survives signing in', () => {
  expect(posterCode('#abc', NOW)).toBe('abc');
  expect(posterCode('', NOW + 20 * MINUTES)).toBe('abc');
});

test('a code that was read long ago is not used from home', () => {
  posterCode('#abc', NOW);
  expect(posterCode('', NOW + 31 * MINUTES)).toBeNull();
  expect(posterCode('', NOW)).toBeNull();
});

test('another poster’s code takes the place of the one before', () => {
  posterCode('#abc', NOW);
  expect(posterCode('#xyz', NOW)).toBe('xyz');
});

test('a code that was used is forgotten', () => {
  posterCode('#abc', NOW);
  forgetPosterCode();
  expect(posterCode('', NOW)).toBeNull();
});
