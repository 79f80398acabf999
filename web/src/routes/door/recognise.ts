/** What a QR code says, before anything is asked of the server. */
export type Read = { kind: 'pass'; text: string } | { kind: 'team-link'; token: string } | { kind: 'foreign' };

const JWT = /^[\w-]{10,}\.[\w-]{10,}\.[\w-]{20,}$/;
const LONGEST = 2000;

function headerOf(jwt: string): { typ?: unknown } | null {
  try {
    const base64 = jwt.slice(0, jwt.indexOf('.')).replaceAll('-', '+').replaceAll('_', '/');
    return JSON.parse(atob(base64)) as { typ?: unknown };
  } catch {
    return null;
  }
}

/**
 * A pass is a JWT of type `cp+jwt`, bare or behind the prefix of a live pass; everything else is somebody else's code
 * and is not worth a question. Whether a pass is good is for the rules to say.
 */
export function recognise(text: string): Read {
  const trimmed = text.trim();
  if (text.startsWith('CP1:') && text.length <= LONGEST) return { kind: 'pass', text };
  if (trimmed.length <= LONGEST && JWT.test(trimmed) && headerOf(trimmed)?.typ === 'cp+jwt')
    return { kind: 'pass', text: trimmed };
  const link = /^https?:\/\/[^/]+\/door#pair=([\w.~-]+)$/.exec(trimmed);
  if (link?.[1]) return { kind: 'team-link', token: link[1] };
  return { kind: 'foreign' };
}
