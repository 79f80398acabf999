import { answer, api, everyPage } from '$lib/api/client.ts';
import type { Place, Plan } from '$lib/api/types.ts';

/** Every place of the network, by name: a directory is read whole. */
export const allPlaces = (): Promise<Place[]> => everyPage((query) => api.GET('/api/v1/places', { params: { query } }));

export async function allPlans(): Promise<Plan[]> {
  return (await answer(api.GET('/api/v1/plans'))).items;
}

/** A word without accents or case, to search with. */
export const plain = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('œ', 'oe').toLowerCase();

/** Whether every word of a search is somewhere in these texts. */
export function found(search: string, ...texts: (string | null)[]): boolean {
  const where = plain(texts.filter(Boolean).join(' '));
  return plain(search)
    .split(/\s+/)
    .every((word) => where.includes(word));
}
