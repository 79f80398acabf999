/** What a door knows by itself, made ready for `judge`: what it synchronised, its status list, its own scans. */
import { decodeBase64url } from './encoding.ts';
import type { Case, CheckIn, Day, Host, Membership, Plan, Standing } from './judge.ts';
import type { Pass } from './pass.ts';
import { statusIn, type StatusList } from './status.ts';
import type { Bytes } from './verify.ts';
import { localAt } from './wall-time.ts';

/** Somebody whom this door may expect. `used`: visits elsewhere this month; `first_at`: in today since. */
export type Person = {
  passes: readonly { index: number; home_id: string | null }[];
  given_name: string;
  initial: string;
  pseudonym: string;
  home: string | null;
  attention: string | null;
  rules_version: number | null;
  used: number;
  first_at: string | null;
  memberships: readonly Omit<Membership, 'id' | 'unpaid_at' | 'paid_at'>[];
};

/** What `GET /door/sync` gives, as far as verdicts need it. */
export type Synced = {
  server_now: string;
  network: string;
  place: Omit<Host, 'days'> & { code: string; cards: boolean };
  keys: readonly { kid: string; x: string }[];
  plans: readonly Plan[];
  days: readonly Day[];
  present: number;
  roster: readonly Person[];
};

/** A scan of this phone that let somebody in here, and was not undone; `at` in milliseconds. */
export type OwnScan = CheckIn & { index: number };

export type Known = {
  network: string;
  place: string;
  cards: boolean;
  keys: ReadonlyMap<string, Bytes>;
  host: Host;
  plans: ReadonlyMap<string, Plan>;
  /** Without the plans that open a home alone: what they open is not known where the home is not. */
  plansOfStrangers: ReadonlyMap<string, Plan>;
  people: ReadonlyMap<number, Person>;
  present: number;
  /** In milliseconds, by the server's clock. */
  syncedAt: number;
  list: StatusList | undefined;
  scans: readonly OwnScan[];
};

/** Make what was synchronised ready, once for all the scans that follow; without a list, or past its end, `list_stale`. */
export function know(synced: Synced, list?: StatusList, scans: readonly OwnScan[] = []): Known {
  const { place, roster } = synced;
  const plans = new Map(synced.plans.map((plan) => [plan.code, plan]));
  return {
    network: synced.network,
    place: place.code,
    cards: place.cards,
    keys: keysOf(synced.keys),
    host: { ...place, days: synced.days },
    plans,
    plansOfStrangers: new Map([...plans].filter(([, { opens }]) => opens !== 'home')),
    people: new Map(roster.flatMap((person) => person.passes.map(({ index }) => [index, person]))),
    present: synced.present,
    syncedAt: Date.parse(synced.server_now),
    list,
    scans,
  };
}

/** The network's public keys by `kid`, of a JWK Set's keys. */
export const keysOf = (keys: Synced['keys']): ReadonlyMap<string, Bytes> =>
  new Map(keys.map(({ kid, x }) => [kid, decodeBase64url(x) ?? new Uint8Array()]));

/** What is known of a pass that was shown at an instant, for `judge`. */
export function caseOf(known: Known, pass: Pass | undefined, at: number, chosen?: string): Case {
  const { host, list } = known;
  const person = pass && known.people.get(pass.index);
  const today = localAt(at, host.zone).date;
  const synced = localAt(known.syncedAt, host.zone).date;
  const memberships = membershipsOf(person, pass);
  const own = known.scans.filter((scan) => localAt(scan.at, host.zone).date === today);
  const theirs = own.filter(({ index }) => index === pass?.index || (person && known.people.get(index) === person));
  return {
    at,
    host,
    standing: { memberships, named: nameOf(person, pass, memberships), ...standingOf(list, pass) },
    plans: person ? known.plans : known.plansOfStrangers,
    sameDay: [...theirs, ...inSince(person, today, host.zone)],
    chosen,
    // Another month has begun, and nobody has counted it for this phone yet.
    used: person && synced.slice(0, 7) === today.slice(0, 7) ? person.used : 0,
    present: presentOf(known, own, today, synced),
    listExpired: !list || at >= list.exp,
  };
}

/** Their memberships; of somebody new to this door, one with the pass's own plan, of a home that is not known. */
function membershipsOf(person: Person | undefined, pass: Pass | undefined): readonly Membership[] {
  if (person) return person.memberships.map((each, at) => ({ ...each, id: String(at).padStart(3, '0') }));
  const always = { first_day: '', last_day: null, home_joined_on: '', home_left_on: null };
  return pass ? [{ ...always, id: '', home_id: '', plan: pass.plan, priority: 1 }] : [];
}

/** The membership that the pass was issued for. */
function nameOf(person: Person | undefined, pass: Pass | undefined, memberships: readonly Membership[]) {
  const home = person?.passes.find(({ index }) => index === pass?.index)?.home_id;
  return home ? memberships.find(({ home_id }) => home_id === home)?.id : undefined;
}

const IN_THE_LIST = [undefined, 'revoked_at', 'suspended_at', 'superseded_at'] as const;

/** What the list says is so since before the scan. */
function standingOf(list: StatusList | undefined, pass: Pass | undefined): Partial<Standing> {
  const said = list && pass ? IN_THE_LIST[statusIn(list, pass.index)] : undefined;
  return said ? { [said]: -Infinity } : {};
}

/** That another door of this place let them in today. */
function inSince(person: Person | undefined, today: string, zone: string): CheckIn[] {
  const at = person?.first_at ? Date.parse(person.first_at) : undefined;
  return at !== undefined && localAt(at, zone).date === today ? [{ id: '', at }] : [];
}

/** How many people are in: who was when last asked, and whom this phone let in since. */
function presentOf(known: Known, own: readonly OwnScan[], today: string, synced: string): number {
  const since = own.filter(({ at }) => at > known.syncedAt);
  const people = new Set(since.map(({ index }) => known.people.get(index) ?? index));
  const before = [...people].filter((each) => typeof each !== 'number' && inSince(each, today, known.host.zone).length);
  return (synced === today ? known.present : 0) + people.size - before.length;
}
