/** One phone at one door: whose verdict is shown, what is kept before, and what becomes of it. */
import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Answer, Decision } from '../../src/routes/door/answer.ts';
import { answerTo } from './answers.ts';

const LEA = { given_name: 'Léa', initial: 'B', pseudonym: 'K7M-2QX', home: 'Le Hangar' };
const PASS = `CP1:${'A'.repeat(400)}`;
const OTHER = `CP1:${'B'.repeat(400)}`;
const door = {
  id: 'door-1',
  name: 'Camille',
  place: { id: 'place-1', code: 'moulin', name: 'Le Moulin', town: 'Caen', zone: 'Europe/Paris' },
  network: { code: 'RESEAU', name: 'Le Réseau' },
};
const decision = (changes: Partial<Decision> = {}): Decision => ({
  ...answerTo({ id: '', scanned_at: '' }, { member: LEA }),
  certain: true,
  index: 7,
  ...changes,
});

/** What a browser has and Node has not. */
function browser() {
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', { getItem: (key: string) => kept.get(key) ?? null, setItem: kept.set.bind(kept) });
  vi.stubGlobal('document', { documentElement: { lang: 'fr' }, addEventListener: () => undefined });
  vi.stubGlobal('location', { origin: 'http://door.test' });
  vi.stubGlobal('navigator', { onLine: true, languages: ['fr'], locks: navigator.locks });
}

/** The server: says `verdict` to every scan, once `release` was called where it is slow. */
const server = {
  answer: {} as Partial<Answer>,
  /** Otherwise than that, by pass. */
  answers: {} as Record<string, Partial<Answer>>,
  status: 200,
  reachable: true,
  slow: false,
  release: (): void => undefined,
  bodies: [] as Record<string, unknown>[],
  paths: [] as string[],
  async fetch(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname;
    server.paths.push(path);
    if (!server.reachable) throw new TypeError('offline');
    const body = (await request.json()) as { items?: Record<string, unknown>[] } & Record<string, unknown>;
    server.bodies.push(...(body.items ?? [body]));
    if (server.slow) await new Promise<void>((resolve) => (server.release = resolve));
    if (server.status !== 200)
      return new Response(JSON.stringify({ code: 'not_signed_in', detail: 'words' }), { status: server.status });
    const answered = (each: Record<string, unknown>) =>
      answerTo({ id: String(each.id), scanned_at: String(each.scanned_at) }, {
        member: LEA,
        ...server.answer,
        ...server.answers[String(each.pass)],
      });
    return Response.json(
      body.items
        ? { outcomes: body.items.map((each, index) => ({ index, id: each.id, answer: answered(each), problem: null })) }
        : answered(body),
    );
  },
};

async function deskDeciding(found: Decision | undefined) {
  const { Desk } = await import('../../src/routes/door/desk.svelte.ts');
  const { store } = await import('../../src/lib/store.ts');
  const { i18n } = await import('../../src/lib/i18n/i18n.svelte.ts');
  await i18n.start();
  const shelves = await store();
  for (const shelf of ['scans', 'recent', 'deeds', 'known', 'device'] as const) await shelves.clear(shelf);
  const desk = new Desk(shelves, door, 'token');
  vi.spyOn(desk.local, 'decide').mockResolvedValue(found);
  return { desk, shelves };
}
const until = (true_: () => unknown) => vi.waitFor(() => expect(true_()).toBeTruthy(), { timeout: 30_000 });

// The machine may be busy: nothing here is timed.
vi.setConfig({ testTimeout: 60_000 });

