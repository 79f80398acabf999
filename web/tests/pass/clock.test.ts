/** The server's time on a phone whose clock is wrong, is set, or sleeps. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.stubGlobal('location', { origin: 'http://pass.example.org' });
const { api } = await import('../../src/lib/api/client.ts');
const { listenForTime, ServerClock } = await import('../../src/routes/pass/clock.svelte.ts');

const SERVER = Date.parse('2026-11-18T10:00:00.700Z');
const HOUR = 3_600_000;
const page = Object.assign(new EventTarget(), { hidden: false, documentElement: { lang: 'fr' } });

let clock: InstanceType<typeof ServerClock>;
/** What the phone's clock and its counter say. */
let date: number;
let ticks: number;

beforeEach(() => {
  [date, ticks, page.hidden] = [SERVER, 5000, false];
  vi.spyOn(Date, 'now').mockImplementation(() => date);
  vi.spyOn(performance, 'now').mockImplementation(() => ticks);
  vi.stubGlobal('document', page);
  clock = new ServerClock();
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Time goes by. */
function after(milliseconds: number): void {
  date += milliseconds;
  ticks += milliseconds;
}
/** The phone's clock is set, in its settings or by its network. */
const set = (by: number) => void (date += by);
/** The phone sleeps: its counter stops. */
const sleep = set;

/** The server answers after so long. */
function hear(said: number, took = 0, options = {}): void {
  const asked = clock.instant();
  after(took);
  clock.heard(said, asked, options);
}

test('the server says how wrong the clock is: half way between asking and hearing', () => {
  set(-10 * 60_000);
  hear(SERVER + 400, 800);
  expect(clock.behind).toBe(10 * 60_000);
  expect(clock.now()).toBe(SERVER + 800);
});

test('what was kept from the last time holds until the server says better', () => {
  clock.recall(5000);
  expect(clock.behind).toBe(5000);
  hear(SERVER);
  clock.recall(5000);
  expect(clock.behind).toBe(0);
});

test('a header in whole seconds is no news after an exact answer, unless the clock was set', () => {
  hear(SERVER);
  hear(SERVER + 1500, 0, { exact: false });
  expect(clock.behind).toBe(0);
  hear(SERVER + 60_000, 0, { exact: false });
  expect(clock.behind).toBe(60_000);
});

test.each([
  ['a phone that slept between asking and hearing', () => sleep(HOUR)],
  ['a clock that was set between asking and hearing', () => set(-HOUR)],
  ['an answer that took half a minute', () => after(30_000)],
])('%s tells nothing of the time', (_what, happens) => {
  hear(SERVER);
  const asked = clock.instant();
  happens();
  clock.heard(SERVER + 5 * HOUR, asked);
  expect(clock.behind).toBe(0);
});

test('a slow answer is better than none', () => {
  set(-HOUR);
  hear(SERVER + 7000, 14_000);
  expect(clock.behind).toBe(HOUR);
});

test('an answer that says no time changes nothing', () => {
  hear(SERVER);
  hear(Number.NaN);
  expect(clock.behind).toBe(0);
});

test.each([
  ['ahead', HOUR],
  ['back', -HOUR],
])('a clock that is set %s while the page is open changes nothing of the server’s time', (_where, by) => {
  hear(SERVER);
  after(60_000);
  set(by);
  expect(clock.look()).toBe(true);
  expect(clock.now()).toBe(SERVER + 60_000);
  expect(clock.look()).toBe(false);
});

test('a phone that sleeps is as wrong as before, and the server is asked', () => {
  set(-600_000);
  hear(SERVER);
  page.hidden = true;
  clock.leave();
  sleep(2 * HOUR);
  page.hidden = false;
  expect(clock.look()).toBe(true);
  expect(clock.behind).toBe(600_000);
});

test('a clock that was slow and is set right while the page is hidden is right from then on', () => {
  set(-600_000);
  hear(SERVER);
  page.hidden = true;
  clock.leave();
  after(30_000);
  set(600_000 + 3000);
  page.hidden = false;
  clock.look();
  expect(clock.behind).toBe(-3000);
});

test('a clock that was fast and is set right while the page is hidden is right from then on', () => {
  set(600_000);
  hear(SERVER);
  page.hidden = true;
  clock.leave();
  after(30_000);
  set(-600_000);
  clock.look();
  expect(clock.behind).toBe(0);
});

test('a second that goes by unevenly is no jump, and many of them are', () => {
  hear(SERVER);
  for (const _ of [1, 2]) {
    set(900);
    expect(clock.look()).toBe(false);
  }
  set(900);
  expect(clock.look()).toBe(true);
  expect(clock.behind).toBe(-2700);
});

test('every answer of the server says the time, while the page listens', async () => {
  const headers = { Date: new Date(SERVER + HOUR - 700).toUTCString() };
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json({}, { headers })));
  const deaf = listenForTime(clock);
  await api.GET('/api/v1/network');
  expect(clock.behind).toBe(HOUR - 200);
  deaf();
  set(HOUR);
  await api.GET('/api/v1/network');
  expect(clock.behind).toBe(HOUR - 200);
});

test('a page that was hidden may have slept', () => {
  const deaf = listenForTime(clock);
  hear(SERVER);
  page.dispatchEvent(new Event('visibilitychange'));
  sleep(HOUR);
  clock.look();
  expect(clock.behind).toBe(0);
  deaf();
});
