/** Wall-clock time at a place. */

/** A local date (`2026-11-18`), the minutes since its midnight by the clock, and its weekday (0 is Monday). */
export type LocalTime = { date: string; minute: number; weekday: number };

const MINUTES_A_DAY = 24 * 60;
const DAY = 86_400_000;
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
/** Making one costs more than a hundred verdicts. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  let clock = clocks.get(zone);
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-GB-u-ca-gregory', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
    });
    clocks.set(zone, clock);
  }
  return clock;
}

/** What calendar and clock say at an instant (milliseconds) in an IANA zone. */
export function localAt(at: number, zone: string): LocalTime {
  const said: Record<string, string> = {};
  for (const { type, value } of clockOf(zone).formatToParts(at)) said[type] = value;
  const { year = '', month, day, hour, minute, weekday = '' } = said;
  return {
    date: `${year.padStart(4, '0')}-${month}-${day}`,
    minute: Number(hour) * 60 + Number(minute),
    weekday: WEEKDAYS.indexOf(weekday),
  };
}

/** The date before a date. */
export const dayBefore = (date: string): string => new Date(Date.parse(date) - DAY).toISOString().slice(0, 10);

/** `"26:00"` as minutes from midnight. */
export function minutesOf(clock: string): number {
  const [hours, minutes] = clock.split(':');
  return Number(hours) * 60 + Number(minutes);
}

/** Whether one of these hours holds: of today, or of yesterday past midnight. Hours are minutes from their midnight. */
export function isWithin(minute: number, today: readonly Hours[], yesterday: readonly Hours[]): boolean {
  return (
    today.some(([from, to]) => from <= minute && minute < to) ||
    yesterday.some(([from, to]) => from <= minute + MINUTES_A_DAY && minute + MINUTES_A_DAY < to)
  );
}

export type Hours = readonly [from: number, to: number];
