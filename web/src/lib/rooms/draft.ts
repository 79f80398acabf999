import type { Room, RoomWanted } from '../api/types.ts';

export type Policy = Required<Room['policy']>;
export type Rate = Required<Room['rates'][number]>;

/** A policy as it is where nobody said anything. */
export const USUAL: Policy = {
  grid: 15,
  shortest: 30,
  longest: 8 * 60,
  set_up: 0,
  tear_down: 0,
  notice: 0,
  advance_days: 180,
  visitor_advance_days: null,
  audience: 'network',
  approval: 'never',
  upcoming: null,
  weekly_minutes: null,
  monthly_minutes: null,
  tiers: [],
  late_fee_percent: 0,
  grace: 15,
  is_always_open: false,
  needs_training: false,
};

/** A price of nothing, for everybody. */
export const NO_RATE: Rate = { hour: 0, half_day: null, day: null, plan: null, tier: null, is_home: null };

/** What the form of a room holds: lists as lines that people write. */
export type Draft = {
  kind: RoomWanted['kind'];
  name: string;
  capacity: number;
  features: string[];
  parts: number[];
  rates: Rate[];
  policy: Policy;
  description: string;
  access: string;
  contact: string;
  units: string;
  others: string;
};

export const lines = (text: string, by: RegExp = /\n/): string[] => [
  ...new Set(
    text
      .split(by)
      .map((line) => line.trim())
      .filter(Boolean),
  ),
];

/** The draft of a room that is, or of a new one; `known`: the features that have a box of their own. */
export function draftOf(room: Room | undefined, known: readonly string[]): Draft {
  return {
    kind: room?.kind ?? 'room',
    name: room?.name ?? '',
    description: room?.description ?? '',
    capacity: room?.capacity ?? 8,
    features: (room?.features ?? []).filter((code) => known.includes(code)),
    others: (room?.features ?? []).filter((code) => !known.includes(code)).join(', '),
    access: room?.access ?? '',
    contact: room?.contact ?? '',
    units: (room?.units ?? []).map(({ name }) => name).join('\n'),
    parts: (room?.parts ?? []).map(({ id }) => id),
    rates: (room?.rates ?? []).map((rate) => ({ ...NO_RATE, ...rate }) as Rate),
    policy: { ...USUAL, ...room?.policy, tiers: (room?.policy.tiers ?? []).map((tier) => ({ ...tier })) } as Policy,
  };
}

/** What is sent of a draft. */
export function wantedOf({ others, units, ...draft }: Draft): RoomWanted {
  const said = (text: string) => text.trim() || null;
  return {
    ...draft,
    name: draft.name.trim(),
    description: said(draft.description),
    access: said(draft.access),
    contact: said(draft.contact),
    features: [...draft.features, ...lines(others, /,/)],
    units: lines(units),
    rates: draft.rates.map((rate) => ({ ...rate, plan: rate.plan || null, tier: rate.tier?.trim() || null })),
  };
}
