/**
 * What the door answers (door.md, Verdicts; settlement R2, R5, R6): the twin of passapp/door/rules/verdicts.py.
 *
 * Pure: the pass as verified, what is known of the person and the place, and the instant of the scan come in; a verdict
 * comes out. tests/vectors/passes.json holds both to the same answers.
 */
import type verdicts from '$verdicts';
import type { Reason, Shown } from './pass.ts';
import { dayBefore, isWithin, localAt, minutesOf, type Hours, type LocalTime } from './wall-time.ts';

export type Verdict = keyof typeof verdicts;

/** Which places a plan opens (`everywhere`, or at `home`), on which weekdays (0 is Monday) and hours at the host. */
export type Plan = {
  code: string;
  opens: string;
  weekdays: readonly number[];
  from_time: string;
  to_time: string;
  monthly_visits: number | null;
};

/** A person's link to a home place. Dates are `2026-11-18`; `last_day` is included, `home_left_on` is not. */
export type Membership = {
  id: string;
  home_id: string;
  plan: string;
  priority: number;
  first_day: string;
  last_day: string | null;
  home_joined_on: string;
  home_left_on: string | null;
  unpaid_at?: number | null;
  paid_at?: number | null;
};

/** What is known of a pass and its person, each with the instant (milliseconds) it began. */
export type Standing = {
  memberships: readonly Membership[];
  /** The membership that the pass was issued for. */
  named?: string | undefined;
  revoked_at?: number | undefined;
  superseded_at?: number | undefined;
  suspended_at?: number | undefined;
  resumed_at?: number | undefined;
};

/** A day's hours, in minutes from its midnight, and why they are not the week's usual ones. */
export type Day = { day: string; openings: readonly Hours[]; reason: string | null };

/** The place whose door scans. `days`: of its yesterday and today at least; none where they are not known. */
export type Host = {
  id: string;
  zone: string;
  joined_on: string;
  left_on: string | null;
  days: readonly Day[];
  keeps_hours: boolean;
  capacity: number | null;
};

/** A check-in of that day that stands; `at` in milliseconds. */
export type CheckIn = { id: string; at: number };

export type Case = {
  at: number;
  host: Host;
  /** Null where no register knows the pass: it is revoked. */
  standing: Standing | null;
  plans: ReadonlyMap<string, Plan>;
  /** The check-ins of this person there on that local date, this one apart. */
  sameDay?: readonly CheckIn[];
  /** The home that the host picked after `ambiguous`. */
  chosen?: string | undefined;
  used?: number;
  present?: number;
  replayedElsewhere?: boolean;
  listExpired?: boolean;
};

/** A verdict, the local date it holds for, who pays (or would), and the day's first check-in where there was one. */
export type Judgement = {
  verdict: Verdict;
  localDate: string;
  payer: Membership | undefined;
  first?: CheckIn;
  choices: readonly Membership[];
};

const OF_THE_PROOF: readonly (Reason | undefined)[] = ['proof_missing', 'proof_stale', 'clock_skew'];
const UNREGISTERED: Standing = { memberships: [], revoked_at: -Infinity };

/** Give the verdict on what `verifyPass` gave: the first failure, in door.md's order. */
export function judge(shown: Shown, given: Case): Judgement {
  const { at, host, plans, standing, sameDay = [] } = given;
  const local = localAt(at, host.zone);
  const known = standing ?? UNREGISTERED;
  const { candidates, opening } = whoCouldPay(shown, known, given, local);
  const payer = onePayer(opening.length ? opening : candidates);
  const judged = (verdict: Verdict): Judgement => ({ verdict, localDate: local.date, payer, choices: [] });
  const failure =
    judgePass(shown, known, at, local.date, given.replayedElsewhere) ?? judgeVisit(candidates, opening, plans, host, local);
  if (failure) return judged(failure);
  const first = sameDay.filter((each) => each.at <= at).sort((a, b) => a.at - b.at || order(a.id, b.id))[0];
  // Who pays for the day is decided already: no need to ask again.
  if (first) return { ...judged('ok_again'), first };
  if (given.listExpired) return judged('list_stale');
  const verdict = welcome(opening, known.memberships, given, local.date);
  return { ...judged(verdict), choices: verdict === 'ambiguous' ? opening : [] };
}

/** What is wrong with the pass: first what it is, then its status, then its proof. */
function judgePass(
  { refused }: Shown,
  standing: Standing,
  at: number,
  today: string,
  replayedElsewhere = false,
): Verdict | undefined {
  if (refused && !OF_THE_PROOF.includes(refused)) return refused;
  const status = judgeStatus(standing, at, today);
  if (status) return status;
  return replayedElsewhere && (!refused || refused === 'clock_skew') ? 'replayed' : refused;
}

/** What was wrong with the pass or its person as of the scan's instant. */
function judgeStatus(standing: Standing, at: number, today: string): Verdict | undefined {
  const { revoked_at, superseded_at, suspended_at, resumed_at } = standing;
  if (revoked_at !== undefined && revoked_at <= at) return 'revoked';
  if (superseded_at !== undefined && superseded_at <= at) return 'superseded';
  const active = standing.memberships.filter((each) => isActive(each, today));
  if (active.length === 0 || lasts(at, suspended_at, resumed_at)) return 'suspended';
  return active.some((each) => isPaid(each, at)) ? undefined : 'unpaid';
}

