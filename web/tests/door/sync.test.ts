import 'fake-indexeddb/auto';
import { beforeEach, expect, test, vi } from 'vitest';
import { openStore, using, type Store } from '../../src/lib/store.ts';
import { forgetNames, Sync, type Fetched } from '../../src/routes/door/sync.ts';

const PLACE = 'place-1';
let store: Store;
beforeEach(async () => {
  store = await openStore(`sync-${Math.random()}`);
});

/** A server whose clock is ahead of ours by so many milliseconds; `made`: how often each document was written anew. */
function serverAhead(by: number) {
  const made = { sync: 1, list: 1 };
  const asked: { what: 'sync' | 'list'; etag: string | null; token: string | null }[] = [];
  let status = 0;
  let broken: 'sync' | 'list' | undefined;
  let page = false;
  const ask = (address: unknown, options: RequestInit | undefined): Promise<Response> => {
    const what = String(address).endsWith('status-list') ? 'list' : 'sync';
    const headers = new Headers(options?.headers);
    asked.push({ what, etag: headers.get('If-None-Match'), token: headers.get('Authorization') });
    if (status === -1) return Promise.reject(new TypeError('offline'));
    if (page) return Promise.resolve(new Response('<html>Wi-Fi du café</html>'));
    if (what === broken) return Promise.resolve(new Response('', { status: 502 }));
    if (status) return Promise.resolve(new Response('', { status }));
    const now = new Date(Date.now() + by);
    const ETag = `"${what}-${made[what]}"`;
    const answered = { ETag, Date: now.toUTCString() };
    if (headers.get('If-None-Match') === ETag) return Promise.resolve(new Response(null, { status: 304, headers: answered }));
    const text = what === 'sync' ? JSON.stringify({ server_now: now.toISOString(), made: made.sync, roster: [{ given_name: 'Léa' }] }) : `list ${made.list}`;
    return Promise.resolve(new Response(text, { headers: answered }));
  };
  return {
    ask: ask as typeof fetch,
    made,
    asked,
    answers: (code: number) => (status = code),
    breaks: (what: 'sync' | 'list' | undefined) => (broken = what),
    isBehindAPage: () => (page = true),
  };
}

test('both documents are kept on the device, and are there when it starts with no network', async () => {
  const server = serverAhead(0);
  expect(await new Sync(using(store), PLACE, 'token', () => undefined, server.ask).refresh()).toBe('done');
  server.answers(-1);
  const news: Fetched[] = [];
  const again = new Sync(using(store), PLACE, 'token', (fetched) => news.push({ ...fetched }), server.ask);
  await again.load();
  expect(await again.refresh()).toBe('unreachable');
  expect(again.fetched.list?.text).toBe('list 1');
  expect(JSON.parse(again.fetched.sync?.text ?? '')).toMatchObject({ made: 1 });
  expect(news).toHaveLength(1);
});

test('what has not changed is not sent again, and what has is', async () => {
  const server = serverAhead(0);
  const sync = new Sync(using(store), PLACE, 'token', () => undefined, server.ask);
  await sync.refresh();
  server.made.list = 2;
  await sync.refresh();
  expect(server.asked.slice(2)).toEqual([
    { what: 'sync', etag: '"sync-1"', token: 'Bearer token' },
    { what: 'list', etag: '"list-1"', token: 'Bearer token' },
  ]);
  expect(sync.fetched.list?.text).toBe('list 2');
});

test.each([180_000, -2 * 86_400_000])('a clock that is wrong by %s ms is known', async (by) => {
  const sync = new Sync(using(store), PLACE, 'token', () => undefined, serverAhead(by).ask);
  await sync.refresh();
  expect(Math.abs(sync.behind - by)).toBeLessThan(1000);
});

test('a clock that was set since is seen though the document has not changed', async () => {
  await new Sync(using(store), PLACE, 'token', () => undefined, serverAhead(0).ask).refresh();
  const sync = new Sync(using(store), PLACE, 'token', () => undefined, serverAhead(3_600_000).ask);
  await sync.load();
  await sync.refresh();
  expect(Math.abs(sync.behind - 3_600_000)).toBeLessThan(2500);
});

test('a door that was cut off learns it', async () => {
  const server = serverAhead(0);
  server.answers(401);
  expect(await new Sync(using(store), PLACE, 'token', () => undefined, server.ask).refresh()).toBe('cut-off');
});

test('what a gateway says is no document', async () => {
  const server = serverAhead(0);
  server.answers(502);
  const sync = new Sync(using(store), PLACE, 'token', () => undefined, server.ask);
  expect(await sync.refresh()).toBe('unreachable');
  expect(sync.fetched).toEqual({});
});

test('two calls at once ask once', async () => {
  const server = serverAhead(0);
  const sync = new Sync(using(store), PLACE, 'token', () => undefined, server.ask);
  await Promise.all([sync.refresh(), sync.refresh()]);
  expect(server.asked).toHaveLength(2);
});

