import type { Desk } from './desk.svelte.ts';
import { Gate } from './gate.ts';
import { withoutProof } from './recent.ts';
import { recognise } from './recognise.ts';
import { isChoosing, VERDICT_STANDS } from './showing.ts';
import type { Trial } from './trial.ts';

/** A different code may take the place of a verdict after so long: a queue must not wait for nothing. */
const VERDICT_READ = 1200;
const HINT_STANDS = 2500;

/** What a camera, a photo or a scanner reads: a pass goes to the desk, a trial pass is tried, anything else is only named. */
export class Reader {
  /** What a trial pass, just read, came to. */
  trial = $state.raw<Trial>();
  /** Said for a moment: a code that is not a pass was seen, or several passes at once. */
  hint = $state<'foreign' | 'several'>();
  /** What to do with the secret of a team link, where one is waited for. */
  onTeamLink: ((token: string) => void) | undefined;
  readonly #gate = new Gate();
  #current: string | undefined;
  #hintTimer: ReturnType<typeof setTimeout> | undefined;
  #trialTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly desk: Desk,
    private readonly tryPass: (text: string) => Promise<Trial | undefined>,
  ) {}

  stop(): void {
    clearTimeout(this.#hintTimer);
    clearTimeout(this.#trialTimer);
  }

  /** All that one picture holds. Of several passes none is taken: nobody could say whose verdict it is. */
  async see(texts: readonly string[]): Promise<void> {
    const { desk } = this;
    const now = Date.now();
    const read = texts.map((text) => recognise(text));
    const link = read.find((each) => each.kind === 'team-link');
    if (link && this.onTeamLink) return this.onTeamLink(link.token);
    const passes = new Map(read.flatMap((each) => ('text' in each ? [[withoutProof(each.text), each] as const] : [])));
    const [[bare, found] = ['', undefined]] = passes;
    if (passes.size > 1) {
      for (const each of passes.keys()) this.#gate.stays(each, now);
      if (!desk.shown && !desk.asking) this.#say('several');
    } else if (!found) {
      if (!desk.shown && texts[0] !== undefined && this.#gate.admits(texts[0], now)) this.#say('foreign');
    } else if (found.kind === 'trial') await this.#try(found.text, now);
    else await this.#pass(found.text, bare, now);
  }

  /** A live pass has a new proof every 15 seconds: held up for longer, it is the same showing. */
  async #pass(text: string, bare: string, now: number): Promise<void> {
    const { desk } = this;
    const { shown } = desk;
    const refused = [shown, desk.last].some(
      (each) => each?.colour === 'red' && each.said.pass !== undefined && withoutProof(each.said.pass) === bare,
    );
    // Of a pass that was turned away, the next proof may be better.
    const code = refused ? text : bare;
    const busy = desk.asking || desk.held || (shown && (isChoosing(shown) || now - shown.since < VERDICT_READ));
    if (busy && this.#current !== code) return;
    if (!this.#gate.admits(code, now)) return;
    // Shown once more, it would be asked the same.
    if (shown && isChoosing(shown)) return;
    if (code !== text) this.#gate.admits(text, now);
    this.#current = bare;
    await desk.take({ pass: text });
  }

  /** A trial pass: nothing is kept here, and nothing is counted. */
  async #try(text: string, now: number): Promise<void> {
    if (this.desk.shown || this.desk.asking || !this.#gate.admits(text, now)) return;
    this.trial = await this.tryPass(text);
    if (this.trial) this.#trialTimer = setTimeout(this.endTrial, VERDICT_STANDS);
  }

  /** Back to the camera after a trial. */
  endTrial = (): void => {
    clearTimeout(this.#trialTimer);
    this.trial = undefined;
  };

  /** A pass whose check-in was taken back may be shown again at once. */
  readAgain(pass: string): void {
    this.#gate.forget(pass);
    this.#gate.forget(withoutProof(pass));
  }

  #say(hint: 'foreign' | 'several'): void {
    this.hint = hint;
    clearTimeout(this.#hintTimer);
    this.#hintTimer = setTimeout(() => (this.hint = undefined), HINT_STANDS);
  }
}
