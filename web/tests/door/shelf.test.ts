/** What a door keeps, when it is cut short between any two steps, when two tabs share it, and when the device is full. */
import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Refused, Unreachable } from '../../src/lib/api/client.ts';
import type { Outcome, Problem } from '../../src/lib/api/types.ts';
import { openStore, using, type KeptDeed, type KeptScan, type Store } from '../../src/lib/store.ts';
import type { Answer } from '../../src/routes/door/answer.ts';
import { Queue, type Fate, type Post } from '../../src/routes/door/queue.ts';
import { decidedLine } from '../../src/routes/door/recent.ts';
import { Shelf } from '../../src/routes/door/shelf.ts';
import { tabsOf } from '../../src/routes/door/tabs.ts';
import { answerTo } from './answers.ts';

const PLACE = 'place-1';
let store: Store;
let shelf: Shelf;
let number = 0;

const scan = (changes: Partial<KeptScan> = {}): KeptScan => {
  number += 1;
  const scanned_at = new Date(number * 1000).toISOString();
  return { id: `scan-${number}`, place_id: PLACE, pass: `pass-${number}`, scanned_at, ...changes };
};
const deed = (changes: Partial<KeptDeed> = {}): KeptDeed => {
  number += 1;
  const at = new Date(number * 1000).toISOString();
  return { id: `deed-${number}`, place_id: PLACE, at, kind: 'undo', reason: 'Erreur', ...changes } as KeptDeed;
};
const problem = (status: number, code: string): Problem => ({ type: '', title: '', status, code, detail: 'words', errors: [] });

/** A server that answers a scan's id once and for all, as ours does, and counts what came of it. */
class Server implements Post {
  readonly checkIns = new Map<string, Answer>();
  readonly requests: string[] = [];
  readonly last = new Map<string, KeptScan>();
  readonly deeds: string[] = [];
  verdict: Partial<Answer> = {};
  reachable = true;
  /** The answer is on its way back when the network, or the tab, ends. */
  losesAnswers = false;

  #take(sent: KeptScan): Answer {
    this.requests.push(sent.id);
    this.last.set(sent.id, sent);
    const known = this.checkIns.get(sent.id);
    const given = known ?? answerTo(sent, this.verdict);
    this.checkIns.set(sent.id, given);
    return { ...given, replayed: known !== undefined };
  }
  #say<T>(given: T): Promise<T> {
    return this.losesAnswers ? Promise.reject(new Unreachable()) : Promise.resolve(given);
  }
  one = (sent: KeptScan) => (this.reachable ? this.#say(this.#take(sent)) : Promise.reject(new Unreachable()));
  many = (all: KeptScan[]) =>
    this.reachable
      ? this.#say(all.map((each, index): Outcome => ({ index, id: each.id, answer: this.#take(each), problem: null }) as Outcome))
      : Promise.reject(new Unreachable());
  deed = (sent: KeptDeed) => {
    if (!this.reachable) return Promise.reject(new Unreachable());
    this.deeds.push(`${sent.kind} ${sent.check_in_id ?? ''}`);
    return this.#say(undefined);
  };
}

let server: Server;
const queueOf = (kept: Shelf = shelf, tabs = tabsOf(undefined)) => new Queue(kept, tabs, server);
/** The page is opened again: only what is in the store is left. */
const restarted = () => new Shelf(using(store), PLACE);
const waiting = async (kept: Shelf = restarted()) => (await kept.waiting()).map(({ id }) => id);

beforeEach(async () => {
  store = await openStore(`shelf-${Math.random()}`);
  shelf = new Shelf(using(store), PLACE);
  server = new Server();
  vi.spyOn(console, 'error').mockReturnValue(undefined);
});
afterEach(() => vi.restoreAllMocks());

