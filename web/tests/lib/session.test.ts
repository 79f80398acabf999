import 'fake-indexeddb/auto';
import { expect, test, vi } from 'vitest';
import { store, type KeptKey, type KeptPass } from '../../src/lib/store.ts';

const kept = new Map<string, string>();
vi.stubGlobal('localStorage', {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => kept.set(key, value),
  removeItem: (key: string) => kept.delete(key),
});
vi.stubGlobal('location', { origin: 'http://localhost' });
vi.stubGlobal('document', { documentElement: { lang: 'fr' } });
let answerMe: (body: unknown) => void = () => undefined;
const json = (body: unknown) => new Response(JSON.stringify(body), { headers: { 'Content-Type': 'application/json' } });
const account = (name: string) => ({ account: { id: name, name, email: 'x@example.org', locale: 'fr' }, grants: [] });
const network = { code: 'demo', name: 'Escale', locale: 'fr', demo: true, card_allowed: true, version: 1 };
let answerSignOut: () => Promise<Response> = () => Promise.resolve(new Response(null, { status: 204 }));
vi.stubGlobal('dispatchEvent', () => true);
let signedOut: () => void = () => undefined;
vi.stubGlobal('addEventListener', (_name: string, listener: () => void) => (signedOut = listener));
vi.stubGlobal('fetch', (request: Request) =>
  request.method === 'DELETE'
    ? answerSignOut()
    : request.url.endsWith('/me')
      ? new Promise<Response>((done) => (answerMe = (body) => done(json(body))))
      : Promise.resolve(json(network)),
);
const { posterCode } = await import('../../src/routes/arrive/poster-code.ts');
const { session } = await import('../../src/lib/session.svelte.ts');

test('an old answer about who this is does not undo a sign-in', async () => {
  const asking = session.refresh();
  await session.become(account('New'));
  await new Promise((resolve) => setTimeout(resolve, 5));
  answerMe(account('Old'));
  await asking;
  expect(session.me.account?.name).toBe('New');
  expect(session.network?.name).toBe('Escale');
});

test.each([
  ['offline', () => Promise.reject(new TypeError('offline'))],
  ['with a broken server', () => Promise.resolve(new Response('', { status: 500 }))],
])('signing out %s takes the pass off this device, and says that it did not finish', async (_name, answered) => {
  const shelves = await store();
  await shelves.put('passes', { id: '1' } as KeptPass);
  await shelves.put('keys', { id: '1', public_key: 'x', issued: {} } as KeptKey);
  answerSignOut = answered;
  await expect(session.leave()).rejects.toThrow();
  expect(await shelves.count('passes')).toBe(0);
  // The key stays for the next time; the pass that it proves is gone.
  expect(await shelves.get('keys', '1')).toEqual({ id: '1', public_key: 'x', issued: undefined });
});

test('signing in anew without network leaves the card where it is, and says that nobody was reached', async () => {
  const shelves = await store();
  await session.become(account('Léa'));
  await shelves.put('passes', { id: '1' } as KeptPass);
  answerSignOut = () => Promise.reject(new TypeError('offline'));
  await expect(session.leaveIfReached()).rejects.toThrow();
  expect([await shelves.count('passes'), session.signedIn]).toEqual([1, true]);
  answerSignOut = () => Promise.resolve(new Response(null, { status: 204 }));
  await session.leaveIfReached();
  expect([await shelves.count('passes'), session.signedIn]).toEqual([0, false]);
});

test('a poster that was scanned and not used leaves the device with whoever scanned it', async () => {
  posterCode('#secret', Date.now());
  answerSignOut = () => Promise.resolve(new Response(null, { status: 204 }));
  await session.leave();
  expect(posterCode('', Date.now())).toBeNull();
});

test('signing out of a session that has ended is signing out', async () => {
  const problem = { type: '', title: '', status: 401, code: 'signed_out', detail: '', errors: [] };
  answerSignOut = () => Promise.resolve(Response.json(problem, { status: 401 }));
  await session.become(account('Léa'));
  await session.leave();
  expect(session.signedIn).toBe(false);
});

test.each(['asks and is told that nobody is', 'is refused'])(
  'a device signed out from afar that %s lets the pass go',
  async (what) => {
    const shelves = await store();
    await session.become(account('Léa'));
    await shelves.put('passes', { id: '1' } as KeptPass);
    const asking = what === 'is refused' ? session.start() : session.refresh();
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (what === 'is refused') signedOut();
    else answerMe({ account: null, grants: [] });
    await vi.waitFor(async () => expect(await shelves.count('passes')).toBe(0));
    expect(session.signedIn).toBe(false);
    answerMe({ account: null, grants: [] });
    await asking;
  },
);
