import type { KeptPass } from '$lib/store.ts';
import type { LiveKey, Refusal } from './keys.ts';
import { worthShowing } from './kept.ts';

/** One way in: a member of one home has one, a member of several may have one for each of those who pay. */
export type Way = {
  /** Who pays; null: the door may choose. */
  membership: string | null;
  /** The live pass on this phone, or why there is none. */
  key?: LiveKey;
  refusal?: Refusal;
  /** This browser can hold no key. */
  shortLived?: boolean;
  card?: KeptPass;
};

/** Who pays, as the cards that open doors say; without any, as the passes on this phone say; else whoever comes first. */
export function payersOf(cards: readonly Pick<KeptPass, 'pass'>[], keys: readonly LiveKey[] = []): (string | null)[] {
  const named = cards.filter(({ pass }) => pass.state === 'active').map(({ pass }) => pass.membership_id);
  const payers = named.length ? named : keys.map((key) => key.membership_id);
  return payers.length ? [...new Set(payers)] : [null];
}

/** What this phone holds, without asking anybody: a pass that names nobody is for whoever has none that does. */
export const waysOf = (cards: readonly KeptPass[], keys: readonly LiveKey[]): Way[] => {
  const of = (membership: string | null) => keys.find((key) => key.membership_id === membership);
  const ways = payersOf(cards, keys).map((payer) => {
    const key = of(payer) ?? of(null);
    return { membership: key ? key.membership_id : payer, key, card: cardOf(cards, payer) };
  });
  return onePerPayer(ways).filter(({ key, card }) => key ?? card);
};

/** Of several memberships that are over, each was replaced by whoever comes first. */
export const onePerPayer = (ways: readonly Way[]): Way[] =>
  ways.filter((way, at) => ways.findIndex(({ membership }) => membership === way.membership) === at);

/** The card for who pays that is most worth showing. */
export const cardOf = (cards: readonly KeptPass[], membership: string | null): KeptPass | undefined =>
  worthShowing(cards.filter(({ pass }) => pass.membership_id === membership))[0];
