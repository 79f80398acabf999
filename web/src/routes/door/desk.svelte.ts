import { answer, Refused } from '$lib/api/client.ts';
import type { Door, LookUp, SaidName } from '$lib/api/types.ts';
import { i18n } from '$lib/i18n/i18n.svelte.ts';
import { store as openShared, type KeptScan, type Store } from '$lib/store.ts';
import { said as toast } from '$lib/ui/said.svelte.ts';
import { uuid7 } from '$lib/uuid.ts';
import type { Answer, Decision } from './answer.ts';
import { bodyOf } from './body.ts';
import { device } from './device.ts';
import { signal } from './feedback.ts';
import { Gate } from './gate.ts';
import { Host } from './host.ts';
import { Local } from './local.ts';
import { askToKeep, keepDoorFiles } from './offline.ts';
import { pulse, TICK } from './pulse.ts';
import { Queue, type Fate } from './queue.ts';
import { Kept } from './kept.svelte.ts';
import { Link } from './link.ts';
import { decidedLine, mayBeUndone, recentOf, sameVisit } from './recent.ts';
import { recognise } from './recognise.ts';
import { Shelf } from './shelf.ts';
import { colourOf, isChoosing, standsFor, viewOf, VERDICT_STANDS, type Said, type Shown } from './showing.ts';
import { Sync, SYNC_EVERY } from './sync.ts';
import { tabsOf } from './tabs.ts';
import { tryPass, type Trial } from './trial.ts';

/** The server's answer is shown if it comes within so many milliseconds, else this door's own (door.md, The door). */
export const ANSWERS_WITHIN = 700;
/** A different code may take the place of a verdict after so long: a queue must not wait for nothing. */
const VERDICT_READ = 1200;
/** How long a scan waits for what this device keeps, in milliseconds, before it does without. */
const LOADS_WITHIN = 1000;
/** What a door shows, in effect, when it knows nothing: let in, sort out later. */
const KNOWS_NOTHING = 'list_stale';

