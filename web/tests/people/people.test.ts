import { describe, expect, it } from 'vitest';
import type { GrantRow } from '../../src/lib/api/types.ts';
import { byPerson, matches } from '../../src/routes/people/people.ts';

const person = (name: string) => ({ id: name, name, email: `${name.toLowerCase()}@example.org`, locale: 'fr' });
const hangar = { id: 'h', code: 'hangar', name: 'Le Hangar', town: 'Hérouville' };

const grant = (id: string, name: string, role: GrantRow['role'], place: GrantRow['place'] = null): GrantRow => ({
  id,
  role,
  place,
  account: person(name),
  granted_at: '2026-11-01T10:00:00Z',
});

const roleName = (role: string) => ({ host: 'Accueil', coordinator: 'Coordination' })[role] ?? role;

describe('people', () => {
  it('are listed once, with all their roles, by name as French sorts them', () => {
    const grants = [grant('1', 'Zoé', 'host', hangar), grant('2', 'Éloi', 'host'), grant('3', 'Zoé', 'coordinator')];
    expect(byPerson(grants).map(({ account, grants }) => [account.name, grants.map(({ id }) => id)])).toEqual([
      ['Éloi', ['2']],
      ['Zoé', ['1', '3']],
    ]);
  });

  it.each(['zoe', 'ZOÉ hangar', 'accueil herouville', 'zoé@example'])('are found by « %s »', (search) => {
    const [zoé] = byPerson([grant('1', 'Zoé', 'host', hangar)]);
    expect(matches(zoé!, search, roleName)).toBe(true);
  });

  it.each(['éloi', 'zoé coordination', 'moulin'])('are not found by « %s »', (search) => {
    const [zoé] = byPerson([grant('1', 'Zoé', 'host', hangar)]);
    expect(matches(zoé!, search, roleName)).toBe(false);
  });
});
