import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { safeNext, signInPath } from '../../src/lib/next.ts';

/** The server's tests read them too. */
const vectors = JSON.parse(
  readFileSync(new URL('../../../tests/vectors/next_paths.json', import.meta.url), 'utf8'),
) as { text: string; goes_to: string }[];

test.each(vectors)('$text leads to $goes_to', ({ text, goes_to }) => {
  expect(safeNext(text)).toBe(goes_to);
});

test('whatever is gone to is on this site', () => {
  for (const { text } of vectors) {
    const gone = new URL(safeNext(text), 'https://pass.example/sign-in');
    expect(gone.origin).toBe('https://pass.example');
    expect(gone.pathname.startsWith('//')).toBe(false);
  }
});

test('no path, and a path that is too long, are the home page', () => {
  const longest = `/${'a'.repeat(499)}`;
  expect(safeNext(null)).toBe('/');
  expect(safeNext(longest)).toBe(longest);
  expect(safeNext(`${longest}a`)).toBe('/');
});

test('the sign-in page is told where to come back to, in one parameter', () => {
  expect(signInPath('/')).toBe('/sign-in');
  expect(signInPath('//evil.example')).toBe('/sign-in');
  const path = signInPath('/members?q=a&place=1');
  expect(new URL(path, 'https://pass.example').searchParams.get('next')).toBe('/members?q=a&place=1');
});
