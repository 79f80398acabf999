import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/routes/door/rules/decide.ts';
import { judge, type Host, type Membership, type Plan } from '../../src/routes/door/rules/judge.ts';
import { keysOf, know, type Person, type Synced } from '../../src/routes/door/rules/known.ts';
import { formAt, verifyPass, type Pass } from '../../src/routes/door/rules/pass.ts';
import { byNoble, byWebCrypto, type Verify } from '../../src/routes/door/rules/verify.ts';

type Place = Pick<Host, 'id' | 'zone' | 'joined_on' | 'left_on'> & { code: string };
type Row = { id: string; at: string; home: string };
type Vector = {
  name: string;
  text: string;
  at: string;
  place: string;
  cards: boolean;
  standing: Record<string, string> | null;
  status: number;
  memberships: (Omit<Membership, 'home_id' | 'unpaid_at' | 'paid_at'> & {
    home: string;
    unpaid_at: string | null;
    paid_at: string | null;
  })[];
  on_roster: boolean;
  left_out: string[];
  same_day: Row[];
  chosen: string | null;
  used: number;
  present: number;
  replayed_elsewhere: boolean;
  list_expired: boolean;
  server_only: string | null;
  expect: Record<string, unknown> & { pass: string; verdict: string; at_door?: string };
} & Pick<Host, 'days' | 'keeps_hours' | 'capacity'>;

const file = JSON.parse(readFileSync(new URL('../../../tests/vectors/passes.json', import.meta.url), 'utf8')) as {
  context: { network: string; jwks: { keys: { kid: string; x: string }[] }; places: Place[]; plans: Plan[] };
  defaults: Vector;
  cases: Partial<Vector>[];
};
const { network, jwks, plans } = file.context;
const places = new Map(file.context.places.map((place) => [place.code, place]));
const vectors = file.cases.map((each) => ({ ...file.defaults, ...each }) as Vector);
const keys = keysOf(jwks.keys);
const verifiers = { WebCrypto: byWebCrypto, noble: byNoble };

const placeOf = (code: string) => places.get(code) as Place;
const instant = (text: string | null | undefined) => (text ? Date.parse(text) : undefined);
const hostOf = ({ place, days, keeps_hours, capacity }: Vector) => ({ ...placeOf(place), days, keeps_hours, capacity });

const membershipOf = ({ home, unpaid_at, paid_at, ...rest }: Vector['memberships'][number]): Membership => {
  const { id, joined_on, left_on } = placeOf(home);
  const paid = { unpaid_at: instant(unpaid_at), paid_at: instant(paid_at) };
  return { ...rest, ...paid, home_id: id, home_joined_on: joined_on, home_left_on: left_on };
};

const shownOf = ({ text, at, place, cards }: Vector, verify: Verify) =>
  verifyPass(text, Date.parse(at), { network, keys, place, cards, verify });

describe.each(Object.entries(verifiers))('with %s, all that is known', (_name, verify) => {
  test.each(vectors)('$name', async (vector) => {
    const shown = await shownOf(vector, verify);
    const { named, ...since } = vector.standing ?? {};
    const at = Date.parse(vector.at);
    const memberships = vector.memberships.map(membershipOf);
    const instants = Object.fromEntries(Object.entries(since).map(([name, text]) => [name, instant(text)]));
    const judged = judge(shown, {
      at,
      host: hostOf(vector),
      standing: vector.standing && { memberships, named, ...instants },
      plans: new Map(plans.map((plan) => [plan.code, plan])),
      sameDay: vector.same_day.map((row) => ({ id: row.id, at: Date.parse(row.at) })),
      chosen: vector.chosen ? placeOf(vector.chosen).id : undefined,
      used: vector.used,
      present: vector.present,
      replayedElsewhere: vector.replayed_elsewhere,
      listExpired: vector.list_expired,
    });
    const found: Record<string, unknown> = {
      pass: shown.refused ?? 'pass',
      verdict: judged.verdict,
      membership: judged.payer?.id ?? null,
      choices: judged.choices.map(({ id }) => id),
      first: judged.first?.id ?? null,
      local_date: judged.localDate,
      form: shown.pass && formAt(shown.pass, at),
    };
    const { at_door: _, ...expected } = vector.expect;
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, found[name]]))).toEqual(expected);
  });
});

/** What a door has synchronised, as `about` in the file says. */
function syncedOf(vector: Vector, pass: Pass | undefined): Synced {
  const told = vector.memberships.filter(({ id }) => !vector.left_out.includes(id));
  const named = told.find(({ id }) => id === vector.standing?.named);
  const person: Person = {
    passes: [{ index: pass?.index ?? -1, home_id: named ? placeOf(named.home).id : null }],
    given_name: 'Léa',
    initial: 'B',
    pseudonym: 'p',
    home: null,
    attention: null,
    rules_version: null,
    used: vector.used,
    first_at: null,
    memberships: told.map(membershipOf).map(({ id: _, unpaid_at: __, paid_at: ___, ...rest }) => rest),
  };
  const { place, cards, at, present, days } = vector;
  return {
    server_now: at,
    network,
    place: { ...hostOf(vector), code: place, cards },
    keys: jwks.keys,
    plans,
    days,
    present,
    roster: vector.on_roster ? [person] : [],
  };
}

function listOf({ status, at, list_expired }: Vector, pass: Pass | undefined) {
  const packed = new Uint8Array(2 ** 18);
  if (pass) packed[pass.index >> 2] = status << ((pass.index % 4) * 2);
  return { iat: Date.parse(at) - 7 * 86_400_000, exp: Date.parse(at) + (list_expired ? 0 : 1), packed };
}

describe.each(Object.entries(verifiers))('with %s, a door by itself', (_name, verify) => {
  test.each(vectors.filter(({ server_only }) => !server_only))('$name', async (vector) => {
    const { pass } = await shownOf(vector, verify);
    const scans = vector.same_day.map((row) => ({ id: row.id, at: Date.parse(row.at), index: pass?.index ?? -1 }));
    const known = know(syncedOf(vector, pass), listOf(vector, pass), scans);
    const chosen = vector.chosen ? placeOf(vector.chosen).id : undefined;
    const decision = await decide(vector.text, known, Date.parse(vector.at), chosen, verify);
    const { verdict, at_door, membership, choices, first, local_date } = vector.expect;
    expect(decision.verdict).toBe(at_door ?? verdict);
    const homeOf = (id: unknown) => {
      const found = vector.memberships.find((each) => each.id === id);
      return found && placeOf(found.home).id;
    };
    if (membership !== undefined && vector.on_roster) expect(decision.payerHome).toBe(homeOf(membership));
    if (choices !== undefined) expect([...decision.choices].sort()).toEqual((choices as string[]).map(homeOf).sort());
    if (first) expect(decision.since).toBe(Date.parse(vector.same_day.find(({ id }) => id === first)?.at ?? ''));
    if (local_date) expect(decision.localDate).toBe(local_date);
  });
});

test('nearly every case is one that a door can be held to', () => {
  expect(vectors.filter(({ server_only }) => server_only).length).toBeLessThan(vectors.length / 20);
});
