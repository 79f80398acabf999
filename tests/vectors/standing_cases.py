"""Cases that what is known of the person, the place and the plan decides."""

from datetime import UTC, datetime, timedelta

from vector_texts import (
    AT,
    DEVICE,
    GOOD,
    Json,
    case,
    check_in,
    instant,
    membership,
    named_id,
    with_claims,
)


def standing_cases() -> list[Json]:
    at, hour = instant(AT), timedelta(hours=1)
    live = with_claims(cnf=DEVICE)
    home = {"text": with_claims(pl="HOME"), "server_only": True}
    saturday = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
    week = {"text": with_claims(pl="WEEK"), "memberships": [membership("main", plan="WEEK")]}
    late = {"text": with_claims(pl="LATE"), "memberships": [membership("main", plan="LATE")]}
    return [
        case("revoked", GOOD, "revoked", standing={"revoked_at": at}),
        case("in no register", GOOD, "revoked", standing=None, server_only=True),
        case("superseded", GOOD, "superseded", standing={"superseded_at": at}, server_only=True),
        case("suspended", GOOD, "suspended", standing={"suspended_at": at}),
        case(
            "suspended, then resumed",
            GOOD,
            "ok",
            standing={"suspended_at": instant(AT - hour), "resumed_at": at},
            server_only=True,
        ),
        case(
            "resumed after the scan",
            GOOD,
            "suspended",
            standing={"suspended_at": instant(AT - hour), "resumed_at": instant(AT + hour)},
            server_only=True,
        ),
        case("no membership", GOOD, "suspended", memberships=[], server_only=True),
        case(
            "a membership that ended the day before",
            GOOD,
            "suspended",
            memberships=[membership("main", last_day="2026-11-17")],
            server_only=True,
        ),
        case("on a membership's last day", GOOD, "ok", memberships=[membership("main", last_day="2026-11-18")]),
        case("a live pass without its proof", live, "proof_missing", "proof_missing"),
        case("a place that left today", GOOD, "place_left", place="USINE"),
        case("a place on its last day", GOOD, "ok", place="USINE", at=AT - timedelta(days=1)),
        case("a place that joins tomorrow", GOOD, "place_left", place="SERRE"),
        case(
            "a home that left today",
            GOOD,
            "place_left",
            memberships=[membership("main", home="USINE")],
            server_only=True,
        ),
        case("a weekday plan on a Saturday", verdict="plan", at=saturday, **week),
        case("a plan before its hours", verdict="plan", at=AT.replace(hour=6, minute=59), **week),
        case("a plan at its first minute", verdict="ok", at=AT.replace(hour=7, minute=0), **week),
        case("a plan at its last minute", verdict="ok", at=AT.replace(hour=18, minute=59), **week),
        case("a plan after its hours", verdict="plan", at=AT.replace(hour=19, minute=0), **week),
        case(
            "past the hours after midnight",
            verdict="plan",
            at=datetime(2026, 11, 21, 1, 0, tzinfo=UTC),
            **late,
        ),
        case("the night of another day", verdict="plan", at=datetime(2026, 11, 20, 0, 30, tzinfo=UTC), **late),
        case("a home plan elsewhere", verdict="plan", memberships=[membership("main", plan="HOME")], **home),
        case("a home plan at home", verdict="ok", memberships=[membership("main", "GARE", "HOME")], **home),
        case(
            "the server's plan prevails over the pass's",
            GOOD,
            "plan",
            at=saturday,
            memberships=[membership("main", plan="WEEK")],
            server_only=True,
        ),
        case(
            "a plan that is not known",
            with_claims(pl="OLD"),
            "error",
            memberships=[membership("main", plan="OLD")],
            server_only=True,
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
            {"chosen": other["id"]},
            {"membership": other["id"]},
        ),
        (
            "the host's choice against the pass's",
            "ok",
            [main, other],
            {"standing": {"named": main["id"]}, "chosen": other["id"]},
            {"membership": main["id"]},
        ),
        (
            "a choice that is not theirs",
            "ambiguous",
            [main, other],
            {"chosen": named_id("somebody else's")},
            {"choices": both},
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
        case(name, GOOD, verdict, memberships=memberships, server_only=True, expect=expect, **rest)
        for name, verdict, memberships, rest, expect in cases
    ]
