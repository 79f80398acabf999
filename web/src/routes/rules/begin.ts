import { answer, api } from '$lib/api/client.ts';
import type { ConventionVersion } from '$lib/api/types.ts';
import { today } from '$lib/i18n/dates.ts';
import { go } from '$lib/router.svelte.ts';
import { session } from '$lib/session.svelte.ts';
import { documentOf, firstDay, type Rules } from './document.ts';

/** How many days the places have to answer. */
export const daysToAnswer = (): number => session.network?.consent_days ?? 15;

/** New rules like these, from the first month on that may have others. */
export const like = (rules: Rules, versions: readonly ConventionVersion[]) => ({
  starts_on: firstDay(today(), daysToAnswer(), versions.at(-1)?.starts_on),
  document: documentOf(rules),
});

/** Begin new rules like these, and go there. */
export async function begin(rules: Rules, versions: readonly ConventionVersion[]): Promise<void> {
  const body = like(rules, versions);
  go(`/rules/${(await answer(api.POST('/api/v1/convention-drafts', { body }))).id}`);
}
