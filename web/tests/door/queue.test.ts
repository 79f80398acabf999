import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Refused, Unreachable } from '../../src/lib/api/client.ts';
import type { Outcome, Problem } from '../../src/lib/api/types.ts';
import { openStore, using, type KeptScan, type Store } from '../../src/lib/store.ts';
import { BATCH, Queue, type Fate, type Post } from '../../src/routes/door/queue.ts';
import { Shelf } from '../../src/routes/door/shelf.ts';
import { tabsOf, type Tabs } from '../../src/routes/door/tabs.ts';
import { answerTo } from './answers.ts';

const PLACE = 'place-1';
let store: Store;
let shelf: Shelf;
let number = 0;

const scan = (changes: Partial<KeptScan> = {}): KeptScan => {
  number += 1;
  return {
    id: `scan-${number}`,
    place_id: PLACE,
    pass: 'a.b.c',
    scanned_at: new Date(number * 1000).toISOString(),
    ...changes,
  };
};
const problem = (status: number, code = 'x'): Problem => ({
  type: 'about:blank',
  title: '',
  status,
  code,
  detail: 'words',
  errors: [],
});
const refuse = (status: number, code?: string) => Promise.reject(new Refused(problem(status, code), status));
const silent = () => Promise.reject(new Unreachable());
const good: Post = {
  one: (each) => Promise.resolve(answerTo(each)),
  many: (all) =>
    Promise.resolve(all.map((each, index) => ({ index, id: each.id, answer: answerTo(each), problem: null }) as Outcome)),
  deed: () => Promise.resolve(),
};
const queueOf = (post: Partial<Post> = {}, tell = {}, tabs: Tabs = tabsOf(undefined)) =>
  new Queue(shelf, tabs, { ...good, ...post }, tell);
const ids = async () => (await shelf.waiting()).map(({ id }) => id);

beforeEach(async () => {
  store = await openStore(`door-${Math.random()}`);
  shelf = new Shelf(using(store), PLACE);
});

describe('one scan', () => {
  test('is written down before the server is asked', async () => {
    let kept = 0;
    const queue = queueOf({
      one: async (each) => {
        kept = await store.count('scans');
        return answerTo(each);
      },
    });
    await queue.take(scan()).fate;
    expect(kept).toBe(1);
  });

  test('is forgotten once it is answered', async () => {
    const queue = queueOf();
    const fate = await queue.take(scan()).fate;
    expect(fate.kind).toBe('answered');
    expect(await ids()).toEqual([]);
  });

  test.each([
    ['a broken server', () => refuse(500)],
    ['too many requests', () => refuse(429)],
    ['a role that the server does not know yet', () => refuse(403)],
    ['an address that moved', () => refuse(404)],
    ['a body that this server does not read', () => refuse(422, 'invalid_request')],
    ['too many typed codes', () => refuse(429, 'too_many_codes')],
    ['a conflict nobody named', () => refuse(409)],
    ['a request that is too large', () => refuse(413)],
    ['a request that is malformed', () => refuse(400)],
  ])('stays on the device with %s, and says why', async (_name, one) => {
    const queue = queueOf({ one });
    const sent = scan();
    expect(await queue.take(sent).fate).toMatchObject({ kind: 'kept', problem: { detail: 'words' } });
    expect(await shelf.waiting()).toMatchObject([{ id: sent.id, problem: { detail: 'words' } }]);
  });

  test('stays on the device without network', async () => {
    const queue = queueOf({ one: silent });
    const sent = scan();
    expect(await queue.take(sent).fate).toEqual({ kind: 'kept' });
    expect(await shelf.waiting()).toEqual([sent]);
  });

  test.each([
    [409, 'scan_id_reused'],
    [422, 'scan_too_old'],
  ])('is forgotten when the server says %s %s of it: that is its last word', async (status, code) => {
    const queue = queueOf({ one: () => refuse(status, code) });
    expect((await queue.take(scan()).fate).kind).toBe('refused');
    expect(await ids()).toEqual([]);
  });

  test('stays on a phone that was cut off', async () => {
    const queue = queueOf({ one: () => refuse(401) });
    expect(await queue.take(scan()).fate).toEqual({ kind: 'cut-off' });
    expect(await ids()).toHaveLength(1);
  });
});

