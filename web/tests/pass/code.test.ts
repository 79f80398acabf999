/** What a QR code that changes says, and when it says nothing any more. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Pass } from '../../src/lib/api/types.ts';
import { readLive } from '../../src/lib/pass/transport.ts';
import type { LiveKey } from '../../src/routes/pass/keys.ts';

const NOW = Date.parse('2026-11-18T10:00:00Z');
const part = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
const jwt = [part(Buffer.from('{"alg":"EdDSA"}')), part(Buffer.from('{"iss":"DEMO"}')), part(new Uint8Array(64))].join('.');
const page = Object.assign(new EventTarget(), { hidden: false, documentElement: { lang: 'fr' } });
const answers: (() => Response)[] = [];

vi.stubGlobal('document', page);
vi.stubGlobal('fetch', () => {
  const next = answers.shift();
  return next ? Promise.resolve(next()) : Promise.reject(new TypeError('no network'));
});
vi.stubGlobal('location', { origin: 'http://pass.example.org' });
const { LiveCode, ShortLivedCode } = await import('../../src/routes/pass/code.svelte.ts');
const { serverClock } = await import('../../src/routes/pass/clock.svelte.ts');

let code: { stop: () => void } | undefined;
const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
const key = (expires_at: string, private_key = pair.privateKey) =>
  ({ private_key, issued: { text: jwt, pass: { expires_at } as Pass, behind: 0 } }) as LiveKey;
/** Let timers and signatures come, so many milliseconds later. */
const later = async (milliseconds: number) => {
  await vi.advanceTimersByTimeAsync(milliseconds);
  await new Promise((resolve) => setImmediate(resolve));
};

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ['Date', 'performance', 'setInterval', 'clearInterval'] });
  serverClock.heard(NOW, serverClock.instant());
  answers.length = 0;
});

afterEach(() => {
  code?.stop();
  vi.useRealTimers();
});

const shown = (live: InstanceType<typeof LiveCode>) => readLive(live.text)?.step;

test('a live pass proves itself at the server’s step', async () => {
  const live = new LiveCode(key('2026-12-18T10:00:00Z'), () => undefined);
  code = live;
  await vi.waitFor(() => expect(shown(live)).toBe(NOW / 15_000));
  await later(15_000);
  await vi.waitFor(() => expect(shown(live)).toBe(NOW / 15_000 + 1));
});

test('a clock that is set while the code is shown changes no proof, and is told to the page', async () => {
  const told = vi.fn();
  const live = new LiveCode(key('2026-12-18T10:00:00Z'), told);
  code = live;
  vi.setSystemTime(NOW + 3_600_000);
  await later(250);
  await vi.waitFor(() => expect(shown(live)).toBe(NOW / 15_000));
  expect(told).toHaveBeenCalledOnce();
});

test('a pass that was not renewed for a month is over, and shown no more', async () => {
  const live = new LiveCode(key('2026-11-18T10:00:20Z'), () => undefined);
  code = live;
  await vi.waitFor(() => expect(live.text).not.toBe(''));
  expect(live.trouble).toBeUndefined();
  await later(20_000);
  expect([live.trouble, live.text]).toEqual(['over', '']);
});

test('a key that signs nothing any more is said to be lost', async () => {
  const live = new LiveCode(key('2026-12-18T10:00:00Z', pair.publicKey), () => undefined);
  code = live;
  await vi.waitFor(async () => {
    await later(250);
    expect(live.trouble).toBe('key_lost');
  });
  expect(live.text).toBe('');
});

const given = (now: number) => () =>
  Response.json({
    text: jwt,
    pass: { state: 'active' },
    expires_at: new Date(now + 90_000).toISOString(),
    server_now: new Date(now).toISOString(),
  });
const refused = () => Response.json({ code: 'sign_in_again', detail: 'Sign in again.' }, { status: 403 });

test('a short-lived pass is gone 90 seconds after the network, by the server’s time', async () => {
  vi.setSystemTime(NOW - 7_200_000);
  answers.push(given(NOW));
  const short = new ShortLivedCode(null);
  code = short;
  await vi.waitFor(() => expect(short.text).toBe(jwt));
  await later(89_000);
  expect(short.text).toBe(jwt);
  await later(2000);
  expect(short.text).toBe('');
});

test('a short-lived pass is asked for at once where the clock turns out to be two hours fast', async () => {
  vi.setSystemTime(NOW + 7_200_000);
  serverClock.heard(NOW + 7_200_000, serverClock.instant());
  const short = new ShortLivedCode(null);
  code = short;
  await later(0);
  answers.push(given(NOW));
  serverClock.heard(NOW, serverClock.instant());
  await later(250);
  await vi.waitFor(() => expect(short.text).toBe(jwt));
});

test.each(['no_membership', 'membership_unknown'])('whoever pays now comes in the place of a payer who is over (%s)', async (code_) => {
  answers.push(() => Response.json({ code: code_, detail: 'Over.' }, { status: 409 }), given(NOW));
  const short = new ShortLivedCode('membership-1');
  code = short;
  await vi.waitFor(async () => {
    await later(250);
    expect(short.text).toBe(jwt);
  });
  expect(short.refused).toBeUndefined();
});

test('a short-lived pass that is refused is shown no more, and why; a minute later it is asked for again', async () => {
  answers.push(given(NOW), refused, given(NOW + 106_000));
  const short = new ShortLivedCode(null);
  code = short;
  await vi.waitFor(() => expect(short.text).toBe(jwt));
  await later(45_000);
  await vi.waitFor(() => expect(short.refused?.problem.code).toBe('sign_in_again'));
  expect([short.text, short.pass]).toEqual(['', undefined]);
  await later(59_000);
  expect(short.text).toBe('');
  await later(2000);
  await vi.waitFor(() => expect(short.text).toBe(jwt));
  expect(short.refused).toBeUndefined();
});