beforeEach(() => {
  browser();
  // Of what a door synchronises, this server knows nothing.
  vi.stubGlobal('fetch', (asked: Request | string) =>
    typeof asked === 'string' ? Promise.resolve(new Response('', { status: 404 })) : server.fetch(asked),
  );
  Object.assign(server, { answer: {}, answers: {}, status: 200, reachable: true, slow: false, bodies: [], paths: [] });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('whose verdict', () => {
  test('the server’s, where it answers', async () => {
    const { desk, shelves } = await deskDeciding(decision({ verdict: 'expired', colour: 'red' }));
    await desk.read(PASS);
    expect(desk.shown).toMatchObject({ fate: { kind: 'answered' }, colour: 'green', mayUndo: true });
    expect(await shelves.count('scans')).toBe(0);
    desk.stop();
  });

  test('this door’s, at once, where there is no network: and the scan says what was shown', async () => {
    server.reachable = false;
    const { desk, shelves } = await deskDeciding(decision());
    await desk.read(PASS);
    expect(desk.shown).toMatchObject({ fate: { kind: 'kept' }, decision: { verdict: 'ok' }, colour: 'green' });
    expect(await shelves.getAll('scans')).toMatchObject([{ pass: PASS, shown: 'ok' }]);
    expect(desk.kept.count).toBe(1);
    desk.stop();
  });

  test('« gardé », amber, where this door knows nothing', async () => {
    server.reachable = false;
    const { desk, shelves } = await deskDeciding(undefined);
    await desk.read(PASS);
    expect(desk.shown).toMatchObject({ fate: { kind: 'kept' }, colour: 'amber' });
    expect(await shelves.getAll('scans')).toMatchObject([{ shown: 'list_stale' }]);
    desk.stop();
  });

  test('amber for what only the network can tell, whatever its colour would be', async () => {
    server.reachable = false;
    const { desk } = await deskDeciding(decision({ verdict: 'unknown_key', colour: 'red', certain: false }));
    await desk.read(PASS);
    expect(desk.shown?.colour).toBe('amber');
    desk.stop();
  });

  test('this door’s, where the server is slow; then the server’s, corrected on the screen', async () => {
    Object.assign(server, { slow: true, answer: { verdict: 'revoked', colour: 'red' } });
    const { desk, shelves } = await deskDeciding(decision());
    void desk.read(PASS);
    await until(() => desk.shown);
    expect(desk.shown).toMatchObject({ fate: { kind: 'kept' }, colour: 'green' });
    expect(await shelves.getAll('scans')).toMatchObject([{ shown: 'ok' }]);
    server.slow = false;
    server.release();
    await until(() => desk.shown?.corrected);
    expect(desk.shown).toMatchObject({ fate: { kind: 'answered' }, colour: 'red' });
    // Refused, and shown as a welcome: the server must know, so the scan was sent once more.
    await until(() => server.bodies.some(({ shown }) => shown === 'ok'));
    await until(() => desk.kept.late.length === 0 && desk.kept.toSend === 0);
    desk.stop();
  });

  test('a correction that comes when somebody else stands there is a line to read', async () => {
    Object.assign(server, { slow: true, answer: { verdict: 'revoked', colour: 'red' } });
    const { desk } = await deskDeciding(decision());
    void desk.read(PASS);
    await until(() => desk.shown);
    desk.dismiss();
    server.slow = false;
    server.release();
    await until(() => desk.kept.late.length === 1);
    expect(desk.kept.late[0]).toMatchObject({ verdict: 'revoked', member: LEA });
    await desk.readLate();
    expect(desk.kept.late).toEqual([]);
    desk.stop();
  });
});

describe('what is kept', () => {
  test('a scan is on the device before the server is asked', async () => {
    server.slow = true;
    const { desk, shelves } = await deskDeciding(decision());
    const reading = desk.read(PASS);
    await until(() => server.bodies.length === 1);
    expect(await shelves.count('scans')).toBe(1);
    server.release();
    await reading;
    desk.stop();
  });

  test('where the device is full the host is told, the verdict stands, and the scan waits in memory', async () => {
    vi.spyOn(console, 'error').mockReturnValue(undefined);
    server.reachable = false;
    const { desk, shelves } = await deskDeciding(decision());
    const full = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('no room', 'QuotaExceededError');
    });
    await desk.read(PASS);
    expect(desk.shown).toMatchObject({ colour: 'green', trouble: 'full' });
    expect(desk.kept).toMatchObject({ trouble: 'full', loose: 1, toSend: 1 });
    full.mockRestore();
    await desk.flush();
    expect(desk.kept).toMatchObject({ trouble: undefined, loose: 0, toSend: 1 });
    expect(await shelves.getAll('scans')).toMatchObject([{ pass: PASS, shown: 'ok' }]);
    desk.stop();
  });

  test('a door that is cut off forgets its token and names, not its scans', async () => {
    server.status = 401;
    const { desk, shelves } = await deskDeciding(decision());
    await shelves.put('known', { place_id: 'place-1', text: 'Léa', at: 0 }, 'sync');
    await desk.read(PASS);
    expect(desk.cutOff).toBe(true);
    await vi.waitFor(async () => expect(await shelves.count('known')).toBe(0), { timeout: 30_000 });
    expect(await shelves.get('device', 'this')).toMatchObject({ cut_off: true, token: undefined });
    expect(await shelves.count('scans')).toBe(1);
    desk.stop();
  });
});

