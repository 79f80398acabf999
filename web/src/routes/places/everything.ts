import { answer, api } from '$lib/api/client.ts';
import type { Place, Plan } from '$lib/api/types.ts';

/** Every place of the network, by name: a directory is read whole. */
export async function allPlaces(): Promise<Place[]> {
  const places: Place[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: Place[]; next?: string | null } = await answer(
      api.GET('/api/v1/places', { params: { query: { limit: 200, ...(cursor ? { cursor } : {}) } } }),
    );
    places.push(...page.items);
    cursor = page.next ?? null;
  } while (cursor);
  return places;
}

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