describe('cut short', () => {
  test('after it was written down and before it left: it leaves at the next start', async () => {
    const one = scan();
    await shelf.keep(one);
    await queueOf(restarted()).flush();
    expect([...server.checkIns.keys()]).toEqual([one.id]);
    expect(await waiting()).toEqual([]);
  });

  test('after the server had it and before its answer came: sent again, and counted once', async () => {
    server.losesAnswers = true;
    const one = scan();
    expect(await queueOf().take(one).fate).toEqual({ kind: 'kept' });
    server.losesAnswers = false;
    await queueOf(restarted()).flush();
    expect(server.requests).toEqual([one.id, one.id]);
    expect(server.checkIns.size).toBe(1);
    expect(await waiting()).toEqual([]);
  });

  test('in the midst of a batch: what has no outcome yet is sent again, nothing is counted twice', async () => {
    const all = Array.from({ length: 12 }, () => scan());
    for (const each of all) await shelf.keep(each);
    server.losesAnswers = true;
    await queueOf().flush();
    server.losesAnswers = false;
    await queueOf(restarted()).flush();
    expect(server.checkIns.size).toBe(12);
    expect(await waiting()).toEqual([]);
  });

  test('after it was shown on this door’s word: the server learns what was shown', async () => {
    const one = scan();
    await shelf.keep(one);
    await shelf.amend(one.id, { shown: 'ok' }, decidedLine(one, undefined));
    await queueOf(restarted()).flush();
    expect(server.last.get(one.id)?.shown).toBe('ok');
  });

  test('after a scan was taken back offline: scan and undo leave, in this order', async () => {
    const one = scan();
    await shelf.keep(one);
    server.reachable = false;
    const fate = await queueOf().perform(deed({ scan_id: one.id }), { ...decidedLine(one, undefined), state: 'undone' });
    expect(fate).toEqual({ kind: 'kept' });
    server.reachable = true;
    await queueOf(restarted()).flush();
    expect(server.deeds).toEqual([`undo check-in-of-${one.id}`]);
    expect(await restarted().deeds()).toEqual([]);
    expect(await store.get('recent', one.id)).toMatchObject({ state: 'undone' });
  });

  test('between the scan’s outcome and its undo: the undo still knows its check-in', async () => {
    const one = scan();
    await shelf.keep(one);
    await shelf.keepDeed(deed({ scan_id: one.id }));
    await shelf.settle(one, { kind: 'answered', answer: answerTo(one) });
    await queueOf(restarted()).flush();
    expect(server.deeds).toEqual([`undo check-in-of-${one.id}`]);
  });

  test('a day guest written down leaves at the next start', async () => {
    server.reachable = false;
    await queueOf().perform(deed({ kind: 'guest', given_name: 'Ali', minor: false, guardian_consents: false }));
    server.reachable = true;
    await queueOf(restarted()).flush();
    expect(server.deeds).toHaveLength(1);
    expect(await restarted().deeds()).toEqual([]);
  });
});

describe('a scan that the server is asked about', () => {
  test('and that the host lets in meanwhile is sent again with the reason', async () => {
    server.verdict = { verdict: 'expired', colour: 'red' };
    const one = scan();
    const post = { ...server, one: async (sent: KeptScan) => {
      if (!sent.override) await shelf.amend(one.id, { override: { reason: 'Connue' } });
      return server.one(sent);
    } };
    const fate = await new Queue(shelf, tabsOf(undefined), post).take(one).fate;
    expect(fate.kind).toBe('answered');
    expect(server.last.get(one.id)?.override).toEqual({ reason: 'Connue' });
    expect(await waiting()).toEqual([]);
  });

  test('and that was shown as a welcome is sent again where the server refuses, not where it agrees', async () => {
    for (const [verdict, colour, times] of [['ok', 'green', 1], ['replayed', 'red', 2]] as const) {
      server.verdict = { verdict, colour };
      const one = scan();
      const post = { ...server, one: async (sent: KeptScan) => {
        if (!sent.shown) await shelf.amend(one.id, { shown: 'ok' });
        return server.one(sent);
      } };
      await new Queue(shelf, tabsOf(undefined), post).take(one).fate;
      expect(server.requests.filter((id) => id === one.id)).toHaveLength(times);
    }
  });

  test('cannot be changed any more once it is answered', async () => {
    const one = scan();
    await queueOf().take(one).fate;
    expect(await shelf.amend(one.id, { shown: 'ok' })).toBe(false);
    expect(await waiting()).toEqual([]);
  });

  test('is told to the host when the server says otherwise than the door had', async () => {
    const one = scan();
    await shelf.keep(one);
    const decision = { ...answerTo(one), certain: true };
    await shelf.amend(one.id, { shown: 'ok' }, decidedLine(one, decision));
    await shelf.settle(one, { kind: 'answered', answer: answerTo(one, { verdict: 'revoked', colour: 'red' }) });
    expect(await store.get('recent', one.id)).toMatchObject({ late: true, verdict: 'revoked' });
  });
});

