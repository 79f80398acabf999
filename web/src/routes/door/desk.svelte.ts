import { answer, doorApi, Refused } from '$lib/api/client.ts';
import type { CheckInAnswer, Door, LookUp, SaidName } from '$lib/api/types.ts';
import { i18n } from '$lib/i18n/i18n.svelte.ts';
import type { KeptScan, Recent, Store } from '$lib/store.ts';
import { said as toast } from '$lib/ui/said.svelte.ts';
import { uuid7 } from '$lib/uuid.ts';
import { device } from './device.ts';
import { signal } from './feedback.ts';
import { Gate } from './gate.ts';
import { Queue, type Fate } from './queue.ts';
import {
  countToday,
  countWaiting,
  isLate,
  lateLines,
  linesOfToday,
  mayBeUndone,
  recentOf,
  sameVisit,
} from './recent.ts';
import { recognise } from './recognise.ts';
import { tryPass, type Trial } from './trial.ts';
import type { Colour } from './verdicts.ts';

/** How long a verdict stands before the camera is back, in milliseconds. */
export const VERDICT_STANDS = 3000;
/** A different code may take the place of a verdict after so long: a queue must not wait for nothing. */
const VERDICT_READ = 1200;
const RETRY_EVERY = 20_000;
/** Nobody waits longer at a door: then the scan is kept, and sent later. */
const ONE_ANSWERS_WITHIN = 4000;
const MANY_ANSWER_WITHIN = 30_000;

/** What was shown at the door: enough to ask again with a choice. */
type Said = { pass?: string; short_code?: string; by_name?: SaidName };
export type Shown = {
  scan: KeptScan;
  said: Said;
  fate: Fate;
  colour: Colour;
  since: number;
  undo: 'no' | 'may' | 'doing' | 'done' | 'failed';
};

/** One phone at one door: what it reads, what it asks, what it shows. */
export class Desk {
  shown = $state.raw<Shown>();
  /** The verdict before, kept in small under the camera. */
  last = $state.raw<Shown>();
  /** What a trial pass, just read, came to. */
  trial = $state.raw<Trial>();
  /** Asked, no answer yet. */
  asking = $state(false);
  /** A code that is not a pass was seen: say so for a moment. */
  foreign = $state(false);
  held = $state(false);
  /** Visits that wait on this phone. */
  waiting = $state(0);
  /** Of these, the scans that the server would not take so far, and why. */
  unsent = $state.raw<KeptScan[]>([]);
  /** Let in offline, then refused: to be read by the host. */
  late = $state.raw<Recent[]>([]);
  sending = $state(false);
  online = $state(navigator.onLine);
  cutOff = $state(false);
  lines = $state.raw<Recent[]>([]);
  muted = $state(false);

