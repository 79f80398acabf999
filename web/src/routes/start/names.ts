import { plain } from '../places/everything.ts';

const SMALL = new Set(['a', 'au', 'aux', 'd', 'de', 'des', 'du', 'en', 'et', 'l', 'la', 'le', 'les', 'of', 'the', 'and']);

const wordsOf = (name: string): string[] => plain(name.toLowerCase()).match(/[a-z0-9]+/g) ?? [];

/** A code for a network of this name, at most 8 letters and digits: its words where they fit, else their initials. */
export function networkCode(name: string): string {
  const words = wordsOf(name);
  const great = words.filter((word) => !SMALL.has(word));
  const chosen = great.length ? great : words;
  const whole = chosen.join('');
  const [longest = ''] = [...chosen].sort((one, other) => other.length - one.length);
  if (whole.length <= 8) return whole.toUpperCase();
  const short = chosen.length > 2 ? chosen.map((word) => word[0]).join('') : longest;
  return short.slice(0, 8).toUpperCase();
}

/** A code for a place of this name: what addresses and passes call it. */
export function placeCode(name: string): string {
  const code = wordsOf(name).join('-').slice(0, 36).replace(/-$/, '');
  return code.length > 1 ? code : `lieu${code && `-${code}`}`;
}

type Where = { zone: string; subdivision: string | null };
const MAINLAND: Where = { zone: 'Europe/Paris', subdivision: null };
const ELSEWHERE: Record<string, Where> = {
  // Two public holidays more.
  57: { ...MAINLAND, subdivision: '57' },
  67: { ...MAINLAND, subdivision: '6AE' },
  68: { ...MAINLAND, subdivision: '6AE' },
  971: { zone: 'America/Guadeloupe', subdivision: '971' },
  972: { zone: 'America/Martinique', subdivision: '972' },
  973: { zone: 'America/Cayenne', subdivision: '973' },
  974: { zone: 'Indian/Reunion', subdivision: '974' },
  975: { zone: 'America/Miquelon', subdivision: 'PM' },
  976: { zone: 'Indian/Mayotte', subdivision: '976' },
  986: { zone: 'Pacific/Wallis', subdivision: 'WF' },
  987: { zone: 'Pacific/Tahiti', subdivision: 'PF' },
  988: { zone: 'Pacific/Noumea', subdivision: 'NC' },
};

/** The zone and the calendar of public holidays of a French postcode. */
export function whereIs(postcode: string): Where {
  if (!/^\d{5}$/.test(postcode)) return MAINLAND;
  // Saint-Barthélemy and Saint-Martin share Guadeloupe's prefix.
  if (postcode === '97133' || postcode === '97700') return { zone: 'America/St_Barthelemy', subdivision: 'BL' };
  if (postcode === '97150' || postcode === '97800') return { zone: 'America/Marigot', subdivision: 'MF' };
  return ELSEWHERE[postcode.slice(0, 3)] ?? ELSEWHERE[postcode.slice(0, 2)] ?? MAINLAND;
}

/** « Camille Martin » as given and family name. */
export function splitName(name: string): { given_name: string; family_name: string } {
  const [given_name = '', ...rest] = name.trim().split(/\s+/);
  return { given_name, family_name: rest.join(' ') };
}
