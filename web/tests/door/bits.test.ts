import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { keysOf } from '../../src/routes/door/rules/known.ts';
import { verifyPass } from '../../src/routes/door/rules/pass.ts';
import { byNoble, byWebCrypto, type Verify } from '../../src/routes/door/rules/verify.ts';

const { context, cases } = JSON.parse(
  readFileSync(new URL('../../../tests/vectors/passes.json', import.meta.url), 'utf8'),
) as {
  context: { network: string; jwks: { keys: { kid: string; x: string }[] } };
  cases: { name: string; text: string; at: string }[];
};
const { network } = context;
const keys = keysOf(context.jwks.keys);
const vector = (name: string) => cases.find((each) => each.name === name) as { text: string; at: string };
const card = vector('a good card');
const live = vector('a live pass');
const read = (text: string, at: string, verify: Verify) =>
  verifyPass(text, Date.parse(at), { network, keys, place: 'GARE', cards: true, verify });

const BASE45 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
const numberOf = (symbols: string) => [...symbols].reduceRight((sum, symbol) => sum * 45 + BASE45.indexOf(symbol), 0);
const write = (number: number, length: number): string =>
  length ? BASE45[number % 45] + write(Math.floor(number / 45), length - 1) : '';

/** Every text that stands for a live pass with one bit flipped: base45 groups hold two bytes, the last may hold one. */
function* flippedLives(text: string): Generator<string> {
  for (let at = 'CP1:'.length; at < text.length; at += 3) {
    const group = text.slice(at, at + 3);
    for (let bit = 0; bit < (group.length - 1) * 8; bit++) {
      yield text.slice(0, at) + write(numberOf(group) ^ (1 << bit), group.length) + text.slice(at + 3);
    }
  }
}

/** Every token with one bit flipped in the bytes of one of its three parts. */
function* flippedCards(text: string): Generator<string> {
  const parts = text.split('.').map((part) => Buffer.from(part, 'base64url'));
  for (const [which, part] of parts.entries()) {
    for (let bit = 0; bit < part.length * 8; bit++) {
      const flipped = Buffer.from(part);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      yield parts.map((each, at) => (at === which ? flipped : each).toString('base64url')).join('.');
    }
  }
}

/** Every text with one character taken away, doubled, or changed to the next one. */
function* misread(text: string): Generator<string> {
  for (let at = 0; at < text.length; at++) {
    const [before, symbol, after] = [text.slice(0, at), text[at] as string, text.slice(at + 1)];
    yield before + after;
    yield before + symbol + symbol + after;
    yield before + String.fromCharCode(symbol.charCodeAt(0) + 1) + after;
  }
}

describe.each(Object.entries({ WebCrypto: byWebCrypto, noble: byNoble }))('with %s', (_name, verify) => {
  test.each([
    ['a card', card, flippedCards, 1300],
    ['a live pass', live, flippedLives, 2300],
  ])('%s with any one bit flipped is no good pass', async (_what, { text, at }, flipped, many) => {
    expect((await read(text, at, verify)).refused).toBeUndefined();
    const texts = [...flipped(text)];
    expect(texts.length).toBeGreaterThan(many);
    const shown = await Promise.all(texts.map((each) => read(each, at, verify)));
    expect(texts.filter((_, which) => shown[which]?.refused === undefined)).toEqual([]);
  }, 60_000);
});

test.each([
  ['a card', card],
  ['a live pass', live],
])('%s with any one character misread is no good pass', async (_what, { text, at }) => {
  const texts = [...misread(text)];
  const shown = await Promise.all(texts.map((each) => read(each, at, byWebCrypto)));
  expect(texts.filter((_, which) => shown[which]?.refused === undefined)).toEqual([]);
});

test('what is flipped in the step or the proof is a proof that is missing, and the pass is known all the same', async () => {
  const inTheProof = [...flippedLives(live.text)].slice(-64 * 8 - 32 + 8);
  const shown = await Promise.all(inTheProof.map((each) => read(each, live.at, byWebCrypto)));
  expect(new Set(shown.map(({ refused }) => refused))).toEqual(new Set(['proof_missing']));
  expect(shown.every(({ pass }) => pass?.plan === 'FULL')).toBe(true);
});
