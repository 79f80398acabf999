/** What a device's clock said, made right: by the error it had when it was read, which may not be today's. */

/** How far the clock was behind the server's, in milliseconds, and when (the server's time) that was measured last. */
export type Measured = { behind?: number; synced_at?: number };
/** The device's clock as it is now; `behind`: undefined where it was never measured. */
export type Clock = { now: number; behind: number | undefined };

/** Two errors that differ by less are the same one, measured twice. */
const SAME = 60_000;

/** What the server's clock said when the device's said `by`. */
export const serverTime = (by: string, { behind = 0 }: Measured = {}): number => Date.parse(by) + behind;

/**
 * The error that the clock had when it said `by`, in milliseconds. A clock that has been set since it was measured may have
 * been set before `by` was read, or after: the error measured then is taken where it gives an instant that can be, after
 * that measure and not in the future; else today's. Undefined: never measured.
 */
export function errorOf(by: string, { behind, synced_at }: Measured, clock: Clock): number | undefined {
  if (behind === undefined || clock.behind === undefined || Math.abs(behind - clock.behind) < SAME) return clock.behind;
  const at = serverTime(by, { behind });
  const can = (synced_at === undefined || at >= synced_at - SAME) && at <= clock.now + clock.behind + SAME;
  return can ? behind : clock.behind;
}

/** What the clock would say now had nobody set it since it said `by`: the server measures the error with it. */
export function deviceNow(by: string, measured: Measured, clock: Clock): string {
  const error = errorOf(by, measured, clock);
  const set = error === undefined || clock.behind === undefined ? 0 : clock.behind - error;
  return new Date(clock.now + set).toISOString();
}

/** When it was by the server's clock. */
export const corrected = (by: string, measured: Measured, clock: Clock): string =>
  new Date(Date.parse(by) + (errorOf(by, measured, clock) ?? 0)).toISOString();
