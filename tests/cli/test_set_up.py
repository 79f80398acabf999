"""The set-up address, from the terminal."""

import re

from fastapi.testclient import TestClient

from passapp.app import create_app
from passapp.kernel.settings import Settings

WANTED = {"name": "Le Réseau", "code": "RESEAU", "person": "Camille Martin", "email": "camille@example.org"}


def secret_of(printed):
    return re.fullmatch(r"https://pass\.example/start#(\S{43})\n", printed)[1]


def test_an_address_is_printed_that_founds_the_network_and_the_one_before_does_not(bare):
    bare.ok("migrate")
    former, last = (secret_of(bare.ok("set-up")) for _ in range(2))
    with TestClient(create_app(Settings()), base_url="https://pass.example") as client:
        answers = [client.post("/api/v1/set-up", json=WANTED | {"secret": each}) for each in (former, last)]
        assert [answer.status_code for answer in answers] == [403, 201]
        assert client.get("/api/v1/me").json()["account"]["email"] == "camille@example.org"


def test_with_a_network_there_is_no_address(terminal):
    assert "exists already" in terminal.fails("set-up")


def test_an_empty_deployment_can_still_be_restored_into(bare, tmp_path, monkeypatch):
    bare.set_up()
    bare.ok("backup", tmp_path / "kept.zip")
    monkeypatch.setenv("PASSAPP_DATA_DIR", str(tmp_path / "elsewhere"))
    bare.ok("migrate")
    bare.ok("set-up")
    bare.ok("restore", tmp_path / "kept.zip")
    assert "hangar" in bare.ok("places", "list")
