"""Settings, read from the environment (``PASSAPP_…``). The README lists each of them."""

import os
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from passapp.kernel.smtp import ADDRESS, MailServer


class Settings(BaseSettings):
    """How this deployment runs. No secret has a default; keys live in files under ``keys_dir``.

    A setting may also be a file of that name (``passapp_smtp_url``) in the folder PASSAPP_SECRETS_DIR.
    """

    model_config = SettingsConfigDict(
        env_prefix="PASSAPP_", frozen=True, secrets_dir=os.environ.get("PASSAPP_SECRETS_DIR") or None
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
    demo: bool = Field(default=False, description="The demo network: one-click sign-in. Never on a real network.")

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
