"""The README tells the truth: every setting and every command stands in it, and nothing else."""

import re
from pathlib import Path

import pytest
import typer

from passapp.cli import app
from passapp.kernel.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands_of(group: typer.core.TyperGroup, before: str = "passapp") -> set[str]:
    found: set[str] = set()
    for name, command in group.commands.items():
        if command.hidden:
            continue
        inner = getattr(command, "commands", None)
        found |= commands_of(command, f"{before} {name}") if inner else {f"{before} {name}"}
    return found


def test_every_setting_stands_in_the_readme():
    settings = {f"PASSAPP_{name.upper()}" for name in Settings.model_fields}
    named = set(re.findall(r"PASSAPP_[A-Z_]+", README))
    others = {"PASSAPP_TEST_DATABASE_URL", "PASSAPP_TEST_CHROMIUM", "PASSAPP_SECRETS_DIR"}
    assert named == settings | others


@pytest.mark.parametrize("command", sorted(commands_of(typer.main.get_command(app))))
def test_every_command_stands_in_the_readme(command):
    program, first, *rest = command.split()
    row = next((line for line in README.splitlines() if line.startswith(f"| `{program} {first}")), "")
    assert all(f"`{word}`" in row or word in row for word in rest), f"{command} is not in the README's table"
    assert row


def test_every_picture_and_page_that_the_readme_points_to_is_there():
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert targets
    assert [target for target in targets if not target.startswith("http") and not (ROOT / target).exists()] == []
