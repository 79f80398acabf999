/** What a QR code says, before anything is asked of the server. */
export type Read =
  | { kind: 'pass' | 'trial'; text: string }
  | { kind: 'team-link'; token: string }
  | { kind: 'foreign' };

const JWT = /^[\w-]{10,}\.[\w-]{10,}\.[\w-]{20,}$/;
const LONGEST = 2000;

/** The plan that only trial passes name. */
const TRIAL_PLAN = 'TEST';

function partOf(jwt: string, number: 0 | 1): { typ?: unknown; pl?: unknown } | null {
  try {
    const base64 = jwt.split('.')[number]?.replaceAll('-', '+').replaceAll('_', '/') ?? '';
    return JSON.parse(atob(base64)) as { typ?: unknown; pl?: unknown };
  } catch {
    return null;
  }
}

/**
 * A pass is a JWT of type `cp+jwt`, bare or behind the prefix of a live pass; everything else is somebody else's code
 * and is not worth a question. Whether a pass is good, and whether a trial pass is one, is for the rules to say.
 */
export function recognise(text: string): Read {
  const trimmed = text.trim();
  if (text.startsWith('CP1:') && text.length <= LONGEST) return { kind: 'pass', text };
  if (trimmed.length <= LONGEST && JWT.test(trimmed) && partOf(trimmed, 0)?.typ === 'cp+jwt')
    return { kind: partOf(trimmed, 1)?.pl === TRIAL_PLAN ? 'trial' : 'pass', text: trimmed };
  const link = /^https?:\/\/[^/]+\/door#pair=([\w.~-]+)$/.exec(trimmed);
  if (link?.[1]) return { kind: 'team-link', token: link[1] };
  return { kind: 'foreign' };
}
