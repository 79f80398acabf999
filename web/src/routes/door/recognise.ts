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

/** Scanners add an end of line to what they read. A live pass is base45, whose last symbol can be a space: that one stays. */
const withoutLineEnds = (text: string) => text.replace(/^[\r\n\t]+|[\r\n\t]+$/g, '');

/** The secret of a team link of this very server: another network's would pair this phone with nobody knows whom. */
function teamLink(text: string, origin: string): string | undefined {
  const [address, token] = text.split('#pair=');
  return address === `${origin}/door` && token && /^[\w.~-]+$/.test(token) ? token : undefined;
}

/**
 * A pass is a JWT of type `cp+jwt`, bare or behind the prefix of a live pass; everything else is somebody else's code
 * and is not worth a question. Whether a pass is good, and whether a trial pass is one, is for the rules to say.
 */
export function recognise(text: string, origin: string = globalThis.location?.origin ?? ''): Read {
  const live = withoutLineEnds(text);
  if (live.startsWith('CP1:')) return live.length <= LONGEST ? { kind: 'pass', text: live } : { kind: 'foreign' };
  const trimmed = text.trim();
  if (trimmed.length <= LONGEST && JWT.test(trimmed) && partOf(trimmed, 0)?.typ === 'cp+jwt')
    return { kind: partOf(trimmed, 1)?.pl === TRIAL_PLAN ? 'trial' : 'pass', text: trimmed };
  const token = teamLink(trimmed, origin);
  return token ? { kind: 'team-link', token } : { kind: 'foreign' };
}
