import pytest
from typer.testing import CliRunner, Result

from passapp.cli import app
from passapp.kernel.settings import Settings


@pytest.fixture
def passapp(tmp_path, monkeypatch):
    """Run a command as a terminal would, in a data folder of its own."""
    monkeypatch.setenv("PASSAPP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("PASSAPP_DATABASE_URL", raising=False)

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, list(words))

    return run


@pytest.fixture
def deployment(passapp):
    """A deployment with a network, a place and a coordinator; gives the command."""
    for words in (
        ("migrate",),
        ("network", "NORD", "Réseau du Nord"),
        ("places", "add", "le-hangar", "Le Hangar", "Lille", "59000"),
        ("places", "add", "le-moulin", "Le Moulin", "Roubaix", "59100"),
        ("grant", "coline@example.org", "coordinator"),
    ):
        done = passapp(*words)
        assert done.exit_code == 0, done.output
    return passapp


@pytest.fixture
def settings(passapp):
    return Settings()
