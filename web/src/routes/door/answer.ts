import type { CheckInAnswer } from '$lib/api/types.ts';
import type { Colour } from './verdicts.ts';

/** What the server answers to a scan. */
export type Answer = CheckInAnswer;

/** What a verdict shows, whoever gave it. */
export type Verdict = Pick<
  Answer,
  | 'member'
  | 'first_check_in_at'
  | 'check_name'
  | 'choices'
  | 'may_override'
  | 'message'
  | 'house_rules'
  | 'attention'
  | 'may_check_out'
> & { verdict: string; colour: Colour };

/** What this door made of a pass by itself. */
export type Decision = Verdict & {
  /** False for what only the server can know: the colour is amber then, whatever the verdict. */
  certain: boolean;
  /** The pass's index in the status list, and the step of its proof. */
  index?: number;
  step?: number;
};

const ADMITS: ReadonlySet<string> = new Set(['ok', 'ok_again']);
export const admits = (verdict: string | undefined): boolean => verdict !== undefined && ADMITS.has(verdict);
