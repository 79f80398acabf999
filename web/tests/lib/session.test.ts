import { expect, test, vi } from 'vitest';

const kept = new Map<string, string>();
vi.stubGlobal('localStorage', {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => kept.set(key, value),
});
vi.stubGlobal('location', { origin: 'http://localhost' });
vi.stubGlobal('document', { documentElement: { lang: 'fr' } });
let answerMe: (body: unknown) => void = () => undefined;
const json = (body: unknown) => new Response(JSON.stringify(body), { headers: { 'Content-Type': 'application/json' } });
const account = (name: string) => ({ account: { id: name, name, email: 'x@example.org', locale: 'fr' }, grants: [] });
const network = { code: 'demo', name: 'Escale', locale: 'fr', demo: true, card_allowed: true, version: 1 };
vi.stubGlobal('fetch', (request: Request) =>
  request.url.endsWith('/me')
    ? new Promise<Response>((done) => (answerMe = (body) => done(json(body))))
    : Promise.resolve(json(network)),
);
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
