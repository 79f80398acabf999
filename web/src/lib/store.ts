/** What this device keeps for itself, in IndexedDB. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { CheckInAnswer, Door, MyMember, Pass } from './api/types.ts';

/** A scan on its way to the server: kept from before its verdict is shown until the server's answer for its id. */
export type KeptScan = {
  id: string;
  place_id: string;
  pass?: string;
  short_code?: string;
  membership_id?: string;
  scanned_at: string;
  /** Why the server would not take it the last time, in words for the host; it is sent again later. */
  problem?: { code: string; detail: string };
};

/** A line of the list « Derniers passages de ce téléphone »; forgotten the next day, once it is read. */
export type Recent = {
  id: string;
  place_id: string;
  at: string;
  state: 'kept' | 'answered' | 'refused' | 'undone';
  check_in_id?: string;
  verdict?: string;
  colour?: CheckInAnswer['colour'];
  member?: CheckInAnswer['member'];
  /** When the visit it stands for was opened, in milliseconds. */
  opened_at?: number;
  /** Why the server would not take it, in words. */
  reason?: string;
  /** Refused after the person had been let in: stands on the desk until the host has read it. */
  late?: boolean;
};

/** A member's pass as it was last seen, with its drawing. */
export type KeptPass = { id: string; pass: Pass; member: MyMember; svg: string; kept_at: string };

type Device = { id?: string; token?: string; door?: Door; name?: string; cut_off?: boolean; muted?: boolean };

interface Shelves extends DBSchema {
  device: { key: 'this'; value: Device };
  scans: { key: string; value: KeptScan };
  recent: { key: string; value: Recent };
  passes: { key: string; value: KeptPass };
}
export type Store = IDBPDatabase<Shelves>;
export type { Device };

let opened: Promise<Store> | undefined;

/** The device's store, opened once. */
export function store(name = 'passapp'): Promise<Store> {
  opened ??= openStore(name);
  return opened;
}

export function openStore(name: string): Promise<Store> {
  return openDB<Shelves>(name, 1, {
    upgrade(db) {
      db.createObjectStore('device');
      db.createObjectStore('scans', { keyPath: 'id' });
      db.createObjectStore('recent', { keyPath: 'id' });
      db.createObjectStore('passes', { keyPath: 'id' });
    },
    // Another tab has a newer build: let it go on.
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
    terminated: () => {
      opened = undefined;
    },
  });
}
