import { answer, Refused, Unreachable, type doorApi } from '$lib/api/client.ts';
import type { Dictionary, Language } from '$lib/i18n/types.ts';
import { sentencesOf, type Colour } from './verdicts.ts';

/** What a trial pass came to. `offline`: it was read, and nobody could be asked. */
export type Trial =
  | { colour: Colour; kind: 'works' | 'offline' }
  | { colour: Colour; kind: 'not'; verdict: string }
  | { colour: Colour; kind: 'refused'; detail: string };

/** Ask the server, as this door, what a trial pass comes to. Throws only for a door that was cut off (`Refused`, 401). */
export async function tryPass(api: ReturnType<typeof doorApi>, pass: string): Promise<Trial> {
  try {
    const { works, verdict } = await answer(api.POST('/api/v1/door/trial', { body: { pass } }));
    return works ? { kind: 'works', colour: 'green' } : { kind: 'not', verdict, colour: 'red' };
  } catch (error) {
    if (error instanceof Unreachable) return { kind: 'offline', colour: 'amber' };
    if (error instanceof Refused && error.status !== 401)
      return { kind: 'refused', detail: error.problem.detail, colour: 'red' };
    throw error;
  }
}

/** What the screen says of it. */
export function wordsOfTrial(trial: Trial, t: Dictionary['trial'], language: Language): { say: string; next: string } {
  switch (trial.kind) {
    case 'works':
      return { say: t.works, next: t.worksNext };
    case 'offline':
      return { say: t.offline, next: t.offlineNext };
    case 'refused':
      return { say: t.doesNot, next: trial.detail };
    case 'not': {
      const { say, next } = sentencesOf(trial.verdict, language);
      return { say: t.doesNot, next: `${say}. ${next}` };
    }
  }
}
