"""The address that the first start begins at."""

from passapp.cli.common import failure, open_database, say
from passapp.first_start.service import draw_set_up_secret
from passapp.kernel.database import Database
from passapp.kernel.settings import Settings
from passapp.network.service import NETWORK_EXISTS


def set_up() -> None:
    """Print a new set-up address for an empty deployment; the one before it is worth nothing any more."""
    settings = Settings()
    with open_database(settings) as database:
        address = set_up_address(database, settings)
    if address is None:
        raise failure(NETWORK_EXISTS.en)
    say(address)


def invite_to_set_up(database: Database, settings: Settings) -> None:
    """Where there is no network yet, print where to begin."""
    address = set_up_address(database, settings)
    if address is not None:
        say(
            "\nCe Passapp est vide. Ouvrez cette adresse pour créer votre réseau ; elle sert une seule fois :"
            "\nThis Passapp is empty. Open this address to found your network; it works once:"
            f"\n\n  {address}\n"
        )


def set_up_address(database: Database, settings: Settings) -> str | None:
    """The address with a fresh secret in its fragment, which no server and no log ever sees; None with a network."""
    with database.read() as session:
        secret = draw_set_up_secret(session, settings.data_dir)
    return None if secret is None else f"{settings.public_url}/start#{secret}"
