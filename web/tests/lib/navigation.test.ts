import { expect, test, vi } from 'vitest';
import type { Me } from '../../src/lib/api/types.ts';
import { en } from '../../src/lib/i18n/en.ts';
import { entriesFor, isHere, mayOpen } from '../../src/lib/ui/navigation.ts';

vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined });
vi.stubGlobal('location', { origin: 'http://localhost' });
const { session } = await import('../../src/lib/session.svelte.ts');
const HANGAR = { id: 'hangar', code: 'hangar', name: 'Le Hangar', town: 'Nantes' };

function having(...grants: Me['grants']) {
  session.me = { account: { id: 'a', name: 'Léa', email: 'lea@example.org', locale: 'fr' }, grants };
  return session;
}

test("the coordination's pages are for the coordination, a place's also for its managers", () => {
  const coordination = having({ role: 'coordinator', place: null });
  expect([mayOpen(coordination, 'coordination'), mayOpen(coordination, 'place', 'moulin')]).toEqual([true, true]);
  const manager = having({ role: 'manager', place: HANGAR });
  expect([mayOpen(manager, 'place', 'hangar'), mayOpen(manager, 'place', 'moulin')]).toEqual([true, false]);
  expect([mayOpen(manager, 'coordination'), mayOpen(manager, undefined)]).toEqual([false, true]);
  expect(mayOpen(having({ role: 'host', place: HANGAR }), 'place', 'hangar')).toBe(false);
});

test('who has no role is led to the home page only', () => {
  const paths = () => entriesFor(session, en).map(({ href }) => href);
  having();
  expect(paths()).toEqual(['/']);
  having({ role: 'member', place: null });
  expect(paths()).toEqual(['/', '/pass', '/rooms', '/places']);
});

test('a statement and what is paid stand under the months that lead to them, a place under the places', () => {
  const where = (path: string) => ['/', '/places', '/months'].filter((href) => isHere(href, path));
  expect(where('/places/hangar/statements/2026-10')).toEqual(['/months']);
  expect(where('/places/hangar/payments')).toEqual(['/months']);
  expect(['/payments', '/fund', '/calendar', '/months/2026-10/closing'].flatMap(where)).toEqual(Array(4).fill('/months'));
  expect(['/places', '/places/hangar', '/places/hangar/settlement'].flatMap(where)).toEqual(Array(3).fill('/places'));
  expect(where('/')).toEqual(['/']);
});
