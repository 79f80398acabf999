"""Printed cards (door.md, Card): bank-card size on A4, one or a sheet of them, with cut marks.

A card holds a name, the code in two forms and its last day: no home (moving changes nothing on a card), no e-mail,
no plan, no tier. The same passes give the same bytes: no system font, no clock.
"""

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from passapp.kernel.audit import Actor, record
from passapp.kernel.mail import language_named
from passapp.kernel.problems import Language, ProblemType
from passapp.kernel.typesetting import TypstError, can_print, typeset
from passapp.kernel.wall_time import opening_instant
from passapp.members.models import Member, Membership
from passapp.members.service import MEMBER_UNKNOWN, home_at, today_at
from passapp.network.service import get_network
from passapp.passes.models import IssuedPass
from passapp.passes.qr import draw_svg
from passapp.passes.rules import print_short_code
from passapp.passes.service import IS_CARD, check_is_card, state_of, texts_of
from passapp.places.models import Place

SHEET_LIMIT: Final = 500
"""Cards in one file: 50 pages, some seconds of drawing."""

PASS_NOT_ACTIVE = ProblemType(
    "pass_not_active",
    409,
    en="This pass opens nothing at the moment: there is no card to print. Resume the member, or give another pass.",
    fr="Ce pass n'ouvre rien pour le moment : pas de carte à imprimer. Réactivez le membre, ou donnez un autre pass.",
)
NO_CARDS = ProblemType(
    "no_cards",
    409,
    en="There is no such card to print. Give the members a pass first, or choose an earlier day.",
    fr="Aucune carte à imprimer. Donnez d'abord un pass aux membres, ou choisissez un jour plus ancien.",
)
TOO_MANY_CARDS = ProblemType(
    "too_many_cards",
    422,
    en="{count} cards are too many for one file ({limit} at most): choose those issued since a day.",
    fr="{count} cartes, c'est trop pour un seul fichier ({limit} au plus) : choisissez celles faites depuis un jour.",
)

_LONGEST_NAME: Final = 60
"""Letters of each of the two names that are sure to fit, whatever they are."""
_KEPT_DOCUMENTS: Final = 10
"""typst remembers what it set until so many documents later."""
_EMPTY: Final = b'#set document(title: "-")'
_BY_HAND: Final = "." * 24
"""Stands for a name in a script that the fonts do not have (Chinese, Thai): somebody writes it in."""


@dataclass(frozen=True)
class _Words:
    """What a card, or the page round it, says."""

    until: str
    found: str
    alt: str
    title: str
    notice: str
    months: str


