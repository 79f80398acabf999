"""Settings come from the environment, or from files that hold secrets."""

import os
import subprocess
import sys

import pytest
from pydantic import ValidationError

from passapp.kernel.settings import Settings

PRINT = "from passapp.kernel.settings import Settings; print(Settings().smtp_url.get_secret_value())"


def test_a_secret_may_be_a_file_in_a_folder_and_the_environment_goes_before_it(tmp_path):
    (tmp_path / "passapp_smtp_url").write_text("smtp://from-the-file:2525\n")
    own = {name: value for name, value in os.environ.items() if not name.startswith("PASSAPP_")}
    own["PASSAPP_SECRETS_DIR"] = str(tmp_path)
    said = []
    for more in ({}, {"PASSAPP_SMTP_URL": "smtp://from-the-environment"}):
        words = [sys.executable, "-c", PRINT]
        said.append(
            subprocess.run(words, env=own | more, capture_output=True, text=True, check=True, timeout=60).stdout
        )
    assert said == ["smtp://from-the-file:2525\n", "smtp://from-the-environment\n"]


@pytest.mark.parametrize("said,origin", [("", "https://data.geopf.fr"), ("off", None)], ids=["empty", "off"])
def test_maps_are_those_of_the_ign_unless_there_are_to_be_none(said, origin):
    found = Settings(map_tiles=said)
    assert (found.map_origin, bool(found.map_credit)) == (origin, origin is not None)


def test_other_maps_are_credited_as_told_and_asked_of_their_machine_alone():
    tiles = "https://tiles.example.org:8443/osm/{z}/{x}/{y}.png?key=1"
    found = Settings(map_tiles=tiles, map_credit="© OpenStreetMap")
    assert (found.map_origin, found.map_credit) == ("https://tiles.example.org:8443", "© OpenStreetMap")
    assert Settings(map_tiles=tiles).map_credit == ""


@pytest.mark.parametrize(
    "tiles",
    [
        "on",
        "https://tiles.example.org/{z}/{x}.png",
        "https://tiles.example.org/{z}/{x}/{x}.png",
        "https://{s}.example.org/{z}/{x}/{y}.png",
        "https://a.example.org; script-src *;/{z}/{x}/{y}.png",
        "https://you@tiles.example.org/{z}/{x}/{y}.png",
        "ftp://tiles.example.org/{z}/{x}/{y}.png",
        "/tiles/{z}/{x}/{y}.png",
    ],
)
def test_what_is_no_template_of_tiles_of_one_machine_is_refused_at_the_start(tiles):
    with pytest.raises(ValidationError, match="with each of the three once"):
        Settings(map_tiles=tiles)


def test_no_password_is_said_with_an_address_that_is_not_valid(monkeypatch):
    monkeypatch.setenv("PASSAPP_DATABASE_URL", "mysql://me:hunter2@host/name")
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert "hunter2" not in str(refused.value)