test('nothing is sent by a clock that was not measured, until nobody answers for long', async () => {
  const server = serverAhead(0);
  server.answers(-1);
  const sync = new Sync(using(store), PLACE, 'token', () => undefined, server.ask);
  const waits = [];
  for (let asked = 0; asked < 4; asked += 1) {
    await sync.refresh();
    waits.push(sync.mustMeasure);
  }
  expect(waits).toEqual([true, true, true, false]);
  server.answers(502);
  await sync.refresh();
  expect(sync.mustMeasure).toBe(false);
});

test('who joins an attempt that meets no network has it tried once more', async () => {
  const server = serverAhead(0);
  let fail: (error: unknown) => void = () => undefined;
  let isBack = false;
  const ask = ((...given: Parameters<typeof fetch>) =>
    isBack ? server.ask(...given) : new Promise((_, reject) => (fail = reject))) as typeof fetch;
  const sync = new Sync(using(store), PLACE, 'token', () => undefined, ask);
  const first = sync.refresh();
  await Promise.resolve();
  isBack = true;
  const second = sync.refresh();
  fail(new TypeError('offline'));
  expect([await first, await second]).toEqual(['unreachable', 'done']);
});

test('what belongs to another place is forgotten, not shown', async () => {
  await new Sync(using(store), PLACE, 'token', () => undefined, serverAhead(0).ask).refresh();
  const elsewhere = new Sync(using(store), 'place-2', 'token');
  await elsewhere.load();
  expect(elsewhere.fetched).toEqual({});
  expect(await store.count('known')).toBe(0);
});

test('names leave the device, what waits to be sent stays', async () => {
  const member = { given_name: 'Léa', initial: 'B', pseudonym: 'K7M-2QX', home: 'Le Hangar' };
  await store.put('known', { place_id: PLACE, text: 'Léa', at: 0 }, 'sync');
  await store.put('recent', { id: '1', place_id: PLACE, at: '2026-11-21T09:00:00Z', state: 'kept', member });
  await store.put('scans', { id: '1', place_id: PLACE, pass: 'a.b.c', scanned_at: '2026-11-21T09:00:00Z' });
  await forgetNames(using(store));
  expect(JSON.stringify([await store.getAll('known'), await store.getAll('recent')])).not.toContain('Léa');
  expect(await store.count('scans')).toBe(1);
});

test.each(['sync', 'list'] as const)('what came is learnt though %s did not', async (what) => {
  const server = serverAhead(0);
  const news: Fetched[] = [];
  const sync = new Sync(using(store), PLACE, 'token', (fetched) => news.push(fetched), server.ask);
  server.breaks(what);
  expect(await sync.refresh()).toBe('unreachable');
  expect(Object.keys(news[0] ?? {})).toEqual([what === 'sync' ? 'list' : 'sync']);
  server.breaks(undefined);
  expect(await sync.refresh()).toBe('done');
  expect(Object.keys(sync.fetched).sort()).toEqual(['list', 'sync']);
});

test('the page of a café’s network takes the place of nothing', async () => {
  const server = serverAhead(0);
  const sync = new Sync(using(store), PLACE, 'token', () => undefined, server.ask);
  await sync.refresh();
  const before = sync.fetched;
  server.isBehindAPage();
  expect(await sync.refresh()).toBe('unreachable');
  expect(sync.fetched).toEqual(before);
});

test('a clock that is set while the page is open is doubted until it is measured again', async () => {
  const sync = new Sync(using(store), PLACE, 'token', () => undefined, serverAhead(0).ask);
  expect(sync.isDoubtful).toBe(true);
  await sync.refresh();
  expect(sync.isDoubtful).toBe(false);
  const right = Date.now;
  vi.spyOn(Date, 'now').mockImplementation(() => right() + 3_600_000);
  expect(sync.isDoubtful).toBe(true);
  await sync.refresh();
  expect(sync.isDoubtful).toBe(false);
  vi.restoreAllMocks();
});

test('people leave a door whose list has ended, keys and rules do not, and all is asked for again', async () => {
  const server = serverAhead(0);
  const sync = new Sync(using(store), PLACE, 'token', () => undefined, server.ask);
  await sync.refresh();
  await store.put('recent', { id: '1', place_id: PLACE, at: '', state: 'kept', member: { given_name: 'Léa', initial: 'B', pseudonym: 'K', home: null } });
  expect(await sync.forgetPeople()).toBe(true);
  const kept = JSON.stringify([await store.getAll('known'), await store.getAll('recent'), sync.fetched]);
  expect(kept).not.toContain('Léa');
  expect(JSON.parse((await store.get('known', 'sync'))?.text ?? '')).toMatchObject({ made: 1, roster: [] });
  expect((await store.get('known', 'list'))?.text).toBe('list 1');
  expect(await sync.forgetPeople()).toBe(false);
  await sync.refresh();
  expect(server.asked.at(-2)).toMatchObject({ what: 'sync', etag: null });
  expect(sync.fetched.sync?.text).toContain('Léa');
});

test('a store that the browser took away is opened again', async () => {
  const name = `gone-${Math.random()}`;
  const first = await openStore(name);
  const sync = new Sync(using(first, () => openStore(name)), PLACE, 'token', () => undefined, serverAhead(0).ask);
  first.close();
  await sync.refresh();
  expect(await (await openStore(name)).count('known')).toBe(2);
});
