import type { Door, Paired } from '$lib/api/types.ts';
import { store, type Device } from '$lib/store.ts';
import { uuid7 } from '$lib/uuid.ts';

async function change(changes: Partial<Device>): Promise<Device> {
  const transaction = (await store()).transaction('device', 'readwrite', { durability: 'strict' });
  const changed = { ...(await transaction.store.get('this')), ...changes };
  await Promise.all([transaction.store.put(changed, 'this'), transaction.done]);
  return changed;
}

/** This phone or tablet as a door: it keeps its own id when it is paired again. */
export const device = {
  async load(): Promise<Device> {
    return (await (await store()).get('device', 'this')) ?? {};
  },

  /** The device's own id, made once. */
  async id(): Promise<string> {
    const { id } = await this.load();
    if (id) return id;
    const made = uuid7();
    await change({ id: made });
    return made;
  },

  /** It was paired: this is its place and its token. */
  becomes: (paired: Paired, name?: string) =>
    change({ token: paired.token, door: paired.door, name: name ?? paired.door.name, cut_off: false }),

  /** What the server says of it now (its place may have been renamed). */
  refreshed: (door: Door) => change({ door }),

  /** Its place cut it off: the token is forgotten, unsent scans are not. */
  isCutOff: () => change({ token: undefined, cut_off: true }),

  mute: (muted: boolean) => change({ muted }),
};
