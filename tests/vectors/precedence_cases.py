"""Where several things are wrong at once: every two of them, and which of the two a door must name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from vector_texts import (
    AT,
    CLAIMS,
    CURRENT,
    DEVICE,
    GOOD,
    HEADER,
    PHONE,
    STRANGER,
    Json,
    case,
    check_in,
    day,
    instant,
    live,
    membership,
    proof,
    refused,
    token,
    with_claims,
)

HOUR = timedelta(hours=1)
SUNDAY = datetime.fromisoformat("2026-11-22T09:30:00Z")  # outside the plan FEW
CLOSED = [day(date, reason="Fermeture") for date in ("2026-11-17", "2026-11-18", "2026-11-21", "2026-11-22")]


@dataclass
class Scan:
    """A good scan of a live pass, in which things are made to go wrong."""

    at: datetime = AT
    header: Json = field(default_factory=dict)
    claims: Json = field(default_factory=dict)
    begins: timedelta = -HOUR
    ends: timedelta = HOUR
    key: Ed25519PrivateKey = CURRENT
    phone: Ed25519PrivateKey = PHONE
    steps_ahead: int = 0
    homes: tuple[str, ...] = ("PORT",)
    is_paid: bool = True
    is_in: bool = False
    standing: list[str] = field(default_factory=list)
    status: int = 0
    rest: Json = field(default_factory=dict)

    def stands(self, since: str, status: int) -> None:
        """Give the person a standing as of the scan; the list holds what comes first of several."""
        self.standing.append(since)
        self.status = self.status or status

    def unpaid(self) -> None:
        self.is_paid, self.status = False, self.status or 2

    def as_case(self, name: str, verdict: str, alone: str) -> Json:
        now = int(self.at.timestamp())
        times = {"nbf": now + int(self.begins.total_seconds()), "exp": now + int(self.ends.total_seconds())}
        claims = CLAIMS | times | {"pl": "FEW", "cnf": DEVICE} | self.claims
        jwt = token(HEADER | self.header, claims, self.key)
        step = now // 15 + self.steps_ahead
        return case(
            name,
            live(step, jwt, proof(jwt, step, self.phone)),
            verdict,
            alone,
            at=self.at,
            memberships=[
                membership(home, home, "FEW", unpaid_at=None if self.is_paid else self.at) for home in self.homes
            ],
            standing={since: instant(self.at) for since in self.standing},
            status=self.status,
            same_day=[check_in("first", self.at - HOUR)] if self.is_in else [],
            at_door="suspended" if verdict == "unpaid" else None,
            **({"server_only": "elsewhere"} if verdict == "replayed" else {}),
            **self.rest,
        )


@dataclass(frozen=True)
class Failure:
    """One thing that goes wrong. `alone`: the pass says so by itself."""

    name: str
    verdict: str
    happens: Callable[[Scan], object]
    alone: bool = False


def sets(**values: object) -> Callable[[Scan], object]:
    return lambda scan: [setattr(scan, name, value) for name, value in values.items()]


def with_(**rest: object) -> Callable[[Scan], object]:
    return lambda scan: scan.rest.update(rest)


IN_ORDER = [
    Failure("unreadable", "invalid", lambda scan: scan.claims.update(jti="-1"), alone=True),
    Failure("another network's", "wrong_network", lambda scan: scan.claims.update(iss="AUTRE"), alone=True),
    Failure("of an unknown key", "unknown_key", lambda scan: scan.header.update(kid="zz"), alone=True),
    Failure("signed by a stranger", "invalid", sets(key=STRANGER), alone=True),
    Failure("another place's", "wrong_place", lambda scan: scan.claims.update(aud="PORT"), alone=True),
    Failure("expired", "expired", sets(ends=-HOUR), alone=True),
    Failure("not yet valid", "not_yet_valid", sets(begins=HOUR), alone=True),
    Failure("revoked", "revoked", lambda scan: scan.stands("revoked_at", 1)),
    Failure("superseded", "superseded", lambda scan: scan.stands("superseded_at", 3)),
    Failure("suspended", "suspended", lambda scan: scan.stands("suspended_at", 2)),
    Failure("unpaid", "unpaid", lambda scan: scan.unpaid()),
    Failure("a wrong proof", "proof_missing", sets(phone=STRANGER), alone=True),
    Failure("a stale proof", "proof_stale", sets(steps_ahead=-3), alone=True),
    Failure("replayed", "replayed", with_(replayed_elsewhere=True)),
    Failure("a clock that is wrong", "clock_skew", sets(steps_ahead=2), alone=True),
    Failure("a place that left", "place_left", with_(place="USINE")),
    Failure("a closed day", "closed", with_(days=CLOSED)),
    Failure("a plan for other days", "plan", sets(at=SUNDAY)),
    Failure("already in", "ok_again", sets(is_in=True)),
    Failure("a list too old", "list_stale", with_(list_expired=True)),
    Failure("several homes", "ambiguous", sets(homes=("PORT", "LAGON"))),
    Failure("a quota used up", "quota", with_(used=4)),
    Failure("no chair left", "capacity", with_(capacity=10, present=10)),
]


def pair_cases() -> list[Json]:
    """Give every two failures that can meet, with the verdict of the one that comes first in door.md's order."""
    pairs = [
        (first, second)
        for first, second in combinations(IN_ORDER, 2)
        # One proof is not both older and newer than the door's clock.
        if {first.verdict, second.verdict} != {"proof_stale", "clock_skew"}
    ]
    cases = []
    for first, second in pairs:
        scan = Scan()
        first.happens(scan)
        second.happens(scan)
        alone = next((failure.verdict for failure in (first, second) if failure.alone), "pass")
        cases.append(scan.as_case(f"{first.name}, before {second.name}", first.verdict, alone))
    return cases


def other_precedence_cases() -> list[Json]:
    past = int(AT.timestamp()) - 3600
    strange = {"header": HEADER | {"kid": "zz"}, "key": STRANGER}
    unknown = {"text": with_claims(pl="OLD"), "memberships": [membership("main", plan="OLD")]}
    return [
        refused(
            "wrong network before unknown key and signature",
            token(claims=CLAIMS | {"iss": "AUTRE"}, **strange),
            "wrong_network",
        ),
        refused(
            "wrong network before wrong typ",
            token(HEADER | {"typ": "JWT"}, CLAIMS | {"iss": "X"}),
            "wrong_network",
        ),
        refused("unknown key before wrong typ", token(HEADER | {"kid": "zz", "typ": "JWT"}), "unknown_key"),
        refused("unknown key before alg none", token(HEADER | {"kid": "zz", "alg": "none"}), "unknown_key"),
        refused("wrong typ before expired", token(HEADER | {"typ": "JWT"}, CLAIMS | {"exp": past})),
        case(
            "revoked before a card that is refused",
            GOOD,
            "revoked",
            "proof_missing",
            standing={"revoked_at": instant(AT)},
            status=1,
            cards=False,
        ),
        refused("expired before a card that is refused", with_claims(exp=past), "expired", cards=False),
        case("place left before a plan that is not known", verdict="place_left", place="USINE", **unknown),
        case("closed before a plan that is not known", verdict="closed", days=CLOSED, **unknown),
        case(
            "a plan that is not known before already in today",
            verdict="error",
            same_day=[check_in("first", AT - HOUR)],
            **unknown,
        ),
        case("a plan that is not known before a list too old", verdict="error", list_expired=True, **unknown),
        case("a plan that is not known before no chair left", verdict="error", capacity=1, present=1, **unknown),
    ]
