import type { Door } from '$lib/api/types.ts';
import type { KeptScan, Recent, Use } from '$lib/store.ts';
import { countToday, countWaiting, lateLines, linesOfToday } from './recent.ts';
import type { Shelf, Trouble } from './shelf.ts';

/** What a door keeps, as its page shows it. */
export class Kept {
  /** Visits that wait on this phone. */
  waiting = $state(0);
  /** All that waits on it: scans, and what hosts did. */
  toSend = $state(0);
  /** Whether that was counted yet. */
  isCounted = $state(false);
  /** Of these, the scans that the server would not take so far, and why. */
  unsent = $state.raw<KeptScan[]>([]);
  /** The server said otherwise, after the fact: to be read by the host. */
  late = $state.raw<Recent[]>([]);
  /** Today's, the newest first. */
  lines = $state.raw<Recent[]>([]);
  /** Why this device cannot write, and how many scans only this page knows. */
  trouble = $state<Trouble>();
  loose = $state(0);

  readonly count = $derived(countToday(this.lines));

  constructor(
    private readonly use: Use,
    private readonly place: Door['place'],
    private readonly shelf: Shelf,
    /** The server's time, as far as this device knows it, in milliseconds. */
    private readonly now: () => number,
  ) {}

  /** Whether there is anything to send or to write down. */
  get mayLeave(): boolean {
    return this.toSend > 0 || this.loose > 0 || this.trouble !== undefined;
  }

  async refresh(): Promise<void> {
    const { place } = this;
    const scans = await this.shelf.waiting();
    this.waiting = countWaiting(scans, place.zone);
    this.toSend = scans.length + (await this.shelf.deeds()).length;
    this.isCounted = true;
    this.unsent = scans.filter((scan) => scan.problem);
    this.trouble = this.shelf.trouble;
    this.loose = this.shelf.loose;
    try {
      this.late = await this.use((store) => lateLines(store, place.id));
      this.lines = await this.use((store) => linesOfToday(store, place.id, place.zone, new Date(this.now())));
    } catch (error) {
      console.error(error); // a list that cannot be read stops nobody at the door
    }
  }
}
