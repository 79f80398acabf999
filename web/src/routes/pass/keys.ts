/** The live pass of this phone: its key, its registration, and a new proof at every step (door.md, The pass). */
import { answer, api, Refused } from '$lib/api/client.ts';
import type { LivePass, LivePassWanted, MyMember, Pass } from '$lib/api/types.ts';
import { encodeBase64url } from '$lib/pass/base64url.ts';
import { writeLive } from '$lib/pass/transport.ts';
import { store, type KeptKey, type Store } from '$lib/store.ts';
import { proofMessage } from '../door/rules/live.ts';
import { serverClock } from './clock.svelte.ts';

/** A key whose pass the server has signed. */
export type LiveKey = KeptKey & { issued: NonNullable<KeptKey['issued']> };
/** Why this phone has no pass of its own: a problem's `code`, or `key_lost`; `detail`: in words. */
export type Refusal = { code: string; detail: string };
type Ask = (wanted: LivePassWanted) => Promise<LivePass>;

const RENEWED_AFTER = 24 * 3_600_000;
/** No answer is waited for any longer: the network that is there may lead nowhere. */
export const PATIENCE = 15_000;
/** The membership that was to pay is over: another one pays, or `member_not_active` is what is said. */
const PAYER_IS_OVER = ['no_membership', 'membership_unknown'];
/** What takes the pass off this phone, and is said; the rest is for whoever asks. */
const TAKES_IT_OFF = ['live_pass_elsewhere', 'sign_in_again', 'member_not_active', ...PAYER_IS_OVER];

const askServer: Ask = (body) =>
  answer(api.POST('/api/v1/me/live-pass', { body, signal: AbortSignal.timeout(PATIENCE) }));

export const isPayerOver = ({ code }: Refusal): boolean => PAYER_IS_OVER.includes(code);
const idOf = (memberId: string, membership: string | null) => `${memberId}:${membership ?? ''}`;
const isIssued = (key: KeptKey): key is LiveKey => key.issued !== undefined;

/** Whether this browser can make a key that never leaves it (Chrome 137, Firefox 129, Safari 17, or newer). */
export async function canProve(): Promise<boolean> {
  try {
    await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
    return true;
  } catch {
    return false;
  }
}

/** The live passes kept on this phone. */
export async function keptKeys(shelves?: Store): Promise<LiveKey[]> {
  try {
    return (await (shelves ?? (await store())).getAll('keys')).filter(isIssued);
  } catch {
    return [];
  }
}

/** The key of this phone; made, and kept before anybody hears of it, where there is none. Throws where nothing is kept. */
async function keyOf(memberId: string, membership: string | null, db: Store): Promise<KeptKey> {
  const id = idOf(memberId, membership);
  const kept = await db.get('keys', id);
  if (kept) return kept;
  const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const made: KeptKey = {
    id,
    member_id: memberId,
    membership_id: membership,
    private_key: pair.privateKey,
    public_key: encodeBase64url(raw),
  };
  // Two tabs at once: the first one's key is everybody's.
  const transaction = db.transaction('keys', 'readwrite', { durability: 'strict' });
  const first = await transaction.store.get(id);
  if (!first) await transaction.store.put(made);
  await transaction.done;
  return first ?? made;
}

/**
 * This phone's live pass: registered the first time, signed anew when it is more than a day old or ended, else as it is.
 * `known`: the member's passes as the server just said. `move`: the member wants it here whatever was before.
 *
 * Gives why not where it is elsewhere, was ended, or opens nothing now. Throws what the server refuses otherwise, and
 * where it did not answer.
 */
export async function livePass(
  member: MyMember,
  membership: string | null,
  { known, move = false }: { known: readonly Pass[]; move?: boolean },
  { shelves, ask = askServer }: { shelves?: Store; ask?: Ask } = {},
): Promise<LiveKey | Refusal> {
  const db = shelves ?? (await store());
  const key = await keyOf(member.id, membership, db);
  const pass = known.find(({ id }) => id === key.issued?.pass.id);
  const goesOn = pass?.state === 'active' || pass?.state === 'inactive';
  // The page asks the server first: by now it has said what time it is.
  const still = key.issued && goesOn && { ...key.issued, pass, member, behind: serverClock.behind };
  const asked = serverClock.instant();
  // Either way: the clock may have been set since.
  if (still && !move && Math.abs(asked.date - still.at) < RENEWED_AFTER) return keep({ ...key, issued: still }, db);
  try {
    const given = await ask({ public_key: key.public_key, membership_id: membership, move });
    serverClock.heard(Date.parse(given.server_now), asked);
    const { behind } = serverClock;
    return await keep({ ...key, issued: { text: given.text, pass: given.pass, member, at: Date.now(), behind } }, db);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { code, detail } = error.problem;
    if (!TAKES_IT_OFF.includes(code)) throw error;
    // It runs out by itself, and goes on once its member may come in again.
    if (code === 'member_not_active' && still && pass?.state === 'inactive') return keep({ ...key, issued: still }, db);
    await db.put('keys', { ...key, issued: undefined });
    return { code, detail };
  }
}

/** The browser lost the private half of this phone's key: the next one is made when its member asks for it. */
export async function forgetKey({ id }: KeptKey, shelves?: Store): Promise<void> {
  await (shelves ?? (await store())).delete('keys', id);
}

async function keep(key: LiveKey, db: Store): Promise<LiveKey> {
  const transaction = db.transaction('keys', 'readwrite', { durability: 'strict' });
  await Promise.all([transaction.store.put(key), transaction.done]);
  return key;
}

/** Somebody else was signed in on this phone before: their passes leave it, their keys open nothing without. */
export async function forgetOthers(memberId: string, shelves?: Store): Promise<void> {
  const db = shelves ?? (await store());
  const others = (await db.getAll('keys')).filter((key) => key.issued && key.member_id !== memberId);
  await Promise.all(others.map((key) => db.put('keys', { ...key, issued: undefined })));
}

/** What this phone shows at a step: the pass, and the proof that it is on this phone now. */
export async function liveText({ private_key, issued }: LiveKey, step: number): Promise<string> {
  const message = proofMessage(issued.text, step);
  const proof = new Uint8Array(await crypto.subtle.sign('Ed25519', private_key, message));
  return writeLive({ jwt: issued.text, step, proof });
}
