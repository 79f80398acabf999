import type { Dictionary } from '../i18n/types.ts';
import type { Whose } from '../router.svelte.ts';
import type { session as Session } from '../session.svelte.ts';
import type { IconName } from './Icon.svelte';

export type Entry = { href: string; label: string; icon: IconName };

const MOST = 5;

/** Where this person goes most, at most five entries (they stand in a bar under the thumb). */
export function entriesFor(session: typeof Session, t: Dictionary): Entry[] {
  if (!session.signedIn) return [];
  const entries: Entry[] = [{ href: '/', label: t.nav.home, icon: 'home' }];
  if (session.is('member')) entries.push({ href: '/pass', label: t.nav.pass, icon: 'pass' });
  if (session.is('member')) entries.push({ href: '/rooms', label: t.nav.rooms, icon: 'search' });
  if (session.is('host', 'manager')) entries.push({ href: '/door', label: t.nav.door, icon: 'door' });
  if (session.is('manager', 'coordinator')) entries.push({ href: '/members', label: t.nav.members, icon: 'members' });
  if (session.me.grants.length) entries.push({ href: '/places', label: t.nav.places, icon: 'places' });
  if (session.is('coordinator', 'network_accountant', 'place_accountant', 'manager'))
    entries.push({ href: '/months', label: t.nav.months, icon: 'months' });
  // Who runs a place and is a member too finds their own pass and rooms on their home page.
  return entries.length > MOST ? entries.filter(({ href }) => href !== '/pass' && href !== '/rooms') : entries;
}

/** Whether a page is this person's to open; `id`: the place in its address. The server decides what they may do there. */
export const mayOpen = (session: typeof Session, only: Whose | undefined, id = ''): boolean =>
  !only || (only === 'place' ? session.manages(id) : session.is('coordinator'));

/** What is reached from the months, and leads back to them, wherever its address is. */
const OF_MONTHS = /^\/(payments|fund|calendar|places\/[^/]+\/(statements|payments))(\/|$)/;

/** Whether an entry is where the person is. */
export const isHere = (href: string, path: string): boolean => {
  if (href === '/') return path === '/';
  if (OF_MONTHS.test(path)) return href === '/months';
  return path === href || path.startsWith(`${href}/`);
};
