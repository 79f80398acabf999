import type { Pin } from '$lib/store.ts';

/** So many wrong codes, and nobody is heard for so long, in milliseconds. */
export const TRIES = 5;
export const WAIT = 60_000;
/** Slow on purpose: ten thousand codes are soon tried by whoever can read the tablet's memory. */
const ROUNDS = 100_000;

export const isPin = (typed: string): boolean => /^\d{4}$/.test(typed);

/** The code as a device keeps it. Needs a secure page, as the camera does. */
export async function pinOf(typed: string): Promise<Pin> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  return { salt, hash: await hashOf(typed, salt), wrong: 0, wrong_at: 0 };
}

/** Whether so many were wrong that the next must wait; `now` in milliseconds. */
export const mustWait = ({ wrong, wrong_at }: Pin, now: number): boolean =>
  wrong >= TRIES && Math.abs(now - wrong_at) < WAIT;

/** What is kept after a code was typed: nothing where it was right. */
export async function afterTyping(pin: Pin, typed: string, now: number): Promise<Pin | undefined> {
  const hash = new Uint8Array(await hashOf(typed, pin.salt));
  const kept = new Uint8Array(pin.hash);
  if (hash.every((byte, at) => byte === kept[at])) return undefined;
  return { ...pin, wrong: pin.wrong >= TRIES ? 1 : pin.wrong + 1, wrong_at: now };
}

async function hashOf(typed: string, salt: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(typed), 'PBKDF2', false, ['deriveBits']);
  return crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ROUNDS }, key, 256);
}
