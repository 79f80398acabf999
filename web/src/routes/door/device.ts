import type { Door, Paired } from '$lib/api/types.ts';
import { store, using, type Device, type Pin, type Use } from '$lib/store.ts';
import { uuid7 } from '$lib/uuid.ts';
import { forgetNames } from './sync.ts';

const use: Use = async (run) => using(await store())(run);

const change = (changes: Partial<Device>): Promise<Device> =>
  use(async (shelves) => {
    const transaction = shelves.transaction('device', 'readwrite', { durability: 'strict' });
    const changed = { ...(await transaction.store.get('this')), ...changes };
    await Promise.all([transaction.store.put(changed, 'this'), transaction.done]);
    return changed;
  });

/** This phone or tablet as a door: it keeps its own id when it is paired again. */
export const device = {
  async load(): Promise<Device> {
    return (await use((shelves) => shelves.get('device', 'this'))) ?? {};
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
    if (before.door && before.door.place.id !== paired.door.place.id) await forgetNames(use);
    // Whoever pairs it holds it in their hands, and stands by.
    const attended = { alone: false, pin: undefined };
    return change({ token: paired.token, door: paired.door, name: name ?? paired.door.name, cut_off: false, ...attended });
  },

  /** What the server says of it now (its place may have been renamed). */
  refreshed: (door: Door) => change({ door }),

  /** Its place cut it off: the token and all names are forgotten, unsent scans are not. */
  async isCutOff(): Promise<Device> {
    const changed = await change({ token: undefined, cut_off: true });
    await forgetNames(use);
    return changed;
  },

  mute: (muted: boolean) => change({ muted }),

  /** Nobody stands by from now on: its way out asks for this code. */
  stayAlone: (pin: Pin) => change({ alone: true, pin }),

  /** Another code was typed than the one that was chosen. */
  typedWrong: (pin: Pin) => change({ pin }),

  /** Somebody stands by again. */
  isAttended: () => change({ alone: false, pin: undefined }),
};