  readonly count = $derived(countToday(this.lines));
  readonly #gate = new Gate();
  readonly #queue: Queue;
  readonly #api;
  readonly #ended = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #foreignTimer: ReturnType<typeof setTimeout> | undefined;
  #trialTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly store: Store,
    readonly door: Door,
    token: string,
  ) {
    this.#api = doorApi(token, ONE_ANSWERS_WITHIN);
    const bulk = doorApi(token, MANY_ANSWER_WITHIN);
    this.#queue = new Queue(
      store,
      door.place.id,
      {
        one: (scan) => answer(this.#api.POST('/api/v1/check-ins', { body: this.#body(scan) })),
        many: async (scans) =>
          (await answer(bulk.POST('/api/v1/check-ins/batch', { body: { items: scans.map(this.#body) } }))).outcomes,
      },
      async (scan, fate) => {
        await this.#note(scan, fate, isLate(fate));
        if (isLate(fate)) signal('red', this.muted);
      },
    );
  }

  /** Begin: send what was kept, and again whenever there is a chance that it leaves. */
  async start(): Promise<void> {
    const { signal: ended } = this.#ended;
    const tryAgain = () => void this.flush();
    addEventListener('online', () => ((this.online = true), tryAgain()), { signal: ended });
    addEventListener('offline', () => (this.online = false), { signal: ended });
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && tryAgain(), {
      signal: ended,
    });
    // The browser does not always tell when a network is back.
    const clock = setInterval(() => this.waiting > 0 && tryAgain(), RETRY_EVERY);
    ended.addEventListener('abort', () => clearInterval(clock));
    void navigator.storage?.persist?.();
    this.muted = (await device.load()).muted ?? false;
    await this.refresh();
    await Promise.all([this.flush(), this.#greet()]);
  }

  stop(): void {
    this.#ended.abort();
    clearTimeout(this.#timer);
    clearTimeout(this.#foreignTimer);
    clearTimeout(this.#trialTimer);
  }

  /** Something was read by the camera, a photo or a scanner. Codes that are not ours are only named. */
  async read(text: string): Promise<void> {
    const found = recognise(text);
    const now = Date.now();
    if (found.kind === 'trial') return this.#try(found.text, now);
    if (found.kind !== 'pass') {
      if (!this.shown && this.#gate.admits(text, now)) this.#sayForeign();
      return;
    }
    const { shown } = this;
    const busy = this.asking || this.held || (shown && (this.#choosing(shown) || now - shown.since < VERDICT_READ));
    if (busy && this.#current !== found.text) return;
    if (!this.#gate.admits(found.text, now)) return;
    await this.#take({ pass: found.text });
  }

  /** A trial pass: the server checks it and notes this phone. Nothing is kept here, and nothing is counted. */
  async #try(text: string, now: number): Promise<void> {
    if (this.shown || this.asking || !this.#gate.admits(text, now)) return;
    this.asking = true;
    try {
      this.trial = await tryPass(this.#api, text);
      signal(this.trial.colour, this.muted);
      this.#trialTimer = setTimeout(this.endTrial, VERDICT_STANDS);
    } catch (error) {
      await this.#mayBeCutOff(error);
    } finally {
      this.asking = false;
    }
  }

  /** Back to the camera after a trial. */
  endTrial = (): void => {
    clearTimeout(this.#trialTimer);
    this.trial = undefined;
  };

  /** The host typed a short code, saw the name and confirmed. */
  confirmShortCode = (code: string): Promise<void> => this.#take({ short_code: code });

  /** Who has this short code? The look-up is recorded. Throws as the API does. */
  lookUp = async (code: string): Promise<LookUp> => {
    try {
      return await answer(this.#api.POST('/api/v1/short-codes/look-up', { body: { short_code: code } }));
    } catch (error) {
      await this.#mayBeCutOff(error);
      throw error;
    }
  };

  /** A scan of now, with an id of its own. */
  newScan = (membershipId?: string): KeptScan => ({
    id: uuid7(),
    place_id: this.door.place.id,
    ...(membershipId !== undefined && { membership_id: membershipId }),
    scanned_at: new Date().toISOString(),
  });

  /**
   * A name, and what proves that it is theirs: asked at once or not at all, and never kept on this device. The same
   * `scan` may be sent again. Returns whether they go together; throws as the API does.
   */
  checkInByName = async (byName: SaidName, scan: KeptScan): Promise<boolean> => {
    let given: CheckInAnswer;
    try {
      given = await answer(this.#api.POST('/api/v1/check-ins', { body: { ...this.#body(scan), by_name: byName } }));
    } catch (error) {
      await this.#mayBeCutOff(error);
      throw error;
    }
    if (given.verdict === 'invalid') return false;
    const fate: Fate = { kind: 'answered', answer: given };
    await this.#note(scan, fate);
    await this.#show(scan, { by_name: byName }, fate);
    return true;
  };

  /** The person said which of their places they come from: a new scan that names it. */
  choose = async (membershipId: string): Promise<void> => {
    const said = this.shown?.said;
    if (!said?.by_name) return said && this.#take(said, membershipId);
    try {
      await this.checkInByName(said.by_name, this.newScan(membershipId));
    } catch {
      toast.say(i18n.t.doorName.offline);
    }
  };

  /** Back to the camera. */
  dismiss = (): void => {
    clearTimeout(this.#timer);
    this.held = false;
    if (this.shown) this.last = this.shown;
    this.shown = undefined;
  };

  /** Keep the verdict on the screen until it is dismissed. */
  hold = (): void => {
    clearTimeout(this.#timer);
    this.held = true;
  };

  /** Take a welcome back: every scan of this phone that stands for the same visit. Returns whether it worked. */
  async undo(line: Recent): Promise<boolean> {
    const scans = sameVisit(this.lines, line);
    const ids = new Set(scans.map(({ id }) => id));
    const concerns = (shown: Shown | undefined): shown is Shown => shown !== undefined && ids.has(shown.scan.id);
    const again = (undo: Shown['undo']) => {
      if (concerns(this.shown)) this.shown = { ...this.shown, undo };
      if (concerns(this.last)) this.last = { ...this.last, undo };
    };
    if (concerns(this.shown)) this.hold();
    again('doing');
    let worked = true;
    try {
      for (const each of scans) await this.#takeBack(each);
      for (const shown of [this.shown, this.last]) {
        if (concerns(shown) && shown.said.pass) this.#gate.forget(shown.said.pass);
      }
    } catch (error) {
      await this.#mayBeCutOff(error);
      worked = false;
    }
    again(worked ? 'done' : 'failed');
    await this.refresh();
    if (concerns(this.shown)) {
      this.held = false;
      this.#returnSoon();
    }
    return worked;
  }

  /** Take back the welcome that stands on the screen. */
  undoShown = ({ scan, fate }: Shown): Promise<boolean> => this.undo(recentOf(scan, fate));

  async #takeBack(line: Recent): Promise<void> {
    const path = { check_in_id: line.check_in_id ?? '' };
    const body = { reason: i18n.t.door.undoReason };
    await answer(this.#api.POST('/api/v1/check-ins/{check_in_id}/undo', { params: { path }, body }));
    await this.store.put('recent', { ...line, state: 'undone' });
  }

  /** The host has read what was refused after the fact. */
  async readLate(): Promise<void> {
    for (const { late: _, ...line } of this.late) await this.store.put('recent', line);
    await this.refresh();
  }

  async mute(muted: boolean): Promise<void> {
    this.muted = muted;
    await device.mute(muted);
  }

  /** Send what waits. */
  flush = async (): Promise<void> => {
    if (this.cutOff || this.waiting === 0) return;
    this.sending = true;
    try {
      await this.#queue.flush();
    } finally {
      this.sending = false;
      await this.refresh();
    }
  };

  async refresh(): Promise<void> {
    const { place } = this.door;
    const scans = await this.#queue.waiting();
    this.waiting = countWaiting(scans, place.zone);
    this.unsent = scans.filter((scan) => scan.problem);
    this.late = await lateLines(this.store, place.id);
    this.lines = await linesOfToday(this.store, place.id, place.zone, new Date());
  }

  #current: string | undefined;

  /** Keep a scan, ask, show. */
  async #take(said: Omit<Said, 'by_name'>, membershipId?: string): Promise<void> {
    clearTimeout(this.#timer);
    const scan: KeptScan = { ...this.newScan(membershipId), ...said };
    this.#current = said.pass;
    this.shown = undefined;
    this.held = false;
    this.asking = true;
    let fate: Fate;
    try {
      fate = await this.#queue.take(scan);
      await this.#note(scan, fate);
    } catch (error) {
      // The device's store is full or gone: nothing was kept, and the host must know.
      console.error(error);
      fate = { kind: 'failed' };
    } finally {
      this.asking = false;
    }
    if (fate.kind !== 'cut-off') await this.#show(scan, said, fate);
  }

  /** Put a verdict on the screen. */
  async #show(scan: KeptScan, said: Said, fate: Fate): Promise<void> {
    clearTimeout(this.#timer);
    this.held = false;
    const colour: Colour = fate.kind === 'answered' ? fate.answer.colour : 'amber';
    this.shown = { scan, said, fate, colour, since: Date.now(), undo: this.#mayUndo(scan, fate) ? 'may' : 'no' };
    signal(colour, this.muted);
    if (fate.kind === 'answered') this.online = true;
    if (!this.#choosing(this.shown)) this.#returnSoon();
    if (fate.kind === 'failed') return;
    await this.refresh();
    // The network is there: whatever was kept before may leave too.
    if (fate.kind === 'answered') void this.flush();
  }

  /** Who is back is undone only where the first scan is this phone's too: else their visit would still count. */
  #mayUndo(scan: KeptScan, fate: Fate): boolean {
    const line = recentOf(scan, fate);
    return mayBeUndone(line) && sameVisit(this.lines, line).some(({ verdict }) => verdict === 'ok');
  }

  async #note(scan: KeptScan, fate: Fate, late = false): Promise<void> {
    if (fate.kind === 'cut-off') {
      this.cutOff = true;
      await device.isCutOff();
    }
    await this.store.put('recent', { ...recentOf(scan, fate), ...(late && { late }) });
  }

  async #greet(): Promise<void> {
    try {
      const door = await answer(this.#api.GET('/api/v1/door'));
      await device.refreshed(door);
    } catch (error) {
      await this.#mayBeCutOff(error);
    }
  }

  async #mayBeCutOff(error: unknown): Promise<void> {
    if (!(error instanceof Refused) || error.status !== 401) return;
    this.cutOff = true;
    await device.isCutOff();
  }

  #choosing = (shown: Shown): boolean => shown.fate.kind === 'answered' && shown.fate.answer.choices.length > 0;

  #returnSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.dismiss, VERDICT_STANDS);
  }

  #sayForeign(): void {
    this.foreign = true;
    clearTimeout(this.#foreignTimer);
    this.#foreignTimer = setTimeout(() => (this.foreign = false), 2500);
  }

  #body = ({ id, pass, short_code, membership_id, scanned_at }: KeptScan) => ({
    id,
    ...(pass === undefined ? {} : { pass }),
    ...(short_code === undefined ? {} : { short_code }),
    ...(membership_id === undefined ? {} : { membership_id }),
    full_day: false,
    scanned_at,
    // The clock as it is when the scan is sent: the server measures its error with it.
    device_now: new Date().toISOString(),
  });
}

export type { CheckInAnswer };