describe('what a host does without network', () => {
  test('a welcome is taken back: the undo leaves after its scan', async () => {
    server.reachable = false;
    const { desk } = await deskDeciding(decision());
    await desk.read(PASS);
    expect(desk.shown?.mayUndo).toBe(true);
    if (desk.shown) expect(await desk.host.undoShown(desk.shown)).toBe(true);
    expect(desk.kept).toMatchObject({ count: 0, toSend: 2 });
    server.reachable = true;
    await desk.flush();
    expect(server.paths.slice(-2)).toEqual(['/api/v1/check-ins/batch', expect.stringMatching(/check-in-of-.*\/undo$/)]);
    await until(() => desk.kept.toSend === 0);
    desk.stop();
  });

  test.each([
    ['with no network', false],
    ['over the network', true],
  ])('a welcome back is taken back alone %s: the first visit still counts', async (_, reachable) => {
    const { desk } = await deskDeciding(decision());
    server.reachable = reachable;
    await desk.read(PASS);
    const again = { verdict: 'ok_again', colour: 'green' } as const;
    server.answer = { ...again, first_check_in_at: desk.shown?.scan.scanned_at ?? null };
    vi.mocked(desk.local.decide).mockResolvedValue(decision(again));
    await desk.take({ pass: PASS });
    const { shown } = desk;
    expect(shown).toMatchObject({ mayUndo: true, scan: { pass: PASS } });
    if (shown) expect(await desk.host.undoShown(shown)).toBe(true);
    expect(desk.kept.lines.map(({ state }) => state)).toEqual(['undone', reachable ? 'answered' : 'kept']);
    expect(desk.kept.count).toBe(1);
    server.reachable = true;
    await desk.flush();
    await until(() => desk.kept.toSend === 0);
    expect(server.paths.filter((path) => path.endsWith('/undo'))).toEqual([`/api/v1/check-ins/check-in-of-${shown?.scan.id}/undo`]);
    desk.stop();
  });

  test('somebody is let in all the same: the reason goes with the scan', async () => {
    server.reachable = false;
    const refused = decision({ verdict: 'expired', colour: 'red', may_override: true });
    const { desk, shelves } = await deskDeciding(refused);
    await desk.read(PASS);
    if (desk.shown) await desk.host.letIn(desk.shown, 'Connue');
    expect(desk.shown?.deeds.override).toBe('done');
    expect(await shelves.getAll('scans')).toMatchObject([{ shown: 'expired', override: { reason: 'Connue' } }]);
    expect(desk.kept.count).toBe(1);
    desk.stop();
  });

  test('a home is chosen: the scan that asked was not acted on, the other names the home', async () => {
    server.reachable = false;
    const choices = [{ home_id: 'h1', home: 'Le Hangar' }, { home_id: 'h2', home: 'La Lune' }];
    const { desk, shelves } = await deskDeciding(decision({ verdict: 'ambiguous', colour: 'amber', choices }));
    await desk.read(PASS);
    vi.mocked(desk.local.decide).mockResolvedValue(decision());
    await desk.choose('h2');
    const [asked, chosen] = (await shelves.getAll('scans')).sort((one, other) => one.id.localeCompare(other.id));
    expect(asked?.shown).toBeUndefined();
    // A live pass is proven for the instant at which it was read.
    const after = new Date(Date.parse(asked?.scanned_at ?? '') + 1).toISOString();
    expect(chosen).toMatchObject({ home_id: 'h2', shown: 'ok', pass: PASS, scanned_at: after });
    desk.stop();
  });

  test('a day guest is kept, and sent later with the same id', async () => {
    server.reachable = false;
    const { desk, shelves } = await deskDeciding(undefined);
    expect(await desk.host.receive({ given_name: 'Ali', minor: false, guardian_consents: false })).toEqual({ kind: 'kept' });
    const [kept] = await shelves.getAll('deeds');
    server.reachable = true;
    await desk.flush();
    expect(server.bodies).toMatchObject([{ id: kept?.id, given_name: 'Ali' }]);
    await until(() => desk.kept.toSend === 0);
    desk.stop();
  });
});

