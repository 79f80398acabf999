import { timeOf } from '$lib/i18n/dates.ts';
import type { Dictionary, Language } from '$lib/i18n/types.ts';
import { isLocal, isUnsure, viewOf, type Shown } from './showing.ts';
import { sentencesOf } from './verdicts.ts';

export type Words = { say: string; member: string | null; next: string; check: string | null };

/** What a verdict says, aloud and at arm's length: to the person, who they are, what to do next. */
export function wordsOf(shown: Shown, t: Dictionary, language: Language, zone: string): Words {
  const { fate } = shown;
  if (fate.kind === 'refused') return { say: t.door.notCounted, member: null, next: fate.problem.detail, check: null };
  const view = viewOf(shown);
  if (!view) {
    const problem = fate.kind === 'kept' ? fate.problem : undefined;
    return problem
      ? { say: t.door.notSent, member: null, next: `${problem.detail} ${t.door.notSentLead}`, check: null }
      : { say: t.door.kept, member: null, next: t.door.keptLead, check: null };
  }
  const { verdict, member, first_check_in_at, check_name } = view;
  const home = member?.home ? t.door.memberOf(member.home) : null;
  const who = member ? `${member.given_name} ${member.initial}.` : null;
  const check = check_name && who ? t.door.checkName(who) : null;
  // What only the network can tell is said as such, never as a refusal (door.md, The door).
  if (isUnsure(shown) && verdict !== 'list_stale')
    return { say: t.offline.unsure, member: who, next: t.offline.unsureLead, check };
  const { say, next } = sentencesOf(verdict, language);
  if (verdict === 'ok' && member) return { say: t.door.hello(member.given_name), member: home, next, check };
  if (verdict === 'ok_again' && member) {
    const since = first_check_in_at ? t.door.since(timeOf(first_check_in_at, language, zone)) : next;
    return { say: t.door.helloAgain(member.given_name), member: home, next: since, check: null };
  }
  if (verdict === 'ambiguous') return { say, member: who, next, check: null };
  return { say, member: who && home ? `${who} · ${home}` : who, next, check };
}

/** What is said of a welcome that was taken back: of a second one, that the first stands. */
export const undoneWords = (shown: Shown, { door }: Dictionary): { say: string; next: string } =>
  viewOf(shown)?.verdict === 'ok_again'
    ? { say: door.undoneAgain, next: door.undoneAgainLead }
    : { say: door.undone, next: door.undoneLead };

/** By whose word it stands there: this door's own, or the server's that said otherwise; null: the server's, as always. */
export function saidBy(shown: Shown, t: Dictionary): string | null {
  if (shown.corrected) return t.offline.corrected;
  if (!isLocal(shown)) return null;
  const problem = shown.fate.kind === 'kept' ? shown.fate.problem : undefined;
  if (problem && viewOf(shown)) return `${t.door.notSent} · ${problem.detail}`;
  return viewOf(shown) ? t.offline.alone : null;
}
