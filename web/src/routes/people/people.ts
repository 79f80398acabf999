import type { GrantRow, InvitationWanted } from '$lib/api/types.ts';
import { found } from '../places/everything.ts';

/** Somebody with the roles that they hold. */
export type Person = { account: GrantRow['account']; grants: GrantRow[] };

export type Given = InvitationWanted['role'];
export const AT_A_PLACE: readonly Given[] = ['host', 'manager', 'place_accountant'];
export const OF_THE_NETWORK: readonly Given[] = ['coordinator', 'network_accountant'];

/** Roles gathered by the person who holds them, by name. */
export function byPerson(grants: readonly GrantRow[]): Person[] {
  const people = new Map<string, Person>();
  for (const grant of grants) {
    const person = people.get(grant.account.id);
    if (person) person.grants.push(grant);
    else people.set(grant.account.id, { account: grant.account, grants: [grant] });
  }
  const names = new Intl.Collator('fr');
  return [...people.values()].sort(
    (one, other) =>
      names.compare(one.account.name, other.account.name) || names.compare(one.account.email, other.account.email),
  );
}

/** Whether every word searched for is in somebody's name or address, in a role or in a place of theirs. */
export function matches(person: Person, search: string, roleName: (role: GrantRow['role']) => string): boolean {
  const held = person.grants.flatMap((grant) => [roleName(grant.role), grant.place?.name ?? '', grant.place?.town ?? '']);
  return found(search, person.account.name, person.account.email, ...held);
}
