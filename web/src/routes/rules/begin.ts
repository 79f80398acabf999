import { answer, api } from '$lib/api/client.ts';
import type { ConventionVersion } from '$lib/api/types.ts';
import { today } from '$lib/i18n/dates.ts';
import { go } from '$lib/router.svelte.ts';
import { session } from '$lib/session.svelte.ts';
import { documentOf, firstDay, type Rules } from './document.ts';

/** How many days the places have to answer. */
export const daysToAnswer = (): number => session.network?.consent_days ?? 15;

/** Begin new rules like these, from the first month on that may have others, and go there. */
export async function begin(rules: Rules, versions: readonly ConventionVersion[]): Promise<void> {
  const starts = firstDay(today(), daysToAnswer(), versions.at(-1)?.starts_on);
  const body = { starts_on: starts, document: documentOf(rules) };
  go(`/rules/${(await answer(api.POST('/api/v1/convention-drafts', { body }))).id}`);
}
