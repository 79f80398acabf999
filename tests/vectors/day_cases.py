"""Cases that the place's day decides: its hours, the month's visits, the room left, and a list that is too old."""

from datetime import datetime, timedelta

from vector_texts import (
    AT,
    GOOD,
    Json,
    case,
    check_in,
    day,
    live,
    membership,
    named_id,
    with_claims,
)

TUESDAY, WEDNESDAY = "2026-11-17", "2026-11-18"
USUAL = [day(TUESDAY, (540, 1080)), day(WEDNESDAY, (540, 1080))]
HOLIDAY = [day(TUESDAY, (540, 1080)), day(WEDNESDAY, reason="Armistice")]
NIGHT = [day(TUESDAY, (1080, 1560)), day(WEDNESDAY, reason="Inventaire")]
FREE = [day(TUESDAY, (540, 1080)), day(WEDNESDAY)]


def at_paris(hour: int, minute: int = 0) -> datetime:
    """Give an instant of that Wednesday by the clock in Paris."""
    return AT.replace(hour=0, minute=0) + timedelta(hours=hour - 1, minutes=minute)


def hours_cases() -> list[Json]:
    kept = {"keeps_hours": True}
    special = [day(TUESDAY), day(WEDNESDAY, (600, 720), reason="Armistice")]
    rows = [
        ("no hours known, though kept", "ok", AT, [], kept),
        ("only another day's hours known", "ok", AT, [day(TUESDAY, reason="Armistice")], kept),
        ("in the hours", "ok", AT, USUAL, kept),
        ("a minute before the hours", "closed", at_paris(8, 59), USUAL, kept),
        ("at the first minute of the hours", "ok", at_paris(9), USUAL, kept),
        ("at the last minute of the hours", "ok", at_paris(17, 59), USUAL, kept),
        ("at the end of the hours", "closed", at_paris(18), USUAL, kept),
        ("outside the hours, not kept", "ok", at_paris(20), USUAL, {}),
        ("between two openings", "closed", at_paris(12), [USUAL[0], day(WEDNESDAY, (540, 720), (780, 1080))], kept),
        ("in the second opening", "ok", at_paris(13), [USUAL[0], day(WEDNESDAY, (540, 720), (780, 1080))], kept),
        ("a weekday without hours", "ok", AT, FREE, {}),
        ("a weekday without hours, kept", "closed", AT, FREE, kept),
        ("a holiday", "closed", AT, HOLIDAY, {}),
        ("a holiday with hours", "ok", AT, special, kept),
        ("a holiday, outside its hours", "ok", at_paris(13), special, {}),
        ("a holiday, outside its kept hours", "closed", at_paris(13), special, kept),
        ("a closed day, in the hours of the night before", "ok", at_paris(1, 59), NIGHT, kept),
        ("a closed day, at the end of the night before", "closed", at_paris(2), NIGHT, {}),
        ("a closed day, the morning after a long night", "closed", AT, NIGHT, {}),
        (
            "the hours after midnight of the same day",
            "closed",
            at_paris(1),
            [FREE[1], day(WEDNESDAY, (1080, 1560))],
            kept,
        ),
    ]
    yesterday = [day("2026-11-18", reason="Armistice"), day("2026-11-19", (0, 1440))]
    return [
        *[case(name, GOOD, verdict, at=at, days=days, **rest) for name, verdict, at, days, rest in rows],
        case("closed, and who would pay", GOOD, "closed", days=HOLIDAY, expect={"membership": named_id("main")}),
        case("closed to somebody new", GOOD, "closed", days=HOLIDAY, on_roster=False),
        case("closed to their own member", GOOD, "closed", days=HOLIDAY, memberships=[membership("main", "GARE")]),
        case(
            "a holiday that is over where the door is",
            GOOD,
            "ok",
            at=datetime.fromisoformat("2026-11-18T20:30:00Z"),
            place="LAGON",
            days=yesterday,
            keeps_hours=True,
        ),
    ]


def quota_cases() -> list[Json]:
    few = {"text": with_claims(pl="FEW"), "memberships": [membership("main", plan="FEW")]}
    own = membership("own", home="GARE", priority=2)
    both = [membership("main", plan="FEW"), membership("other", "LAGON", "FEW")]
    payer = {"membership": named_id("main")}
    return [
        case("a visit below the month's quota", verdict="ok", used=3, **few),
        case("a visit at the month's quota", verdict="quota", used=4, expect=payer, **few),
        case("a visit past the month's quota", verdict="quota", used=40, **few),
        case("a quota of nothing", with_claims(pl="NONE"), "quota", memberships=[membership("main", plan="NONE")]),
        case("a plan without a quota", GOOD, "ok", used=1000),
        case("a quota at home", with_claims(pl="FEW"), "ok", used=9, memberships=[membership("main", "GARE", "FEW")]),
        case("a quota at another home", GOOD, "ok", used=9, memberships=[both[0], own], expect=payer),
        case(
            "a quota at a former home", GOOD, "quota", used=9, memberships=[both[0], own | {"last_day": "2026-11-17"}]
        ),
        case("back today, the quota used up", verdict="ok_again", used=4, same_day=[check_in("first", AT)], **few),
        case("several homes, a quota used up", GOOD, "ambiguous", used=4, memberships=both),
        case("a chosen home, its quota used up", GOOD, "quota", used=4, memberships=both, chosen="LAGON"),
        case("a quota used up, for somebody new", verdict="quota", used=4, on_roster=False, at_door="ok", **few),
    ]


def capacity_cases() -> list[Json]:
    full = {"capacity": 10, "present": 10}
    both = [membership("main"), membership("other", home="LAGON")]
    return [
        case("the last chair", GOOD, "ok", capacity=10, present=9),
        case("no chair left", GOOD, "capacity", expect={"membership": named_id("main")}, **full),
        case("more people than chairs", GOOD, "capacity", capacity=10, present=12),
        case("no chair counted", GOOD, "ok", present=1000),
        case("no chair left at home", GOOD, "capacity", memberships=[membership("main", "GARE")], **full),
        case("back today, no chair left", GOOD, "ok_again", same_day=[check_in("first", AT)], **full),
        case("several homes, no chair left", GOOD, "ambiguous", memberships=both, **full),
        case("no chair left, for somebody new", GOOD, "capacity", on_roster=False, **full),
    ]


def old_list_cases() -> list[Json]:
    old = {"list_expired": True}
    both = [membership("main"), membership("other", home="LAGON")]
    return [
        case("a list too old", GOOD, "list_stale", expect={"membership": named_id("main"), "choices": []}, **old),
        case("a list too old, on a phone", live(), "list_stale", **old),
        case("a list too old, for somebody new", GOOD, "list_stale", on_roster=False, **old),
        case("a list too old, of several homes", GOOD, "list_stale", memberships=both, expect={"choices": []}, **old),
        case("a list too old, no chair left", GOOD, "list_stale", capacity=1, present=1, **old),
        case("a list too old, back today", GOOD, "ok_again", same_day=[check_in("first", AT)], **old),
        case(
            "revoked in a list too old",
            GOOD,
            "revoked",
            standing={"revoked_at": "2026-11-01T00:00:00Z"},
            status=1,
            **old,
        ),
    ]
