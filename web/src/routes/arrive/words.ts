import type { ArrivalAnswer } from '$lib/api/types.ts';
import type { Dictionary } from '$lib/i18n/types.ts';

/** What an arrival came to, said to the member themselves: they may know why, and what to do. */
export function wordsOf(given: ArrivalAnswer, t: Dictionary['arriving']): { say: string; next: string } {
  const { verdict, given_name: name, place } = given;
  if (verdict === 'ok') return { say: t.hello(name), next: t.counted(place.name) };
  if (verdict === 'ok_again') return { say: t.again(name), next: t.alreadyIn };
  if (verdict === 'ambiguous') return { say: t.whichHome, next: '' };
  const why = t.why[verdict as keyof typeof t.why];
  return { say: t.notCounted, next: why ?? t.askTeam };
}