describe('a deed', () => {
  test.each([
    [409, 'month_closed', 'refused', 0],
    [404, 'check_in_unknown', 'refused', 0],
    [422, 'invalid_request', 'kept', 1],
    [404, 'not_found', 'kept', 1],
    [429, 'too_many', 'kept', 1],
    [500, 'server_error', 'kept', 1],
  ])('that the server answers with %s %s is %s', async (status, code, kind, left) => {
    const post = { ...server, deed: () => Promise.reject(new Refused(problem(status, code), status)) };
    const fate = await new Queue(shelf, tabsOf(undefined), post).perform(deed({ check_in_id: 'c' }));
    expect(fate.kind).toBe(kind);
    expect(await shelf.deeds()).toHaveLength(left);
  });

  test('of a scan that the server will never take is dropped with it', async () => {
    const one = scan();
    await shelf.keep(one);
    await shelf.keepDeed(deed({ scan_id: one.id }));
    await shelf.settle(one, { kind: 'refused', problem: problem(422, 'scan_too_old') });
    expect(await shelf.deeds()).toEqual([]);
  });
});

describe('two tabs of one device', () => {
  test('a scan that one is sending is not sent by the other', async () => {
    const tabs = tabsOf(navigator.locks);
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const slow = { ...server, one: (sent: KeptScan) => gate.then(() => server.one(sent)) };
    const one = scan();
    const { kept, fate } = new Queue(shelf, tabs, slow).take(one);
    expect(await kept).toBe(true);
    await queueOf(restarted(), tabs).flush();
    expect(server.requests).toEqual([]);
    release();
    await fate;
    expect(server.requests).toEqual([one.id]);
  });

  test('that flush at once send what waits once', async () => {
    const tabs = tabsOf(navigator.locks);
    for (let each = 0; each < 5; each++) await shelf.keep(scan());
    await Promise.all([queueOf(shelf, tabs).flush(), queueOf(restarted(), tabs).flush()]);
    expect(server.requests).toHaveLength(5);
    expect(await waiting()).toEqual([]);
  });
});

describe('a device that cannot write', () => {
  const full = () => {
    const spy = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('no room', 'QuotaExceededError');
    });
    return () => spy.mockRestore();
  };

  test('keeps the scan in memory, says so, and writes it down once there is room', async () => {
    const makeRoom = full();
    server.reachable = false;
    const one = scan();
    const { kept, fate } = queueOf().take(one);
    expect([await kept, (await fate).kind]).toEqual([false, 'kept']);
    expect([shelf.trouble, shelf.loose]).toEqual(['full', 1]);
    expect(await waiting(shelf)).toEqual([one.id]);
    makeRoom();
    await queueOf().flush();
    expect([shelf.trouble, shelf.loose]).toEqual([undefined, 0]);
    expect(await waiting()).toEqual([one.id]);
  });

  test('still sends it where there is a network', async () => {
    const makeRoom = full();
    const one = scan();
    const fate = await queueOf().take(one).fate;
    expect(fate.kind).toBe('answered');
    expect(shelf.loose).toBe(0);
    makeRoom();
    expect([...server.checkIns.keys()]).toEqual([one.id]);
    expect(await waiting()).toEqual([]);
  });

  test('keeps what was shown with a scan that it could not change', async () => {
    const one = scan();
    await shelf.keep(one);
    const makeRoom = full();
    await shelf.amend(one.id, { shown: 'ok' });
    makeRoom();
    await queueOf().flush();
    expect(server.last.get(one.id)?.shown).toBe('ok');
  });

  test('is reopened where the browser took its store away', async () => {
    const name = `gone-${Math.random()}`;
    const first = await openStore(name);
    const taken = new Shelf(using(first, () => openStore(name)), PLACE);
    first.close();
    server.reachable = false;
    await queueOf(taken).take(scan()).fate;
    expect([taken.trouble, taken.loose]).toEqual([undefined, 0]);
    expect(await (await openStore(name)).count('scans')).toBe(1);
  });

  test('is not waited for longer than a second, and what it writes later still counts', async () => {
    const waits = { go: (): void => undefined };
    const gate = new Promise<void>((resolve) => (waits.go = resolve));
    const slow = new Shelf(async (run) => gate.then(() => run(store)), PLACE);
    const one = scan();
    expect(await slow.keep(one)).toBe(false);
    expect([slow.trouble, slow.loose]).toEqual(['gone', 1]);
    expect(await slow.amend(one.id, { shown: 'ok' })).toBe(true);
    waits.go();
    await vi.waitFor(() => expect([slow.trouble, slow.loose]).toEqual([undefined, 0]), { timeout: 10_000 });
    expect(await store.get('scans', one.id)).toMatchObject({ shown: 'ok' });
  });

  test('says that a deed could neither be kept nor sent', async () => {
    const makeRoom = full();
    server.reachable = false;
    const fate: Fate | { kind: string } = await queueOf().perform(deed({ check_in_id: 'c' }));
    makeRoom();
    expect(fate.kind).toBe('failed');
  });
});
