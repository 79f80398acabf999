"""Ask pip-audit and npm audit whether anything that Passapp is built from has a known hole: ``make audit``.

Both ask the internet. Where there is none, or it is too slow, this says that it could not ask: no answer is no good
news. Ends with 1 where a hole is known, 2 where nobody could be asked about one of the two, else with 0.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 180
"""Seconds that each of the two may take."""

Findings = list[str]


def python_packages() -> Findings:
    """The Python packages of this environment with a known hole. Raises ``LookupError`` where nobody answered."""
    said = _ask([sys.executable, "-m", "pip_audit", "--local", "--skip-editable", "--format=json"], ROOT)
    asked = [package for package in said.get("dependencies", ()) if "vulns" in package]  # others were passed over
    if not asked:
        raise LookupError("pip-audit did not answer")
    return [
        f"{package['name']} {package['version']}: {hole['id']}, mended in: {', '.join(hole['fix_versions']) or 'none'}"
        for package in asked
        for hole in package["vulns"]
    ]


def node_packages() -> Findings:
    """The packages of the web app with a known hole. Raises ``LookupError`` where nobody answered."""
    npm = shutil.which("npm", path=str(Path(sys.executable).parent)) or "npm"
    said = _ask([npm, "audit", "--json"], ROOT / "web")
    if "vulnerabilities" not in said:
        raise LookupError(said.get("message") or said.get("error", {}).get("summary") or "npm audit did not answer")
    return [f"{name}: {hole['severity']}, {hole['range']}" for name, hole in said["vulnerabilities"].items()]


def _ask(command: list[str], folder: Path) -> dict[str, Any]:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)
        said: Any = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise LookupError(f"no answer within {PATIENCE} seconds") from None
    except ValueError:
        raise LookupError((done.stderr.strip().splitlines() or ["it said nothing"])[-1]) from None
    return said if isinstance(said, dict) else {}


def report(name: str, ask: Callable[[], Findings]) -> int:
    """Print what one of the two found. Gives its share of the exit status."""
    try:
        findings = ask()
    except LookupError as error:
        print(f"{name}: COULD NOT ASK ({error}): nobody knows.")
        return 2
    print(f"{name}: {f'{len(findings)} KNOWN HOLES' if findings else 'no known hole'}")
    for line in findings:
        print(f"  {line}")
    return 1 if findings else 0


if __name__ == "__main__":
    found = [report("pip-audit", python_packages), report("npm audit", node_packages)]
    sys.exit(1 if 1 in found else max(found))
