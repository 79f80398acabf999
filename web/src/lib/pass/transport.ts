/**
 * What the QR code of a live pass says (door.md, The pass): the twin of passapp/passes/live.py.
 *
 * `CP1:` and, in base45: the header's length (one byte), the header, the payload's length (two), the payload, the
 * signature (64), the step (four), the proof (64). Lengths and step are big-endian.
 */
import { decodeBase45, encodeBase45 } from './base45.ts';
import { decodeBase64url, encodeBase64url } from './base64url.ts';

/** A live pass: the pass itself, and its device's proof at a step. */
export type LiveText = { jwt: string; step: number; proof: Uint8Array<ArrayBuffer> };

const PREFIX = 'CP1:';
const SIGNATURE = 64;
const AFTER_PAYLOAD = SIGNATURE + 4 + SIGNATURE;

/** Write a live pass as its QR code holds it. Throws for one that no door could read. */
export function writeLive(live: LiveText): string {
  const [header, payload, signature] = live.jwt.split('.').map(decodeBase64url);
  if (!header || !payload || !signature) throw new Error('this is no signed pass');
  const bytes = new Uint8Array(1 + header.length + 2 + payload.length + signature.length + 4 + live.proof.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, header.length);
  bytes.set(header, 1);
  let at = 1 + header.length;
  view.setUint16(at, payload.length);
  bytes.set(payload, (at += 2));
  bytes.set(signature, (at += payload.length));
  view.setUint32((at += signature.length), live.step);
  bytes.set(live.proof, at + 4);
  const text = PREFIX + encodeBase45(bytes);
  const back = readLive(text);
  if (back?.jwt !== live.jwt || back.step !== live.step) throw new Error('no door could read this live pass');
  return text;
}

/** Read what `writeLive` writes, to the letter; undefined for anything else. Nothing in it is verified yet. */
export function readLive(text: string): LiveText | undefined {
  if (!text.startsWith(PREFIX)) return undefined;
  const bytes = decodeBase45(text.slice(PREFIX.length));
  if (!bytes?.length) return undefined;
  const view = new DataView(bytes.buffer);
  const header = 1 + view.getUint8(0);
  if (header + 2 > bytes.length) return undefined;
  const payload = header + 2 + view.getUint16(header);
  // One length for all that follows: where a part is cut short, so is the rest.
  if (bytes.length !== payload + AFTER_PAYLOAD) return undefined;
  const parts = [bytes.slice(1, header), bytes.slice(header + 2, payload), bytes.slice(payload, payload + SIGNATURE)];
  return {
    jwt: parts.map(encodeBase64url).join('.'),
    step: view.getUint32(payload + SIGNATURE),
    proof: bytes.slice(payload + SIGNATURE + 4),
  };
}
