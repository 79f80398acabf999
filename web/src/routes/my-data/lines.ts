import type { MyData } from '$lib/api/types.ts';
import { dateLong, dateTime } from '$lib/i18n/dates.ts';
import { money } from '$lib/i18n/money.ts';
import type { Dictionary, Language } from '$lib/i18n/types.ts';

import { whatOf } from '../audit/said.ts';

type Line = { what: string; details: (string | null | undefined | false)[] };
export type List = { title: string; lead?: string | undefined; none?: string | undefined; lines: Line[] };

const LET_IN = new Set(['ok', 'ok_again']);

type Deed = MyData['deeds'][number];

/** Whether the server heard of it long after it was made: the phone had no network. */
const isLate = ({ scanned_at, received_at }: MyData['scans'][number]) =>
  Date.parse(received_at) - Date.parse(scanned_at) > 120_000;

/** Whose deed it was. */
const byOf = (deed: Deed) =>
  deed.by_me ? 'me' : deed.detail.how === 'command' ? 'command' : deed.actor;

/** What is known of a person, list by list, in words. */
export function linesOf(data: MyData, words: Dictionary, language: Language): List[] {
  const t = words.myData;
  const time = (instant: string) => dateTime(instant, language);
  const day = (date: string) => dateLong(date, language);
  const role = (name: string) => (words.roles as Record<string, string>)[name] ?? name;
  const used = (instant: string | null) => instant && t.lastUsed(time(instant));
  const cut = data.deeds.length < data.deeds_in_all;
  // A role of one's own deed is one that was offered; whose role one took back is not known here.
  const done = (deed: Deed) =>
    deed.action in words.audit.actions
      ? whatOf(deed, words.audit, deed.by_me && deed.action === 'role.grant')
      : t.something;
  const ofMember: List[] = [
    {
      title: t.visits,
      none: t.visitsNone,
      lines: data.visits.map((visit) => ({
        what: t.visit(visit.host),
        details: [
          time(visit.opened_at),
          visit.at_home ? t.atHome : t.paidBy(visit.home),
          visit.evidence && words.today.evidence[visit.evidence],
          visit.waived && words.reviews.waived[visit.waived],
        ],
      })),
    },
    {
      title: t.scans,
      lines: data.scans.map((scan) => ({
        what: t.scan(scan.place, LET_IN.has(scan.verdict)),
        details: [
          time(scan.scanned_at),
          scan.form && words.today.evidence[scan.form],
          isLate(scan) && t.received(time(scan.received_at)),
          ...scan.follow_ups.map(({ kind, reason }) =>
            [words.reviews.followUps[kind], reason && words.reviews.quoted(reason)].filter(Boolean).join(' '),
          ),
          scan.undone_at && t.undone(scan.undone_because ?? ''),
        ],
      })),
    },
    {
      title: t.bookings,
      none: t.bookingsNone,
      lines: data.bookings.map((booking) => ({
        what: t.booking(booking.resource, booking.place),
        details: [
          time(booking.local_start), // on the wall of the place
          booking.title,
          t.bookingStates[booking.state],
          booking.price > 0 && money(booking.price, language),
        ],
      })),
    },
    {
      title: t.waits,
      lines: data.waits.map((wait) => ({
        what: t.booking(wait.resource, wait.place),
        details: [time(wait.starts_at)],
      })),
    },
    {
      title: t.feeds,
      lines: data.feeds.map((feed) => ({
        what: t.feed(day(feed.made_at)),
        details: [feed.revoked_at !== null && t.feedRevoked(day(feed.revoked_at))],
      })),
    },
    {
      title: t.trainings,
      lines: data.trainings.map((training) => ({
        what: t.booking(training.resource, training.place),
        details: [t.trainedOn(day(training.at))],
      })),
    },
    {
      title: t.passes,
      lines: data.passes.map((pass) => ({
        what: t.pass(t.states[pass.state] ?? pass.state),
        details: [pass.device, t.fromTo(day(pass.issued_at), day(pass.expires_at)), pass.revoked_reason],
      })),
    },
  ];
  const ofEverybody: List[] = [
    {
      title: t.sessions,
      lines: data.sessions.map((one) => ({
        what: one.device ?? t.unknownDevice,
        details: [time(one.created_at), one.revoked_at ? t.ended(time(one.revoked_at)) : t.running],
      })),
    },
    {
      title: t.messages,
      lead: t.messagesLead,
      lines: data.messages.map((mail) => ({
        what: t.kinds[mail.kind] ?? t.otherKind,
        details: [mail.sent_at ? t.sent(time(mail.sent_at)) : mail.failed_at ? t.notSent : t.soon],
      })),
    },
    {
      title: t.deeds,
      lead: cut ? t.deedsMore(data.deeds.length, data.deeds_in_all) : undefined,
      lines: data.deeds.map((deed) => ({
        what: `${t.by[byOf(deed)] ?? deed.actor} ${done(deed)}`,
        details: [time(deed.at), deed.place, deed.address],
      })),
    },
  ];
  const ofSome: List[] = [
    {
      title: t.passkeys,
      lines: data.passkeys.map((key) => ({ what: key.name, details: [time(key.created_at), used(key.last_used_at)] })),
    },
    {
      title: t.identities,
      lines: data.identities.map((one) => ({ what: one.issuer, details: [one.subject, time(one.linked_at)] })),
    },
    {
      title: t.invitations,
      lines: data.invitations.map((one) => ({
        what: one.place ? `${role(one.role)} · ${one.place}` : role(one.role),
        details: [time(one.created_at), one.accepted_at ? t.accepted : one.cancelled_at ? t.cancelled : t.waiting],
      })),
    },
    {
      title: t.apiKeys,
      lines: data.api_keys.map((key) => ({
        what: key.place ? `${key.name} · ${key.place}` : key.name,
        details: [time(key.created_at), used(key.last_used_at), key.revoked_at && t.ended(time(key.revoked_at))],
      })),
    },
  ];
  return [...(data.member ? ofMember : []), ...ofEverybody, ...ofSome.filter(({ lines }) => lines.length)];
}
