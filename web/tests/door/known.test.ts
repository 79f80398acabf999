import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decide } from '../../src/routes/door/rules/decide.ts';
import { know, type Known, type Person, type Synced } from '../../src/routes/door/rules/known.ts';

const { context, cases } = JSON.parse(
  readFileSync(new URL('../../../tests/vectors/passes.json', import.meta.url), 'utf8'),
) as {
  context: { network: string; jwks: { keys: Synced['keys'] }; plans: Synced['plans'] };
  cases: { name: string; text: string; at: string; expect: { verdict: string } }[];
};
const vector = (name: string) => cases.find((each) => each.name === name) as (typeof cases)[number];
const { text: GOOD, at } = vector('a good card');
const AT = Date.parse(at);
const HOUR = 3_600_000;
/** The index of the vectors' pass, and another one of the same person. */
const [INDEX, OTHER] = [522_731, 77];

const membership = (home_id: string, plan = 'FULL') => ({
  home_id,
  plan,
  priority: 1,
  first_day: '2026-01-01',
  last_day: null,
  home_joined_on: '2026-01-01',
  home_left_on: null,
});
const lea: Person = {
  passes: [INDEX, OTHER].map((index) => ({ index, home_id: null })),
  given_name: 'Léa',
  initial: 'B',
  pseudonym: 'p1',
  home: 'Le Hangar',
  attention: null,
  rules_version: null,
  used: 0,
  first_at: null,
  memberships: [membership('hangar')],
};
const synced: Synced = {
  server_now: new Date(AT - HOUR).toISOString(),
  network: context.network,
  place: {
    id: 'gare',
    code: 'GARE',
    zone: 'Europe/Paris',
    joined_on: '2026-01-01',
    left_on: null,
    cards: true,
    keeps_hours: false,
    capacity: null,
  },
  keys: context.jwks.keys,
  plans: context.plans,
  days: [],
  present: 0,
  roster: [lea],
};
const list = { iat: AT, exp: AT + 1, packed: new Uint8Array(2 ** 18) };

const knowing = (changes: Partial<Synced> = {}, person: Partial<Person> = {}): Known =>
  know({ ...synced, roster: [{ ...lea, ...person }], ...changes }, list);
const decided = (known: Known, text = GOOD, when = AT, chosen?: string) => decide(text, known, when, chosen);
const full = { ...synced.place, capacity: 3 };

test('somebody on the roster is known by name, and so is who pays', async () => {
  expect(await decided(knowing())).toMatchObject({
    verdict: 'ok',
    certain: true,
    member: { given_name: 'Léa' },
    payerHome: 'hangar',
    pass: { index: INDEX, form: 'card' },
  });
});

test('somebody new to this door is let in by what their pass says, nameless', async () => {
  const { verdict, certain, member, payerHome } = await decided(knowing({ roster: [] }));
  expect({ verdict, certain, member, payerHome }).toEqual({
    verdict: 'ok',
    certain: true,
    member: undefined,
    payerHome: undefined,
  });
});

test.each([
  ['a key that is not published', 'unknown_key'],
  ['a plan that is not known, of somebody new', 'error'],
])('%s is something that a door by itself cannot know', async (name, verdict) => {
  expect(await decided(knowing({ roster: [] }), vector(name).text)).toMatchObject({ verdict, certain: false });
});

test('without a list, nobody is let in for certain', async () => {
  expect(await decided({ ...knowing(), list: undefined })).toMatchObject({ verdict: 'list_stale', certain: false });
});

test('a list is good until just before its end', async () => {
  expect((await decided(knowing(), GOOD, AT)).verdict).toBe('ok');
  expect((await decided(knowing(), GOOD, AT + 1)).verdict).toBe('list_stale');
});

test('who comes from two places is asked which, and the answer pays', async () => {
  const known = knowing({}, { memberships: [membership('hangar'), membership('moulin')] });
  expect(await decided(known)).toMatchObject({ verdict: 'ambiguous', choices: ['hangar', 'moulin'] });
  expect(await decided(known, GOOD, AT, 'moulin')).toMatchObject({ verdict: 'ok', payerHome: 'moulin', choices: [] });
});

test('a pass that was issued for one of two places asks nothing', async () => {
  const passes = [{ index: INDEX, home_id: 'moulin' }];
  const known = knowing({}, { passes, memberships: [membership('hangar'), membership('moulin')] });
  expect(await decided(known)).toMatchObject({ verdict: 'ok', payerHome: 'moulin' });
});

test.each([
  ['this very pass', INDEX, AT - HOUR, 'ok_again'],
  ['another pass of the same person', OTHER, AT - HOUR, 'ok_again'],
  ['somebody else’s pass', 5, AT - HOUR, 'ok'],
  ['this pass, the day before', INDEX, AT - 24 * HOUR, 'ok'],
])('after %s was read by this phone', async (_what, index, when, verdict) => {
  const scans = [{ id: 's1', index, at: when }];
  const found = await decided({ ...knowing(), scans });
  expect([found.verdict, found.since]).toEqual([verdict, verdict === 'ok' ? undefined : when]);
});

test('somebody new who is back is welcomed back', async () => {
  const scans = [{ id: 's1', index: INDEX, at: AT - HOUR }];
  expect((await decided({ ...knowing({ roster: [] }), scans })).verdict).toBe('ok_again');
});

test.each([
  ['2026-11-18T08:00:00Z', 'ok_again'],
  ['2026-11-17T08:00:00Z', 'ok'],
])('whom another phone of this place let in at %s', async (first_at, verdict) => {
  expect((await decided(knowing({}, { first_at }))).verdict).toBe(verdict);
});

const scanOf = (index: number, when: number) => ({ id: `s${index}-${when}`, index, at: when });
test.each([
  ['as many as there were', [], 'ok'],
  ['one whom this phone let in since', [scanOf(5, AT - 1)], 'capacity'],
  ['one whom this phone let in before it asked', [scanOf(5, AT - 2 * HOUR)], 'ok'],
])('people are counted: %s', async (_what, scans, verdict) => {
  expect((await decided({ ...knowing({ place: full, present: 2 }), scans })).verdict).toBe(verdict);
});

test('one person who was read twice is one person', async () => {
  const scans = [scanOf(5, AT - 2), scanOf(5, AT - 1)];
  expect((await decided({ ...knowing({ place: full, present: 1 }), scans })).verdict).toBe('ok');
});

test('who was counted as here already is not counted again', async () => {
  const here = { ...lea, passes: [{ index: 5, home_id: null }], first_at: new Date(AT - 3 * HOUR).toISOString() };
  const known = knowing({ place: full, present: 2, roster: [lea, here] });
  expect((await decided({ ...known, scans: [scanOf(5, AT - 1)] })).verdict).toBe('ok');
});

test('yesterday’s people have gone home', async () => {
  const server_now = new Date(AT - 24 * HOUR).toISOString();
  expect((await decided(knowing({ place: full, present: 3, server_now }))).verdict).toBe('ok');
});

test.each([
  [AT - HOUR, 'quota'],
  [AT - 30 * 24 * HOUR, 'ok'],
])('a month’s visits are those of this month', async (asked, verdict) => {
  const server_now = new Date(asked).toISOString();
  const known = knowing({ server_now }, { used: 4, memberships: [membership('hangar', 'FEW')] });
  expect((await decided(known)).verdict).toBe(verdict);
});
