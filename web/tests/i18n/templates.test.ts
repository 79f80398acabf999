import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { en } from '../../src/lib/i18n/en.ts';
import { fr } from '../../src/lib/i18n/fr.ts';

const SOURCES = join(import.meta.dirname, '../../src');
const sources = (ending: RegExp) =>
  readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name) && !name.startsWith(join('lib', 'i18n')))
    .map((name) => ({ name, text: readFileSync(join(SOURCES, name), 'utf8') }));

/** What a page would show between two lines: French keeps these signs to the word before them, or after. */
const LOOSE = / [;:!?»]|« |[^\s]»|«[^\s]/u;

/** Every sentence of a dictionary; those made by functions with names, with numbers or with lists. */
function sentences(entry: unknown): string[] {
  if (typeof entry === 'string') return [entry];
  if (typeof entry === 'function')
    return ['Le Hangar', 2, ['Le Hangar']].flatMap((given) => {
      try {
        return [entry(given, given, given, given, given) as unknown].filter((said) => typeof said === 'string');
      } catch {
        return [];
      }
    });
  return Object.values(entry as object).flatMap(sentences);
}

/** The words of a page that stand in its markup, without what is worked out. */
function markup(source: string): string {
  let depth = 0;
  const bare = source.replace(/<(script|style)[^>]*>.*?<\/\1>|<!--.*?-->/gs, '');
  const words = [...bare].filter((sign) => {
    if (sign === '{') depth += 1;
    const shown = depth === 0;
    if (sign === '}') depth -= 1;
    return shown || sign === '}';
  });
  return words.join('').replace(/<[^>]*>/g, '');
}

describe('French signs never begin or end a line alone', () => {
  test('in the dictionary', () => {
    const said = sentences(fr);
    expect(said.length).toBeGreaterThan(2000);
    expect(said.filter((sentence) => LOOSE.test(sentence))).toEqual([]);
  });

  test('in the pages, which take their sentences from it whole', () => {
    const pages = sources(/\.svelte$/);
    expect(pages.length).toBeGreaterThan(150);
    const loose = pages.filter(({ text }) => /\S +[;:!?]|[«»]/u.test(markup(text)));
    expect(loose.map(({ name }) => name)).toEqual([]);
  });

  test('in the code, which quotes nothing by itself', () => {
    const quoting = sources(/\.(ts|svelte)$/).filter(({ text }) =>
      /[«»]/.test(text.replace(/\/\*.*?\*\/|<!--.*?-->/gs, '').replace(/\/\/.*$/gm, '')),
    );
    expect(quoting.map(({ name }) => name)).toEqual([]);
  });

  test('and English has quotation marks of its own', () => {
    expect(sentences(en).filter((sentence) => /[«»]/.test(sentence))).toEqual([]);
  });
});
