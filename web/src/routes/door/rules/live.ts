/** The proof of a live pass (door.md, The pass): the twin of passapp/passes/live.py. */
import type { LiveText } from '$lib/pass/transport.ts';
import type { Bytes, Verify } from './verify.ts';

const STEP_SECONDS = 15;
const DOMAIN = 'cp-proof-1\0';

/** Which 15 seconds since 1970 an instant (milliseconds) is in. */
export const stepAt = (at: number): number => Math.floor(at / 1000 / STEP_SECONDS);

/** What a device signs to prove, at that step, that the pass is on it. */
export function proofMessage(jwt: string, step: number): Bytes {
  const message = new TextEncoder().encode(`${DOMAIN}....${jwt}`);
  new DataView(message.buffer).setUint32(DOMAIN.length, step);
  return message;
}

/** Whether the device with that public key made the proof, for this pass and this step. */
export const isProven = ({ jwt, step, proof }: LiveText, deviceKey: Bytes, verify: Verify): Promise<boolean> =>
  verify(deviceKey, proof, proofMessage(jwt, step));
