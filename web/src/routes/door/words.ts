import { timeOf } from '$lib/i18n/dates.ts';
import type { Dictionary, Language } from '$lib/i18n/types.ts';
import type { Shown } from './desk.svelte.ts';
import { sentencesOf } from './verdicts.ts';

export type Words = { say: string; member: string | null; next: string; check: string | null };

/** What a verdict says, aloud and at arm's length: to the person, who they are, what to do next. */
export function wordsOf(shown: Shown, t: Dictionary, language: Language, zone: string): Words {
  const { fate } = shown;
  if (fate.kind === 'refused') return { say: t.door.notCounted, member: null, next: fate.problem.detail, check: null };
  if (fate.kind === 'failed') return { ...sentencesOf('error', language), member: null, check: null };
  if (fate.kind === 'kept' && fate.problem) {
    return { say: t.door.notSent, member: null, next: `${fate.problem.detail} ${t.door.notSentLead}`, check: null };
  }
  if (fate.kind !== 'answered') return { say: t.door.kept, member: null, next: t.door.keptLead, check: null };
  const { verdict, member, first_check_in_at, check_name } = fate.answer;
  const { say, next } = sentencesOf(verdict, language);
  const home = member?.home ? t.door.memberOf(member.home) : null;
  const who = member ? `${member.given_name} ${member.initial}.` : null;
  const check = check_name && who ? t.door.checkName(who) : null;
  if (verdict === 'ok' && member) return { say: t.door.hello(member.given_name), member: home, next, check };
  if (verdict === 'ok_again' && member) {
    const since = first_check_in_at ? t.door.since(timeOf(first_check_in_at, language, zone)) : next;
    return { say: t.door.helloAgain(member.given_name), member: home, next: since, check: null };
  }
  if (verdict === 'ambiguous') return { say, member: who, next, check: null };
  return { say, member: who && home ? `${who} · ${home}` : who, next, check: null };
}
