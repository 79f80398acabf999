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

/** Whether every check-in of the day was taken back. */
export const isUndone = (person: PersonToday): boolean => standing(person).length === 0;

/** The dates that a day's list can be looked at, the newest first: `today` and seven before. */
export function daysUntil(today: string): string[] {
  const noon = Date.parse(`${today}T12:00:00Z`);
  return Array.from({ length: 8 }, (_, back) => new Date(noon - back * 86_400_000).toISOString().slice(0, 10));
}

/** How many columns of names fit on one printed page. */
export const columnsFor = (people: number): 1 | 2 | 3 => (people <= 20 ? 1 : people <= 52 ? 2 : 3);
