"""What docs/privacy.md promises is what the code does."""

import re
from pathlib import Path

import pytest

from passapp import running
from passapp.bookings import idempotency
from passapp.bookings.calendars.feeds import REVOKED_KEPT
from passapp.door.guests import GUEST_NAMES_KEPT
from passapp.kernel import outbox
from passapp.kernel.settings import Settings
from passapp.passes.service import REUSED_AFTER
from passapp.privacy import rules

DOCS = Path(__file__).resolve().parents[2] / "docs"
PROMISED = {
    "visit_identities": (f"{rules.IDENTITY_MONTHS} mois", f"{rules.REVIEW_LASTS.days} jours"),
    "audit_origins": (f"{rules.ORIGINS_KEPT.days} jours",),
    "invitations": (f"{rules.INVITATIONS_KEPT.days} jours",),
    "door_names": (f"{rules.DOOR_NAMES_KEPT.days} jours",),
    "used_proofs": (f"{rules.PROOFS_KEPT.days} jours",),
    "guest_names": (f"{GUEST_NAMES_KEPT.days} jours",),
    "erased_passes": (f"{REUSED_AFTER.days} jours",),
    "sessions": (f"{running.SESSIONS_KEPT.days} jours",),
    "sign_in_links": (f"{running.LINKS_KEPT.days} jour",),
    "feeds": (f"{REVOKED_KEPT.days} jours",),
    "idempotency_keys": (f"{idempotency.KEPT.days} jour",),
    "team_links": (f"{running.TEAM_LINKS_KEPT.days} jours",),
    "mail": (f"{outbox.WAITS_AT_MOST.days} jours",),
    "sent_mail": (f"{outbox.KEPT.days} jours",),
}
FORGETS_NOBODY = {
    "consent_decisions",
    "consent_reminders",
    "decision_reminders",
    "waiting_offers",
    "external_calendars",
    "keys",
    "months",
    "pass_news",
    "sqlite",
    "unanswered_errors",
}


def durations():
    """What the register says of each chore's data: the middle column, by the chore's name."""
    text = (DOCS / "privacy.md").read_text(encoding="utf-8")
    return {name: said for said, name in re.findall(r"^\| [^|]+ \| ([^|]+) \| `(\w+)` \|$", text, re.MULTILINE)}


@pytest.mark.parametrize("chore", PROMISED)
def test_a_duration_in_the_register_is_the_one_that_the_chore_goes_by(chore):
    said = durations()[chore]
    assert re.findall(r"\d+ (?:jours?|mois)", said) == list(PROMISED[chore])


def test_the_register_names_every_chore_that_forgets_and_the_manual_every_chore():
    manual = (DOCS / "running.md").read_text(encoding="utf-8")
    names = running.chores(Settings()).keys()
    assert durations().keys() == names - FORGETS_NOBODY
    assert [name for name in names if f"| `{name}` |" not in manual] == []
