"""What is wrong with a field, in the reader's language: pydantic's errors by their type, never the value sent."""

from collections.abc import Mapping
from typing import Any, Final, Literal, LiteralString

from pydantic_core import PydanticCustomError

_GENERAL: Final = ("This value is not valid.", "Cette valeur n'est pas valable.")
_NUMBER: Final = ("Write a number.", "Écrivez un nombre.")
_INSTANT: Final = (
    "Write an instant with its time zone, as 2026-11-18T10:00:00Z.",
    "Écrivez un instant avec son fuseau, comme 2026-11-18T10:00:00Z.",
)
_SAID: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("This is missing.", "Il manque cette information."),
    "extra_forbidden": ("This field is not known here.", "Ce champ n'est pas connu ici."),
    "empty": ("Do not leave this empty.", "Ne laissez pas ce champ vide."),
    "string_too_short": ("Write {min_length} characters at least.", "Écrivez au moins {min_length} caractères."),
    "string_too_long": ("Write {max_length} characters at most.", "Écrivez au plus {max_length} caractères."),
    "string_pattern_mismatch": ("This is not written as it should be.", "Ce n'est pas écrit comme attendu."),
    "string": ("Write a text.", "Écrivez un texte."),
    "int": ("Write a whole number.", "Écrivez un nombre entier."),
    "float": _NUMBER,
    "decimal": _NUMBER,
    "finite": _NUMBER,
    "bool": ("Say true or false.", "Répondez par vrai ou faux (true, false)."),
    "uuid": ("This is not an identifier of Passapp's.", "Ce n'est pas un identifiant de Passapp."),
    "date": ("Write a date as 2026-11-18.", "Écrivez une date comme 2026-11-18."),
    "datetime": _INSTANT,
    "timezone": _INSTANT,
    "time": ("Write a time as 09:00.", "Écrivez une heure comme 09:00."),
    "greater_than": ("Give more than {gt}.", "Indiquez plus que {gt}."),
    "greater_than_equal": ("Give {ge} or more.", "Indiquez {ge} ou plus."),
    "less_than": ("Give less than {lt}.", "Indiquez moins que {lt}."),
    "less_than_equal": ("Give {le} or less.", "Indiquez {le} ou moins."),
    "multiple_of": ("Give a multiple of {multiple_of}.", "Indiquez un multiple de {multiple_of}."),
    "enum": ("Choose one of these: {expected}.", "Choisissez parmi : {expected}."),
    "literal_error": ("Choose one of these: {expected}.", "Choisissez parmi : {expected}."),
    "too_short": ("Give {min_length} at least.", "Indiquez-en au moins {min_length}."),
    "too_long": ("Give {max_length} at most.", "Indiquez-en au plus {max_length}."),
    "list": ("Give a list.", "Donnez une liste."),
    "dict": ("Give an object.", "Donnez un objet."),
    "model": ("Give an object.", "Donnez un objet."),
    "url": ("Write a whole address, with https://.", "Écrivez une adresse entière, avec https://."),
    "json": ("This is not JSON.", "Ce n'est pas du JSON."),
    "iban": ("This is no IBAN: check its digits.", "Ce n'est pas un IBAN : vérifiez ses chiffres."),
    "bic": ("This is no BIC: it has 8 or 11 signs.", "Ce n'est pas un BIC : il a 8 ou 11 signes."),
    "siret": ("This is no SIRET: check its 14 digits.", "Ce n'est pas un SIRET : vérifiez ses 14 chiffres."),
    "vat_number": (
        "This is no VAT number: write it with its country, as FR40303265045.",
        "Ce n'est pas un numéro de TVA : écrivez-le avec son pays, comme FR40303265045.",
    ),
}
"""By pydantic's type of error (`empty` is ours), or its family, the word before the first `_`. English, French."""


def flaw(*, en: LiteralString, fr: str) -> PydanticCustomError:
    """What a validator raises (a ``ValueError``) where a person may have to read it: its sentence in both languages."""
    return PydanticCustomError("said", en, {"fr": fr})


def say_flaw(error: Mapping[str, Any], language: Literal["fr", "en"]) -> str:
    """One of pydantic's errors as a sentence. What a rule of ours says (``value_error``) is in English alone."""
    kind = str(error["type"])
    if kind == "value_error" and language == "en":
        return str(error["msg"]).removeprefix("Value error, ")
    context = error.get("ctx", {})
    if kind == "said":
        return str(context["fr"] if language == "fr" else error["msg"])
    if kind == "string_too_short" and context["min_length"] == 1:
        kind = "empty"
    said = _SAID.get(kind) or _SAID.get(kind.partition("_")[0]) or _GENERAL
    # pydantic lists what may be chosen as "'a', 'b' or 'c'".
    known = {name: str(each).replace(" or ", ", ").replace("'", "") for name, each in context.items()}
    return said[language == "fr"].format_map(known)
