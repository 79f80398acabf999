import { answer, Refused } from '$lib/api/client.ts';
import type { Door, LookUp, SaidName } from '$lib/api/types.ts';
import { i18n } from '$lib/i18n/i18n.svelte.ts';
import { using, type KeptScan, type Store } from '$lib/store.ts';
import { said as toast } from '$lib/ui/said.svelte.ts';
import { uuid7 } from '$lib/uuid.ts';
import type { Answer, Decision } from './answer.ts';
import { bodyOf } from './body.ts';
import { serverTime } from './clock.ts';
import { device } from './device.ts';
import { signal } from './feedback.ts';
import { Host } from './host.ts';
import { Local } from './local.ts';
import { askToKeep, keepDoorFiles } from './offline.ts';
import { pulse, TICK } from './pulse.ts';
import { Queue, type Fate } from './queue.ts';
import { Kept } from './kept.svelte.ts';
import { Link } from './link.ts';
import { Reader } from './reader.svelte.ts';
import { decidedLine, recentOf } from './recent.ts';
import { Shelf } from './shelf.ts';
import { actedOn, colourOf, isChoosing, mayUndo, settledAs, standsFor, type Said, type Shown } from './showing.ts';
import { Sync, SYNC_EVERY } from './sync.ts';
import { tabsOf } from './tabs.ts';
import { tryPass, type Trial } from './trial.ts';

/** The server's answer is shown if it comes within so many milliseconds, else this door's own (door.md, The door). */
export const ANSWERS_WITHIN = 700;
/** How long a scan waits for what this device keeps, in milliseconds, before it does without. */
const LOADS_WITHIN = 1000;
const DAY = 86_400_000;
/** A status list lives so long (door.md, The pass): names, where there never was one, no longer. */
const LIST_LIVES = 7 * DAY;
/** So long after their list, names go by whatever clock there is: no network may ever come to set it right. */
const DOUBTED_FOR = 30 * DAY;

/** One phone at one door: what it reads, what it decides and asks, what it shows. */
export class Desk {
  shown = $state.raw<Shown>();
  /** The verdict before, kept in small under the camera. */
  last = $state.raw<Shown>();
  /** Asked, no answer yet. */
  asking = $state(false);
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
  readonly reader: Reader;
  readonly #shelf: Shelf;
  readonly #queue: Queue;
  readonly #sync: Sync;
  readonly #link: Link;
  readonly #ended = new AbortController();
  #loaded = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #syncedAt = 0;

