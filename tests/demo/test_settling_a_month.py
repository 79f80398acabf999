"""What a newcomer does in the demo, whatever the day: reports and settles an error, closes a month, pays, downloads."""

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from passapp.app import create_app
from passapp.cli import app as cli
from passapp.demo.conventions import PROPOSED
from passapp.kernel.database import Database
from passapp.kernel.settings import Settings
from passapp.kernel.ticking import tick
from passapp.network.rules import FIRST_CONVENTION, month_before, month_of
from passapp.running import chores
from tests.demo.conftest import seed

DAYS = (datetime(2026, 11, 22, 19, 40, tzinfo=UTC), datetime(2027, 3, 1, 5, tzinfo=UTC))
"""Late in a month; and the first morning of one, after the shortest."""
FILES = (
    "document.json",
    "sealed.json",
    "statement.csv",
    "statement.xlsx",
    "statement.pdf",
    "statement.journal",
    "import-ecritures.txt",
)


class Walk:
    """The demo's people, each in a browser, on a day."""

    def __init__(self, database, folder, now):
        settings = Settings(data_dir=folder, demo=True)
        seed(database, folder, now=now, people=60, days=None).session.close()
        tick(database, chores(settings), now=now)
        self.app = create_app(settings, database=database, clock=lambda: now)
        self.people = {}
        for role in ("manager", "neighbour", "coordinator", "accountant"):
            client = TestClient(self.app, base_url="http://localhost")
            self.people[role] = client, client.post("/api/v1/demo/sign-in", json={"role": role}).json()
        self.looked_at = month_before(month_of(now.date()))
        self.to_close = month_before(self.looked_at)
        self.closed = month_before(self.to_close)

    def place(self, role):
        return self.people[role][1]["grants"][0]["place"]["id"]

    def ask(self, role, method, path, **body):
        answer = self.people[role][0].request(method, f"/api/v1{path}", **({"json": body} if body else {}))
        assert answer.status_code < 400, f"{path}: {answer.text}"
        return answer

    def get(self, role, path):
        return self.ask(role, "GET", path).json()

    def contests(self, month):
        return self.get("coordinator", f"/months/{month}/contests")["items"]

    def close(self):
        """As two people, once the coordination has decided what it was asked."""
        for contest in self.contests(self.to_close):
            self.ask("coordinator", "POST", f"/contests/{contest['id']}/decision", accept=False)
        path = f"/months/{self.to_close}/closing"
        number = self.get("coordinator", f"/months/{self.to_close}/life")["versions"][-1]["number"]
        self.ask("coordinator", "POST", path, number=number)
        return self.ask("accountant", "POST", f"{path}/validate", number=number).json()["state"]


