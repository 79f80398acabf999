import type { KeptScan } from '$lib/store.ts';
import type { SaidName } from '$lib/api/types.ts';
import type { Decision, Verdict } from './answer.ts';
import type { Fate } from './queue.ts';
import { decidedLine, mayBeUndone, recentOf } from './recent.ts';
import type { Trouble } from './shelf.ts';
import type { Colour } from './verdicts.ts';

/** How long a welcome stands before the camera is back, in milliseconds. */
export const VERDICT_STANDS = 3000;
/** As long as it takes to do something: explain, check a name, read a message. */
export const LONGER = 7000;
/** Nobody stands by to press a button. */
const BY_ITSELF = 4000;
/** Nor to explain: whoever is asked something reads it, and finds the answer, alone. */
const ASKS_BY_ITSELF = 20_000;

/** What was shown at the door: enough to ask again with a choice. */
export type Said = { pass?: string; short_code?: string; by_name?: SaidName };

/** What a host may do after a verdict. */
export type Deed = 'undo' | 'override' | 'house-rules' | 'check-out' | 'offer';
export type DeedState = 'doing' | 'done' | 'failed' | { refused: string };

/** A verdict on the screen. */
export type Shown = {
  scan: KeptScan;
  said: Said;
  fate: Fate;
  /** What this door made of it, where the server's answer did not come in time. */
  decision?: Decision | undefined;
  colour: Colour;
  since: number;
  mayUndo: boolean;
  deeds: Partial<Record<Deed, DeedState>>;
  /** The server said otherwise than the door had. */
  corrected?: boolean;
  /** The device could not write it down. */
  trouble?: Trouble | undefined;
};

/** The verdict to show, whoever gave it; none for a scan that only waits, or that the server would not take. */
export function viewOf({ fate, decision }: Pick<Shown, 'fate' | 'decision'>): Verdict | undefined {
  if (fate.kind === 'answered') return fate.answer;
  return fate.kind === 'kept' ? decision : undefined;
}

/** Whether it stands on the screen on this door's word alone. */
export const isLocal = ({ fate }: Pick<Shown, 'fate'>): boolean => fate.kind === 'kept';

/** Only the network can tell: said as such, never as a refusal. */
export const isUnsure = ({ fate, decision }: Pick<Shown, 'fate' | 'decision'>): boolean =>
  fate.kind === 'kept' && decision !== undefined && !decision.certain;

export function colourOf(shown: Pick<Shown, 'fate' | 'decision'>): Colour {
  return isUnsure(shown) ? 'amber' : (viewOf(shown)?.colour ?? 'amber');
}

/** What a door shows, in effect, where it cannot tell: let in, sort out later. */
const CANNOT_TELL = 'list_stale';

/** What the server learns that this door acted on by itself; nothing where nobody has been let in or turned away yet. */
export function actedOn(decision: Decision | undefined): Pick<KeptScan, 'shown'> {
  if (decision?.choices.length) return {};
  return { shown: decision?.certain ? decision.verdict : CANNOT_TELL };
}

/** The same verdict once the server has spoken: `differs` where it says otherwise than what stands there. */
export function settledAs(shown: Shown, fate: Fate): { next: Shown; differs: boolean } {
  const [before, after] = [viewOf(shown), viewOf({ fate, decision: shown.decision })];
  const colour = colourOf({ fate, decision: shown.decision });
  const differs = colour !== shown.colour || after?.verdict !== before?.verdict;
  // « Gardé » said nothing of the pass that could be wrong.
  const corrected = shown.corrected || (differs && before !== undefined);
  return { next: { ...shown, fate, colour, corrected, since: differs ? Date.now() : shown.since }, differs };
}

/** Whether what stands there is a welcome that may be taken back. */
export const mayUndo = ({ scan, fate, decision }: Shown): boolean =>
  mayBeUndone(recentOf(scan, fate, fate.kind === 'kept' ? decidedLine(scan, decision) : undefined));

/** Whether somebody must still say which home pays. */
export const isChoosing = (shown: Pick<Shown, 'fate' | 'decision'>): boolean =>
  (viewOf(shown)?.choices.length ?? 0) > 0;

/** How long it stands, in milliseconds; null: until the host has done what there is to do. */
export function standsFor(shown: Shown, attended: boolean): number | null {
  if (!attended) return isChoosing(shown) ? ASKS_BY_ITSELF : BY_ITSELF;
  const view = viewOf(shown);
  if (shown.deeds.undo === 'done' || shown.deeds.override === 'done') return VERDICT_STANDS;
  if (isChoosing(shown) || (view?.house_rules && shown.deeds['house-rules'] !== 'done')) return null;
  const read =
    shown.corrected ||
    shown.trouble ||
    view?.check_name ||
    view?.message ||
    view?.attention ||
    shown.colour !== 'green';
  return read ? LONGER : VERDICT_STANDS;
}
