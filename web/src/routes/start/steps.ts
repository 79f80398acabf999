import type { SetUpProgress } from '$lib/api/types.ts';

export const STEPS = ['network', 'place', 'mail', 'member', 'phone', 'trial'] as const;
export type Step = (typeof STEPS)[number] | 'done';

/** The first step that is neither done nor put off. The network stands: only then is there any progress to ask for. */
export function stepOf(progress: SetUpProgress, putOff: readonly Step[] = []): Step {
  if (progress.done) return 'done';
  if (!progress.place) return 'place';
  const left: Step[] = [];
  // Whoever has gone on to members has seen it.
  if (!progress.member) left.push('mail');
  if (!progress.pass_id) left.push('member');
  if (progress.phones === 0) left.push('phone');
  left.push('trial');
  return left.find((step) => !putOff.includes(step)) ?? 'done';
}

/** Where a step stands among all of them, from 1. */
export const numberOf = (step: Step): number => (step === 'done' ? STEPS.length : STEPS.indexOf(step) + 1);

const MAIL = 'passapp.start.mail';

/** What became of the trial mail on this device: sent, put off, or neither yet. */
export const trialMail = {
  get: (): 'sent' | 'later' | undefined => {
    const kept = localStorage.getItem(MAIL);
    return kept === 'sent' || kept === 'later' ? kept : undefined;
  },
  keep: (what: 'sent' | 'later'): void => localStorage.setItem(MAIL, what),
};
