/** Visits grouped by month, the newest month and day first. */
export function byMonth<T extends { local_date: string; opened_at: string }>(
  visits: readonly T[],
): { month: string; visits: T[] }[] {
  const months = new Map<string, T[]>();
  for (const visit of [...visits].sort((one, other) => other.opened_at.localeCompare(one.opened_at))) {
    const month = visit.local_date.slice(0, 7);
    months.set(month, [...(months.get(month) ?? []), visit]);
  }
  return [...months]
    .map(([month, of]) => ({ month, visits: of }))
    .sort((one, other) => other.month.localeCompare(one.month));
}

/** A colour that a place keeps for ever, from its name: 0 to 5. */
export function inkOf(name: string): number {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  return sum % 6;
}
