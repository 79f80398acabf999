/** Base45 (RFC 9285): what a QR code holds in its dense alphanumeric mode. The twin of passapp/passes/encoding.py. */

const SYMBOLS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

/** Two bytes become three symbols, the least significant first; a byte that is left over, two. */
export function encodeBase45(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 2) {
    const pair = at + 1 < bytes.length;
    let value = pair ? bytes[at]! * 256 + bytes[at + 1]! : bytes[at]!;
    for (let left = pair ? 3 : 2; left > 0; left -= 1) {
      text += SYMBOLS[value % 45];
      value = Math.floor(value / 45);
    }
  }
  return text;
}

/** Read base45 as it is written: no small letter, nothing trimmed, nothing that stands for no bytes; else undefined. */
export function decodeBase45(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 3 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 2) / 3));
  let put = 0;
  for (let at = 0; at < text.length; at += 3) {
    const group = [...text.slice(at, at + 3)].map((symbol) => SYMBOLS.indexOf(symbol));
    if (group.includes(-1)) return undefined;
    const value = group.reduceRight((sum, digit) => sum * 45 + digit, 0);
    if (value >= 256 ** (group.length - 1)) return undefined;
    if (group.length === 3) bytes[put++] = value >> 8;
    bytes[put++] = value & 255;
  }
  return bytes;
}
