import verdicts from '$verdicts';
import { setEnglish, setFrench } from '$lib/i18n/typeset.ts';
import type { Language } from '$lib/i18n/types.ts';

export type Colour = 'green' | 'amber' | 'red';
type Sentences = { colour: string } & Record<Language, { say: string; next: string }>;

const known = verdicts as Record<string, Sentences>;
const set = { fr: setFrench, en: setEnglish } as const;

/** What to say and what to do next. A verdict this build does not know reads as an error. */
export function sentencesOf(verdict: string, language: Language): { say: string; next: string } {
  const { say, next } = (known[verdict] ?? (known.error as Sentences))[language];
  return { say: set[language](say), next: set[language](next) };
}
