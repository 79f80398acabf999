/** The verdict that a door gives by itself: in a blink, and with no network. */
import { judge, type Judgement, type Verdict } from './judge.ts';
import { caseOf, type Known, type Person } from './known.ts';
import { formAt, verifyPass, type Form } from './pass.ts';
import { verifier, type Verify } from './verify.ts';

export type Decision = {
  verdict: Verdict;
  /** False for what a door by itself cannot know: say "go online", never "invalid" (door.md, The door). */
  certain: boolean;
  /** The date of the scan at the place. */
  localDate: string;
  /** Whose pass it is, where the roster knows. */
  member: Person | undefined;
  /** The place that pays, or would; undefined where that is not known. */
  payerHome: string | undefined;
  /** The homes to choose from where the verdict is `ambiguous`; give the one chosen as `chosen`. */
  choices: readonly string[];
  /** Since when somebody who is back was in, in milliseconds. */
  since: number | undefined;
  /** The pass as verified: its index makes an `OwnScan`, its form what to check ("check the name/photo" of a card). */
  pass: { index: number; step: number | undefined; plan: string; form: Form } | undefined;
};

const NOT_KNOWN_OFFLINE: readonly Verdict[] = ['unknown_key', 'error', 'list_stale'];

/**
 * Give this door's own verdict on a scanned text at an instant (milliseconds, by the server's clock as well as this phone
 * knows it). `chosen`: the home that the host picked after `ambiguous`. Never throws for a text.
 */
export async function decide(
  text: string,
  known: Known,
  at: number,
  chosen?: string,
  verify?: Verify,
): Promise<Decision> {
  const { network, keys, place, cards } = known;
  const shown = await verifyPass(text, at, { network, keys, place, cards, verify: verify ?? (await verifier()) });
  const { pass } = shown;
  const { verdict, localDate, payer, choices, first }: Judgement = judge(shown, caseOf(known, pass, at, chosen));
  return {
    verdict,
    certain: !NOT_KNOWN_OFFLINE.includes(verdict),
    localDate,
    member: pass && known.people.get(pass.index),
    payerHome: payer?.home_id || undefined,
    choices: [...new Set(choices.map(({ home_id }) => home_id))],
    since: first?.at,
    pass: pass && { index: pass.index, step: pass.step, plan: pass.plan, form: formAt(pass, at) },
  };
}
