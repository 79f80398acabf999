/** Bytes of their own, as WebCrypto takes them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Whether a signature over `data` is that of an Ed25519 public key (32 bytes; RFC 8032). Never throws. */
export type Verify = (key: Bytes, signature: Bytes, data: Bytes) => Promise<boolean>;

/** A key of the network is imported once, for as long as its bytes are kept. */
const imported = new WeakMap<Bytes, Promise<CryptoKey>>();

function importOnce(key: Bytes): Promise<CryptoKey> {
  let promise = imported.get(key);
  if (!promise) imported.set(key, (promise = crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify'])));
  return promise;
}

/** With the browser's own Ed25519. */
export const byWebCrypto: Verify = async (key, signature, data) => {
  try {
    return await crypto.subtle.verify('Ed25519', await importOnce(key), signature, data);
  } catch {
    return false;
  }
};

/** With `@noble/ed25519`, loaded when it is first needed. It throws for a key or signature that cannot be one. */
export const byNoble: Verify = async (key, signature, data) => {
  const { verifyAsync } = await import('@noble/ed25519');
  try {
    // RFC 8032 to the letter, as the server verifies: not the wider reading of ZIP 215.
    return await verifyAsync(signature, data, key, { zip215: false });
  } catch {
    return false;
  }
};

const fromHex = (hex: string): Bytes => Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));

/** RFC 8032, section 7.1, test 1: a key, and its signature of nothing. */
const KNOWN_KEY = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
const KNOWN_SIGNATURE =
  'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b';

let chosen: Promise<Verify> | undefined;

/**
 * What this browser verifies with: its own Ed25519 where there is one, else noble (Chrome before 137, Firefox before
 * 129, Safari before 17). Ask once at the start, so that noble is loaded before the network goes.
 */
export function verifier(): Promise<Verify> {
  chosen ??= byWebCrypto(fromHex(KNOWN_KEY), fromHex(KNOWN_SIGNATURE), new Uint8Array()).then(async (works) => {
    if (works) return byWebCrypto;
    await import('@noble/ed25519');
    return byNoble;
  });
  return chosen;
}
