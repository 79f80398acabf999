import type { Door, Paired } from '$lib/api/types.ts';
import { store, type Device } from '$lib/store.ts';
import { uuid7 } from '$lib/uuid.ts';
import { forgetNames } from './sync.ts';

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

  /** It was paired: this is its place and its token. The names of another place are forgotten. */
  async becomes(paired: Paired, name?: string): Promise<Device> {
    const before = await this.load();
    if (before.door && before.door.place.id !== paired.door.place.id) await forgetNames(await store());
    return change({ token: paired.token, door: paired.door, name: name ?? paired.door.name, cut_off: false });
  },

  /** What the server says of it now (its place may have been renamed). */
  refreshed: (door: Door) => change({ door }),

  /** Its place cut it off: the token and all names are forgotten, unsent scans are not. */
  async isCutOff(): Promise<Device> {
    const changed = await change({ token: undefined, cut_off: true });
    await forgetNames(await store());
    return changed;
  },

  mute: (muted: boolean) => change({ muted }),

  /** Nobody stands by from now on, or somebody again. */
  stayAlone: (alone: boolean) => change({ alone }),
};
