"""A terminal for tests: what a command printed, or the sentence it failed with."""

from collections.abc import Callable

from typer.testing import Result


class Terminal:
    """Runs commands; ``ok`` expects success, ``fails`` a sentence and status 1."""

    def __init__(self, run: Callable[..., Result]) -> None:
        self._run = run

    def run(self, *words: object) -> Result:
        """Run one command."""
        return self._run(*map(str, words))

    def ok(self, *words: object) -> str:
        """What it printed."""
        result = self.run(*words)
        assert result.exit_code == 0, result.output
        return result.stdout

    def fails(self, *words: object) -> str:
        """What it said went wrong."""
        result = self.run(*words)
        assert result.exit_code == 1, result.output
        assert isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result.stderr

    def set_up(self) -> "Terminal":
        """Make a network of two places."""
        self.ok("migrate")
        self.ok("network", "RESEAU", "Le Réseau")
        self.ok("places", "add", "hangar", "Le Hangar", "Caen", "14000", "--joined", "2026-01-01")
        self.ok("places", "add", "moulin", "Le Moulin", "Metz", "57000", "--joined", "2026-01-01")
        return self
