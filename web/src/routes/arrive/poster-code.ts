const KEPT = 'passapp.arriving';
/** Long enough to sign in by mail on the way; too short to arrive with it tomorrow, from home. */
const GOOD_FOR = 30 * 60_000;

type Kept = { code: string; at: number };

/** The code of an address (`/arrive#…`), kept on this device for as long as it takes to sign in. */
export function posterCode(hash: string, now: number): string | null {
  const here = hash.slice(1);
  if (here) localStorage.setItem(KEPT, JSON.stringify({ code: here, at: now } satisfies Kept));
  const text = localStorage.getItem(KEPT);
  if (!text) return null;
  const { code, at } = JSON.parse(text) as Kept;
  if (Math.abs(now - at) < GOOD_FOR) return code;
  localStorage.removeItem(KEPT);
  return null;
}

/** It was used: another arrival begins at the poster. */
export function forgetPosterCode(): void {
  localStorage.removeItem(KEPT);
}
