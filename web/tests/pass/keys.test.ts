import 'fake-indexeddb/auto';
import { beforeEach, expect, test, vi } from 'vitest';
import { Refused, Unreachable } from '../../src/lib/api/client.ts';
import type { LivePass, LivePassWanted, MyMember, Pass, Problem } from '../../src/lib/api/types.ts';
import { decodeBase64url } from '../../src/lib/pass/base64url.ts';
import { readLive } from '../../src/lib/pass/transport.ts';
import { openStore, type Store } from '../../src/lib/store.ts';
import { proofMessage } from '../../src/routes/door/rules/live.ts';
import { serverClock } from '../../src/routes/pass/clock.svelte.ts';
import { canProve, forgetKey, forgetOthers, keptKeys, livePass, liveText, type LiveKey } from '../../src/routes/pass/keys.ts';

const DAY = 24 * 3_600_000;
const part = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
const jwt = [part(Buffer.from('{"alg":"EdDSA"}')), part(Buffer.from('{"iss":"DEMO"}')), part(new Uint8Array(64))].join('.');
const member = { id: 'member-1', given_name: 'Léa', family_name: 'Bertin' } as MyMember;
const pass = (id: string, state: Pass['state'] = 'active') => ({ id, state, membership_id: null }) as Pass;
const problem = (code: string) => new Refused({ code, detail: 'Firefox, Android' } as Problem, 409);

let shelves: Store;
let asked: LivePassWanted[];
const given = (id = 'one', server = Date.now()): LivePass =>
  ({ text: jwt, pass: pass(id), server_now: new Date(server).toISOString() }) as LivePass;
const ask = (reply: () => LivePass) => (wanted: LivePassWanted) => {
  asked.push(wanted);
  return Promise.resolve().then(reply);
};
const get = (known: Pass[], reply: () => LivePass = given, move = false) =>
  livePass(member, null, { known, move }, { shelves, ask: ask(reply) });

beforeEach(async () => {
  shelves = await openStore(`keys-${Math.random()}`);
  asked = [];
  return () => vi.useRealTimers();
});

test('this machine can prove', async () => {
  expect(await canProve()).toBe(true);
});

test('the first time a key is made, which cannot be taken out, and registered', async () => {
  const key = (await get([])) as LiveKey;
  expect(key.private_key.extractable).toBe(false);
  await expect(crypto.subtle.exportKey('pkcs8', key.private_key)).rejects.toThrow();
  expect(asked).toEqual([{ public_key: key.public_key, membership_id: null, move: false }]);
  expect(decodeBase64url(key.public_key)).toHaveLength(32);
});

test('what is kept shows the pass after the network has gone', async () => {
  await get([]);
  const [kept] = await keptKeys(shelves);
  const live = readLive(await liveText(kept!, 118_000_000))!;
  expect([live.jwt, live.step]).toEqual([jwt, 118_000_000]);
  const key = await crypto.subtle.importKey('raw', decodeBase64url(kept!.public_key), 'Ed25519', false, ['verify']);
  expect(await crypto.subtle.verify('Ed25519', key, live.proof, proofMessage(jwt, live.step))).toBe(true);
});

test('a pass of today is not asked for again', async () => {
  await get([]);
  await get([pass('one')]);
  expect(asked).toHaveLength(1);
});

test('a pass that is more than a day old is signed anew, for the same key', async () => {
  await get([]);
  vi.useFakeTimers({ now: Date.now() + DAY + 1, toFake: ['Date'] });
  await get([pass('one')]);
  expect(asked).toHaveLength(2);
  expect(asked[0]).toEqual(asked[1]);
});

test.each([['superseded'], ['revoked'], ['expired']] as const)('a pass that is %s is asked for again', async (state) => {
  await get([]);
  await get([pass('one', state)]);
  expect(asked).toHaveLength(2);
});

const TAKES_IT_OFF = ['live_pass_elsewhere', 'sign_in_again', 'member_not_active', 'no_membership', 'membership_unknown'];
test.each(TAKES_IT_OFF)('%s: why, and nothing kept to show', async (code) => {
  await get([]);
  const got = await get([pass('one', 'superseded')], () => {
    throw problem(code);
  });
  expect(got).toEqual({ code, detail: 'Firefox, Android' });
  expect(await keptKeys(shelves)).toEqual([]);
});

