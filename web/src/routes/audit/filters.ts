/** What the page of the audit log asks for. */
import { today } from '$lib/i18n/dates.ts';
import type { Dictionary } from '$lib/i18n/types.ts';

export type Family = keyof Dictionary['audit']['families'];
export type Action = keyof Dictionary['audit']['actions'];

/** The families of actions, as the page offers them: what stands before the dot. */
export const FAMILIES: Record<Family, readonly string[]> = {
  people: ['member', 'members', 'membership', 'choice', 'my_data'],
  roles: ['role', 'invitation'],
  access: ['account', 'session', 'sign_in_link', 'passkey', 'identity'],
  passes: ['pass'],
  places: ['place'],
  rules: ['network', 'convention', 'plan', 'settlement_details', 'payment', 'bank_statement', 'fund', 'invoice', 'month', 'statement', 'contest'],
  doors: ['door', 'door_policy', 'pairing_link', 'poster', 'check_in', 'guest', 'house_rules'],
  bookings: ['booking', 'feed', 'external_calendar', 'booking_advance', 'closure', 'resource', 'series', 'training', 'waiting'],
  keys: ['keys', 'api_key', 'audit', 'backup'],
};

export type Filters = { from: string; to: string; family: string; place: string; actor: string };

/** The first instant of a day in the reader's own zone. */
const startOf = (day: string, later = 0): string => {
  const [year, month, date] = day.split('-').map(Number);
  return new Date(year ?? 0, (month ?? 1) - 1, (date ?? 1) + later).toISOString();
};

/** The same as the API takes it: days are the reader's, the last one included. */
export function queryOf({ from, to, family, place, actor }: Filters) {
  return {
    ...(from && { since: startOf(from) }),
    ...(to && { before: startOf(to, 1) }),
    ...(Object.hasOwn(FAMILIES, family) && { action: [...FAMILIES[family as Family]] }),
    ...(place && { place_id: place }),
    ...(/^[0-9a-f-]{36}$/i.test(actor) && { actor }),
  };
}

/** Entries by the reader's own day, in the order in which they came. */
export function byDay<Entry extends { at: string }>(entries: readonly Entry[]): [day: string, entries: Entry[]][] {
  const days = new Map<string, Entry[]>();
  for (const entry of entries) {
    const day = today(undefined, new Date(entry.at));
    days.set(day, [...(days.get(day) ?? []), entry]);
  }
  return [...days];
}
