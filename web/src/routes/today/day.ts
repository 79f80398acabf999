import type { NameToday, PersonToday } from '$lib/api/types.ts';

/** « Léa B. », or the word for somebody whose name is known no more. */
export const nameOf = (name: NameToday | null, someone: string): string =>
  name ? `${name.given_name} ${name.initial}.` : someone;

type Named = { name: NameToday | null };

/** What tells somebody from others of the same name and initial on a list: their code there; null for who needs none. */
export function namesakes(people: readonly Named[]): (person: Named) => string | null {
  const codes = new Map<string, Set<string>>();
  for (const { name } of people)
    if (name) codes.set(nameOf(name, ''), (codes.get(nameOf(name, '')) ?? new Set()).add(name.pseudonym));
  return ({ name }) => (name && (codes.get(nameOf(name, ''))?.size ?? 0) > 1 ? name.pseudonym : null);
}

/** The check-ins that stand, the earliest first. */
export const standing = (person: PersonToday): PersonToday['check_ins'] =>
  person.check_ins.filter((checkIn) => !checkIn.undone);

/** What came after the check-ins of somebody that stand, each once. */
export const followed = (person: PersonToday): string[] => [
  ...new Set(standing(person).flatMap((checkIn) => checkIn.follow_ups)),
];

/** Whether an offline phone let somebody in, and a manager has not said yet that it was right. */
export const isWaiting = (person: PersonToday): boolean =>
  standing(person).some(
    ({ follow_ups: kinds }) => kinds.includes('conflict') && !kinds.includes('accepted') && !kinds.includes('rejected'),
  );

/** Whether another place pays for somebody's visit of that day, so that it can be offered. */
export const mayOffer = (person: PersonToday): boolean =>
  !person.at_home && person.home !== null && !isUndone(person) && !isWaiting(person) && !followed(person).includes('offered');

/** Whether every check-in of the day was taken back. */
export const isUndone = (person: PersonToday): boolean => standing(person).length === 0;

/** The dates that a day's list can be looked at, the newest first: `today` and seven before. */
export function daysUntil(today: string): string[] {
  const noon = Date.parse(`${today}T12:00:00Z`);
  return Array.from({ length: 8 }, (_, back) => new Date(noon - back * 86_400_000).toISOString().slice(0, 10));
}

/** How many columns of names fit on one printed page. */
export const columnsFor = (people: number): 1 | 2 | 3 => (people <= 20 ? 1 : people <= 52 ? 2 : 3);

/** The instant at which clocks on the wall of a zone show a time, in ISO 8601; `time` as `14:05`. */
export function instantAt(day: string, time: string, zone: string): string {
  const wanted = Date.parse(`${day}T${time}:00Z`);
  const shown = (at: number) => Date.parse(`${new Date(at).toLocaleString('sv-SE', { timeZone: zone }).replace(' ', 'T')}Z`);
  // Twice: the first guess may fall on the other side of a change of clocks.
  let at = wanted;
  for (let turn = 0; turn < 2; turn++) at += wanted - shown(at);
  return new Date(at).toISOString();
}
