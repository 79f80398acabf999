import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { looksSpoilt, Wedge, type Key } from '../../src/routes/door/wedge.ts';

const JWT = 'eyJhbGciOiJFZERTQSIs.abc_DEF-012.xyz';
const LIVE = 'CP1:0A9 $%*+-./:BZQWM7 6E  ';

/** Where each character stands on a US keyboard, as the scanner presses it. */
const US: Record<string, [code: string, shift: boolean]> = {
  ' ': ['Space', false],
  $: ['Digit4', true],
  '%': ['Digit5', true],
  '*': ['Digit8', true],
  '+': ['Equal', true],
  '-': ['Minus', false],
  _: ['Minus', true],
  '.': ['Period', false],
  '/': ['Slash', false],
  ':': ['Semicolon', true],
};

/** What a French computer reads when these keys are pressed. */
const READ_AS_FRENCH: Record<string, string> = {
  Space: '  ',
  Digit0: 'à0',
  Digit1: '&1',
  Digit2: 'é2',
  Digit4: "'4",
  Digit5: '(5',
  Digit6: '-6',
  Digit7: 'è7',
  Digit8: '_8',
  Digit9: 'ç9',
  KeyA: 'qQ',
  KeyQ: 'aA',
  KeyW: 'zZ',
  KeyZ: 'wW',
  KeyM: ',?',
  Semicolon: 'mM',
  Equal: '=+',
  Minus: ')°',
  Period: ':/',
  Slash: '!§',
};

function pressed(character: string, readAs: (code: string, shift: boolean) => string | undefined): Key {
  const letter = /[a-z]/i.test(character);
  const [code, shiftKey] = letter
    ? [`Key${character.toUpperCase()}`, character === character.toUpperCase()]
    : (US[character] ?? [`Digit${character}`, false]);
  return { code, shiftKey, key: readAs(code, shiftKey) ?? character };
}
const asTyped = () => undefined;
const asFrench = (code: string, shift: boolean) => READ_AS_FRENCH[code]?.[shift ? 1 : 0];
const plain = (key: string): Key => ({ key, code: '', shiftKey: false });

let heard: string[][] = [];
let now = 0;
const listening = () => new Wedge((texts) => heard.push(texts));

function type(wedge: Wedge, text: string, readAs = asTyped as typeof asFrench, every = 8): boolean[] {
  return [...text].map((character) => wedge.key(pressed(character, readAs), (now += every)));
}

beforeEach(() => {
  heard = [];
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test.each(['Enter', 'Tab'])('a scanner that types is read when it presses %s', (end) => {
  const wedge = listening();
  type(wedge, JWT);
  wedge.key(plain(end), (now += 8));
  expect(heard).toHaveLength(1);
  expect(heard[0]).toContain(JWT);
});

test('a live pass keeps the spaces in it, and those it ends with', () => {
  const wedge = listening();
  type(wedge, LIVE);
  wedge.key(plain('Enter'), (now += 8));
  expect(heard[0]?.[0]).toBe(LIVE);
});

test.each([JWT, LIVE])('what a US scanner types into a French computer is set right: %s', (text) => {
  const wedge = listening();
  type(wedge, text, asFrench);
  wedge.key(plain('Enter'), (now += 8));
  expect(heard[0]?.[0]).not.toBe(text);
  expect(heard[0]).toContain(text);
});

test('what a French scanner types into a US computer is set right', () => {
  const wedge = listening();
  // CP1:AZ 0 as a French keyboard presses it, on a computer that takes it for a US one.
  const keys: [key: string, code: string, shift: boolean][] = [
    ['C', 'KeyC', true],
    ['P', 'KeyP', true],
    ['!', 'Digit1', true],
    ['.', 'Period', false],
    ...Array.from({ length: 8 }, (): [string, string, boolean][] => [
      ['Q', 'KeyQ', true],
      [' ', 'Space', false],
      [')', 'Digit0', true],
    ]).flat(),
  ];
  for (const [key, code, shiftKey] of keys) wedge.key({ key, code, shiftKey }, (now += 8));
  wedge.key(plain('Enter'), (now += 8));
  expect(heard[0]).toContain(`CP1:${'A 0'.repeat(8)}`);
});

test('a scanner that ends with nothing is read after a pause', () => {
  const wedge = listening();
  type(wedge, LIVE);
  expect(heard).toEqual([]);
  vi.advanceTimersByTime(600);
  expect(heard[0]?.[0]).toBe(LIVE);
});

test('a person who types slowly is not a scanner', () => {
  const wedge = listening();
  expect(type(wedge, 'a long sentence typed by hand', undefined, 200).some(Boolean)).toBe(false);
  expect(wedge.key(plain('Enter'), (now += 200))).toBe(false);
  vi.advanceTimersByTime(600);
  expect(heard).toEqual([]);
});

test('the spaces and the line ends of a scanner press no button of the page', () => {
  const wedge = listening();
  const ours = type(wedge, LIVE);
  expect(ours.slice(4).every(Boolean)).toBe(true);
  expect(wedge.key(plain('Enter'), (now += 8))).toBe(true);
  expect(wedge.key(plain('Enter'), (now += 8))).toBe(true);
  expect(wedge.key(plain('Enter'), (now += 2000))).toBe(false);
});

test('a short word is nobody’s pass', () => {
  const wedge = listening();
  type(wedge, 'hello');
  wedge.key(plain('Enter'), (now += 8));
  expect(heard).toEqual([]);
});

test('only a text as long as a pass is said to be spoilt by a keyboard', () => {
  expect(looksSpoilt(['&'.repeat(200)])).toBe(true);
  expect(looksSpoilt(['3017620422003'])).toBe(false);
  expect(looksSpoilt([`https://example.org/${'a'.repeat(200)}`])).toBe(false);
});
