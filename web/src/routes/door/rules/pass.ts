/**
 * What a pass is, and whether it is good at a given instant (door.md, The pass): the twin of passapp/passes/rules.py.
 *
 * Header and payload are JSON objects written in one way only: printable ASCII without escapes, no spaces, no key twice,
 * no fraction. Two readers, in two languages, can then never see two different passes in one text.
 * tests/vectors/passes.json holds both to the same answers.
 */
import { readLive, type LiveText } from '$lib/pass/transport.ts';
import { decodeBase64url, decodeIndex } from './encoding.ts';
import { isProven, stepAt } from './live.ts';
import type { Bytes, Verify } from './verify.ts';

/** Why a pass is refused for what it is. */
export type Reason =
  | 'invalid'
  | 'wrong_network'
  | 'unknown_key'
  | 'wrong_place'
  | 'expired'
  | 'not_yet_valid'
  | 'proof_missing'
  | 'proof_stale'
  | 'clock_skew';

/** The three ways to show a pass. */
export type Form = 'live' | 'short_lived' | 'card';

/** A pass as its claims say; instants in milliseconds. `place`: the only one that it opens (a guest pass). */
export type Pass = {
  network: string;
  index: number;
  plan: string;
  kid: string;
  notBefore: number | undefined;
  expiresAt: number;
  place: string | undefined;
  deviceKey: Bytes | undefined;
  /** When the device of a live pass proved to be here. */
  step: number | undefined;
};

/** What a text came to: a good pass, or why not. `pass` is there only when its signature was verified. */
export type Shown = { pass: Pass | undefined; refused: Reason | undefined };

/** What a door holds passes against. `keys` by `kid`; `place`: its code; `cards`: whether it takes them. */
export type Trusted = {
  network: string;
  keys: ReadonlyMap<string, Bytes>;
  place: string;
  cards: boolean;
  verify: Verify;
};

type Token = { shown: Pass; type: string; algorithm: string; signed: Bytes; signature: Bytes };
type Value = string | number | Bytes;

const LONGEST_TEXT = 1024;
const LEEWAY = 60_000;
const SHORT_LIFE = 90_000;
const OLDEST_STEP = 2;
const NEWEST_STEP = 1;
/** 9999-12-31T00:00:00Z, in seconds. */
const LAST_SECOND = 253_402_214_400;

/**
 * Read a scanned text strictly and say whether it is a good pass at that place and instant (milliseconds). The first
 * failure wins. What is wrong with a proof is said with the pass: its status comes before, so `judge` looks at both.
 */
export async function verifyPass(text: string, at: number, trusted: Trusted): Promise<Shown> {
  const live = readLive(text);
  const token = read(live ? live.jwt : text);
  if (!token || (live && !token.shown.deviceKey)) return { pass: undefined, refused: 'invalid' };
  const distrusted = await distrust(token, trusted);
  if (distrusted) return { pass: undefined, refused: distrusted };
  const pass = token.shown;
  const refused = checkPlaceAndDates(pass, trusted.place, at);
  return refused ? { pass, refused } : checkProof(pass, live, at, trusted);
}

/** Which of the three ways a pass is, when shown at that instant. */
export function formAt({ deviceKey, notBefore, expiresAt }: Pass, at: number): Form {
  if (deviceKey) return 'live';
  return notBefore === undefined && expiresAt - at <= SHORT_LIFE + LEEWAY ? 'short_lived' : 'card';
}

function checkPlaceAndDates(pass: Pass, place: string, at: number): Reason | undefined {
  if (pass.place !== undefined && pass.place !== place) return 'wrong_place';
  if (at >= pass.expiresAt + LEEWAY) return 'expired';
  // A short-lived pass says when it ends alone: nobody may show it as of a time before it was made.
  const begins = pass.notBefore ?? (pass.deviceKey ? undefined : pass.expiresAt - SHORT_LIFE);
  return begins !== undefined && at < begins - LEEWAY ? 'not_yet_valid' : undefined;
}

async function checkProof(pass: Pass, live: LiveText | undefined, at: number, trusted: Trusted): Promise<Shown> {
  if (!pass.deviceKey) {
    const refused = !trusted.cards && formAt(pass, at) === 'card' ? 'proof_missing' : undefined;
    return { pass, refused };
  }
  if (!live || !(await isProven(live, pass.deviceKey, trusted.verify))) return { pass, refused: 'proof_missing' };
  const proven = { ...pass, step: live.step };
  const now = stepAt(at);
  if (live.step < now - OLDEST_STEP) return { pass: proven, refused: 'proof_stale' };
  // A copy cannot come from the future: one of the two clocks is wrong.
  return { pass: proven, refused: live.step > now + NEWEST_STEP ? 'clock_skew' : undefined };
}

