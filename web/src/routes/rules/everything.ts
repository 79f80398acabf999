import { answer, api } from '$lib/api/client.ts';
import { session } from '$lib/session.svelte.ts';
import { allPlaces, allPlans } from '../places/everything.ts';
import type { Names } from './document.ts';

/** Whether this person is among those who prepare or answer new rules. */
export const isAsked = (): boolean =>
  session.is('coordinator', 'network_accountant', 'manager', 'place_accountant');

/** What the pages of the rules show: every version, those on their way, and what plans and places are called. */
export async function everything() {
  const [versions, drafts, plans, places] = await Promise.all([
    answer(api.GET('/api/v1/conventions')),
    isAsked() ? answer(api.GET('/api/v1/convention-drafts')) : { items: [] },
    allPlans(),
    allPlaces(),
  ]);
  const names: Names = {
    plans: new Map(plans.map((plan) => [plan.code, plan.name])),
    places: new Map(places.map((place) => [place.code, place.name])),
  };
  return { versions: versions.items, drafts: drafts.items, plans, places, names };
}
export type Everything = Awaited<ReturnType<typeof everything>>;