describe('what was kept', () => {
  test('leaves in batches, the oldest first', async () => {
    const sizes: number[] = [];
    const queue = queueOf({
      many: (all) => {
        sizes.push(all.length);
        return good.many(all);
      },
    });
    for (let each = 0; each < BATCH + 20; each++) await store.put('scans', scan());
    await queue.flush();
    expect(sizes).toEqual([BATCH, 20]);
    expect(await ids()).toEqual([]);
  });

  test('stays whole when the batch meets no network', async () => {
    const queue = queueOf({ many: silent });
    await shelf.keep(scan());
    await shelf.keep(scan());
    await queue.flush();
    expect(await ids()).toHaveLength(2);
  });

  test('is forgotten one by one: only what has an outcome', async () => {
    const [first, second, third] = [scan(), scan(), scan()];
    const queue = queueOf({
      many: () =>
        Promise.resolve([
          { index: 0, id: first.id, answer: answerTo(first), problem: null },
          { index: 1, id: second.id, answer: null, problem: problem(409, 'scan_id_reused') },
          { index: 2, id: third.id, answer: null, problem: problem(500, 'server_error') },
        ]),
    });
    for (const each of [first, second, third]) await shelf.keep(each);
    await queue.flush();
    expect(await ids()).toEqual([third.id]);
  });

  test('stays with its reason whatever else the server says of it, and leaves when it is taken', async () => {
    const only = scan();
    let problems = [problem(422, 'invalid_request'), problem(429, 'too_many_codes')];
    const told: Fate[] = [];
    const many: Post['many'] = (all) => {
      const [first, ...others] = problems;
      problems = others;
      return first ? Promise.resolve([{ index: 0, id: only.id, answer: null, problem: first }]) : good.many(all);
    };
    const queue = queueOf({ many }, { scan: (_scan: KeptScan, fate: Fate) => told.push(fate) });
    await shelf.keep(only);
    await queue.flush();
    await queue.flush();
    expect(await shelf.waiting()).toMatchObject([{ id: only.id, problem: { code: 'too_many_codes' } }]);
    await queue.flush();
    expect(await ids()).toEqual([]);
    expect(told.map(({ kind }) => kind)).toEqual(['kept', 'kept', 'answered']);
  });

  test('those that were refused before leave after the others, apart', async () => {
    const batches: string[][] = [];
    const queue = queueOf({
      many: (all) => {
        batches.push(all.map(({ id }) => id));
        return good.many(all);
      },
    });
    const [before, fresh] = [scan({ problem: { code: 'x', detail: 'words' } }), scan()];
    await shelf.keep(before);
    await shelf.keep(fresh);
    await queue.flush();
    expect(batches).toEqual([[fresh.id], [before.id]]);
  });

  test('an item whose id the server could not read is found by its index', async () => {
    const only = scan();
    const queue = queueOf({
      many: () => Promise.resolve([{ index: 0, id: null, answer: null, problem: problem(422, 'scan_too_old') }]),
    });
    await shelf.keep(only);
    await queue.flush();
    expect(await ids()).toEqual([]);
  });

  test('one scan that spoils a whole batch does not hold the others back', async () => {
    const bad = scan();
    const many: Post['many'] = (all) => (all.some(({ id }) => id === bad.id) ? refuse(422) : good.many(all));
    const queue = queueOf({ many });
    for (const each of [scan(), scan(), bad, scan(), scan()]) await shelf.keep(each);
    await queue.flush();
    expect(await ids()).toEqual([bad.id]);
  });

  test('of another place does not leave with this place’s token', async () => {
    const sent: string[] = [];
    const elsewhere = scan({ place_id: 'place-2' });
    const queue = queueOf({
      many: (all) => {
        sent.push(...all.map(({ id }) => id));
        return good.many(all);
      },
    });
    await shelf.keep(elsewhere);
    await shelf.keep(scan());
    await queue.flush();
    expect(sent).not.toContain(elsewhere.id);
    expect(await store.get('scans', elsewhere.id)).toEqual(elsewhere);
  });

  test('a scan that is being sent alone is not in the batch too', async () => {
    let release = (): void => undefined;
    const batches: string[][] = [];
    const queue = queueOf({
      one: (each) => new Promise((done) => (release = () => done(answerTo(each)))),
      many: (all) => {
        batches.push(all.map(({ id }) => id));
        return good.many(all);
      },
    });
    const kept = scan();
    await shelf.keep(kept);
    const alone = queue.take(scan()).fate;
    await new Promise((resolve) => setTimeout(resolve, 20));
    await queue.flush();
    release();
    await alone;
    expect(batches).toEqual([[kept.id]]);
  });

  test('two triggers at once send it once', async () => {
    let batches = 0;
    const queue = queueOf({
      many: (all) => {
        batches += 1;
        return good.many(all);
      },
    });
    await shelf.keep(scan());
    await Promise.all([queue.flush(), queue.flush()]);
    expect(batches).toBe(1);
  });

  test('asked for while an attempt is failing, it is tried once more: the network may be back', async () => {
    await queueOf({ one: silent }).take(scan()).fate;
    let fail: (error: unknown) => void = () => undefined;
    let tries = 0;
    const queue = queueOf({
      many: (all) => {
        tries += 1;
        return tries > 1 ? good.many(all) : new Promise((_, reject) => (fail = reject));
      },
    });
    const first = queue.flush();
    await vi.waitFor(() => expect(tries).toBe(1));
    const second = queue.flush();
    fail(new Unreachable());
    await Promise.all([first, second]);
    expect(await ids()).toEqual([]);
    expect(tries).toBe(2);
  });

  test('every late outcome is told', async () => {
    const told: [string, Fate['kind']][] = [];
    const queue = queueOf({}, { scan: (each: KeptScan, fate: Fate) => told.push([each.id, fate.kind]) });
    const kept = scan();
    await shelf.keep(kept);
    await queue.flush();
    expect(told).toEqual([[kept.id, 'answered']]);
  });
});
