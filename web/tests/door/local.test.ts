/** What a door makes of a pass by itself, from the two documents as they come from the server. */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Recent } from '../../src/lib/store.ts';
import { Local, type SyncDocument } from '../../src/routes/door/local.ts';

const NOW = Date.parse('2026-11-18T10:00:00Z');
const SECONDS = NOW / 1000;
const [MOULIN, HANGAR, LUNE] = ['moulin-id', 'hangar-id', 'lune-id'];
const keys = generateKeyPairSync('ed25519');
const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function token(header: object, payload: object, key: KeyObject = keys.privateKey): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part(header)}.${part(payload)}`;
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
}
const card = (index: number, claims: object = {}, key?: KeyObject) =>
  token(
    { alg: 'EdDSA', kid: 'ab', typ: 'cp+jwt' },
    { iss: 'RESEAU', jti: base62[index], nbf: SECONDS - 3600, exp: SECONDS + 3600, pl: 'TOUT', ...claims },
    key,
  );
function list(statuses: Record<number, number> = {}, age = 0): string {
  const packed = Buffer.alloc(2 ** 18);
  for (const [index, status] of Object.entries(statuses)) packed[+index >> 2] = (packed[+index >> 2] ?? 0) | (status << ((+index & 3) * 2));
  const iat = SECONDS - age;
  const lst = deflateSync(packed).toString('base64url');
  return token(
    { alg: 'EdDSA', kid: 'ab', typ: 'statuslist+jwt' },
    { sub: 'x', iat, exp: iat + 7 * 86_400, ttl: 300, status_list: { bits: 2, lst } },
  );
}
const person = (given_name: string, index: number, homes = [HANGAR], more: object = {}) => ({
  passes: [{ index, home_id: null }],
  given_name,
  initial: 'B',
  pseudonym: `K7M-2Q${index}`,
  home: homes[0] === HANGAR ? 'Le Hangar' : 'La Lune',
  attention: null,
  rules_version: null,
  used: 0,
  first_at: null,
  memberships: homes.map((home_id) => ({
    home_id, plan: 'TOUT', priority: 1, first_day: '2026-01-01', last_day: null, home_joined_on: '2026-01-01', home_left_on: null,
  })),
  ...more,
});
function document(roster: object[], place: object = {}): string {
  const { x } = keys.publicKey.export({ format: 'jwk' });
  const synced = {
    server_now: new Date(NOW).toISOString(),
    network: 'RESEAU',
    place: {
      id: MOULIN, code: 'moulin', name: 'Le Moulin', zone: 'Europe/Paris', joined_on: '2026-01-01', left_on: null, cards: true,
      keeps_hours: false, capacity: null, check_out: false, guests: true, minors: false, house_rules: null, message: null, ...place,
    },
    keys: [{ kid: 'ab', x }],
    plans: [{ code: 'TOUT', opens: 'everywhere', weekdays: [0, 1, 2, 3, 4, 5, 6], from_time: '00:00', to_time: '24:00', monthly_visits: null }],
    days: [],
    present: 0,
    roster,
    homes: [{ id: HANGAR, name: 'Le Hangar' }, { id: LUNE, name: 'La Lune' }],
  };
  return JSON.stringify(synced as unknown as SyncDocument);
}
const known = (text: string) => ({ place_id: MOULIN, text, at: NOW });
async function door({ roster = [person('Léa', 1)] as object[], place = {}, statuses = {}, age = 0 } = {}) {
  const local = new Local();
  await local.learn({ sync: known(document(roster, place)), list: known(list(statuses, age)) });
  return local;
}
const decide = (local: Local, pass: string, lines: Recent[] = [], at = NOW) => local.decide({ id: 'new', pass }, at, lines, 0);

describe('a door by itself', () => {
  test('welcomes somebody it expects, by name, and asks to check a card', async () => {
    const found = await decide(await door(), card(1));
    expect(found).toMatchObject({ verdict: 'ok', certain: true, member: { given_name: 'Léa', home: 'Le Hangar' }, check_name: true, index: 1 });
  });

  test('welcomes somebody it does not know, without a name', async () => {
    expect(await decide(await door(), card(5))).toMatchObject({ verdict: 'ok', member: null });
  });

  test.each([[1, 'revoked'], [2, 'suspended'], [3, 'superseded']])('refuses status %s of the list: %s', async (status, verdict) => {
    const found = await decide(await door({ statuses: { 1: status } }), card(1));
    expect(found).toMatchObject({ verdict, colour: 'red', may_override: true });
  });

  test('refuses what somebody else signed, and has nobody to let in all the same', async () => {
    const forged = card(1, {}, generateKeyPairSync('ed25519').privateKey);
    expect(await decide(await door(), forged)).toMatchObject({ verdict: 'invalid', may_override: false });
  });

  test('says that it cannot know, past the end of its list', async () => {
    const local = await door({ age: 8 * 86_400 });
    expect(await decide(local, card(1))).toMatchObject({ verdict: 'list_stale', certain: false, colour: 'amber' });
  });

  test('knows its own scan again, and not one that was taken back', async () => {
    const line: Recent = { id: 'old', place_id: MOULIN, at: new Date(NOW - 60_000).toISOString(), state: 'kept', verdict: 'ok', index: 1 };
    const local = await door({ place: { check_out: true } });
    expect(await decide(local, card(1), [line])).toMatchObject({ verdict: 'ok_again', may_check_out: true });
    expect(await decide(local, card(1), [{ ...line, state: 'undone' }])).toMatchObject({ verdict: 'ok' });
  });

  test('asks which home pays, by name', async () => {
    const local = await door({ roster: [person('Ali', 2, [HANGAR, LUNE])] });
    const found = await decide(local, card(2));
    expect(found).toMatchObject({ verdict: 'ambiguous', may_override: false });
    expect(found?.choices.map(({ home }) => home).sort()).toEqual(['La Lune', 'Le Hangar']);
    const chosen = await local.decide({ id: 'new', pass: card(2), home_id: LUNE }, NOW, [], 0);
    expect(chosen).toMatchObject({ verdict: 'ok' });
  });

  test.each([[null, 2], [1, 2], [2, null]])('after accepting version %s of the rules, shows version %s', async (accepted, shown) => {
    const place = { house_rules: { version: 2, text: 'Pas de chaussures' } };
    const found = await decide(await door({ roster: [person('Léa', 1, [HANGAR], { rules_version: accepted })], place }), card(1));
    expect(found?.house_rules?.version ?? null).toBe(shown);
  });

  test('shows the day’s message and what somebody wants to be known', async () => {
    const roster = [person('Léa', 1, [HANGAR], { attention: 'Malentendante' })];
    const found = await decide(await door({ roster, place: { message: 'Atelier bois à 18 h' } }), card(1));
    expect(found).toMatchObject({ message: 'Atelier bois à 18 h', attention: 'Malentendante' });
  });

  test('checks a trial pass, and counts nobody', async () => {
    const local = await door();
    expect(await local.tryTrial(card(0, { pl: 'TEST', aud: 'moulin' }), NOW)).toBe('ok');
    expect(await local.tryTrial(card(0, { pl: 'TEST', aud: 'hangar' }), NOW)).toBe('wrong_place');
  });

  test('decides nothing before it knows anything', async () => {
    const local = new Local();
    expect(local.ready).toBe(false);
    expect(await decide(local, card(1))).toBeUndefined();
    expect(await local.tryTrial(card(1), NOW)).toBeUndefined();
  });

  test('does not go by a list that the network did not sign', async () => {
    const local = new Local();
    const forged = `${list({ 1: 0 }).slice(0, -8)}AAAAAAAA`;
    await local.learn({ sync: known(document([person('Léa', 1)])), list: known(forged) });
    expect(local.ready).toBe(false);
    expect(await decide(local, card(1))).toMatchObject({ verdict: 'list_stale', certain: false });
  });
});