@pytest.fixture(scope="module", params=DAYS, ids=str)
def walk(request, sqlite_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("walk")
    (folder / "passapp.sqlite").write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{folder / 'passapp.sqlite'}")
    yield Walk(database, folder, request.param)
    database.dispose()


def test_an_error_waits_for_an_answer_and_another_is_reported_answered_and_taken_out(walk):
    [waiting] = walk.contests(walk.looked_at)
    assert waiting["state"] == "open"
    walk.ask("manager", "POST", f"/contests/{waiting['id']}/answer", agrees=False, words="Si, on l'a vu.")
    walk.ask("coordinator", "POST", f"/contests/{waiting['id']}/decision", accept=False)
    own = walk.place("neighbour")
    path = f"/places/{own}/statements/{walk.looked_at}/visits?direction=made&partner=la-cantine-numerique"
    first = walk.get("neighbour", path)["items"][0]
    wanted = {"month": walk.looked_at, "direction": "made", "partner": "la-cantine-numerique", "reason": "not_here"}
    reported = walk.ask("neighbour", "POST", f"/places/{own}/contests", **wanted, visits=[first["id"]]).json()
    settled = walk.ask("manager", "POST", f"/contests/{reported['id']}/answer", agrees=True).json()
    assert settled["state"] == "accepted"
    assert [each["reason"] for each in walk.get("manager", f"/months/{walk.looked_at}/life")["versions"]] == [
        "first",
        "contest",
    ]


def test_a_booking_that_a_home_advanced_is_reported_and_taken_out(walk):
    own = walk.place("neighbour")
    line = {"direction": "made", "partner": "la-cantine-numerique"}
    path = f"/places/{own}/statements/{walk.looked_at}/bookings?direction=made&partner=la-cantine-numerique"
    [booked] = walk.get("neighbour", path)["items"]
    assert booked["amount_cents"] > 0
    wanted = line | {"month": walk.looked_at, "about": "bookings", "reason": "did_not_happen"}
    reported = walk.ask("neighbour", "POST", f"/places/{own}/contests", **wanted, bookings=[booked["id"]]).json()
    assert walk.ask("manager", "POST", f"/contests/{reported['id']}/answer", agrees=True).json()["state"] == "accepted"
    assert walk.get("neighbour", f"/places/{own}/statements/{walk.looked_at}")["bookings_made"] == []
    assert len(walk.get("neighbour", f"/places/{own}/statements/{walk.to_close}")["bookings_made"]) == 1


def test_a_month_is_closed_by_two_people_and_its_payments_and_files_are_there(walk):
    assert walk.close() == "netted"
    for month in (walk.closed, walk.to_close):
        place = f"/places/{walk.place('manager')}"
        payments = [each for each in walk.get("manager", f"{place}/payments")["items"] if each["month"] == month]
        assert {each["state"] for each in payments} == {"due"}
        own = f"{place}/statements/{month}"
        pays = any(each["debtor"]["code"] == "la-cantine-numerique" for each in payments)
        assert pays or month != walk.closed
        for name in (*FILES, *(["payments.xml"] if pays else [])):
            first, again = (walk.ask("manager", "GET", f"{own}/{name}").content for _ in range(2))
            assert first == again, name
        invoices = walk.get("manager", f"{own}/invoices")["items"]
        assert invoices
        for name in ("invoice.pdf", "factur-x.xml"):
            assert walk.ask("manager", "GET", f"/invoices/{invoices[0]['id']}/{name}").content
        for name in ("month.xlsx", "lines.csv", "document.json"):
            assert walk.ask("accountant", "GET", f"/months/{month}/{name}").content


def test_the_signed_statement_of_every_place_is_verified_from_the_file_alone(walk, tmp_path):
    keys = tmp_path / "keys.json"
    keys.write_bytes(walk.ask("manager", "GET", "/statement-keys").content)
    for place in walk.get("coordinator", "/places?limit=100")["items"]:
        file = tmp_path / f"{place['code']}.json"
        answer = walk.ask("coordinator", "GET", f"/places/{place['id']}/statements/{walk.to_close}/sealed.json")
        file.write_bytes(answer.content)
        result = CliRunner().invoke(cli, ["verify", str(file), "--keys", str(keys)])
        assert result.exit_code == 0, f"{place['code']}: {result.output}"


def test_the_demos_place_answers_last_and_the_rules_are_adopted(walk):
    [proposed] = [each for each in walk.get("manager", "/convention-drafts")["items"] if each["state"] == "proposed"]
    own = walk.place("manager")
    path = f"/places/{own}/convention-drafts/{proposed['id']}/answer"
    assert walk.ask("manager", "PUT", path, consents=True, reason=None).json()["state"] == "published"


def test_euros_are_switched_on_in_a_draft_that_says_what_last_month_would_have_cost(walk):
    rules = {"starts_on": "2027-12-01", "document": FIRST_CONVENTION}
    draft = walk.ask("coordinator", "POST", "/convention-drafts", **rules)
    path = f"/convention-drafts/{draft.json()['id']}"
    example = f"{path}/example?month={walk.looked_at}"
    assert walk.get("coordinator", example)["would"]["total_cents"] == 0
    client, _ = walk.people["coordinator"]
    rules["document"] = PROPOSED
    answer = client.put(f"/api/v1{path}", json=rules, headers={"If-Match": draft.headers["ETag"]})
    assert answer.status_code == 200, answer.text
    assert walk.get("coordinator", example)["would"]["total_cents"] > 0


def test_the_mails_of_the_demo_tell_its_manager_what_to_do(walk):
    subjects = [mail["subject"] for mail in walk.get("manager", "/demo/mails")["items"]]
    wanted = ("Une erreur est signalée", "est clos", "Votre accord manque encore", "votre décision est attendue")
    assert all(any(words in subject for subject in subjects) for words in wanted), subjects