_WORDS: Final[dict[Language, _Words]] = {
    "fr": _Words(
        until="Valable jusqu’au",
        found="Trouvée\u202f? Déposez-la dans un lieu du réseau. Perdue\u202f? Dites-le à votre lieu, il la remplace.",
        alt="QR code du pass {code}",
        title="Cartes",
        notice="À imprimer à 100\u00a0%, sans ajuster à la page. Découpez aux traits.",
        months="janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    ),
    "en": _Words(
        until="Valid until",
        found="Found? Hand it in at any place of the network. Lost? Tell your place, which replaces it.",
        alt="QR code of pass {code}",
        title="Cards",
        notice="Print at 100%, without fitting to the page. Cut along the marks.",
        months="January February March April May June July August September October November December",
    ),
}


def card_of(session: Session, issued: IssuedPass, folder: Path, *, language: Language, at: datetime) -> bytes:
    """A pass as a printed card on A4, PDF. Raises ``not_a_card``, ``pass_not_active``.

    ``language`` is the reader's, for the margin; the card itself speaks its member's.
    """
    check_is_card(issued)
    if state_of(issued, issued.member, at) != "active":
        raise PASS_NOT_ACTIVE.error()
    return _draw(session, [issued], folder, language=language, at=at)


def sheet_of(
    session: Session,
    place: Place,
    folder: Path,
    *,
    since: date | None,
    member_ids: frozenset[UUID],
    language: Language,
    at: datetime,
    actor: Actor,
) -> bytes:
    """The active cards of a place's present members as one PDF, by family name.

    ``since``: only those issued from that day on, at the place; ``member_ids``: only these members'. A card made for
    the member's membership of another place is that place's to print. Raises ``member_unknown``, ``no_cards``,
    ``too_many_cards``.
    """
    today = today_at(place, at)
    here = select(Membership.member_id).where(
        Membership.place_id == place.id,
        Membership.first_day <= today,
        or_(Membership.last_day.is_(None), Membership.last_day >= today),
    )
    if member_ids and member_ids - set(session.scalars(here.where(Membership.member_id.in_(member_ids)))):
        raise MEMBER_UNKNOWN.error()
    its_own = select(Membership.id).where(Membership.place_id == place.id)
    query = (
        select(IssuedPass)
        .join(IssuedPass.member)
        .where(
            Member.id.in_(here),
            IS_CARD,
            IssuedPass.revoked_at.is_(None),
            IssuedPass.expires_at > at,
            or_(IssuedPass.membership_id.is_(None), IssuedPass.membership_id.in_(its_own)),
        )
        .options(selectinload(IssuedPass.member).selectinload(Member.memberships))
    )
    if since is not None:
        query = query.where(IssuedPass.issued_at >= opening_instant(since, 0, ZoneInfo(place.zone)))
    if member_ids:
        query = query.where(Member.id.in_(member_ids))
    cards = [issued for issued in session.scalars(query) if state_of(issued, issued.member, at) == "active"]
    if not cards:
        raise NO_CARDS.error()
    if len(cards) > SHEET_LIMIT:
        raise TOO_MANY_CARDS.error(count=len(cards), limit=SHEET_LIMIT)
    # Sorted here: the two databases order accents differently.
    cards.sort(key=lambda issued: (issued.member.family_name, issued.member.given_name, issued.id))
    record(session, actor, at, "pass.print", ("place", place.id), place_id=place.id, count=len(cards))
    return _draw(session, cards, folder, language=language, at=at)


def _draw(session: Session, cards: Sequence[IssuedPass], folder: Path, *, language: Language, at: datetime) -> bytes:
    network = get_network(session).name
    texts = zip(cards, texts_of(session, cards, folder), strict=True)
    shown = [_card(network, issued, text, _last_day(issued, at)) for issued, text in texts]
    try:
        return _compile(language, shown)
    except TypstError:
        # PDF/UA refuses a letter that no font has. Rare: only then is each name tried by itself.
        for card in shown:
            card["name"] = [name if can_print(name) else _BY_HAND for name in card["name"]]
            card["network"] = network if can_print(network) else ""
        return _compile(language, shown)


def _last_day(issued: IssuedPass, at: datetime) -> date:
    """The day on which it ends, by the clock of the member's home."""
    home = home_at(issued.member, at)
    return issued.expires_at.astimezone(ZoneInfo(home.place.zone) if home else UTC).date()


def _card(network: str, issued: IssuedPass, text: str, last_day: date) -> dict[str, Any]:
    member = issued.member
    language = language_named(member.locale)
    words, code = _WORDS[language], print_short_code(issued.short_code)
    return {
        "language": language,
        "network": network,
        "name": _fitting([member.given_name, member.family_name]),
        "short_code": code,
        "qr": draw_svg(text).decode(),
        "alt": words.alt.format(code=code),
        "until": words.until,
        "day": _written(last_day, language),
        "found": words.found,
    }


def _fitting(names: Iterable[str]) -> list[str]:
    whole = [unicodedata.normalize("NFC", " ".join(name.split())) for name in names]
    return [name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…" for name in whole]


def _written(day: date, language: Language) -> str:
    """« 1er mars 2027 », "1 March 2027"."""
    first = "1er" if language == "fr" and day.day == 1 else day.day
    return f"{first} {_WORDS[language].months.split()[day.month - 1]} {day.year}"


@cache
def _template() -> bytes:
    return Path(__file__).with_name("cards.typ").read_bytes()


def _compile(language: Language, cards: Sequence[dict[str, Any]]) -> bytes:
    words = _WORDS[language]
    sheet = {"title": words.title, "language": language, "notice": words.notice, "cards": cards}
    try:
        return typeset(_template(), sheet=json.dumps(sheet))
    finally:
        if len(cards) > _KEPT_DOCUMENTS:
            _forget()


def _forget() -> None:
    """Have typst let go of what it set: a full sheet is 100 MB, kept for its next documents to be set faster."""
    for _ in range(_KEPT_DOCUMENTS + 1):
        typeset(_EMPTY)
