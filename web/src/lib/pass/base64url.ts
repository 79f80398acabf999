/** Write bytes in base64url without padding (RFC 7515). */
export const encodeBase64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** Read base64url. Lenient: what must be strict writes it again and compares. Throws for what it cannot read. */
export const decodeBase64url = (part: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (symbol) => symbol.charCodeAt(0));
