import { i18n } from '$lib/i18n/i18n.svelte.ts';
import { session } from '$lib/session.svelte.ts';
import { said } from '$lib/ui/said.svelte.ts';
import { arrivals, type Fate } from './arrivals.ts';
import { wordsOf } from './words.ts';

/** The page that still shows that an arrival waits, by its id: what came of it is said there. */
export const waitingFor = new Map<string, (fate: Fate) => void>();

/** Send what was kept without network, on whichever page its member is now, and say what came of it. */
export async function sendLater(): Promise<void> {
  const account = session.me.account?.id;
  if (!account || !navigator.onLine) return;
  try {
    for (const { id, fate } of await (await arrivals()).sendKept(account)) {
      const shows = waitingFor.get(id);
      if (shows) shows(fate);
      else if (fate.kind === 'answered') {
        const { say, next } = wordsOf(fate.answer, i18n.t.arriving);
        said.say(`${say} ${next}`, 8000);
      } else if (fate.kind === 'refused') said.say(fate.problem.detail, 8000);
    }
  } catch (error) {
    // The device's store is gone: there is nothing to send.
    console.error(error);
  }
}
