import type { MyMember, Pass } from '$lib/api/types.ts';
import { store, type KeptPass, type Store } from '$lib/store.ts';

/** « Léa B. » */
export const shortName = (member: Pick<MyMember, 'given_name' | 'family_name'>): string =>
  `${member.given_name} ${member.family_name.trim().charAt(0).toUpperCase()}.`;

/** Those worth showing, the ones that open doors first, then the newest. A revoked or ended pass gives way to any other. */
export function worthShowing<T extends { pass: Pick<Pass, 'state' | 'issued_at'> }>(all: readonly T[]): T[] {
  const rank = { active: 0, inactive: 1, expired: 2, superseded: 3, revoked: 4 } as const;
  const sorted = [...all].sort(
    (one, other) =>
      rank[one.pass.state] - rank[other.pass.state] || other.pass.issued_at.localeCompare(one.pass.issued_at),
  );
  const [best] = sorted;
  if (!best) return [];
  return best.pass.state === 'active' ? sorted.filter(({ pass }) => pass.state === 'active') : [best];
}

/**
 * Keep these passes, and no other, on the device. Returns whether they really are there: read back, and every one that
 * opens doors with its drawing.
 */
export async function keepPasses(passes: KeptPass[], shelves?: Store): Promise<boolean> {
  try {
    const db = shelves ?? (await store());
    const transaction = db.transaction('passes', 'readwrite', { durability: 'strict' });
    await transaction.store.clear();
    await Promise.all([...passes.map((each) => transaction.store.put(each)), transaction.done]);
    const back = await db.getAll('passes');
    return back.length === passes.length && back.every((each) => each.pass.state !== 'active' || each.svg.includes('<svg'));
  } catch {
    return false;
  }
}

/** The passes kept on this device. */
export async function keptPasses(shelves?: Store): Promise<KeptPass[]> {
  try {
    return await (shelves ?? (await store())).getAll('passes');
  } catch {
    return [];
  }
}

/** Somebody signed out: their passes leave this device with them. A key stays: without its pass it opens nothing. */
export async function forgetPasses(): Promise<void> {
  const transaction = (await store()).transaction(['passes', 'keys'], 'readwrite');
  const [passes, keys] = [transaction.objectStore('passes'), transaction.objectStore('keys')];
  const bare = (await keys.getAll()).map((key) => keys.put({ ...key, issued: undefined }));
  await Promise.all([passes.clear(), ...bare, transaction.done]);
}

/** Whether the pages themselves open without network: our service worker holds them. */
export async function pagesAreKept(): Promise<boolean> {
  if (!('serviceWorker' in navigator)) return false;
  const ready = navigator.serviceWorker.ready.then(() => true);
  const patience = new Promise<false>((resolve) => setTimeout(() => resolve(false), 20_000));
  return Promise.race([ready, patience]);
}
