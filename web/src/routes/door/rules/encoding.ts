import type { Bytes } from './verify.ts';

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** How many passes the status list has room for. */
export const INDICES = 2 ** 20;

/** Read base64url in its one canonical form: no padding, foreign character or stray bit (RFC 7515). */
export function decodeBase64url(part: string): Bytes | undefined {
  if (part.length % 4 === 1) return undefined;
  const bytes = new Uint8Array((part.length * 3) >> 2);
  let [bits, held, at] = [0, 0, 0];
  for (const symbol of part) {
    const value = BASE64URL.indexOf(symbol);
    if (value < 0) return undefined;
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held >= 8) bytes[at++] = bits >> (held -= 8);
  }
  return bits & ((1 << held) - 1) ? undefined : bytes;
}

/** Read a status-list index as passes write it: base62, without leading zeros. */
export function decodeIndex(symbols: string): number | undefined {
  if (symbols.length < 1 || symbols.length > 4 || (symbols.startsWith('0') && symbols !== '0')) return undefined;
  let index = 0;
  for (const symbol of symbols) {
    const value = BASE62.indexOf(symbol);
    if (value < 0) return undefined;
    index = index * 62 + value;
  }
  return index < INDICES ? index : undefined;
}
