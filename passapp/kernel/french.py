"""French contracts its articles: « l'accueil du Hangar », « de La Filature », « des Murs d'Agon ».

The web app's ``web/src/lib/i18n/french.ts`` says the same; a test holds the two together.
"""

import re
from typing import Final

MASCULINE: Final = (
    "bar|bocal|bureau|café|carré|centre|château|collectif|comptoir|cowork|coworking|dôme|fablab|foyer|garage|hangar|"
    "hub|jardin|labo|lab|lieu|local|moulin|pavillon|phare|pôle|port|quai|studio|théâtre|tiers-lieu|tilleul"
)
"""How names begin that take « du » without bearing an article."""
_MASCULINE: Final = re.compile(rf"({MASCULINE})\b", re.IGNORECASE)
_VOWEL: Final = re.compile("[aeiouyâàéèêëîïôöûùœæ]|h(ôtel|abit|éberg)", re.IGNORECASE)


def at(place: str) -> str:
    """« au Hangar », « à La Filature », « aux Murs d'Agon », « à Antre-Lieux »."""
    article, _, rest = place.partition(" ")
    if rest and article.lower() in {"le", "les"}:
        return f"{'au' if article.lower() == 'le' else 'aux'} {rest}"
    if rest and article.lower() in {"au", "aux"}:
        return f"à « {place} »"
    return f"au {place}" if _MASCULINE.match(place) else f"à {place}"


def of(place: str) -> str:
    """« du Hangar », « de La Filature », « des Murs d'Agon », « d'Antre-Lieux »."""
    article, _, rest = place.partition(" ")
    if rest and article.lower() in {"le", "les"}:
        return f"{'du' if article.lower() == 'le' else 'des'} {rest}"
    if rest and article.lower() in {"au", "aux"}:
        return f"de « {place} »"
    if _MASCULINE.match(place):
        return f"du {place}"
    return f"d'{place}" if _VOWEL.match(place) else f"de {place}"
