"""Settings, read from the environment (``PASSAPP_…``). The README lists each of them."""

import os
import re
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from passapp.kernel.smtp import ADDRESS, MailServer

_DATABASES: Final = ("sqlite", "postgresql", "postgres", "postgresql+psycopg")
_TILES = re.compile(
    r"(https?://(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?)/[^\s{}]*(?:\{[xyz]\}[^\s{}]*){3}", re.ASCII | re.IGNORECASE
)
"""A template of tiles; its first group is the only machine that a map asks."""
_PLAN_IGN = (
    "https://data.geopf.fr/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2"
    "&STYLE=normal&TILEMATRIXSET=PM&FORMAT=image/png&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
)


class Settings(BaseSettings):
    """How this deployment runs. No secret has a default; keys live in files under ``keys_dir``.

    A setting may also be a file of that name (``passapp_smtp_url``) in the folder PASSAPP_SECRETS_DIR.
    """

    # Whoever prints what is not valid prints no password with it.
    model_config = SettingsConfigDict(
        env_prefix="PASSAPP_",
        frozen=True,
        secrets_dir=os.environ.get("PASSAPP_SECRETS_DIR") or None,
        hide_input_in_errors=True,
    )

    data_dir: Path = Field(default=Path("data"), description="Folder of the SQLite file and of the signing keys.")
    database_url: str = Field(
        default="",
        description="SQLAlchemy URL; empty: SQLite in the data folder. postgresql://… for PostgreSQL.",
    )
    host: str = Field(default="127.0.0.1", description="Address that `passapp serve` listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port that `passapp serve` listens on.")
    public_url: str = Field(
        default_factory=lambda given: f"http://localhost:{given.get('port', 8000)}",
        description="Address people type, without a final slash; by default this machine's, at the port above.",
    )
    workers: int = Field(default=1, ge=1, le=64, description="Processes of `passapp serve`. Leave 1 on SQLite.")
    trusted_proxies: str = Field(
        default="127.0.0.1,::1",
        description="Addresses or networks, with commas, whose X-Forwarded-For says where a request comes from.",
    )
    tick: bool = Field(default=True, description="off: `passapp serve` leaves the chores to `passapp tick`.")
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto", description="auto: for people on a terminal, one JSON object a line elsewhere."
    )
    metrics_token: SecretStr | None = Field(
        default=None, min_length=16, description="The bearer token of /metrics, which does not exist without one."
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="Mail server: smtp://user:password@host:587 (STARTTLS) or smtps://…; without it no mail leaves.",
    )
    mail_from: str = Field(default="", description="Sender of the mails; by default passapp@ and the public address.")
    oidc_issuer: str = Field(default="", description="Your own identity provider (OpenID Connect): its address.")
    oidc_client_id: str = Field(default="", description="What Passapp is called there.")
    oidc_client_secret: SecretStr | None = Field(default=None, description="And its secret there.")
    oidc_name: str = Field(default="", description="What people call that provider, on the button that leads to it.")
    map_tiles: str = Field(
        default=_PLAN_IGN,
        description="Where a map's background comes from, with {z}, {x} and {y}; by default the IGN's. off: no map.",
    )
    map_credit: str = Field(
        default="",
        max_length=200,
        validate_default=True,
        description="Who made that background, said beside it; an https address at its end becomes a link.",
    )
    demo: bool = Field(default=False, description="The demo network: one-click sign-in. Never on a real network.")

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, value: str) -> str:
        # Said without the value: there is a password in it.
        try:
            kind = make_url(value).drivername if value else "sqlite"
        except ArgumentError:
            kind = ""
        if kind not in _DATABASES:
            raise ValueError("write a database's address: postgresql://user:password@host/name")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        # The server would take a typing error for the name of a socket, and silently trust nobody.
        for network in filter(None, value.split(",")):
            ip_network(network.strip())
        return value

    @field_validator("metrics_token", "smtp_url", "oidc_client_secret", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return value or None

    @field_validator("smtp_url")
    @classmethod
    def _is_a_mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            MailServer.at(value.get_secret_value())
        return value

    @field_validator("mail_from")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        # The sender's name is the network's.
        if value and not ADDRESS.fullmatch(value):
            msg = "write an address alone, as pass@example.org"
            raise ValueError(msg)
        return value

    @field_validator("map_tiles")
    @classmethod
    def _is_a_template(cls, value: str) -> str:
        tiles = value or _PLAN_IGN
        if tiles != "off" and not (_TILES.fullmatch(tiles) and all(f"{{{name}}}" in tiles for name in "xyz")):
            msg = "write off, or as https://tile.example.org/{z}/{x}/{y}.png, with each of the three once"
            raise ValueError(msg)
        return tiles

    @field_validator("map_credit")
    @classmethod
    def _credits_the_usual_one(cls, value: str, info: ValidationInfo) -> str:
        return value or ("© IGN https://www.ign.fr" if info.data.get("map_tiles") == _PLAN_IGN else "")

    @property
    def map_origin(self) -> str | None:
        """The only machine of others that pages may ask, for the background of a map; None: there is no map."""
        found = _TILES.fullmatch(self.map_tiles)
        return found[1] if found else None

    @cached_property
    def sqlalchemy_url(self) -> str:
        """The database's address with the driver that Passapp uses."""
        url = self.database_url or f"sqlite:///{(self.data_dir / 'passapp.sqlite').absolute()}"
        for scheme in ("postgres://", "postgresql://"):
            if url.startswith(scheme):
                return "postgresql+psycopg://" + url.removeprefix(scheme)
        return url

    @property
    def keys_dir(self) -> Path:
        """Private signing keys: files of their own, apart from the database."""
        return self.data_dir / "keys"

    @property
    def secure_cookies(self) -> bool:
        """``__Host-`` cookies need HTTPS; on http://localhost a plain name is used."""
        return self.public_url.startswith("https://")