/** Why a good pass does not open the host at that local time. */
function judgeVisit(
  candidates: readonly Membership[],
  opening: readonly Membership[],
  plans: ReadonlyMap<string, Plan>,
  host: Host,
  local: LocalTime,
): Verdict | undefined {
  if (candidates.length === 0 || !isBetween(local.date, host.joined_on, host.left_on)) return 'place_left';
  if (isClosed(host, local)) return 'closed';
  // A plan is not known here, and what it opens is not to be guessed.
  if (candidates.some(({ plan }) => !plans.has(plan))) return 'error';
  return opening.length ? undefined : 'plan';
}

/** Whether the host lets nobody in: a day closed by exception or holiday, or outside kept hours. */
function isClosed({ days, keeps_hours }: Host, { date, minute }: LocalTime): boolean {
  const today = days.find(({ day }) => day === date);
  const yesterday = days.find(({ day }) => day === dayBefore(date));
  if (!today || isWithin(minute, today.openings, yesterday?.openings ?? [])) return false;
  return keeps_hours || (today.reason !== null && today.openings.length === 0);
}

/** The memberships that could pay, and those of them that open the host; none where it is not known whose pass it is. */
function whoCouldPay(shown: Shown, standing: Standing, given: Case, local: LocalTime) {
  const active = standing.memberships.filter((each) => isActive(each, local.date));
  const paid = active.filter((each) => isPaid(each, given.at));
  const memberships = shown.pass ? inOrder(paid.length ? paid : active, local.date) : [];
  const candidates = choosePayers(memberships, standing.named, given.chosen);
  const opens = ({ plan, home_id }: Membership) => planOpens(given.plans.get(plan), home_id, given.host.id, local);
  const opening = candidates.filter(opens);
  // Nobody is turned away from their own home for having another membership too.
  const own = memberships.filter((each) => each.home_id === given.host.id && opens(each));
  return { candidates, opening: opening.length ? opening : own };
}

/** Who pays on a day (settlement R6), among memberships in order: several where nothing says which. */
function choosePayers(
  memberships: readonly Membership[],
  named: string | undefined,
  chosen: string | undefined,
): readonly Membership[] {
  const one = memberships.find(({ id }) => id === named);
  if (one) return [one];
  const first = memberships.filter(({ priority }) => priority === memberships[0]?.priority);
  const picked = first.filter(({ home_id }) => home_id === chosen);
  return picked.length ? picked : first;
}

/** Let somebody in, unless that is to be sorted out first. */
function welcome(opening: readonly Membership[], memberships: readonly Membership[], given: Case, today: string): Verdict {
  const { host, plans, used = 0, present = 0 } = given;
  const payer = onePayer(opening);
  if (!payer) return 'ambiguous';
  const included = plans.get(payer.plan)?.monthly_visits ?? Infinity;
  const isAtHome = inOrder(memberships, today).some(({ home_id }) => home_id === host.id);
  if (used >= included && !isAtHome) return 'quota';
  return host.capacity !== null && present >= host.capacity ? 'capacity' : 'ok';
}

/** The membership that pays, unless they are of several homes. */
const onePayer = (memberships: readonly Membership[]): Membership | undefined =>
  memberships.every(({ home_id }) => home_id === memberships[0]?.home_id) ? memberships[0] : undefined;

/** The memberships that can pay on a day, by priority, then by id. */
const inOrder = (memberships: readonly Membership[], on: string): readonly Membership[] =>
  memberships
    .filter((each) => isActive(each, on) && isBetween(on, each.home_joined_on, each.home_left_on))
    .sort((a, b) => a.priority - b.priority || order(a.id, b.id));

/** Hours past midnight belong to the day before: a plan for Fridays to "26:00" opens on Saturday at 01:59. */
function planOpens(plan: Plan | undefined, homeId: string, placeId: string, { minute, weekday }: LocalTime): boolean {
  if (!plan || (plan.opens === 'home' && homeId !== placeId)) return false;
  const hours: Hours[] = [[minutesOf(plan.from_time), minutesOf(plan.to_time)]];
  const on = (day: number) => (plan.weekdays.includes(day) ? hours : []);
  return isWithin(minute, on(weekday), on((weekday + 6) % 7));
}

const isActive = ({ first_day, last_day }: Membership, on: string): boolean =>
  first_day <= on && (last_day === null || on <= last_day);

const isPaid = ({ unpaid_at, paid_at }: Membership, at: number): boolean => !lasts(at, unpaid_at, paid_at);

/** Whether what began at `since`, and last ended at `until`, is so. It may have begun once more. */
const lasts = (at: number, since?: number | null, until?: number | null): boolean =>
  since != null && since <= at && !(until != null && since <= until && until <= at);

/** Whether a date is in [from, to). */
const isBetween = (date: string, from: string, to: string | null): boolean => from <= date && (to === null || date < to);

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
