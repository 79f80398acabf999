import pytest
from typer.testing import CliRunner

from passapp.cli import app
from tests.cli.terminal import Terminal


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A terminal with a data folder of its own, where nothing was set up yet."""
    monkeypatch.setenv("PASSAPP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PASSAPP_PUBLIC_URL", "https://pass.example")
    monkeypatch.delenv("PASSAPP_DATABASE_URL", raising=False)
    return Terminal(lambda *words: CliRunner().invoke(app, list(words)))


@pytest.fixture
def terminal(bare):
    """The same, with a network of two places."""
    return bare.set_up()