async function distrust(token: Token, { network, keys, verify }: Trusted): Promise<Reason | undefined> {
  if (token.shown.network !== network) return 'wrong_network';
  const key = keys.get(token.shown.kid);
  if (!key) return 'unknown_key';
  const isPass = token.type === 'cp+jwt' && token.algorithm === 'EdDSA';
  return isPass && (await verify(key, token.signature, token.signed)) ? undefined : 'invalid';
}

function read(text: string): Token | undefined {
  const parts = text.length <= LONGEST_TEXT ? text.split('.') : [];
  if (parts.length !== 3) return undefined;
  const [header, claims, signature] = parts as [string, string, string];
  const [named, said, signed] = [readObject(header), readObject(claims), decodeBase64url(signature)];
  const [kid, algorithm, type] = [named?.get('kid'), named?.get('alg'), named?.get('typ')];
  if (!said || !signed || named?.size !== 3) return undefined;
  if (!isText(kid, 2, 4) || typeof algorithm !== 'string' || typeof type !== 'string') return undefined;
  const shown = readClaims(said, kid);
  if (!shown) return undefined;
  return { shown, type, algorithm, signed: new TextEncoder().encode(`${header}.${claims}`), signature: signed };
}

/** Read the claims; those we do not know are let be (RFC 7519), as long as they are plain. */
function readClaims(claims: Map<string, Value>, kid: string): Pass | undefined {
  const [network, jti, plan] = [claims.get('iss'), claims.get('jti'), claims.get('pl')];
  const [place, begins, ends, deviceKey] = ['aud', 'nbf', 'exp', 'cnf'].map((name) => claims.get(name));
  if (!isText(network, 1, 8) || !isText(jti, 1, 4) || !isText(plan, 1, 4) || !isTime(ends)) return undefined;
  if (place !== undefined && !isText(place, 1, LONGEST_TEXT)) return undefined;
  if (begins !== undefined && !isTime(begins)) return undefined;
  // A live pass must never be taken for a card, however odd its `cnf`: present is present.
  if (deviceKey !== undefined && !(deviceKey instanceof Uint8Array)) return undefined;
  if ([...claims].some(([name, value]) => name !== 'cnf' && value instanceof Uint8Array)) return undefined;
  const index = decodeIndex(jti);
  if (index === undefined) return undefined;
  const notBefore = begins === undefined ? undefined : begins * 1000;
  return { network, index, plan, kid, notBefore, expiresAt: ends * 1000, place, deviceKey, step: undefined };
}

/** One member of an object: a text, an integer, or a device's key. */
const MEMBER = /"([ !#-[\]-~]*)":(?:"([ !#-[\]-~]*)"|(0|-?[1-9]\d{0,15})|\{"x":"([\w-]*)"\})(,|$)/y;

/** Read one part of the text as an object, written in the one way there is. */
function readObject(part: string): Map<string, Value> | undefined {
  const bytes = decodeBase64url(part);
  if (!bytes) return undefined;
  const text = String.fromCharCode(...bytes);
  if (!text.startsWith('{') || !text.endsWith('}')) return undefined;
  const inside = text.slice(1, -1);
  const members = new Map<string, Value>();
  for (let at = 0; at < inside.length; at = MEMBER.lastIndex) {
    MEMBER.lastIndex = at;
    const [, name, said, digits, key, end] = MEMBER.exec(inside) ?? [];
    const value = said ?? (digits === undefined ? readDeviceKey(key) : readInteger(digits));
    if (name === undefined || value === undefined || members.has(name)) return undefined;
    members.set(name, value);
    if (end === ',' && MEMBER.lastIndex === inside.length) return undefined;
  }
  return members;
}

function readInteger(digits: string): number | undefined {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : undefined;
}

function readDeviceKey(written: string | undefined): Bytes | undefined {
  const key = written === undefined ? undefined : decodeBase64url(written);
  return key?.length === 32 ? key : undefined;
}

const isText = (value: Value | undefined, shortest: number, longest: number): value is string =>
  typeof value === 'string' && value.length >= shortest && value.length <= longest;

const isTime = (value: Value | undefined): value is number =>
  typeof value === 'number' && value >= 0 && value <= LAST_SECOND;