test('taken back by its member, it is registered here under the key that was there', async () => {
  const first = (await get([])) as LiveKey;
  await get([], () => {
    throw problem('live_pass_elsewhere');
  });
  const back = (await get([], () => given('two'), true)) as LiveKey;
  expect(back.public_key).toBe(first.public_key);
  expect(asked.at(-1)?.move).toBe(true);
});

test('no answer leaves the pass that is there as it is', async () => {
  await get([]);
  vi.useFakeTimers({ now: Date.now() + DAY + 1, toFake: ['Date'] });
  const asking = get([pass('one')], () => {
    throw new Unreachable();
  });
  await expect(asking).rejects.toThrow(Unreachable);
  expect(await keptKeys(shelves)).toHaveLength(1);
});

test('an answer that is lost on the way is asked for again with the same key', async () => {
  const lost = get([], () => {
    throw new Unreachable();
  });
  await expect(lost).rejects.toThrow(Unreachable);
  await get([]);
  expect(asked[0]?.public_key).toBe(asked[1]?.public_key);
});

test('two tabs at once register one key', async () => {
  await Promise.all([get([]), get([])]);
  expect(new Set(asked.map(({ public_key }) => public_key)).size).toBe(1);
});

test('a phone whose clock is wrong knows by how much', async () => {
  const key = (await get([], () => given('one', Date.now() + 180_000))) as LiveKey;
  expect(Math.round(key.issued.behind / 1000)).toBe(180);
});

test('each member has keys of their own on one phone, and the pass of whoever was there before leaves it', async () => {
  const first = (await get([])) as LiveKey;
  const other = { ...member, id: 'member-2' };
  const second = await livePass(other, null, { known: [] }, { shelves, ask: ask(given) });
  expect((second as LiveKey).public_key).not.toBe(first.public_key);
  await forgetOthers('member-2', shelves);
  expect((await keptKeys(shelves)).map((key) => key.member_id)).toEqual(['member-2']);
  expect(((await get([])) as LiveKey).public_key).toBe(first.public_key);
});

test('what a phone knows of its clock is kept anew each time the server has answered', async () => {
  await get([]);
  vi.useFakeTimers({ now: Date.now() - 180_000, toFake: ['Date'] });
  serverClock.heard(Date.now() + 180_000, serverClock.instant());
  const key = (await get([pass('one')])) as LiveKey;
  expect(asked).toHaveLength(1);
  expect(Math.round(key.issued.behind / 1000)).toBe(180);
  expect((await keptKeys(shelves))[0]?.issued.behind).toBe(key.issued.behind);
});

test('a pass that was signed at a wrong date is signed anew', async () => {
  await get([]);
  vi.useFakeTimers({ now: Date.now() - 2 * DAY, toFake: ['Date'] });
  await get([pass('one')]);
  expect(asked).toHaveLength(2);
});

test('a pass that may not be extended meanwhile stays, to say that it opens nothing, and goes on afterwards', async () => {
  await get([]);
  vi.useFakeTimers({ now: Date.now() + DAY + 1, toFake: ['Date'] });
  const got = await get([pass('one', 'inactive')], () => {
    throw problem('member_not_active');
  });
  expect((got as LiveKey).issued.pass.state).toBe('inactive');
  expect((await keptKeys(shelves))[0]?.issued.pass.state).toBe('inactive');
  await get([pass('one')]);
  expect(asked[0]).toEqual(asked[2]);
});

test('where the browser lost the key, another is made', async () => {
  const lost = (await get([])) as LiveKey;
  await forgetKey(lost, shelves);
  expect(((await get([], given, true)) as LiveKey).public_key).not.toBe(lost.public_key);
});

test('a phone that can keep nothing registers nothing', async () => {
  shelves.close();
  await expect(get([])).rejects.toThrow();
  expect(asked).toEqual([]);
});
