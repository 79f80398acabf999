import { i18n } from '$lib/i18n/i18n.svelte.ts';
import { session } from '$lib/session.svelte.ts';
import { said } from '$lib/ui/said.svelte.ts';
import { arrivals } from './arrivals.ts';
import { wordsOf } from './words.ts';

/** Send what was kept without network, on whichever page its member is now, and say what came of it. */
export async function sendLater(): Promise<void> {
  const account = session.me.account?.id;
  if (!account || !navigator.onLine) return;
  try {
    for (const fate of await (await arrivals()).sendKept(account)) {
      if (fate.kind === 'answered') {
        const { say, next } = wordsOf(fate.answer, i18n.t.arriving);
        said.say(`${say} ${next}`, 8000);
      } else if (fate.kind === 'refused') said.say(fate.problem.detail, 8000);
    }
  } catch (error) {
    // The device's store is gone: there is nothing to send.
    console.error(error);
  }
}
