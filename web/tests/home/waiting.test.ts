import { expect, test } from 'vitest';
import type { Contest, ConventionDraft, PaymentMade } from '$lib/api/types.ts';
import { waitsFor, type Reader } from '../../src/routes/home/waiting.ts';

const TODAY = '2026-11-22';
const manager: Reader = { places: ['cantine'], coordinates: false, validates: false };
const coordinator: Reader = { places: [], coordinates: true, validates: true };
const accountant: Reader = { places: [], coordinates: false, validates: true };
const september = { month: '2026-09', closes_on: '2026-11-03', asked: false, mine: false };
const october = { month: '2026-10', closes_on: '2026-12-05', asked: false, mine: false };
const nothing = { months: [september, october], contests: [], drafts: [], payments: [], withoutIban: [] };

const contest = (month: string, state: string) =>
  ({
    id: 'e1',
    month,
    state,
    place_id: 'usine',
    home: { id: 'usine' },
    host: { id: 'cantine' },
    answer_by: '2026-11-28',
  }) as Contest;
const what = (reader: Reader, found: Partial<typeof nothing> & object) =>
  waitsFor(reader, TODAY, { ...nothing, ...found }).map((each) => each.what);

test('the place that is asked answers a reported error, the one that reported it waits', () => {
  const contests = [contest('2026-10', 'open')] as never[];
  expect(waitsFor(manager, TODAY, { ...nothing, contests })).toEqual([
    { what: 'answer', month: '2026-10', until: '2026-11-28', href: '/months/2026-10/errors/e1' },
  ]);
  expect(what({ ...manager, places: ['usine'] }, { contests })).toEqual([]);
});

test('a month whose day has come is closed once its questions are decided, the first month first', () => {
  expect(what(coordinator, { contests: [contest('2026-09', 'answered')] as never[] })).toEqual(['decide']);
  expect(what(coordinator, {})).toEqual(['close']);
  expect(what(coordinator, { months: [october] })).toEqual([]);
  expect(what(coordinator, { contests: [contest('2026-10', 'answered')] as never[] })).toEqual(['close', 'decide']);
});

test('somebody else validates a closing that was asked for', () => {
  const asked = { ...september, asked: true };
  expect(what(accountant, {})).toEqual([]);
  expect(what(accountant, { months: [asked] })).toEqual(['validate']);
  expect(what(coordinator, { months: [{ ...asked, mine: true }] })).toEqual(['asked']);
});

test('a place that has not answered is asked about rules', () => {
  const places = [
    { id: 'cantine', consents: null },
    { id: 'usine', consents: true },
  ];
  const drafts = [{ id: 'd1', state: 'proposed', answer_on: '2026-11-25', places }] as ConventionDraft[];
  expect(what(manager, { drafts: drafts as never[] })).toEqual(['rules']);
  expect(what({ ...manager, places: ['usine'] }, { drafts: drafts as never[] })).toEqual([]);
});

test('what a place has to pay is counted, with its first day', () => {
  const payment = (debtor: string, state: string, due_on: string) => ({ debtor: { id: debtor }, state, due_on });
  const payments = [
    payment('cantine', 'due', '2026-12-20'),
    payment('cantine', 'due', '2026-11-27'),
    payment('cantine', 'paid', '2026-10-27'),
    payment('usine', 'due', '2026-11-27'),
  ] as PaymentMade[];
  expect(waitsFor(manager, TODAY, { ...nothing, payments: payments as never[] })).toEqual([
    { what: 'pay', count: 2, until: '2026-11-27', href: '/places/cantine/payments' },
  ]);
});

test('a place without an IBAN is told what it would receive on it', () => {
  const due = { debtor: { id: 'usine' }, creditor: { id: 'cantine' }, state: 'due', due_on: '2026-11-27', amount_cents: 4000 };
  const payments = [due, { ...due, state: 'paid' }] as never[];
  const href = '/places/cantine/settlement';
  const told = (found: object) => waitsFor(manager, TODAY, { ...nothing, withoutIban: ['cantine'], ...found });
  expect(told({ payments })).toEqual([{ what: 'iban', place: 'cantine', cents: 4000, href }]);
  expect(told({})).toEqual([{ what: 'iban', place: 'cantine', cents: 0, href }]);
  expect(waitsFor(manager, TODAY, { ...nothing, payments })).toEqual([]);
});

test('the coordination reads how many places have answered new rules, and that they were not adopted', () => {
  const places = [{ consents: null }, { consents: true }, { consents: false }];
  const draft = (state: string) => ({ id: 'd1', state, answer_on: '2026-11-25', places }) as ConventionDraft;
  const read = (...drafts: ConventionDraft[]) => waitsFor(coordinator, TODAY, { ...nothing, months: [], drafts });
  expect(read(draft('proposed'))).toEqual([
    { what: 'proposal', answered: 2, against: 1, asked: 3, until: '2026-11-25', href: '/rules/d1' },
  ]);
  expect(read(draft('refused'))).toEqual([{ what: 'refused', href: '/rules/d1' }]);
  expect(read(draft('draft'), draft('refused'))).toEqual([]);
  expect(what(manager, { months: [], drafts: [draft('refused')] as never[] })).toEqual([]);
});
