/** The status list (IETF Token Status List): what a door knows of passes that died before their time. */
import { decodeBase64url, INDICES } from './encoding.ts';
import type { Bytes, Verify } from './verify.ts';

/** A status list that the network signed; instants in milliseconds, two bits a pass. */
export type StatusList = { iat: number; exp: number; packed: Bytes };

export const STATUS = { valid: 0, revoked: 1, suspended: 2, superseded: 3 } as const;

const BITS = 2;
const PER_BYTE = 8 / BITS;
const BYTES = INDICES / PER_BYTE;

/** Read a `statuslist+jwt` as the network signed it; undefined for anything else. Whether it is too old is not asked. */
export async function readStatusList(
  text: string,
  keys: ReadonlyMap<string, Bytes>,
  verify: Verify,
): Promise<StatusList | undefined> {
  const parts = text.split('.').map(decodeBase64url);
  const [header, payload, signature] = parts;
  if (parts.length !== 3 || !header || !payload || !signature) return undefined;
  const { alg, typ, kid } = readJson(header);
  const key = keys.get(String(kid));
  if (!key || alg !== 'EdDSA' || typ !== 'statuslist+jwt') return undefined;
  const signed = new TextEncoder().encode(text.slice(0, text.lastIndexOf('.')));
  if (!(await verify(key, signature, signed))) return undefined;
  const { iat, exp, status_list } = readJson(payload);
  const { bits, lst } = (status_list ?? {}) as Record<string, unknown>;
  if (typeof iat !== 'number' || typeof exp !== 'number' || bits !== BITS || typeof lst !== 'string') return undefined;
  const compressed = decodeBase64url(lst);
  const packed = compressed && (await inflate(compressed));
  return packed && { iat: iat * 1000, exp: exp * 1000, packed };
}

/** The status (0 to 3) of a pass. */
export const statusIn = ({ packed }: StatusList, index: number): number =>
  ((packed[Math.floor(index / PER_BYTE)] ?? 0) >> ((index % PER_BYTE) * BITS)) & (2 ** BITS - 1);

function readJson(bytes: Bytes): Record<string, unknown> {
  try {
    return Object(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return {};
  }
}

/** Read a whole list out of zlib, and not a byte more: a small text must not fill the memory. */
async function inflate(compressed: Bytes): Promise<Bytes | undefined> {
  const packed = new Uint8Array(BYTES);
  let length = 0;
  try {
    const reader = new Blob([compressed]).stream().pipeThrough(new DecompressionStream('deflate')).getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (length + next.value.length > BYTES) {
        await reader.cancel();
        return undefined;
      }
      packed.set(next.value, length);
      length += next.value.length;
    }
  } catch {
    return undefined;
  }
  return length === BYTES ? packed : undefined;
}