  constructor(
    store: Store,
    readonly door: Door,
    token: string,
  ) {
    const use = using(store);
    this.#link = new Link(token, (reached) => (this.online = reached && navigator.onLine), () => this.#sync.clock);
    this.#shelf = new Shelf(use, door.place.id);
    this.kept = new Kept(use, door.place, this.#shelf, this.serverNow);
    this.reader = new Reader(this, (text) => this.#try(text));
    this.#queue = new Queue(this.#shelf, tabsOf(navigator.locks), this.#link.post, {
      scan: async (scan, fate) => {
        await this.#settled(scan, fate);
        if ((await this.#shelf.line(scan.id))?.late) signal('red', this.muted);
      },
      deed: (_, fate) => fate.kind === 'refused' && toast.say(fate.problem.detail, 8000),
    });
    this.host = new Host(this, this.#shelf, this.#queue);
    this.#sync = new Sync(use, door.place.id, token, async (fetched) => {
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
          void this.#forgetOldNames();
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
    await this.#forgetOldNames();
    await this.refresh();
  }

  stop(): void {
    this.#ended.abort();
    clearTimeout(this.#timer);
    this.reader.stop();
  }

  /** The server's time as this device knows it, in milliseconds. */
  serverNow = (): number => Date.now() + this.#sync.behind;

  /** A photo or a scanner read one code. */
  read = (text: string): Promise<void> => this.reader.see([text]);

  async #try(text: string): Promise<Trial | undefined> {
    this.asking = true;
    try {
      const trial = await tryPass(this.#link.api, text, () => this.local.tryTrial(text, this.serverNow()), ANSWERS_WITHIN);
      signal(trial.colour, this.muted);
      return trial;
    } catch (error) {
      await this.#mayBeCutOff(error);
      return undefined;
    } finally {
      this.asking = false;
    }
  }

  /** The host typed a short code, saw the name and confirmed. */
  confirmShortCode = (code: string): Promise<void> => this.take({ short_code: code });

  /** Who has this short code? The look-up is recorded. Throws as the API does. */
  lookUp = async (code: string): Promise<LookUp> => {
    try {
      return await answer(this.#link.typed.POST('/api/v1/short-codes/look-up', { body: { short_code: code } }));
    } catch (error) {
      await this.#mayBeCutOff(error);
      throw error;
    }
  };

  /** A scan of now, with an id of its own. */
  newScan = (): KeptScan => ({
    id: uuid7(),
    place_id: this.door.place.id,
    ...(!this.attended && { attended: false }),
    ...(this.local.list && { list_iat: this.local.list.iat }),
    ...this.moment(),
  });

  /** Now, by this device's clock, and how wrong that is. */
  moment = () => {
    const { now } = this.#sync.clock;
    return { scanned_at: new Date(now).toISOString(), ...this.#sync.measured };
  };

  /**
   * A name, and what proves that it is theirs: asked at once or not at all, and never kept on this device. The same
   * `scan` may be sent again. Returns whether they go together; throws as the API does.
   */
  checkInByName = async (byName: SaidName, scan: KeptScan): Promise<boolean> => {
    let given: Answer;
    try {
      given = await answer(this.#link.typed.POST('/api/v1/check-ins', { body: { ...bodyOf(scan, this.#sync.clock), by_name: byName } }));
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

  /**
   * The person said which of their places they come from: the same scan once more, which names it, of the instant after
   * the one that asked: a live pass is proven for then, not for now. The one that asked lets nobody in.
   */
  choose = async (homeId: string): Promise<void> => {
    if (!this.shown) return;
    const { said } = this.shown;
    const { id: _, shown: __, override: ___, problem: ____, ...same } = this.shown.scan;
    const scanned_at = new Date(Date.parse(same.scanned_at) + 1).toISOString();
    const scan = { ...same, id: uuid7(), home_id: homeId, scanned_at };
    this.shown = undefined;
    if (!said.by_name) return this.#take(scan, said);
    try {
      await this.checkInByName(said.by_name, scan);
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
    if (isChoosing(shown)) void this.#leaveOpen(shown);
  };

  /** Nobody said which home pays, and the person is in: that is for a manager to sort out. */
  async #leaveOpen({ scan, fate }: Shown): Promise<void> {
    const shown = 'ambiguous';
    if (fate.kind === 'kept' && (await this.#shelf.amend(scan.id, { shown }))) return;
    // A host has read the server's answer, and knows what they did. Where nobody stood by, only the tablet can say it.
    if (scan.attended === false) await this.#settled(scan, await this.#queue.take({ ...scan, shown }).fate);
    await this.refresh();
  }

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
      // By a clock that was set since, what waits would be dated wrong.
      if (this.#sync.isDoubtful) await this.#learn();
      if (!this.cutOff && !this.#sync.mustMeasure) await this.#queue.flush();
    } finally {
      this.sending = false;
      await this.refresh();
    }
  };

  refresh = (): Promise<void> => this.kept.refresh();

  /** The network may be there: learn, then send. */
  async #meet(): Promise<void> {
    await this.#learn();
    await this.flush();
  }

  /** Nobody is known by a list that has ended; a clock that may be wrong is not believed at once. */
  async #forgetOldNames(): Promise<void> {
    const { list } = this.local;
    const ends = list ? list.exp * 1000 : (this.#sync.measured.synced_at ?? this.now) + LIST_LIVES;
    if (this.now < ends + (this.#sync.isDoubtful ? DOUBTED_FOR : 0)) return;
    if (await this.#sync.forgetPeople()) await this.refresh();
  }

  async #learn(): Promise<void> {
    this.#syncedAt = Date.now();
    const came = await this.#sync.refresh();
    if (came === 'cut-off') return this.isCutOff();
    if (came === 'unreachable') this.#syncedAt = Date.now() - SYNC_EVERY + TICK;
    else this.online = navigator.onLine;
    this.now = this.serverNow();
  }

  /** Somebody shows something. */
  take = (said: Pick<Said, 'pass' | 'short_code'>): Promise<void> => this.#take({ ...this.newScan(), ...said }, said);

  /** Keep a scan; decide here and ask the server at once; show whichever is to be shown. */
  async #take(scan: KeptScan, said: Said): Promise<void> {
    this.dismiss();
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
    await Promise.race([this.#loaded, new Promise((late) => setTimeout(late, LOADS_WITHIN))]);
    const { behind } = this.#sync;
    return this.local.decide(scan, serverTime(scan.scanned_at, { behind, ...scan }), this.kept.lines, behind);
  }

  /** No answer in time: write down what this door shows instead, before it shows it. */
  async #goByItself(scan: KeptScan, decision: Decision | undefined, soon: Fate | undefined, outcome: Promise<Fate>) {
    const line = decidedLine(scan, decision);
    const waits = await this.#shelf.amend(scan.id, actedOn(decision), soon ? recentOf(scan, soon, line) : line);
    return waits ? (soon ?? ({ kind: 'kept' } as const)) : outcome;
  }

  /** Put a verdict on the screen. */
  async #show(scan: KeptScan, said: Said, fate: Fate, decision?: Decision): Promise<void> {
    clearTimeout(this.#timer);
    this.held = false;
    const { trouble } = this.#shelf;
    const colour = colourOf({ fate, decision });
    this.shown = { scan, said, fate, decision, colour, since: Date.now(), mayUndo: false, deeds: {}, trouble };
    this.shown = { ...this.shown, mayUndo: mayUndo(this.shown) };
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
      const { next, differs } = settledAs(shown, fate);
      this.shown = { ...next, mayUndo: mayUndo(next) };
      if (differs) {
        if (next.colour !== shown.colour) signal(next.colour, this.muted);
        this.returnSoon();
        // The host reads it here: no line need say so.
        const line = await this.#shelf.line(scan.id);
        if (line?.late) await this.#shelf.note({ ...line, late: false });
      }
    } else if (last?.scan.id === scan.id && fate.kind === 'answered') {
      const next: Shown = { ...last, fate, colour: colourOf({ fate }) };
      this.last = { ...next, mayUndo: mayUndo(next) };
    }
    if (fate.kind === 'kept' && fate.problem) {
      await this.#shelf.note(recentOf(scan, fate, await this.#shelf.line(scan.id)));
    }
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
}
