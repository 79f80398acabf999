import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { englishFirst } from '../../src/lib/i18n/en-first.ts';
import { englishOffice } from '../../src/lib/i18n/en-office.ts';
import { frenchFirst } from '../../src/lib/i18n/fr-first.ts';
import { frenchOffice } from '../../src/lib/i18n/fr-office.ts';
import { routes } from '../../src/routes.ts';

const SRC = resolve(import.meta.dirname, '../../src');

/** A file and all that it imports, at once or later, as far as they are ours. */
function reached(entry: string, seen = new Set<string>()): Set<string> {
  if (seen.has(entry) || !existsSync(entry) || entry.includes('/i18n/')) return seen;
  seen.add(entry);
  for (const [, wanted = ''] of readFileSync(entry, 'utf8').matchAll(/(?:from |import\()'([^']+)'/g)) {
    if (wanted.startsWith('$lib/')) reached(join(SRC, 'lib', wanted.slice(5)), seen);
    else if (wanted.startsWith('.')) reached(resolve(dirname(entry), wanted), seen);
  }
  return seen;
}

/** The parts of the dictionary that a file reads by their names. */
function partsRead(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const isWhole = /\bt = \$derived\(i18n\.t\)/.test(text) || /\bt: Dictionary\b/.test(text);
  const read = [...text.matchAll(/\bi18n\.t\.(\w+)/g), ...(isWhole ? text.matchAll(/(?<![\w.])t\.(\w+)/g) : [])];
  return read.map(([, part = '']) => part);
}

// As it is written: what runs here is another text.
const firstPages = [
  ...readFileSync(join(SRC, 'routes.ts'), 'utf8').matchAll(/import\('\.\/([^']+)'\)[^\n]*first: true/g),
].map(([, page = '']) => join(SRC, page));

test('the pass, the door and arriving are the pages that wait for nothing else', () => {
  expect(routes.filter((route) => route.first).map(({ pattern }) => pattern)).toEqual(['/pass', '/arrive', '/door']);
  expect(firstPages.map((page) => existsSync(page))).toEqual([true, true, true]);
});

test('whatever the first pages reach says only what is loaded with them', () => {
  const later = new Set(Object.keys(frenchOffice));
  // Routes are entries of their own: App loads the rest of the words before it shows one that is not a first page.
  const files = [...firstPages, join(SRC, 'lib/ui/Header.svelte'), join(SRC, 'lib/ui/Tabs.svelte')].flatMap((page) => [
    ...reached(page, new Set([join(SRC, 'routes.ts')])),
  ]);
  const missing = [...new Set(files)]
    .filter((file) => existsSync(file) && !file.endsWith('routes.ts'))
    .flatMap((file) => partsRead(file).filter((part) => later.has(part)).map((part) => `${file.slice(SRC.length)}: ${part}`));
  expect(missing).toEqual([]);
});

test('no part of the dictionary is said twice, and both languages have the same parts', () => {
  expect(Object.keys(frenchFirst).filter((part) => part in frenchOffice)).toEqual([]);
  expect(Object.keys(englishFirst).sort()).toEqual(Object.keys(frenchFirst).sort());
  expect(Object.keys(englishOffice).sort()).toEqual(Object.keys(frenchOffice).sort());
});
