"""The demo's mails can be read on a page; those of a real network never."""

import stat

import pytest

from passapp.kernel.carrier import MAILS_KEPT, MailFolder
from passapp.kernel.mail import Letter, Sender, compose
from passapp.kernel.outbox import OutboxMessage
from passapp.mailing import send_waiting
from tests.mails import mails
from tests.world import World

MAILS = "/api/v1/demo/mails"


@pytest.fixture
def small(database, tmp_path):
    """A demo of one place or two."""
    with World(database, tmp_path, demo=True) as small:
        yield small


def test_a_mail_of_the_demo_is_listed_and_read(small):
    member = small.member()
    small.card(member)
    send_waiting(small.database, small.settings, small.now)
    [listed] = small.client().get(MAILS).json()["items"]
    assert (listed["to"], listed["subject"]) == (member.email, "Léa, votre pass est prêt")
    read = small.client().get(f"{MAILS}/{listed['id']}").json()
    assert read | listed == read
    assert read["paragraphs"][:2] == [
        "Bonjour Léa,",
        "Votre pass est prêt. Montrez-le à l'accueil, sur votre téléphone ou imprimé.",
    ]
    assert (read["label"], read["path"]) == ("Ouvrir", "/pass")
    assert read["sender"] == "Le Réseau <passapp@testserver>"


def test_a_link_in_a_mail_signs_in(small):
    member = small.member()
    small.client().post("/api/v1/sign-in-links", json={"email": member.email})
    [listed] = small.client().get(MAILS).json()["items"]
    path = small.client().get(f"{MAILS}/{listed['id']}").json()["path"]
    assert path.startswith("/sign-in#")
    client = small.client()
    answer = client.post("/api/v1/sign-in", json={"token": path.partition("#")[2]})
    assert answer.status_code == 200, answer.text
    assert client.get("/api/v1/me").json()["account"]["email"] == member.email


def test_a_mail_without_a_button_leads_nowhere(small):
    folder = MailFolder(small.settings.data_dir / "mails")
    sender = Sender("Démo", "passapp@testserver", small.settings.public_url)
    folder.carry(compose(Letter("lea@example.org", "fr", "Essai", ("Bonjour", "Au revoir")), sender, "k", small.now))
    [name] = folder.names()
    read = small.client().get(f"{MAILS}/{name}").json()
    assert (read["paragraphs"], read["label"], read["path"]) == (["Bonjour", "Au revoir"], None, None)


def test_mails_are_files_that_only_their_owner_reads_and_the_newest_are_kept(small):
    folder = small.settings.data_dir / "mails"
    sender = Sender("Démo", "passapp@testserver", small.settings.public_url)
    kept = MailFolder(folder)
    for number in range(MAILS_KEPT + 5):
        kept.carry(compose(Letter("lea@example.org", "fr", f"N° {number}", ("Bonjour",)), sender, "k", small.now))
    assert len(list(folder.iterdir())) == MAILS_KEPT
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    subjects = [mail["subject"] for mail in small.client().get(MAILS).json()["items"]]
    assert (subjects[0], subjects[-1]) == (f"N° {MAILS_KEPT + 4}", "N° 5")


@pytest.mark.parametrize("name", ["019309ab", "..", "%2e%2e%2fpassapp", "é", "a" * 300, "%00", "passapp.sqlite"])
def test_what_is_no_mail_is_not_found(small, name):
    (small.settings.data_dir / "passapp.eml").write_text("secret")
    answer = small.client().get(f"{MAILS}/{name}")
    assert answer.status_code == 404
    assert "secret" not in answer.text


def test_a_demo_without_mails_shows_none(small):
    assert small.client().get(MAILS).json() == {"items": []}


def test_a_real_network_never_shows_a_mail_whatever_lies_in_its_folder(world):
    world.card(world.member())
    [mail] = mails(world)
    assert "votre pass est prêt" in mail["Subject"]
    assert world.as_coordinator().get(MAILS).status_code == 404
    [name] = MailFolder(world.settings.data_dir / "mails").names()
    assert world.as_coordinator().get(f"{MAILS}/{name}").status_code == 404


def test_a_fresh_demo_has_few_mails_to_send_and_all_are_of_its_last_days(demo):
    waiting = demo.session.query(OutboxMessage).all()
    assert 0 < len(waiting) < 30