test('another pass may be read while the server has not answered the one before', async () => {
  server.slow = true;
  const { desk } = await deskDeciding(decision());
  void desk.read(PASS);
  await until(() => desk.shown);
  desk.dismiss();
  void desk.read(OTHER);
  await until(() => desk.shown?.said.pass === OTHER);
  server.slow = false;
  server.release();
  desk.stop();
});

describe('held up before the camera', () => {
  const proven = (proof: string) => `CP1:${'A'.repeat(300)}${proof.repeat(105)}`;

  test('a live pass whose proof changes meanwhile is scanned once', async () => {
    const { desk, shelves } = await deskDeciding(decision());
    await desk.read(proven('A'));
    await desk.read(proven('B'));
    desk.dismiss();
    await desk.read(proven('C'));
    expect(server.bodies).toHaveLength(1);
    expect(await shelves.count('recent')).toBe(1);
    desk.stop();
  });

  test('of a live pass that was turned away, the next proof is read', async () => {
    server.answer = { verdict: 'proof_stale', colour: 'red' };
    const { desk } = await deskDeciding(undefined);
    await desk.read(proven('A'));
    desk.dismiss();
    await desk.read(proven('A'));
    expect(server.bodies).toHaveLength(1);
    server.answer = {};
    await desk.read(proven('B'));
    expect(desk.shown).toMatchObject({ colour: 'green' });
    desk.stop();
  });

  test('two passes at once are both left alone, and it is said', async () => {
    const { desk } = await deskDeciding(decision());
    await desk.reader.see([PASS, OTHER]);
    expect([desk.reader.hint, desk.shown, server.bodies]).toEqual(['several', undefined, []]);
    await desk.reader.see([PASS, PASS, 'a poster']);
    expect(desk.shown?.said.pass).toBe(PASS);
    desk.stop();
  });
});

test('a verdict that another takes the place of stays readable', async () => {
  const { desk } = await deskDeciding(decision());
  await desk.confirmShortCode('K7M29QX4');
  await desk.confirmShortCode('K7M29QX5');
  expect([desk.last?.said.short_code, desk.shown?.said.short_code]).toEqual(['K7M29QX4', 'K7M29QX5']);
  desk.stop();
});

test('a refusal that the server corrects to a welcome may be taken back', async () => {
  server.slow = true;
  const { desk } = await deskDeciding(decision({ verdict: 'revoked', colour: 'red' }));
  void desk.read(PASS);
  await until(() => desk.shown);
  expect(desk.shown?.mayUndo).toBe(false);
  server.slow = false;
  server.release();
  await until(() => desk.shown?.corrected);
  expect(desk.shown).toMatchObject({ colour: 'green', mayUndo: true });
  desk.stop();
});

test.each([
  ['a host', true],
  ['a tablet on its own', false],
])('whom only the network can tell of is let in by %s: the server knows, and they count', async (_, attended) => {
  server.reachable = false;
  const { desk, shelves } = await deskDeciding(decision({ verdict: 'unknown_key', colour: 'red', certain: false }));
  desk.attended = attended;
  await desk.read(PASS);
  expect(await shelves.getAll('scans')).toMatchObject([{ shown: 'list_stale' }]);
  expect(desk.kept).toMatchObject({ count: 1, lines: [{ colour: 'amber' }] });
  desk.stop();
});

