import type { Membership, Plan } from '$lib/api/types.ts';
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

/** The plan that a form proposes: one that opens every place, every day, where the network has one. */
export function usualPlan(plans: readonly Pick<Plan, 'code' | 'opens' | 'weekdays'>[]): string {
  const everywhere = plans.filter((plan) => plan.opens === 'everywhere');
  return (everywhere.find((plan) => plan.weekdays.length === 7) ?? everywhere[0] ?? plans[0])?.code ?? '';
}
