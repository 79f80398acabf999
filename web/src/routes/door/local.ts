import type { KeptScan, Recent } from '$lib/store.ts';
import { admits, type Decision } from './answer.ts';
import { serverTime } from './clock.ts';
import { decide, type Decision as Decided } from './rules/decide.ts';
import { keysOf, know, type Known, type OwnScan, type Person, type Synced } from './rules/known.ts';
import { verifyPass } from './rules/pass.ts';
import { readStatusList } from './rules/status.ts';
import { verifier } from './rules/verify.ts';
import type { Fetched } from './sync.ts';
import type { Colour } from './verdicts.ts';
import verdicts from '$verdicts';

/** What this door knows of its place, beyond what verdicts need. */
type Place = Synced['place'] & {
  check_out: boolean;
  guests: boolean;
  minors: boolean;
  house_rules: { version: number; text: string } | null;
  message: string | null;
};
export type SyncDocument = Synced & { place: Place; homes: readonly { id: string; name: string }[] };

const colours = verdicts as Record<string, { colour: string }>;

/** The door's own judge: what it synchronised, made ready for the rules (door.md, One rule engine). */
export class Local {
  place: Place | undefined;
  /** The status list's dates, in seconds. */
  list: { iat: number; exp: number } | undefined;
  #known: Known | undefined;
  #homes = new Map<string, string>();
  #learning: Promise<void> = Promise.resolve();

  /** Whether it can decide by itself. */
  get ready(): boolean {
    return this.#known !== undefined && this.list !== undefined;
  }

  /** Go by what was fetched from now on; resolves once it does. */
  learn(fetched: Fetched): Promise<void> {
    this.#learning = this.#learn(fetched).catch((error: unknown) => console.error(error));
    return this.#learning;
  }

  async #learn({ sync, list }: Fetched): Promise<void> {
    // Ready before the network goes, where this browser needs a verifier of ours.
    const verify = await verifier();
    if (!sync) return;
    const synced = JSON.parse(sync.text) as SyncDocument;
    const statuses = list && (await readStatusList(list.text, keysOf(synced.keys), verify));
    this.#known = know(synced, statuses);
    this.place = synced.place;
    this.list = statuses && { iat: statuses.iat / 1000, exp: statuses.exp / 1000 };
    this.#homes = new Map(synced.homes.map(({ id, name }) => [id, name]));
  }

  /**
   * This door's verdict on a scan at an instant (milliseconds, by the server's clock); undefined where it knows nothing, or
   * where there is no pass to read. `lines`: this phone's own of today; `behind`: how far its clock is behind, in milliseconds.
   */
  async decide(
    { id, pass, home_id }: Pick<KeptScan, 'id' | 'pass' | 'home_id'>,
    at: number,
    lines: readonly Recent[],
    behind: number,
  ): Promise<Decision | undefined> {
    await this.#learning;
    if (!this.#known || !this.place || pass === undefined) return undefined;
    const scans = lines.flatMap((line) => (line.id === id ? [] : ownScan(line, behind)));
    try {
      return this.#show(await decide(pass, { ...this.#known, scans }, at, home_id), this.place);
    } catch (error) {
      // No rule of ours should throw; if one does, nobody is kept waiting for it.
      console.error(error);
      return undefined;
    }
  }

  /** What a trial pass comes to by the rules of every pass (nobody's: no membership is asked for); nothing where unknown. */
  async tryTrial(pass: string, at: number): Promise<string | undefined> {
    await this.#learning;
    if (!this.#known) return undefined;
    const shown = await verifyPass(pass, at, { ...this.#known, cards: true, verify: await verifier() });
    return shown.refused === 'unknown_key' ? undefined : (shown.refused ?? 'ok');
  }

  #show(decided: Decided, place: Place): Decision {
    const { verdict, certain, member, choices, since, pass } = decided;
    const colour = (colours[verdict]?.colour ?? 'amber') as Colour;
    const green = admits(verdict);
    return {
      verdict,
      certain,
      colour,
      member: member ? seen(member) : null,
      first_check_in_at: since === undefined ? null : new Date(since).toISOString(),
      check_name: green && pass?.form === 'card',
      choices: choices.map((home_id) => ({ home_id, home: this.#homes.get(home_id) ?? '' })),
      may_override: colour !== 'green' && pass !== undefined && choices.length === 0,
      message: green ? place.message : null,
      house_rules: green && member && mustAccept(member, place) ? place.house_rules : null,
      attention: green ? (member?.attention ?? null) : null,
      may_check_out: verdict === 'ok_again' && place.check_out,
      ...(pass && { index: pass.index }),
      ...(pass?.step !== undefined && { step: pass.step }),
    };
  }
}

const seen = ({ given_name, initial, pseudonym, home }: Person) => ({ given_name, initial, pseudonym, home });

const mustAccept = ({ rules_version }: Person, { house_rules }: Place): boolean =>
  house_rules !== null && (rules_version ?? 0) < house_rules.version;

/** The scans of this phone that let somebody in and still stand, in the server's time. */
function ownScan(line: Recent, behind: number): OwnScan[] {
  const { id, index, verdict, state, let_in, check_in_id } = line;
  const stands = state === 'kept' || (state === 'answered' && check_in_id !== undefined);
  if (!stands || index === undefined || !(admits(verdict) || let_in)) return [];
  return [{ id, index, at: serverTime(line.at, { behind, ...line }) }];
}
