"""Every deed that any room writes down has its sentence, in French and in English, on the page of the audit log."""

import ast
import re
from pathlib import Path

import pytest

from passapp.kernel.audit import record

ROOT = Path(__file__).resolve().parents[2]
I18N = ROOT / "web" / "src" / "lib" / "i18n"
ACTION = 3
"""The place of the action among the arguments of ``record``."""


def recorded():
    """Every action in the code, with where it stands."""
    for file in sorted((ROOT / "passapp").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == record.__name__
            if called:
                yield node.args[ACTION], f"{file.relative_to(ROOT)}:{node.lineno}"


def actions_of(node):
    """The constants that an expression may be: one, or either side of a choice."""
    if isinstance(node, ast.IfExp):
        return actions_of(node.body) | actions_of(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) else set()


def sentences(language):
    """The sentences of one language, by action."""
    text = (I18N / f"{language}-audit.ts").read_text(encoding="utf-8")
    return dict(re.findall(r"^\s+'([a-z_]+\.[a-z_]+)':\s*['\"`](.+)['\"`],$", text, re.MULTILINE))


def test_every_action_is_written_as_it_is_called():
    unreadable = [where for node, where in recorded() if not actions_of(node)]
    assert unreadable == []
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+", action) for node, _ in recorded() for action in actions_of(node))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_action_has_a_sentence(language):
    known = sentences(language)
    missing = {action: where for node, where in recorded() for action in actions_of(node) if action not in known}
    assert missing == {}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_sentence_is_of_an_action_that_nobody_does(language):
    done = {action for node, _ in recorded() for action in actions_of(node)}
    assert set(sentences(language)) - done == set()
