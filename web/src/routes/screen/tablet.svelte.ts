import { answer, doorApi, Refused, Unreachable } from '$lib/api/client.ts';
import type { RoomScreen, ScreenRoom } from '$lib/api/types.ts';
import { uuid7 } from '$lib/uuid.ts';
import { device } from '../door/device.ts';
import { forget, keep, load, type Kept } from './kept.ts';
import { FRESH, standingOf, withCome } from './standing.ts';

const PATIENCE = 10_000;
const ASKED_EVERY = 30_000;
const TICK = 5_000;

type Asks = () => Promise<{ data?: RoomScreen; error?: unknown; response: Response }> | undefined;

/** A tablet outside a room: what it knows, what it asks, and what waits for the network. */
export class Tablet {
  /** Undefined until the device is known; false: it is paired with no place. */
  paired = $state<boolean>();
  rooms = $state.raw<ScreenRoom[]>();
  place = $state('');
  problem = $state<string>();
  busy = $state(false);
  online = $state(navigator.onLine);
  /** The server's time, as far as this device knows. */
  now = $state(Date.now());
  #kept = $state.raw<Kept>({ come: [] });
  #api: ReturnType<typeof doorApi> | undefined;
  #asked = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  get room(): number | undefined {
    return this.#kept.room;
  }

  get screen(): RoomScreen | undefined {
    return this.#kept.screen && withCome(this.#kept.screen, this.#kept.come);
  }

  get standing() {
    return this.screen && standingOf(this.screen, this.now);
  }

  /** When it was told what it shows (by this device's clock). */
  get toldAt(): number | undefined {
    return this.#kept.at;
  }

  /** Whether what it shows is of now: only then is anything offered to be booked. */
  get fresh(): boolean {
    return this.online && this.#kept.at !== undefined && this.now - (this.#kept.ahead ?? 0) - this.#kept.at < FRESH;
  }

  async start(): Promise<void> {
    this.#keep(load(Date.now()));
    this.#tick();
    const { token } = await device.load();
    this.paired = token !== undefined;
    if (!token) return forget();
    this.#api = doorApi(token, PATIENCE);
    this.#timer = setInterval(() => {
      this.#tick();
      if (Date.now() - this.#asked <= ASKED_EVERY) return;
      this.problem = undefined;
      void this.refresh();
    }, TICK);
    addEventListener('online', this.refresh);
    document.addEventListener('visibilitychange', this.refresh);
    await this.refresh();
  }

  #tick(): void {
    this.now = Date.now() + (this.#kept.ahead ?? 0);
  }

  stop(): void {
    clearInterval(this.#timer);
    removeEventListener('online', this.refresh);
    document.removeEventListener('visibilitychange', this.refresh);
  }

  readonly refresh = async (): Promise<void> => {
    const api = this.#api;
    if (!api || document.visibilityState !== 'visible') return;
    this.#asked = Date.now();
    if (this.room === undefined) {
      await this.#ask(async () => {
        const found = await answer(api.GET('/api/v1/door/rooms'));
        this.rooms = found.items;
        this.place = found.place;
      });
      return;
    }
    await this.#sendCome();
    await this.#screen(() =>
      api.GET('/api/v1/door/rooms/{resource_id}', { params: { path: { resource_id: this.room ?? 0 } } }),
    );
  };

  choose(room: number | undefined): void {
    this.#keep({ room, ahead: this.#kept.ahead, come: this.#kept.come });
    this.problem = undefined;
    void this.refresh();
  }

  book(minutes: 15 | 30 | 60 | 120): Promise<void> {
    const path = { resource_id: this.room ?? 0 };
    const body = { id: uuid7(), minutes };
    return this.#deed(() => this.#api?.POST('/api/v1/door/rooms/{resource_id}/bookings', { params: { path }, body }));
  }

  leave(id: string): Promise<void> {
    return this.#deed(() =>
      this.#api?.POST('/api/v1/door/bookings/{booking_id}/end', { params: { path: { booking_id: id } } }),
    );
  }

  /** Somebody is there: kept until the server knows, so that they are no no-show for lack of a network. */
  async come(id: string): Promise<void> {
    this.#keep({ ...this.#kept, come: [...this.#kept.come, { id, at: new Date().toISOString() }] });
    await this.#sendCome();
  }

  async #sendCome(): Promise<void> {
    for (const { id, at } of this.#kept.come) {
      const sent = await this.#screen(() =>
        this.#api?.POST('/api/v1/door/bookings/{booking_id}/check-in', {
          params: { path: { booking_id: id } },
          body: { at, device_now: new Date().toISOString() },
        }),
      );
      // It has ended meanwhile, or is not there any more: asking again changes nothing.
      if (sent !== 'done' && sent !== 'over') return;
      this.#keep({ ...this.#kept, come: this.#kept.come.filter((said) => said.id !== id) });
    }
  }

  async #deed(asks: Asks): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.problem = undefined;
    await this.#screen(asks);
    this.busy = false;
  }

  #screen(asks: Asks) {
    return this.#ask(async () => {
      const asked = asks();
      if (!asked) return;
      const screen = await answer(asked);
      const at = Date.now();
      this.#keep({ ...this.#kept, screen, at, ahead: Date.parse(screen.server_now) - at });
      this.#tick();
    });
  }

  async #ask(asks: () => Promise<void>): Promise<'done' | 'over' | 'refused' | 'unreachable'> {
    try {
      await asks();
      this.online = true;
      return 'done';
    } catch (error) {
      if (error instanceof Refused) {
        this.online = true;
        if (error.status === 401) await this.#cutOff();
        else if (error.problem.code === 'resource_unknown') this.choose(undefined);
        else this.problem = error.message;
        return error.status === 404 || error.status === 409 ? 'over' : 'refused';
      }
      if (!(error instanceof Unreachable)) throw error;
      this.online = false;
      return 'unreachable';
    }
  }

  async #cutOff(): Promise<void> {
    this.stop();
    forget();
    await device.isCutOff();
    this.paired = false;
  }

  #keep(kept: Kept): void {
    this.#kept = kept;
    if (this.paired !== false) keep(kept);
  }
}
