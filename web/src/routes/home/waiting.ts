import type { Contest, ConventionDraft, PaymentMade } from '$lib/api/types.ts';
import { isOpen, otherOf } from '../closing/contest.ts';

/** A month that is over and not closed. `asked`: somebody has asked for its closing; `mine`: the reader has. */
export interface Unclosed {
  month: string;
  closes_on: string;
  asked: boolean;
  mine: boolean;
}

/** What somebody's network has for them to do. */
export type Waits =
  | { what: 'answer'; month: string; until: string; href: string }
  | { what: 'decide'; month: string; count: number; href: string }
  | { what: 'close' | 'validate' | 'asked'; month: string; href: string }
  | { what: 'rules'; until: string; href: string }
  | { what: 'pay'; count: number; until: string; href: string }
  | { what: 'iban'; place: string; cents: number; href: string }
  | { what: 'proposal'; answered: number; against: number; asked: number; until: string; href: string }
  | { what: 'refused'; href: string };

/** What waits for somebody else: it is said, and there is nothing to do. */
export const isForOthers = ({ what }: Waits): boolean => what === 'asked' || what === 'proposal';

export interface Reader {
  /** The places that they answer and pay for. */
  places: readonly string[];
  coordinates: boolean;
  validates: boolean;
}

/** What waits for the reader, the most pressing first: what holds a month up, then what has a day. */
export function waitsFor(
  { places, coordinates, validates }: Reader,
  today: string,
  found: {
    months: readonly Unclosed[];
    contests: readonly Contest[];
    drafts: readonly ConventionDraft[];
    payments: readonly PaymentMade[];
    /** The places of theirs that have given no IBAN, in a network that settles in euros. */
    withoutIban: readonly string[];
  },
): Waits[] {
  const waits: Waits[] = [];
  const mine = (id: string | null) => id !== null && places.includes(id);
  for (const contest of found.contests)
    if (contest.state === 'open' && mine(otherOf(contest).id))
      waits.push({
        what: 'answer',
        month: contest.month,
        until: contest.answer_by,
        href: `/months/${contest.month}/errors/${contest.id}`,
      });
  found.months.forEach(({ month, closes_on, asked, mine: own }, index) => {
    const href = `/months/${month}/closing`;
    const open = found.contests.filter((each) => each.month === month && isOpen(each));
    const count = open.filter((each) => each.state === 'answered').length;
    if (coordinates && count) waits.push({ what: 'decide', month, count, href });
    // Months are closed in their order.
    if (index > 0 || open.length || closes_on > today) return;
    if (coordinates && !asked) waits.push({ what: 'close', month, href });
    if (validates && asked && !own) waits.push({ what: 'validate', month, href });
  });
  for (const draft of found.drafts)
    if (draft.state === 'proposed' && draft.answer_on && draft.places.some((each) => each.consents === null && mine(each.id)))
      waits.push({ what: 'rules', until: draft.answer_on, href: `/rules/${draft.id}` });
  const newest = found.drafts[0];
  if (coordinates && newest?.state === 'refused') waits.push({ what: 'refused', href: `/rules/${newest.id}` });
  for (const place of places) {
    const due = found.payments.filter((each) => each.state === 'due' && each.debtor.id === place);
    const until = due.map((each) => each.due_on).sort()[0];
    if (until) waits.push({ what: 'pay', count: due.length, until, href: `/places/${place}/payments` });
  }
  for (const place of found.withoutIban) {
    const owed = found.payments.filter((each) => each.state === 'due' && each.creditor.id === place);
    const cents = owed.reduce((sum, each) => sum + each.amount_cents, 0);
    waits.push({ what: 'iban', place, cents, href: `/places/${place}/settlement` });
  }
  for (const { state, answer_on: until, places: asked, id } of found.drafts)
    if (coordinates && state === 'proposed' && until) {
      const given = asked.filter((each) => each.consents !== null);
      const against = given.filter((each) => !each.consents).length;
      waits.push({ what: 'proposal', answered: given.length, against, asked: asked.length, until, href: `/rules/${id}` });
    }
  const [first] = found.months;
  if (validates && first?.asked && first.mine)
    waits.push({ what: 'asked', month: first.month, href: `/months/${first.month}/closing` });
  return waits;
}
