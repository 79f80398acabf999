import { expect, test } from 'vitest';
import type { AuditEntry } from '../../src/lib/api/types.ts';
import { fr } from '../../src/lib/i18n/fr.ts';
import { detailsOf, pageOf, whatOf, whoOf } from '../../src/routes/audit/said.ts';

const entry = (changes: Partial<AuditEntry>): AuditEntry => ({
  id: '1',
  at: '2026-11-18T10:00:00Z',
  actor: { kind: 'account', id: 'a', name: null, email: null },
  origin: null,
  action: 'member.add',
  subject: { kind: 'member', id: 'm', label: 'Léa Bertin' },
  place: null,
  detail: {},
  ...changes,
});
const by = (kind: string, name: string | null = null, origin: string | null = null) =>
  whoOf(entry({ actor: { kind, id: 'x', name, email: null }, origin }), fr.audit);

test('whoever acted is called by name, or by what they were', () => {
  expect(by('account', 'Camille')).toBe('Camille');
  expect(by('account')).toBe(fr.audit.erased);
  expect(by('door')).toBe(fr.audit.erasedDoor);
  expect(by('key', 'Compta')).toContain('Compta');
  expect(by('key')).toBe(fr.audit.unknownKey);
  expect(by('system')).toBe(fr.audit.system);
  expect(by('system', null, '192.0.2.1')).toBe(fr.audit.anonymous);
});

test('a sign-in link was made by Passapp for whoever asked, or by a command', () => {
  const link = (how: string) =>
    entry({ actor: { kind: 'system', id: null, name: null, email: null }, action: 'sign_in_link.make', detail: { how } });
  expect([whoOf(link('mail'), fr.audit), whatOf(link('mail'), fr.audit)]).toEqual(['Passapp', fr.audit.sentLink]);
  expect([whoOf(link('command'), fr.audit), whatOf(link('command'), fr.audit)]).toEqual([
    fr.audit.system,
    fr.audit.actions['sign_in_link.make'],
  ]);
});

test('who takes a role is given it, and who leaves one leaves it', () => {
  const deed = (action: string, toOneself: boolean) => whatOf(entry({ action }), fr.audit, toOneself);
  expect(deed('role.grant', true)).toBe(fr.audit.gotRole);
  expect(deed('role.grant', false)).toBe(fr.audit.actions['role.grant']);
  expect(deed('role.withdraw', true)).toBe(fr.audit.leftRole);
  expect(deed('role.withdraw', false)).toBe(fr.audit.actions['role.withdraw']);
  expect(deed('place.add', true)).toBe(fr.audit.actions['place.add']);
});

test('members and places that still exist lead to their page', () => {
  expect(pageOf(entry({}))).toBe('/members/m');
  expect(pageOf(entry({ subject: { kind: 'place', id: 'p', label: 'Le Hangar' } }))).toBe('/places/p');
  expect(pageOf(entry({ subject: { kind: 'member', id: 'm', label: null } }))).toBeNull();
  expect(pageOf(entry({ subject: { kind: 'door', id: 'd', label: 'Tablette' } }))).toBeNull();
});

test('details are in words, without ids, hashes and what did not happen', () => {
  const said = (detail: AuditEntry['detail']) => detailsOf(detail, fr).replaceAll(/\s/g, ' ');
  expect(said({ role: 'manager' })).toBe('rôle : Responsable');
  expect(said({ fields: ['plan', 'tier'], sha256: 'abc', passkey_id: 'x' })).toBe('changé : plan, tier');
  expect(said({ admitted: 2, refused: 0, also_after_cut_off: false, filters: [] })).toBe('entrés : 2');
  expect(said({ compromised: true })).toBe('clé volée : oui');
  expect(said({ scopes: ['members:read', 'x:y'] })).toBe(`droits : ${fr.keys.scopes['members:read']}, x:y`);
  expect(said({})).toBe('');
});
