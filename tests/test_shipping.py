"""The image and the composition say what is true: real settings, files that exist, no secret with a default."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from passapp.cli.running import _manners
from passapp.kernel.settings import Settings
from tests.served import served

ROOT = Path(__file__).parent.parent
DOCKERFILE, COMPOSE, CADDYFILE, IGNORED = (
    (ROOT / name).read_text(encoding="utf-8") for name in ("Dockerfile", "compose.yaml", "Caddyfile", ".dockerignore")
)
SETTINGS = {f"PASSAPP_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("text", [DOCKERFILE, COMPOSE, (ROOT / "docs/running.md").read_text(encoding="utf-8")])
def test_every_setting_that_is_named_exists(text):
    named = set(re.findall(r"PASSAPP_[A-Z_]+", text))
    assert named
    assert named - SETTINGS == set()


def test_what_the_image_is_built_from_is_there_and_reaches_the_build():
    copied = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    sources = {source for line in copied for source in line.split()[:-1]}
    assert sources >= {"passapp", "migrations", "web", "pyproject.toml"}
    assert {f"!{source}" for source in sources} == {line for line in IGNORED.splitlines() if line.startswith("!")}
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_the_image_does_not_run_as_root_and_holds_no_settings_of_a_network():
    stages = DOCKERFILE.split("\nFROM ")
    assert re.search(r"^USER passapp$", stages[-1], re.MULTILINE)
    assert set(re.findall(r"(PASSAPP_[A-Z_]+)=", DOCKERFILE)) == {"PASSAPP_DATA_DIR", "PASSAPP_HOST", "PASSAPP_PORT"}


@pytest.mark.parametrize("answers, expected", [(True, 0), (False, 1)])
def test_the_health_check_of_the_image_asks_whether_the_server_is_ready(world, answers, expected):
    python, *check = json.loads(re.search(r"HEALTHCHECK[^\[]+CMD (\[.+\])", DOCKERFILE)[1])
    assert python == "python"
    with served(world.app, world.settings) as address:
        port = address.rpartition(":")[2] if answers else "1"
        done = subprocess.run(
            [sys.executable, *check],
            env=os.environ | {"PASSAPP_PORT": port},
            stderr=subprocess.DEVNULL,
            check=False,
        )
    assert done.returncode == expected


def test_no_secret_of_the_composition_has_a_default():
    secrets = dict(re.findall(r"\$\{(\w*(?:PASSWORD|TOKEN|SECRET|KEY|DOMAIN|SMTP_URL)\w*)(.*?)\}", COMPOSE))
    without = {"PASSAPP_METRICS_TOKEN", "PASSAPP_SMTP_URL", "PASSAPP_OIDC_CLIENT_SECRET"}
    assert secrets.keys() == {"POSTGRES_PASSWORD", "DOMAIN"} | without
    assert {name: default for name, default in secrets.items() if not default.startswith(":?")} == dict.fromkeys(
        without, ":-"
    )  # then there is none, and what it opens is closed


def test_only_the_proxy_publishes_ports_and_it_keeps_the_metrics_inside():
    services = re.split(r"^  (\w+):$", COMPOSE.split("\nvolumes:")[0], flags=re.MULTILINE)
    published = {name for name, service in zip(services[1::2], services[2::2], strict=True) if "ports:" in service}
    assert published == {"caddy"}
    assert re.search(r"@inside path /metrics .*\n\s+respond @inside 404", CADDYFILE)


def test_the_proxies_that_the_composition_trusts_are_those_of_a_private_network():
    trusted = re.search(r"PASSAPP_TRUSTED_PROXIES: (\S+)", COMPOSE)[1]
    assert _manners(Settings(trusted_proxies=trusted))["forwarded_allow_ips"] == trusted
    assert "*" not in trusted
