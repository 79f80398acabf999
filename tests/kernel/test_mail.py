"""Letters as mails: parsed back as a mail program does."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passapp.kernel.mail import Letter, Sender, compose
from passapp.kernel.settings import Settings

AT = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
SENDER = Sender("Le Réseau", "pass@example.org", "https://pass.example.org")
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
}
NASTY = [
    "Léa\r\nBcc: x@evil.example",
    "Léa\nSubject: autre",
    "Léa\r\n\r\n<script>alert(1)</script>",
    "x" * 3000,
    "é" * 3000,
    'Léa "la" <lea@evil.example>, x@evil.example',
    "Léa\u2028Bcc: x@evil.example",
    "Léa\x00\x0b\x0c\x1c",
    "=?utf-8?q?Bcc:_x?=",
    "\udcff",
    "",
]


def read(letter, sender=SENDER, key="k"):
    """As it arrives."""
    return message_from_bytes(compose(letter, sender, key, AT).as_bytes(), policy=default)


def letter(subject="Bonjour", paragraphs=("Bonjour Léa,",), action=("Ouvrir", "/pass"), language="fr"):
    return Letter("lea@example.org", language, subject, paragraphs, action)


class Page(HTMLParser):
    """What an HTML mail holds: its elements with their attributes, and its text."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.text = [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def bodies(mail):
    return mail.get_body(("plain",)).get_content(), Page(mail.get_body(("html",)).get_content())


def test_a_letter_comes_from_the_network_to_one_person():
    mail = read(letter())
    assert (mail["From"].addresses[0].display_name, mail["From"].addresses[0].addr_spec) == (
        "Le Réseau",
        "pass@example.org",
    )
    assert [address.addr_spec for address in mail["To"].addresses] == ["lea@example.org"]
    assert set(mail.keys()) == HEADERS
    assert mail["Date"].datetime == AT
    assert mail["Auto-Submitted"] == "auto-generated"


def test_text_and_html_say_the_same_with_one_button():
    text, page = bodies(read(letter(paragraphs=("Bonjour Léa,", "Votre pass est prêt."))))
    assert text.replace("\r\n", "\n") == (
        "Bonjour Léa,\n\nVotre pass est prêt.\n\nOuvrir :\nhttps://pass.example.org/pass\n\n-- \nLe Réseau\n"
        "https://pass.example.org\n"
    )
    assert "Votre pass est prêt." in page.text
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    assert links == ["https://pass.example.org/pass"] * 2 + ["https://pass.example.org"]


def test_a_letter_without_anything_to_do_has_no_button():
    text, page = bodies(read(letter(action=None)))
    assert "Ouvrir" not in text
    assert [attributes["href"] for tag, attributes in page.elements if tag == "a"] == ["https://pass.example.org"]


@pytest.mark.parametrize("language, said", [("fr", "Copiez cette adresse"), ("en", "Copy this address")])
def test_the_frame_speaks_the_letters_language(language, said):
    mail = read(letter(language=language))
    _, page = bodies(mail)
    assert said in page.text
    assert ("html", {"lang": language}) in page.elements
    assert mail["Content-Language"] == language


def test_nothing_is_fetched_so_nobody_knows_that_it_was_read():
    html = read(letter()).get_body(("html",)).get_content()
    _, page = bodies(read(letter()))
    assert {tag for tag, _ in page.elements} <= {"html", "head", "meta", "title", "body", "div", "p", "a", "br"}
    assert not {name for _, attributes in page.elements for name in attributes} & {"src", "background", "srcset"}
    assert "url(" not in html


@pytest.mark.parametrize("nasty", NASTY)
@pytest.mark.parametrize("where", ["subject", "sender", "paragraph"])
def test_no_name_makes_a_header_a_recipient_or_an_element(nasty, where):
    sender = Sender(nasty, SENDER.address, SENDER.site) if where == "sender" else SENDER
    subject = f"{nasty}, votre pass est prêt" if where == "subject" else "Bonjour"
    mail = read(letter(subject, (f"Bonjour {nasty},",) if where == "paragraph" else ("Bonjour",)), sender)
    assert set(mail.keys()) == HEADERS
    assert len(mail.keys()) == len(HEADERS)
    assert [address.addr_spec for address in mail["To"].addresses] == ["lea@example.org"]
    assert [address.addr_spec for address in mail["From"].addresses] == ["pass@example.org"]
    assert len(mail["Subject"]) <= 150
    _, page = bodies(mail)
    assert not {tag for tag, _ in page.elements} & {"script", "lea@evil.example"}


@pytest.mark.parametrize("nasty", NASTY)
def test_no_line_is_longer_than_mail_allows(nasty):
    sent = compose(letter(nasty, (nasty,)), Sender(nasty, SENDER.address, SENDER.site), "k", AT).as_bytes()
    assert max(map(len, sent.split(b"\r\n"))) <= 998
    assert b"\n" not in sent.replace(b"\r\n", b"")
    sent.decode("ascii")


@given(st.text(max_size=400), st.text(max_size=400))
def test_whatever_people_are_called_the_mail_reads_back(name, subject):
    mail = read(letter(subject, (name,)), Sender(name, SENDER.address, SENDER.site))
    assert set(mail.keys()) == HEADERS
    assert [address.addr_spec for address in mail["From"].addresses] == ["pass@example.org"]
    assert [address.addr_spec for address in mail["To"].addresses] == ["lea@example.org"]


@pytest.mark.parametrize("to", ["lea@example.org\r\nBcc: x@evil.example", "a@b, c@d", "Léa <lea@example.org>", "", "a"])
def test_an_address_that_is_none_is_refused(to):
    with pytest.raises(ValueError, match="none"):
        compose(Letter(to, "fr", "Bonjour", ()), SENDER, "k", AT)


def test_a_message_has_the_same_id_each_time_and_no_other_has_it():
    ids = [read(letter(), key=key)["Message-ID"] for key in ("pass_ready:1", "pass_ready:1", "pass_ready:2")]
    assert ids[0] == ids[1] != ids[2]
    assert ids[0].endswith("@example.org>")


def test_a_fragment_stays_in_the_link():
    text, page = bodies(read(letter(action=("Me connecter", "/sign-in?next=/pass&x=1#s&<e>cret"))))
    assert "https://pass.example.org/sign-in?next=/pass&x=1#s&<e>cret" in text
    assert ("https://pass.example.org/sign-in?next=/pass&x=1#s&<e>cret") in [a.get("href") for _, a in page.elements]


@pytest.mark.parametrize("host", ["[::1]", "[2001:db8::7]", "192.0.2.7", "localhost"])
def test_where_the_site_has_no_name_but_a_number_a_mail_can_still_be_written(host):
    sender = Sender.of(Settings(public_url=f"http://{host}:8000"), "Le Réseau")
    assert read(letter(), sender)["From"].addresses[0].addr_spec == "passapp@localhost"
