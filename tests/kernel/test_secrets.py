"""Secrets come from the environment or from files, are for their owner only, and have no default."""

import json
import os
import stat
import subprocess
import sys

import pytest
from sqlalchemy import delete
from typer.testing import CliRunner

from passapp.app import create_app
from passapp.cli import app
from passapp.kernel.settings import Settings
from passapp.passes.keys import ensure_keys
from passapp.passes.models import SigningKey

SHOW = (
    "import json; from passapp.kernel.settings import Settings; s = Settings(); "
    "print(json.dumps([s.smtp_url and s.smtp_url.get_secret_value(), s.metrics_token and "
    "s.metrics_token.get_secret_value(), repr(s)]))"
)


def settings_with(**environment):
    """What a process of its own reads: the folder of secrets is looked for when it starts."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("PASSAPP_")} | environment
    shown = subprocess.run(
        [sys.executable, "-c", SHOW], env=given, capture_output=True, text=True, timeout=60, check=True
    )
    return json.loads(shown.stdout)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "passapp_smtp_url").write_text("smtp://user:from-a-file@mail.example:587\n")
    (tmp_path / "passapp_metrics_token").write_text("sixteen-letters-of-a-file")
    return str(tmp_path)


def test_a_secret_may_be_a_file_of_that_name(folder):
    smtp, token, _ = settings_with(PASSAPP_SECRETS_DIR=folder)
    assert (smtp, token) == ("smtp://user:from-a-file@mail.example:587", "sixteen-letters-of-a-file")


def test_the_environment_goes_before_the_file(folder):
    smtp, token, _ = settings_with(PASSAPP_SECRETS_DIR=folder, PASSAPP_METRICS_TOKEN="of-the-environment")
    assert (smtp, token) == ("smtp://user:from-a-file@mail.example:587", "of-the-environment")


def test_settings_show_no_secret_when_they_are_printed(folder):
    *_, printed = settings_with(PASSAPP_SECRETS_DIR=folder, PASSAPP_OIDC_CLIENT_SECRET="of-the-provider")
    assert not [secret for secret in ("from-a-file", "letters-of-a-file", "of-the-provider") if secret in printed]


def test_no_secret_has_a_default():
    assert settings_with()[:2] == [None, None]


def test_keys_made_at_the_first_start_are_for_their_owner_only(world):
    folder = world.settings.keys_dir
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(key.stat().st_mode) for key in folder.iterdir()} == {0o600}


def test_keys_are_for_their_owner_only_whatever_the_umask(world, tmp_path, monkeypatch):
    keys = tmp_path / "elsewhere" / "keys"
    before = os.umask(0)
    try:
        with world.database.write() as session:
            session.execute(delete(SigningKey))
            ensure_keys(session, keys, at=world.now)
    finally:
        os.umask(before)
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys.iterdir()} == {0o600}


def test_a_real_network_does_not_start_with_the_demos_one_click_links(tmp_path, monkeypatch):
    monkeypatch.setenv("PASSAPP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PASSAPP_DEMO", "1")
    result = CliRunner().invoke(app, ["serve"])
    assert result.exit_code == 1
    assert "never to a real network" in result.stderr
    assert not (tmp_path / "data").exists()


def test_one_click_sign_in_does_not_exist_outside_the_demo(world):
    assert "/api/v1/demo/sign-in" in create_app(Settings(demo=True)).openapi()["paths"]
    for path in ("/api/v1/demo/sign-in", "/api/v1/demo/door"):
        answer = world.client().post(path, json={})
        assert answer.status_code in {404, 405}
