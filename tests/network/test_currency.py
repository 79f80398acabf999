"""The currency of a network: euros, or a local one, and one for good (settlement R1, R16, R18)."""

from datetime import date

import pytest

from passapp.kernel.audit import SYSTEM
from passapp.kernel.problems import Problem
from passapp.network.models import ConventionVersion, Period
from passapp.network.rules import FIRST_CONVENTION, hash_document
from passapp.network.service import publish_convention
from tests.scenes import rows
from tests.settlement.conventions import convention, document, flaws
from tests.settlement.months import agree

DRAFTS = "/api/v1/convention-drafts"


@pytest.mark.parametrize("name", ["gonettes", "stücks", "sous de l’Étoile", "soles-violettes", "eusko", "é", "a" * 20])
def test_a_local_currency_is_called_as_people_say_it(name):
    assert convention(currency=name).currency == name
    assert not flaws(currency=name)


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "a" * 21, " gonettes", "gonettes ", "gon  ettes", "-", "gonettes2", "a;b", 'a"b', "€", "gonettes €"),
        *("euro", "Euros", "EUR", "euros locaux", "l'euro", "gon\nettes", "gon\u200bettes", "gon\u202eettes"),
        *("\u0435uro", "\uff45\uff55\uff52\uff4f", "\u062f\u0631\u0647\u0645", "=SOMME", 5, True, ["gonettes"]),
    ],
)
def test_what_is_no_name_of_one_is_refused(name):
    assert flaws(currency=name).startswith("currency: ")


def test_a_network_that_only_counts_has_none():
    said = flaws(money=False, tariff=[{"when": {}, "rate_cents": 0}], currency="gonettes")
    assert "only counts has no currency" in said


def test_rules_in_euros_say_no_word_of_it_and_keep_their_hash(world):
    agree(world)
    version = rows(world, ConventionVersion, ConventionVersion.number == 2)[0]
    assert "currency" not in version.document
    assert version.sha256 == hash_document(document())
    assert convention().currency is None


def publish(world, month, **fields):
    agree(world, date(2026, month, 1), **fields)


def counting(world, month):
    before = world.now.replace(year=2025)
    with world.database.write() as session:
        publish_convention(session, FIRST_CONVENTION, starts_on=date(2026, month, 1), at=before, actor=SYSTEM)


def flaw_of(refused):
    assert refused.kind.code == "convention_not_valid"
    [flaw] = refused.errors
    return flaw.pointer, flaw.en, flaw.fr


def test_a_network_that_counted_may_settle_in_either(world):
    publish(world, 6, currency="gonettes")
    counting(world, 7)
    publish(world, 8, currency="gonettes", netting="gross")
    assert [v.document.get("currency") for v in rows(world, ConventionVersion)].count("gonettes") == 2


@pytest.mark.parametrize(
    "first, then, said",
    [
        ({}, {"currency": "gonettes"}, "euros"),
        ({"currency": "gonettes"}, {}, "gonettes"),
        ({"currency": "gonettes"}, {"currency": "stücks"}, "gonettes"),
    ],
)
def test_a_network_that_settled_in_one_never_settles_in_another(world, first, then, said):
    publish(world, 6, **first)
    counting(world, 7)
    with pytest.raises(Problem) as refused:
        publish(world, 8, **then)
    assert flaw_of(refused.value) == (
        "/currency",
        f"the network settles in {said} already: its rules stay in the same currency",
        f"le réseau règle déjà en {said} : ses règles gardent la même monnaie",
    )


def test_a_month_that_was_paid_while_the_network_counted_was_in_euros(world):
    """Homes had advanced bookings."""
    with world.database.write() as session:
        session.add(Period(month="2026-05", state="netted"))
    publish(world, 6)
    with pytest.raises(Problem):
        publish(world, 7, currency="gonettes")


def test_a_month_that_was_paid_while_the_network_counted_keeps_a_local_currency_away(world):
    with world.database.write() as session:
        session.add(Period(month="2026-05", state="paid"))
    with pytest.raises(Problem) as refused:
        publish(world, 6, currency="gonettes")
    assert "settles in euros already" in flaw_of(refused.value)[1]


def test_a_draft_that_changes_it_is_told_so_beside_the_field(world):
    publish(world, 6)
    body = {"starts_on": "2027-01-01", "document": document(currency="gonettes")}
    refused = world.as_coordinator().post(DRAFTS, json=body, headers={"Accept-Language": "fr"})
    assert refused.status_code == 422
    assert refused.json()["errors"] == [
        {
            "pointer": "/document/currency",
            "detail": "le réseau règle déjà en euros : ses règles gardent la même monnaie",
        }
    ]
    assert world.as_coordinator().get(DRAFTS).json()["items"] == []


def test_everybody_is_told_what_the_network_settles_in(world):
    client = world.client()
    assert client.get("/api/v1/network").json()["currency"] is None
    publish(world, 12, currency="gonettes")
    assert client.get("/api/v1/network").json()["currency"] == "gonettes"
