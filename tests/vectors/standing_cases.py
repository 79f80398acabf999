"""Cases that what is known of the person, the place and the plan decides."""

from datetime import UTC, datetime, timedelta

from vector_texts import (
    AT,
    GOOD,
    Json,
    after,
    case,
    check_in,
    instant,
    live,
    membership,
    named_id,
    with_claims,
)

REUNION = datetime(2026, 11, 18, 20, 30, tzinfo=UTC)  # 21:30 in Paris, half past midnight on Réunion


def standing_cases() -> list[Json]:
    at, hour = instant(AT), timedelta(hours=1)
    earlier, later = instant(AT - hour), instant(AT + hour)
    main = named_id("main")
    revoked = {"standing": {"revoked_at": at}, "status": 1}
    suspended = {"standing": {"suspended_at": at}, "status": 2}
    superseded = {"standing": {"superseded_at": at}, "status": 3}
    return [
        case("revoked", GOOD, "revoked", **revoked, expect={"membership": main}),
        case("in no register", GOOD, "revoked", standing=None, server_only="register"),
        case("superseded", GOOD, "superseded", **superseded, expect={"membership": main}),
        case("superseded, on the phone that had it", live(), "superseded", **superseded),
        case("suspended", GOOD, "suspended", **suspended, expect={"membership": main}),
        case("revoked just after the scan", GOOD, "ok", standing={"revoked_at": after(AT)}),
        case("superseded just after the scan", GOOD, "ok", standing={"superseded_at": after(AT)}),
        case("suspended just after the scan", GOOD, "ok", standing={"suspended_at": after(AT)}),
        case("suspended, then resumed", GOOD, "ok", standing={"suspended_at": earlier, "resumed_at": at}),
        case(
            "resumed after the scan",
            GOOD,
            "suspended",
            standing={"suspended_at": earlier, "resumed_at": later},
            status=2,
        ),
        case(
            "suspended once more",
            GOOD,
            "suspended",
            standing={"suspended_at": at, "resumed_at": earlier},
            status=2,
        ),
        case("no membership", GOOD, "suspended", memberships=[], status=2, expect={"membership": None}),
        case(
            "a membership that ended the day before",
            GOOD,
            "suspended",
            memberships=[membership("main", last_day="2026-11-17")],
            status=2,
            expect={"membership": None},
        ),
        case("on a membership's last day", GOOD, "ok", memberships=[membership("main", last_day="2026-11-18")]),
        case("a place that left today", GOOD, "place_left", place="USINE", expect={"membership": main}),
        case("a place on its last day", GOOD, "ok", place="USINE", at=AT - timedelta(days=1)),
        case("a place that joins tomorrow", GOOD, "place_left", place="SERRE"),
        case("a place on its first day", GOOD, "ok", place="SERRE", at=AT + timedelta(days=1)),
        case(
            "a home that left today",
            GOOD,
            "place_left",
            memberships=[membership("main", home="USINE")],
            expect={"membership": None},
        ),
        case(
            "a home on its last day",
            GOOD,
            "ok",
            at=AT - timedelta(days=1),
            memberships=[membership("main", home="USINE")],
        ),
    ]


def unpaid_cases() -> list[Json]:
    hour = timedelta(hours=1)
    unpaid = membership("main", unpaid_at=AT)
    other, other_unpaid = membership("other", home="LAGON"), membership("other", home="LAGON", unpaid_at=AT)
    left = membership("other", home="USINE")
    # The list says no more than that the pass is inactive; to a host, both are one sentence.
    refusal = {"status": 2, "at_door": "suspended"}
    return [
        case("unpaid", GOOD, "unpaid", memberships=[unpaid], expect={"membership": unpaid["id"]}, **refusal),
        case("both unpaid", GOOD, "unpaid", memberships=[unpaid, other_unpaid], expect={"membership": None}, **refusal),
        case("unpaid just after the scan", GOOD, "ok", memberships=[membership("main", unpaid_at=AT + hour)]),
        case("unpaid, then paid", GOOD, "ok", memberships=[membership("main", unpaid_at=AT - hour, paid_at=AT)]),
        case(
            "paid after the scan",
            GOOD,
            "unpaid",
            memberships=[membership("main", unpaid_at=AT - hour, paid_at=AT + hour)],
            **refusal,
        ),
        case(
            "unpaid once more",
            GOOD,
            "unpaid",
            memberships=[membership("main", unpaid_at=AT, paid_at=AT - hour)],
            **refusal,
        ),
        case(
            "one of two unpaid",
            GOOD,
            "ok",
            memberships=[unpaid, other],
            expect={"membership": other["id"]},
            left_out=[unpaid["id"]],
        ),
        case(
            "the one named is unpaid",
            GOOD,
            "ok",
            memberships=[unpaid, other],
            standing={"named": unpaid["id"]},
            expect={"membership": other["id"]},
            left_out=[unpaid["id"]],
        ),
        case(
            "the other one has ended",
            GOOD,
            "unpaid",
            memberships=[unpaid, other | {"last_day": "2026-11-17"}],
            **refusal,
        ),
        case(
            "one unpaid, the other's home has left",
            GOOD,
            "place_left",
            memberships=[unpaid, left],
            left_out=[unpaid["id"]],
        ),
    ]


