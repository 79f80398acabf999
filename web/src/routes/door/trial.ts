import { answer, Refused, Unreachable, type doorApi } from '$lib/api/client.ts';
import type { Dictionary, Language } from '$lib/i18n/types.ts';
import { sentencesOf, type Colour } from './verdicts.ts';

/** What a trial pass came to. `by`: who said so; `offline`: it was read, and neither server nor door could check it. */
export type Trial =
  | { colour: Colour; kind: 'works'; by: 'server' | 'door' }
  | { colour: Colour; kind: 'offline' }
  | { colour: Colour; kind: 'not'; verdict: string }
  | { colour: Colour; kind: 'refused'; detail: string };

const comesTo = (works: boolean, verdict: string, by: 'server' | 'door'): Trial =>
  works ? { kind: 'works', by, colour: 'green' } : { kind: 'not', verdict, colour: 'red' };

/**
 * Ask the server, as this door, what a trial pass comes to; where it does not answer within `patience` milliseconds, go by
 * what this door finds itself: a verdict, or nothing where it cannot tell. Throws only for a door that was cut off
 * (`Refused`, 401).
 */
export async function tryPass(
  api: ReturnType<typeof doorApi>,
  pass: string,
  byItself: () => Promise<string | undefined> = () => Promise.resolve(undefined),
  patience = Number.POSITIVE_INFINITY,
): Promise<Trial> {
  const asked = ask(api, pass).catch((error: unknown) => {
    if (error instanceof Unreachable) return undefined;
    throw error;
  });
  const late = Number.isFinite(patience) ? [new Promise<undefined>((done) => setTimeout(done, patience))] : [];
  const said = await Promise.race([asked, ...late]);
  if (said) return said;
  const verdict = await byItself();
  return verdict ? comesTo(verdict === 'ok', verdict, 'door') : ((await asked) ?? { kind: 'offline', colour: 'amber' });
}

async function ask(api: ReturnType<typeof doorApi>, pass: string): Promise<Trial> {
  try {
    const { works, verdict } = await answer(api.POST('/api/v1/door/trial', { body: { pass } }));
    return comesTo(works, verdict, 'server');
  } catch (error) {
    if (error instanceof Refused && error.status !== 401)
      return { kind: 'refused', detail: error.problem.detail, colour: 'red' };
    throw error;
  }
}

/** What the screen says of it. */
export function wordsOfTrial(
  trial: Trial,
  t: Dictionary['trial'],
  language: Language,
): { say: string; next: string } {
  switch (trial.kind) {
    case 'works':
      return { say: t.works, next: trial.by === 'door' ? t.worksAlone : t.worksNext };
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
