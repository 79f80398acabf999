"""The mail to a place's accountant: only where the place wants it, with the files of the closed month."""

from datetime import date

import pytest

from passapp.settlement.files.letters import tell_accountants
from tests.mails import mails, text_of_mail
from tests.scenes import close_month
from tests.settlement.details.places import IBAN, OTHER_IBAN, SIRETS, say
from tests.settlement.living import close, november
from tests.settlement.months import MONTH, agree, make_visit


@pytest.fixture
def closed(world):
    """A closed month in which the moulin received a visit of the hangar's."""
    agree(world)
    make_visit(world, world.hangar, world.moulin)
    close_month(world, MONTH)
    return world


def wants(world, version=0, **fields):
    address = {"accountant_email": "comptable@example.org", "mails_accountant": True}
    return say(world.as_manager(world.hangar), world.hangar, version, **address | fields)


def tell(world):
    with world.database.write() as session:
        tell_accountants(session, MONTH, {world.hangar.id, world.moulin.id}, at=world.now)


def to_the_accountant(world):
    return [mail for mail in mails(world) if mail["To"] == "comptable@example.org"]


def test_nobody_is_mailed_unless_the_place_wants_it(closed):
    wants(closed, mails_accountant=False)
    tell(closed)
    assert to_the_accountant(closed) == []


def test_the_months_files_go_along(closed):
    wants(closed)
    tell(closed)
    [mail] = to_the_accountant(closed)
    assert mail["Subject"] == "Le Hangar : relevé de novembre 2026 et fichiers comptables"
    assert "le relevé du Hangar" in text_of_mail(mail)
    files = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    assert list(files) == [
        "hangar-2026-11.pdf",
        "hangar-2026-11.xlsx",
        "import_ecritures_hangar_2026-11.txt",
        "hangar-2026-11.journal",
    ]
    assert files["hangar-2026-11.pdf"].startswith(b"%PDF-")
    assert files["import_ecritures_hangar_2026-11.txt"].startswith(b"JournalCode\tJournalLib")


def test_invoices_of_the_month_go_along_too(closed):
    wants(closed, siret=SIRETS[0])
    say(closed.as_manager(closed.moulin), closed.moulin, siret=SIRETS[1])
    path = f"/api/v1/places/{closed.moulin.id}/statements/{MONTH}/invoices"
    assert closed.as_manager(closed.moulin).post(path).json()["issued"] == 1
    tell(closed)
    [mail] = to_the_accountant(closed)
    assert "moulin-PASS-2026-0001.pdf" in [part.get_filename() for part in mail.iter_attachments()]


def test_what_the_bank_and_the_verifier_read_goes_along_where_there_is_any(world):
    agree(world)
    wants(world, iban=IBAN)
    say(world.as_manager(world.moulin), world.moulin, iban=OTHER_IBAN)
    november(world)
    close(world)
    [mail] = to_the_accountant(world)
    files = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    statements = f"/api/v1/places/{world.hangar.id}/statements/{MONTH}"
    manager = world.as_manager(world.hangar)
    for name, route in (("virements-hangar-2026-11.xml", "payments.xml"), ("hangar-2026-11.json", "sealed.json")):
        assert files[name] == manager.get(f"{statements}/{route}").content


def test_a_month_told_twice_is_mailed_once(closed):
    wants(closed)
    tell(closed)
    tell(closed)
    assert len(to_the_accountant(closed)) == 1


def test_who_changes_their_mind_before_it_leaves_gets_nothing(closed):
    wants(closed)
    tell(closed)
    wants(closed, 1, mails_accountant=False)
    assert to_the_accountant(closed) == []


def test_a_place_that_left_before_the_month_is_sent_nothing(world):
    agree(world)
    phare = world.place("phare", joined_on=date(2026, 1, 1), left_on=date(2026, 6, 1))
    for place in (world.hangar, phare):
        address = f"{place.code}@example.org"
        say(world.as_manager(place), place, accountant_email=address, mails_accountant=True)
    november(world)
    close(world)
    assert [mail["To"] for mail in mails(world) if "fichiers comptables" in mail["Subject"]] == ["hangar@example.org"]
