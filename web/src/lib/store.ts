/** What this device keeps for itself, in IndexedDB. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { CheckInAnswer, Door, MyMember, Pass } from './api/types.ts';

/** A scan on its way to the server: kept from before its verdict is shown until the server's answer for its id. */
export type KeptScan = {
  id: string;
  place_id: string;
  pass?: string;
  short_code?: string;
  /** The home that pays, chosen after the verdict `ambiguous`. */
  home_id?: string;
  /** By this device's clock, which was so wrong. */
  scanned_at: string;
  behind?: number;
  synced_at?: number;
  /** False: nobody was at the door, a tablet read it by itself. */
  attended?: boolean;
  /** `iat` of the status list that this door had, in seconds. */
  list_iat?: number;
  /** The verdict that this door showed by itself, and went by: no answer came in time. */
  shown?: string;
  /** The host let them in all the same, before the server had answered. */
  override?: { reason: string };
  /** Why the server would not take it the last time, in words for the host; it is sent again later. */
  problem?: { code: string; detail: string };
};

/**
 * What a host did after a scan (or a day guest they received): kept until the server has answered. `check_in_id` is known
 * once the scan `scan_id` has its outcome; without it the deed waits.
 */
export type KeptDeed = {
  id: string;
  place_id: string;
  /** By this device's clock, which was so wrong. */
  at: string;
  behind?: number;
  synced_at?: number;
  scan_id?: string;
  check_in_id?: string;
} & (
  | { kind: 'undo' | 'override'; reason: string }
  | { kind: 'house-rules'; version: number }
  | { kind: 'check-out' | 'offer' }
  | { kind: 'guest'; given_name?: string; minor: boolean; guardian_consents: boolean }
);

/** What a door knows of its network, place and people, and the status list, as they came: forgotten when it is cut off. */
export type Known = {
  place_id: string;
  /** The sync document, or the status list's token. */
  text: string;
  etag?: string;
  /** When it was last the newest, by this device's clock, in milliseconds. */
  at: number;
  /** How far this device's clock was behind the server's then, in milliseconds. */
  behind?: number;
};

/** A line of the list « Derniers passages de ce téléphone »; forgotten the next day, once it is read. */
export type Recent = {
  id: string;
  place_id: string;
  /** By this device's clock, so far behind the server's then, in milliseconds. */
  at: string;
  behind?: number;
  state: 'kept' | 'answered' | 'refused' | 'undone';
  check_in_id?: string;
  /** What was shown last: by the door itself while `kept`, then as the server answered. */
  verdict?: string;
  colour?: CheckInAnswer['colour'];
  member?: CheckInAnswer['member'];
  /** When the visit it stands for was opened, in milliseconds. */
  opened_at?: number;
  /** The pass's index in the status list and the step of its proof: the door knows its own scans again with them. */
  index?: number;
  step?: number;
  /** The host let them in all the same. */
  let_in?: boolean;
  /** Why the server would not take it, in words. */
  reason?: string;
  /** The server said otherwise after the host had acted: stands on the desk until the host has read it. */
  late?: boolean;
};

/** A member's pass as it was last seen, with its drawing. */
export type KeptPass = { id: string; pass: Pass; member: MyMember; svg: string; kept_at: string };

/** This phone's key of a live pass, with the pass itself once the server has signed it. */
export type KeptKey = {
  /** `{member_id}:{membership_id}`: a key is made once, and outlives a session. */
  id: string;
  member_id: string;
  /** The membership that pays; null where the door may choose. */
  membership_id: string | null;
  /** Not extractable: it proves that this phone is here, and no page can read it. */
  private_key: CryptoKey;
  /** Its public half, 32 bytes in base64url. */
  public_key: string;
  issued?: {
    /** The pass as signed (a JWT). */
    text: string;
    pass: Pass;
    member: MyMember;
    /** When it was signed last, in milliseconds. */
    at: number;
    /** How far this phone's clock was behind the server's then, in milliseconds. */
    behind: number;
  };
};

/** A member's word that they have come, on their own phone: kept until the server has answered for its id. */
export type KeptArrival = {
  id: string;
  /** Who said so: nobody else's session may send it. */
  account_id: string;
  poster_code: string;
  /** The home that pays, chosen after the verdict `ambiguous`. */
  home_id?: string;
  scanned_at: string;
};

/** A code of four digits, which is not kept itself; and how often, and when last, another one was typed. */
export type Pin = { salt: Uint8Array<ArrayBuffer>; hash: ArrayBuffer; wrong: number; wrong_at: number };

type Device = {
  id?: string;
  token?: string;
  door?: Door;
  name?: string;
  cut_off?: boolean;
  muted?: boolean;
  /** Nobody stands by: a tablet at the entrance that people show their passes to by themselves. */
  alone?: boolean;
  /** What its way out asks for. */
  pin?: Pin;
};

interface Shelves extends DBSchema {
  device: { key: 'this'; value: Device };
  scans: { key: string; value: KeptScan };
  recent: { key: string; value: Recent };
  deeds: { key: string; value: KeptDeed };
  known: { key: 'sync' | 'list'; value: Known };
  passes: { key: string; value: KeptPass };
  keys: { key: string; value: KeptKey };
  arrivals: { key: string; value: KeptArrival };
}
export type Store = IDBPDatabase<Shelves>;
export type { Device };

let opened: Promise<Store> | undefined;

/** The device's store, opened once. */
export function store(name = 'passapp'): Promise<Store> {
  opened ??= openStore(name).catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

/** Uses the store; what it runs may be run twice. */
export type Use = <T>(run: (store: Store) => Promise<T>) => Promise<T>;

const TAKEN_AWAY: ReadonlySet<string> = new Set(['InvalidStateError', 'UnknownError']);

/** A browser may take an open store away (Safari does, after a while in the background): it is opened again, once. */
export function using(first: Store, reopen: () => Promise<Store> = openedAgain): Use {
  let now = first;
  return async (run) => {
    const before = now;
    try {
      return await run(before);
    } catch (error) {
      if (!TAKEN_AWAY.has((error as DOMException | undefined)?.name ?? '')) throw error;
      // Another use may have opened it again meanwhile.
      if (now === before) now = await reopen();
      return run(now);
    }
  };
}

/** Not every browser says that it has closed the store. */
function openedAgain(): Promise<Store> {
  opened = undefined;
  return store();
}

export function openStore(name: string): Promise<Store> {
  return openDB<Shelves>(name, 2, {
    upgrade(db, before) {
      if (before < 1) {
        db.createObjectStore('device');
        db.createObjectStore('scans', { keyPath: 'id' });
        db.createObjectStore('recent', { keyPath: 'id' });
        db.createObjectStore('passes', { keyPath: 'id' });
      }
      if (before < 2) {
        db.createObjectStore('keys', { keyPath: 'id' });
        db.createObjectStore('deeds', { keyPath: 'id' });
        db.createObjectStore('arrivals', { keyPath: 'id' });
        db.createObjectStore('known');
      }
    },
    // Another tab has a newer build: let it go on.
    blocking: (_current, _blocked, event) => {
      opened = undefined;
      (event.target as IDBDatabase).close();
    },
    terminated: () => {
      opened = undefined;
    },
  });
}