test('that the server refuses one who was let in unchecked is news, and that it welcomes them is none', async () => {
  server.reachable = false;
  const { desk } = await deskDeciding(decision({ verdict: 'unknown_key', colour: 'red', certain: false }));
  await desk.read(PASS);
  desk.dismiss();
  await desk.read(OTHER);
  desk.dismiss();
  Object.assign(server, { reachable: true, answers: { [PASS]: { verdict: 'unknown_key', colour: 'red' } } });
  await desk.flush();
  await until(() => desk.kept.toSend === 0);
  expect(desk.kept.late).toMatchObject([{ verdict: 'unknown_key' }]);
  desk.stop();
});

describe('whose home must be chosen, and nobody says which', () => {
  const choices = [{ home_id: 'h1', home: 'Le Hangar' }, { home_id: 'h2', home: 'La Lune' }];
  const asks = { verdict: 'ambiguous', colour: 'amber', choices } as const;

  test.each([
    ['a tablet on its own tells the server that they are in', false, [undefined, 'ambiguous']],
    ['a host, who has read the answer, has sorted it out', true, [undefined]],
  ])('online: %s', async (_, attended, shown) => {
    server.answer = asks;
    const { desk } = await deskDeciding(decision());
    desk.attended = attended;
    await desk.read(PASS);
    desk.dismiss();
    await until(() => server.bodies.length === shown.length);
    expect(server.bodies.map((body) => body.shown)).toEqual(shown);
    expect(new Set(server.bodies.map(({ id }) => id)).size).toBe(1);
    await until(() => desk.kept.toSend === 0);
    expect(desk.kept.late).toEqual([]);
    desk.stop();
  });

  test('the network goes before a tablet could say so: it is kept, and sent later', async () => {
    server.answer = asks;
    const { desk, shelves } = await deskDeciding(decision());
    desk.attended = false;
    await desk.read(PASS);
    server.reachable = false;
    desk.dismiss();
    await until(() => desk.kept.toSend === 1);
    expect(await shelves.getAll('scans')).toMatchObject([{ shown: 'ambiguous', attended: false }]);
    desk.stop();
  });

  test('a home that was chosen on a tablet is all that the server hears', async () => {
    server.answer = asks;
    const { desk } = await deskDeciding(decision());
    desk.attended = false;
    await desk.read(PASS);
    server.answer = {};
    await desk.choose('h2');
    expect(server.bodies).toMatchObject([{ id: expect.anything() }, { home_id: 'h2' }]);
    expect(server.bodies.every((body) => body.shown === undefined)).toBe(true);
    desk.stop();
  });

  test('held up again meanwhile, the pass is not asked for twice', async () => {
    server.answer = asks;
    const { desk } = await deskDeciding(decision());
    desk.attended = false;
    const now = vi.spyOn(Date, 'now').mockReturnValue(1e12);
    await desk.read(PASS);
    now.mockReturnValue(1e12 + 10_000);
    await desk.read(PASS);
    expect(server.bodies).toHaveLength(1);
    desk.stop();
  });
});

test('a team link is nothing to a door that does not wait for one', async () => {
  const { desk } = await deskDeciding(decision());
  const heard = vi.fn();
  const link = 'http://door.test/door#pair=aB-3_x';
  await desk.read(link);
  desk.reader.onTeamLink = heard;
  await desk.read(link);
  expect(heard.mock.calls).toEqual([['aB-3_x']]);
  desk.stop();
});

test('a verdict does not wait for a device that does not write, and says so', async () => {
  server.reachable = false;
  const { desk, shelves } = await deskDeciding(decision());
  let stuck = true;
  const other = shelves.transaction(['scans', 'recent', 'deeds'], 'readwrite');
  const writing = (async () => {
    while (stuck) await other.objectStore('scans').count();
  })();
  void desk.read(PASS);
  await until(() => desk.shown);
  expect(desk.shown).toMatchObject({ colour: 'green', trouble: 'gone' });
  stuck = false;
  await writing;
  await vi.waitFor(async () => {
    await desk.refresh();
    expect(desk.kept).toMatchObject({ toSend: 1, loose: 0, trouble: undefined });
  });
  expect(await shelves.getAll('scans')).toMatchObject([{ shown: 'ok' }]);
  desk.stop();
});