def plan_cases() -> list[Json]:
    saturday = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
    week = {"text": with_claims(pl="WEEK"), "memberships": [membership("main", plan="WEEK")]}
    late = {"text": with_claims(pl="LATE"), "memberships": [membership("main", plan="LATE")]}
    home = with_claims(pl="HOME")
    stranger = {"on_roster": False}
    payer = {"membership": named_id("main")}
    return [
        case("a weekday plan on a Saturday", verdict="plan", at=saturday, expect=payer, **week),
        case("a plan before its hours", verdict="plan", at=AT.replace(hour=6, minute=59), **week),
        case("a plan at its first minute", verdict="ok", at=AT.replace(hour=7, minute=0), **week),
        case("a plan at its last minute", verdict="ok", at=AT.replace(hour=18, minute=59), **week),
        case("a plan after its hours", verdict="plan", at=AT.replace(hour=19, minute=0), **week),
        case("a plan in its hours, of somebody new", verdict="ok", at=AT, **week, **stranger),
        case("a weekday plan on a Saturday, of somebody new", verdict="plan", at=saturday, **week, **stranger),
        case("after midnight, of the day before", verdict="ok", at=datetime(2026, 11, 21, 0, 59, tzinfo=UTC), **late),
        case("at the hours' end after midnight", verdict="plan", at=datetime(2026, 11, 21, 1, 0, tzinfo=UTC), **late),
        case("the night of another day", verdict="plan", at=datetime(2026, 11, 20, 0, 30, tzinfo=UTC), **late),
        case("a home plan elsewhere", home, "plan", memberships=[membership("main", plan="HOME")]),
        case("a home plan at home", home, "ok", memberships=[membership("main", "GARE", "HOME")]),
        case(
            "a home plan of somebody whose home is not known",
            home,
            "plan",
            memberships=[membership("main", plan="HOME")],
            at_door="error",
            **stranger,
        ),
        case(
            "the server's plan prevails over the pass's",
            GOOD,
            "plan",
            at=saturday,
            memberships=[membership("main", plan="WEEK")],
        ),
        case(
            "the same, of somebody new to this door",
            GOOD,
            "plan",
            at=saturday,
            memberships=[membership("main", plan="WEEK")],
            at_door="ok",
            **stranger,
        ),
        case("a plan that is not known", with_claims(pl="OLD"), "error", memberships=[membership("main", plan="OLD")]),
        case(
            "a plan that is not known, of somebody new",
            with_claims(pl="OLD"),
            "error",
            memberships=[membership("main", plan="OLD")],
            **stranger,
        ),
        case("half past nine in the evening in Paris", GOOD, "ok", at=REUNION, expect={"local_date": "2026-11-18"}),
        case(
            "the same, after midnight on Réunion",
            GOOD,
            "ok",
            at=REUNION,
            place="LAGON",
            expect={"local_date": "2026-11-19"},
        ),
    ]


def membership_cases() -> list[Json]:
    main, other = membership("main"), membership("other", home="LAGON")
    own = membership("own", home="GARE", plan="HOME", priority=2)
    both = sorted([main["id"], other["id"]])
    cases = [
        ("several homes, none named", "ambiguous", [main, other], {}, {"choices": both}),
        (
            "several homes, one named",
            "ok",
            [main, other],
            {"standing": {"named": other["id"]}},
            {"membership": other["id"]},
        ),
        (
            "several homes, one chosen",
            "ok",
            [main, other],
            {"chosen": "LAGON"},
            {"membership": other["id"]},
        ),
        (
            "the host's choice against the pass's",
            "ok",
            [main, other],
            {"standing": {"named": main["id"]}, "chosen": "LAGON"},
            {"membership": main["id"]},
        ),
        (
            "a choice that is not theirs",
            "ambiguous",
            [main, other],
            {"chosen": "GARE"},
            {"choices": both},
        ),
        (
            "a chosen home with two memberships",
            "ok",
            [main, other, membership("twin", home="LAGON")],
            {"chosen": "LAGON"},
            {"membership": min(other["id"], named_id("twin"))},
        ),
        (
            "a chosen home whose plan does not open",
            "plan",
            [main, other | {"plan": "LATE"}],
            {"chosen": "LAGON"},
            {"membership": other["id"]},
        ),
        (
            "several homes, one first by priority",
            "ok",
            [main, other | {"priority": 0}],
            {},
            {"membership": other["id"]},
        ),
        (
            "the one named has ended",
            "ok",
            [main, other | {"last_day": "2026-11-17"}],
            {"standing": {"named": other["id"]}},
            {"membership": main["id"]},
        ),
        (
            "several homes, already in today",
            "ok_again",
            [main, other],
            {"same_day": [check_in("first", AT - timedelta(hours=1))]},
            {"membership": None, "first": named_id("first")},
        ),
        (
            "several homes, one plan opens",
            "ok",
            [main | {"plan": "LATE"}, other],
            {},
            {"membership": other["id"]},
        ),
        ("several homes, no plan opens", "plan", [main | {"plan": "LATE"}, other | {"plan": "LATE"}], {}, {}),
        (
            "their own home opens though another has priority",
            "ok",
            [main | {"plan": "HOME"}, own],
            {},
            {"membership": own["id"]},
        ),
        ("two memberships of one home", "ok", [main, other | {"home": "PORT"}], {}, {"membership": both[0]}),
    ]
    return [
        case(name, GOOD, verdict, memberships=memberships, expect=expect, **rest)
        for name, verdict, memberships, rest, expect in cases
    ]
