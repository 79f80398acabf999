import type { Membership } from '$lib/api/types.ts';
import { session } from '$lib/session.svelte.ts';
import { allPlaces } from '../places/everything.ts';

/** The homes for which this person may give memberships. */
export async function homesToChoose(): Promise<{ id: string; name: string }[]> {
  return session.is('coordinator') ? allPlaces() : session.placesAs('manager');
}

/** Where a membership stands on a day; its last day is included. */
export function standing(
  membership: Pick<Membership, 'first_day' | 'last_day'>,
  day: string,
): 'future' | 'current' | 'past' {
  if (membership.first_day > day) return 'future';
  return membership.last_day && membership.last_day < day ? 'past' : 'current';
}
