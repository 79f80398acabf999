"""The demo's people: one for each role. Everybody here is invented."""

from dataclasses import dataclass

from passapp.accounts.rules import Role

ROLE_EMAILS = {
    "member": "lea@demo.example",
    "manager": "malik@demo.example",
    "neighbour": "nora@demo.example",
    "coordinator": "coline@demo.example",
    "accountant": "adele@demo.example",
}
"""Who signs in for each of the demo's links."""

DOOR_PLACE = "la-cantine-numerique"
DOOR_NAME = "Téléphone de démonstration"

MEMBER_GIVEN_NAME, MEMBER_FAMILY_NAME = "Léa", "Besnard"
MEMBER_HOME = "l-usine-cafe-et-coworking"
"""A kilometre from the demo's door: the first scan shows a member of another place."""
ACCOUNTANT_EMAIL = "comptable.cantine@demo.example"
"""Of the demo's place: it is sent each closed month."""


@dataclass(frozen=True)
class Staff:
    """Somebody with roles: in the whole network, or at ``place`` (a code)."""

    email: str
    name: str
    roles: tuple[Role, ...]
    place: str | None = None


STAFF = (
    Staff(ROLE_EMAILS["manager"], "Malik Haddad", (Role.MANAGER, Role.HOST), DOOR_PLACE),
    Staff(ROLE_EMAILS["neighbour"], "Nora Kaci", (Role.MANAGER,), MEMBER_HOME),
    Staff(ROLE_EMAILS["coordinator"], "Coline Lefebvre", (Role.COORDINATOR,)),
    Staff(ROLE_EMAILS["accountant"], "Adèle Marchand", (Role.NETWORK_ACCOUNTANT,)),
)

_WAYS_IN = (
    ("member", "Léa, membre : son pass, ses passages"),
    ("door", "l'accueil de La Cantine numérique : scanner un pass"),
    ("manager", "Malik, responsable de La Cantine numérique : membres, horaires, accueil"),
    ("neighbour", "Nora, responsable de L'Usine, le lieu voisin : une erreur signalée se règle à deux"),
    ("coordinator", "Coline, coordination : tous les lieux, tous les passages, la clôture d'un mois"),
    ("accountant", "Adèle, comptabilité du réseau : les mois, et la clôture que Coline a demandée"),
)


def invitation(public_url: str) -> str:
    """What the terminal prints: one link for each role, with a few words."""
    links = [(f"{public_url}/demo/{role}", words) for role, words in _WAYS_IN]
    width = max(len(link) for link, _ in links)
    return "\n".join(
        [
            "",
            "Réseau de démonstration. Ouvrez un lien, vous êtes cette personne :",
            "",
            *(f"  {link:{width}}   {words}" for link, words in links),
            "",
            "Membres, passages et dettes sont inventés ; les lieux nommés ne participent pas.",
            "",
        ]
    )
