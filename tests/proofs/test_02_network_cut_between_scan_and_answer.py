"""Proof 2: the server wrote the scan down, and its answer never came: decided here, counted once."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from playwright.sync_api import expect

from tests.proofs.volunteer import held_by, run_clocks, until, volunteer, written_down
from tests.scenes import visits

pytestmark = pytest.mark.browser


class Wire:
    """What lies between a phone and its server: it can lose what the server answers, and it can be cut."""

    def __init__(self, address: str) -> None:
        self.server = urlsplit(address)
        self.loses_answers = self.is_cut = False
        self._ends: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                phone, _ = self._listener.accept()
                if self.is_cut:
                    phone.close()
                    continue
                server = socket.create_connection((self.server.hostname or "", self.server.port or 0), timeout=60)
                self._ends += [phone, server]
                for pair in ((phone, server, False), (server, phone, True)):
                    threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, here: socket.socket, there: socket.socket, is_answer: bool) -> None:
        with suppress(OSError):
            while data := here.recv(65536):
                if not (is_answer and self.loses_answers):
                    there.sendall(data)
        for end in (here, there):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Whoever holds the wire hears that it is gone, and nobody is connected any more until it is mended."""
        self.is_cut = True
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends.clear()

    def mend(self) -> None:
        self.loses_answers = self.is_cut = False

    def close(self) -> None:
        self.cut()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def wire(world, serve: Callable[[FastAPI], str]) -> Iterator[Wire]:
    wire = Wire(serve(world.app))
    yield wire
    wire.close()


def test_an_answer_lost_on_its_way_leaves_one_check_in_and_a_host_who_knew_in_time(world, wire, profile):
    world.now = datetime.now(UTC) - timedelta(minutes=1)
    run_clocks(world)
    _, text = held_by(world, "Léa")
    page = profile.new_page()
    phone = volunteer(world, page, wire.address)
    ended = []
    for event in ("requestfinished", "requestfailed"):
        page.on(event, lambda request: ended.append(request.url) if "/check-ins" in request.url else None)

    wire.loses_answers = True
    shown = phone.scan(text)
    expect(shown).to_contain_text("Bonjour Léa")
    assert ended == [], "the request is still on its way: nobody waited for it"
    expect(shown).to_have_attribute("data-said-by", "door")
    until(page, lambda: written_down(world))
    [kept] = phone.kept("scans")
    assert (kept["shown"], written_down(world)) == ("ok", {kept["id"]: "ok"})

    wire.cut()
    phone.loses_the_network()
    expect(page.locator("[data-waiting='1'][data-online=false]")).to_be_visible()
    wire.mend()
    with page.expect_response(lambda response: "/check-ins" in response.url) as sent_again:
        phone.sends_all()
    [outcome] = sent_again.value.json()["outcomes"]
    assert (outcome["id"], outcome["answer"]["verdict"], outcome["answer"]["replayed"]) == (kept["id"], "ok", True)
    assert written_down(world) == {kept["id"]: "ok"}
    assert len(visits(world)) == 1
    expect(page.get_by_text("le serveur a répondu autrement")).to_have_count(0)
