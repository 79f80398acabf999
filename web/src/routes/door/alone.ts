import type { Dictionary, Language } from '$lib/i18n/types.ts';
import { colourOf, isLocal, isUnsure, viewOf, type Shown } from './showing.ts';
import { sentencesOf, type Colour } from './verdicts.ts';

/** How long somebody presses before the way out shows, in milliseconds. */
export const HOLD_FOR = 3000;

/** What a tablet on its own says of a verdict: to the visitor, who may not be alone before it. Never more than a first name. */
export function wordsAlone(shown: Shown, t: Dictionary, language: Language): { say: string; next: string } {
  const { fate } = shown;
  const view = viewOf(shown);
  if (fate.kind === 'refused') return { say: t.door.notCounted, next: t.alone.askTeam };
  // Kept without a verdict, or one that only the network can give: the visit is on this tablet, and that is what matters.
  if (!view || isUnsure(shown))
    return shown.trouble ? { say: t.door.notCounted, next: t.alone.askTeam } : { say: t.alone.welcome, next: t.alone.kept };
  const name = view.member?.given_name;
  if (view.verdict === 'ok')
    return { say: name ? t.alone.hello(name) : t.alone.welcome, next: isLocal(shown) ? t.alone.kept : t.alone.counted };
  if (view.verdict === 'ok_again') return { say: name ? t.alone.again(name) : t.alone.welcome, next: t.alone.counted };
  if (view.verdict === 'ambiguous') return { say: t.arriving.whichHome, next: t.alone.touch };
  return { say: sentencesOf(view.verdict, language).say, next: t.alone.askTeam };
}

/** Red where this tablet could not even keep it: nobody is there to be told, and the visitor must tell somebody. */
export const colourAlone = (shown: Shown): Colour => (shown.trouble && !viewOf(shown) ? 'red' : colourOf(shown));

/** Something is pressed for as long as it takes, by finger or key. Gives what ends it sooner. */
export function hold(done: () => void, milliseconds = HOLD_FOR): () => void {
  const timer = setTimeout(done, milliseconds);
  return () => clearTimeout(timer);
}
