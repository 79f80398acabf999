import { Refused } from '../api/client.ts';
import type { FreeRoom, Occurrence } from '../api/types.ts';

/** A time that the clocks of a place show twice, or never: what may have been meant, by field. */
export type Unclear = { code: 'nonexistent_local_time' | 'ambiguous_local_time'; params: Partial<Record<When, string[]>> };
export type When = 'start' | 'end';

const UNCLEAR: readonly string[] = ['nonexistent_local_time', 'ambiguous_local_time'] satisfies Unclear['code'][];

export function unclearTime(error: unknown): Unclear | undefined {
  return error instanceof Refused && UNCLEAR.includes(error.problem.code)
    ? (error.problem as unknown as Unclear)
    : undefined;
}

/** Somebody was faster: when it is free next, and what is free instead. */
export type Taken = { next_free: { start: string; end: string } | null; alternatives: FreeRoom[] };

export function slotTaken(error: unknown): Taken | undefined {
  if (!(error instanceof Refused) || error.problem.code !== 'slot_taken') return undefined;
  const { next_free, alternatives } = error.problem as unknown as Partial<Taken>;
  return { next_free: next_free ?? null, alternatives: alternatives ?? [] };
}

/** Every reason why it may not be, in the reader's language. */
export function notBookable(error: unknown): string[] | undefined {
  if (!(error instanceof Refused) || error.problem.code !== 'not_bookable') return undefined;
  return (error.problem.errors ?? []).map(({ detail }) => detail);
}

/** Some dates of a series cannot be had, and nothing was changed: every date, and what would become of it. */
export type Conflicts = { detail: string; occurrences: Occurrence[] };

export function seriesConflicts(error: unknown): Conflicts | undefined {
  if (!(error instanceof Refused) || error.problem.code !== 'series_conflicts') return undefined;
  const { detail, occurrences } = error.problem as unknown as Conflicts;
  return { detail, occurrences: occurrences ?? [] };
}
