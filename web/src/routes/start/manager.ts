import { answer, api } from '$lib/api/client.ts';
import { session } from '$lib/session.svelte.ts';

/** Have whoever is signed in manage this place, so that they can pair a phone there; again changes nothing. */
export async function manageMyself(placeId: string): Promise<void> {
  const { account } = session.me;
  if (!account || session.placesAs('manager').some((place) => place.id === placeId)) return;
  const body = { email: account.email, name: account.name, role: 'manager', place_id: placeId } as const;
  await answer(api.POST('/api/v1/invitations', { body: { ...body, locale: account.locale === 'en' ? 'en' : 'fr' } }));
  await session.refresh();
}
