/** What a network without a visit still needs, first things first. */
export function firstStep(places: number, members: number): 'place' | 'member' | 'none' {
  if (places === 0) return 'place';
  return members === 0 ? 'member' : 'none';
}