/** One phone at one door: what it reads, what it decides and asks, what it shows. */
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
  /** False: a tablet that scans with nobody beside it. */
  attended = $state(true);
  sending = $state(false);
  online = $state(navigator.onLine);
  cutOff = $state(false);
  muted = $state(false);
  /** What this door knows of its place and people, as it came. */
  readonly local = new Local();
  /** Changes whenever `local` knows more, so that a page follows. */
  learnt = $state(0);
  /** The server's time, as far as this device knows; moves on every few seconds. */
  now = $state(Date.now());
  /** Page and decoder are kept for when there is no network. */
  filesKept = $state(false);
  /** Whether the browser promised not to clear what waits here. */
  promised = $state<boolean>();
  /** What a host does after a verdict. */
  readonly host: Host;
  /** What waits on this phone, and its list. */
  readonly kept: Kept;
  readonly #gate = new Gate();
  readonly #shelf: Shelf;
  readonly #queue: Queue;
  readonly #sync: Sync;
  readonly #link: Link;
  readonly #ended = new AbortController();
  #loaded = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #foreignTimer: ReturnType<typeof setTimeout> | undefined;
  #trialTimer: ReturnType<typeof setTimeout> | undefined;
  #syncedAt = 0;
  #current: string | undefined;

  constructor(
    readonly store: Store,
    readonly door: Door,
    token: string,
  ) {
    this.#link = new Link(token, (reached) => (this.online = reached && navigator.onLine));
    this.#shelf = new Shelf(store, door.place.id, () => openShared());
    this.kept = new Kept(store, door.place, this.#shelf);
    this.#queue = new Queue(this.#shelf, tabsOf(navigator.locks), this.#link.post, {
      scan: async (scan, fate) => {
        await this.#settled(scan, fate);
        if ((await store.get('recent', scan.id).catch(() => undefined))?.late) signal('red', this.muted);
      },
      deed: (_, fate) => fate.kind === 'refused' && toast.say(fate.problem.detail, 8000),
    });
    this.host = new Host(this, this.#shelf, this.#queue);
    this.#sync = new Sync(store, door.place.id, token, async (fetched) => {
      await this.local.learn(fetched);
      this.learnt += 1;
    });
  }

  /** Begin: send what was kept, learn what is new, and again whenever there is a chance. */
  async start(): Promise<void> {
    pulse(
      {
        network: (online) => {
          this.online = online;
          if (online) void this.#meet();
        },
        seen: () => void this.#meet(),
        tick: () => {
          this.now = this.serverNow();
          if (this.kept.mayLeave) void this.flush();
          if (Date.now() - this.#syncedAt >= SYNC_EVERY) void this.#learn();
        },
      },
      this.#ended.signal,
    );
    this.#loaded = this.#load();
    await this.#loaded;
    void askToKeep().then((promised) => (this.promised = promised));
    void keepDoorFiles().then((kept) => (this.filesKept = kept));
    await Promise.all([this.#meet(), this.#greet()]);
  }

  /** Read what this device keeps. */
  async #load(): Promise<void> {
    this.muted = (await device.load()).muted ?? false;
    await this.#sync.load();
    this.now = this.serverNow();
    await this.refresh();
  }

  stop(): void {
    this.#ended.abort();
    clearTimeout(this.#timer);
    clearTimeout(this.#foreignTimer);
    clearTimeout(this.#trialTimer);
  }

  /** The server's time as this device knows it, in milliseconds. */
  serverNow = (): number => Date.now() + this.#sync.behind;

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
    const busy = this.asking || this.held || (shown && (isChoosing(shown) || now - shown.since < VERDICT_READ));
    if (busy && this.#current !== found.text) return;
    if (!this.#gate.admits(found.text, now)) return;
    await this.#take({ pass: found.text });
  }

  /** A trial pass: nothing is kept here, and nothing is counted. */
  async #try(text: string, now: number): Promise<void> {
    if (this.shown || this.asking || !this.#gate.admits(text, now)) return;
    this.asking = true;
    try {
      this.trial = await tryPass(this.#link.api, text, () => this.local.tryTrial(text, this.serverNow()), ANSWERS_WITHIN);
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
      return await answer(this.#link.api.POST('/api/v1/short-codes/look-up', { body: { short_code: code } }));
    } catch (error) {
      await this.#mayBeCutOff(error);
      throw error;
    }
  };

  /** A scan of now, with an id of its own. */
  newScan = (homeId?: string): KeptScan => ({
    id: uuid7(),
    place_id: this.door.place.id,
    ...(homeId !== undefined && { home_id: homeId }),
    ...(!this.attended && { attended: false }),
    ...(this.local.list && { list_iat: this.local.list.iat }),
    scanned_at: new Date().toISOString(),
  });

  /**
   * A name, and what proves that it is theirs: asked at once or not at all, and never kept on this device. The same
   * `scan` may be sent again. Returns whether they go together; throws as the API does.
   */
  checkInByName = async (byName: SaidName, scan: KeptScan): Promise<boolean> => {
    let given: Answer;
    try {
      given = await answer(this.#link.api.POST('/api/v1/check-ins', { body: { ...bodyOf(scan), by_name: byName } }));
    } catch (error) {
      await this.#mayBeCutOff(error);
      throw error;
    }
    if (given.verdict === 'invalid') return false;
    const fate: Fate = { kind: 'answered', answer: given };
    await this.#shelf.note(recentOf(scan, fate));
    await this.#show(scan, { by_name: byName }, fate);
    return true;
  };

  /** The person said which of their places they come from: a new scan that names it. */
  choose = async (homeId: string): Promise<void> => {
    const said = this.shown?.said;
    this.shown = undefined;
    if (!said?.by_name) return said && this.#take(said, homeId);
    try {
      await this.checkInByName(said.by_name, this.newScan(homeId));
    } catch {
      toast.say(i18n.t.doorName.offline);
    }
  };

  /** Back to the camera. */
  dismiss = (): void => {
    clearTimeout(this.#timer);
    const { shown } = this;
    this.held = false;
    this.shown = undefined;
    if (!shown) return;
    this.last = shown;
    // Nobody said which home pays, and the person is in: that is for a manager to sort out.
    if (shown.fate.kind === 'kept' && isChoosing(shown)) void this.#shelf.amend(shown.scan.id, { shown: 'ambiguous' });
  };

  /** Keep the verdict on the screen until it is dismissed. */
  hold = (): void => {
    clearTimeout(this.#timer);
    this.held = true;
  };

  /** The host has read what the server said after the fact. */
  async readLate(): Promise<void> {
    for (const { late: _, ...line } of this.kept.late) await this.#shelf.note(line);
    await this.refresh();
  }

  async mute(muted: boolean): Promise<void> {
    this.muted = muted;
    await device.mute(muted);
  }

  /** Send what waits. */
  flush = async (): Promise<void> => {
    if (this.cutOff || !this.kept.mayLeave) return;
    this.sending = true;
    try {
      await this.#queue.flush();
    } finally {
      this.sending = false;
      await this.refresh();
    }
  };

  refresh = (): Promise<void> => this.kept.refresh();

  /** The network may be there: send, and learn. */
  async #meet(): Promise<void> {
    await Promise.all([this.flush(), this.#learn()]);
  }

  async #learn(): Promise<void> {
    this.#syncedAt = Date.now();
    const came = await this.#sync.refresh();
    if (came === 'cut-off') return this.isCutOff();
    if (came === 'unreachable') this.#syncedAt = Date.now() - SYNC_EVERY + TICK;
    else this.online = navigator.onLine;
    this.now = this.serverNow();
  }

  /** Keep a scan; decide here and ask the server at once; show whichever is to be shown. */
  async #take(said: Omit<Said, 'by_name'>, homeId?: string): Promise<void> {
    clearTimeout(this.#timer);
    const scan: KeptScan = { ...this.newScan(homeId), ...said };
    this.#current = said.pass;
    this.shown = undefined;
    this.held = false;
    this.asking = true;
    const deciding = this.#decide(scan);
    const { kept, fate } = this.#queue.take(scan);
    const outcome = fate.catch((error: unknown): Fate => {
      console.error(error);
      return { kind: 'kept' };
    });
    const [decision] = await Promise.all([deciding, kept]);
    const patience = navigator.onLine ? ANSWERS_WITHIN : 0;
    const soon = await Promise.race([outcome, new Promise<undefined>((late) => setTimeout(late, patience))]);
    const now = soon && soon.kind !== 'kept' ? soon : await this.#goByItself(scan, decision, soon, outcome);
    this.asking = false;
    if (now.kind === 'cut-off') return this.isCutOff();
    if (now.kind === 'answered' && decision) await this.#shelf.know(scan.id, decision);
    await this.#show(scan, said, now, decision);
    if (soon) return;
    const later = await outcome;
    await this.#settled(scan, later);
    await this.refresh();
    if (later.kind === 'answered') void this.flush();
  }

  /** This door's own verdict, once it has read what it keeps: a page just opened may be shown a pass before that. */
  async #decide(scan: KeptScan): Promise<Decision | undefined> {
    const at = Date.now();
    await Promise.race([this.#loaded, new Promise((late) => setTimeout(late, LOADS_WITHIN))]);
    const { behind } = this.#sync;
    return this.local.decide(scan, at + behind, this.kept.lines, behind);
  }

  /** No answer in time: write down what this door shows instead, before it shows it. */
  async #goByItself(scan: KeptScan, decision: Decision | undefined, soon: Fate | undefined, outcome: Promise<Fate>) {
    const line = decidedLine(scan, decision);
    // Whoever must still say where they come from has not been let in yet.
    const shown = decision?.choices.length ? {} : { shown: decision?.verdict ?? KNOWS_NOTHING };
    const waits = await this.#shelf.amend(scan.id, shown, soon ? recentOf(scan, soon, line) : line);
    return waits ? (soon ?? ({ kind: 'kept' } as const)) : outcome;
  }

  /** Put a verdict on the screen. */
  async #show(scan: KeptScan, said: Said, fate: Fate, decision?: Decision): Promise<void> {
    clearTimeout(this.#timer);
    this.held = false;
    const { trouble } = this.#shelf;
    const colour = colourOf({ fate, decision });
    this.shown = { scan, said, fate, decision, colour, since: Date.now(), mayUndo: false, deeds: {}, trouble };
    this.shown = { ...this.shown, mayUndo: this.#mayUndo(this.shown) };
    signal(colour, this.muted);
    this.returnSoon();
    await this.refresh();
    // The network is there: whatever was kept before may leave too.
    if (fate.kind === 'answered') void this.flush();
  }

  /** The server's word on a scan that was shown already, on this door's word alone. */
  async #settled(scan: KeptScan, fate: Fate): Promise<void> {
    if (fate.kind === 'cut-off') return this.isCutOff();
    const { shown, last } = this;
    if (shown?.scan.id === scan.id && (fate.kind !== 'kept' || fate.problem)) {
      const before = viewOf(shown);
      const after = viewOf({ fate, decision: shown.decision });
      const colour = colourOf({ fate, decision: shown.decision });
      const differs = colour !== shown.colour || after?.verdict !== before?.verdict;
      // « Gardé » said nothing of the pass that could be wrong.
      const corrected = shown.corrected || (differs && before !== undefined);
      const since = differs ? Date.now() : shown.since;
      const next: Shown = { ...shown, fate, colour, corrected, since };
      this.shown = { ...next, mayUndo: this.#mayUndo(next) };
      if (differs) {
        if (colour !== shown.colour) signal(colour, this.muted);
        this.returnSoon();
        // The host reads it here: no line need say so.
        const line = await this.store.get('recent', scan.id).catch(() => undefined);
        if (line?.late) await this.#shelf.note({ ...line, late: false });
      }
    } else if (last?.scan.id === scan.id && fate.kind === 'answered') {
      const next: Shown = { ...last, fate, colour: colourOf({ fate }) };
      this.last = { ...next, mayUndo: this.#mayUndo(next) };
    }
    if (fate.kind === 'kept' && fate.problem) {
      const line = await this.store.get('recent', scan.id).catch(() => undefined);
      await this.#shelf.note(recentOf(scan, fate, line));
    }
  }

  /** Who is back is undone only where the first scan is this phone's too: else their visit would still count. */
  #mayUndo({ scan, fate, decision }: Shown): boolean {
    const line = recentOf(scan, fate, fate.kind === 'kept' ? decidedLine(scan, decision) : undefined);
    return mayBeUndone(line) && sameVisit(this.kept.lines, line).some(({ verdict }) => verdict === 'ok');
  }

  async #greet(): Promise<void> {
    try {
      await device.refreshed(await this.#link.reach(answer(this.#link.api.GET('/api/v1/door'))));
    } catch (error) {
      await this.#mayBeCutOff(error);
    }
  }

  async #mayBeCutOff(error: unknown): Promise<void> {
    if (error instanceof Refused && error.status === 401) await this.isCutOff();
  }

  /** Its place cut it off: nothing more can be asked. */
  async isCutOff(): Promise<void> {
    try {
      await device.isCutOff(); // no name is left here when the page says so
    } finally {
      this.cutOff = true;
    }
  }

  /** The camera is back after a while, unless there is something to do first. */
  returnSoon(): void {
    clearTimeout(this.#timer);
    this.held = false;
    const stands = this.shown && standsFor(this.shown, this.attended);
    if (stands) this.#timer = setTimeout(this.dismiss, stands);
  }

  /** Codes that were taken back may be shown again at once. */
  readAgain = (pass: string): void => this.#gate.forget(pass);

  #sayForeign(): void {
    this.foreign = true;
    clearTimeout(this.#foreignTimer);
    this.#foreignTimer = setTimeout(() => (this.foreign = false), 2500);
  }
}
