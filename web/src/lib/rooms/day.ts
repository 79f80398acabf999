import { minutesOf } from './when.ts';

/** A part of a day, in minutes since midnight. */
export type Part = { from: number; to: number; what: 'free' | 'taken' };
export type Taken = { local_start: string; local_end: string };
export type Opening = { opens: number; closes: number };

const DAY = 24 * 60;

/**
 * A day of a resource from its opening to its closing, free and taken in turn; a pool is taken where all its `units` are.
 * What is closed in between is left out: nothing can be done with it.
 */
export function partsOf(day: string, openings: readonly Opening[], taken: readonly Taken[], units = 1): Part[] {
  const busy = taken.map((each) => ({ from: minutesOf(each.local_start, day), to: minutesOf(each.local_end, day) }));
  return openings.flatMap(({ opens, closes }) => {
    const inside = busy.flatMap(({ from, to }) => [from, to]).filter((at) => at > opens && at < closes);
    const edges = [...new Set([opens, ...inside, closes])].sort((one, other) => one - other);
    const parts: Part[] = [];
    for (const [index, to] of edges.slice(1).entries()) {
      const from = edges[index] ?? opens;
      const what = busy.filter((each) => each.from < to && each.to > from).length >= units ? 'taken' : 'free';
      const last = parts.at(-1);
      if (last?.what === what) last.to = to;
      else parts.push({ from, to, what });
    }
    return parts;
  });
}

/** What is still to come of a day: what is over can be had no more. */
export const after = (parts: readonly Part[], now: number): Part[] =>
  parts.filter(({ to }) => to > now).map((part) => ({ ...part, from: Math.max(part.from, now) }));

type Time = { from: number; to: number };
const QUARTER = 15;

/** The time that somebody takes who taps a free stretch: as long as they wanted, as near to when; or all of it. */
export function chosenOf(free: Time, wanted: Time): Time {
  const quarter = Math.ceil(free.from / QUARTER) * QUARTER;
  const begins = quarter < free.to ? quarter : free.from;
  const lasts = Math.min(wanted.to - wanted.from, free.to - begins);
  const from = Math.min(Math.max(wanted.from, begins), free.to - lasts);
  return { from, to: from + lasts };
}

const HALF_HOUR = 30;

/** The time that somebody takes who taps `at` a minute of a free stretch: from that half hour on; on what is wanted, that. */
export function tappedOf(free: Time, wanted: Time, at: number): Time {
  if (wanted.from <= at && at < wanted.to) return chosenOf(free, wanted);
  const from = Math.floor(at / HALF_HOUR) * HALF_HOUR;
  return chosenOf(free, { from, to: from + wanted.to - wanted.from });
}

const MORNING = 7 * 60;
const EVENING = 23 * 60;

/** One frame for many rooms: nights that are nothing but open are left out, what is wanted is not. */
export function dayFrame(rooms: readonly (readonly Part[])[], wanted: Time): Time {
  const parts = rooms.flat();
  const from = Math.max(Math.min(...parts.map((part) => part.from)), Math.min(MORNING, wanted.from));
  const to = Math.min(Math.max(...parts.map((part) => part.to)), Math.max(EVENING, wanted.to));
  return frameOf([{ from, to, what: 'free' }]);
}

/** Where a stretch lies in a frame, in percent; nothing where it lies outside. */
export function shareOf({ from, to }: Time, frame: Time): { left: number; width: number } | undefined {
  const [begins, ends] = [Math.max(from, frame.from), Math.min(to, frame.to)];
  const percent = (minutes: number) => Math.round((minutes / (frame.to - frame.from)) * 1e4) / 100;
  return begins < ends ? { left: percent(begins - frame.from), width: percent(ends - begins) } : undefined;
}

/** Where a day's picture begins and ends: on full hours round all of it, as many as are written under it. */
export function frameOf(parts: readonly Part[]): { from: number; to: number } {
  const from = Math.min(DAY, ...parts.map((part) => part.from));
  const to = Math.max(0, ...parts.map((part) => part.to));
  if (from >= to) return { from: 8 * 60, to: 20 * 60 };
  const begins = Math.floor(from / 60) * 60;
  const step = stepOf(to - begins);
  return { from: begins, to: begins + Math.ceil((to - begins) / step) * step };
}

const stepOf = (wide: number) => (wide <= 8 * 60 ? 60 : wide <= 16 * 60 ? 120 : 240);

/** A few hours to write under the picture, wide enough apart; the first and the last are its ends. */
export function hoursOf({ from, to }: { from: number; to: number }): number[] {
  const step = stepOf(to - from);
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}
