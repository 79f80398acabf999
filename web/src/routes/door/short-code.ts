const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CHECK = `${ALPHABET}*~$=U`;

/** Any case, O is 0, I and L are 1, hyphens and spaces are ignored. */
export function canonical(typed: string): string {
  return typed
    .toUpperCase()
    .replace(/[\s\-‐-―]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
}

/** As it is printed: `K7M2-9QX4`. */
export function printed(code: string): string {
  const plain = canonical(code);
  return plain.length > 4 ? `${plain.slice(0, 4)}-${plain.slice(4)}` : plain;
}

/** Eight characters, of which the last is Crockford's check symbol of the other seven (modulo 37). */
export function isSound(typed: string): boolean {
  const code = canonical(typed);
  if (code.length !== 8) return false;
  let remainder = 0;
  for (const character of code.slice(0, 7)) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) return false;
    remainder = (remainder * 32 + value) % 37;
  }
  return CHECK[remainder] === code[7];
}
