"""What people are told of a booking that a policy does not allow: whole sentences, in French and English.

``fields`` reads the times that they send.
"""

from typing import Any, Final

from pydantic import BaseModel, Field

from passapp.bookings.rules import Flaw
from passapp.kernel.problems import FieldProblem, Language, Problem, ProblemDetails, ProblemType

_SENTENCES: Final[dict[str, tuple[str, str, str]]] = {
    # code: where in the body, French, English
    "ends_before_it_starts": (
        "/end",
        "La fin n'est pas après le début : changez l'une des deux heures.",
        "It does not end after it starts: change one of the two times.",
    ),
    "off_the_grid": (
        "/start",
        "On réserve ici par pas de {grid} : choisissez un début et une fin qui tombent juste.",
        "Bookings here go in steps of {grid}: choose a start and an end that fit.",
    ),
    "too_short": (
        "/end",
        "On réserve ici pour {shortest} au moins : finissez plus tard.",
        "Bookings here last at least {shortest}: end later.",
    ),
    "too_long": (
        "/end",
        "On réserve ici pour {longest} au plus : finissez plus tôt.",
        "Bookings here last at most {longest}: end earlier.",
    ),
    "in_the_past": (
        "/start",
        "Cette heure est passée : choisissez-en une à venir.",
        "That time is over: choose one that is to come.",
    ),
    "already_begun": (
        "/start",
        "La réservation a commencé : on peut encore changer sa fin, plus son début.",
        "The booking has begun: its end can still be changed, its start no more.",
    ),
    "place_answers": (
        "/end",
        "Le lieu répond à chaque réservation de cette salle : demandez à l'accueil pour rester plus longtemps.",
        "The place answers each booking of this room: ask at the reception to stay longer.",
    ),
    "place_not_there": (
        "/start",
        "Ce lieu ne fait pas partie du réseau ce jour-là : choisissez un autre jour ou un autre lieu.",
        "This place is not part of the network on that day: choose another day or another place.",
    ),
    "too_soon": (
        "/start",
        "Ce lieu veut le savoir {notice} avant : choisissez une heure plus tardive.",
        "This place wants to know {notice} before: choose a later time.",
    ),
    "too_far_ahead": (
        "/start",
        "C'est trop tôt pour réserver : vous le pouvez {days} avant.",
        "It is too early to book: you can {days} before.",
    ),
    "outside_opening_hours": (
        "/start",
        "Le lieu n'est pas ouvert tout ce temps : regardez ses horaires, puis choisissez une autre heure.",
        "The place is not open all that time: look at its hours, then choose another time.",
    ),
    "not_active": (
        "",
        "Ce pass est inactif en ce moment : voyez-en la raison avec son lieu.",
        "This pass is inactive for now: ask its home place why.",
    ),
    "not_for_you": ("", "Réservé {audience} : choisissez autre chose.", "Only {audience}: choose something else."),
    "not_trained": (
        "",
        "Il faut d'abord y être formé : demandez une formation au lieu.",
        "You must be trained on it first: ask the place for a training.",
    ),
    "too_many_people": (
        "/people",
        "Il y a de la place pour {capacity} : choisissez plus grand, ou venez moins nombreux.",
        "There is room for {capacity}: choose a larger one, or come with fewer people.",
    ),
    "too_many_bookings": (
        "",
        "Vous y avez déjà {upcoming} à venir, et c'est le plus possible : annulez-en une, ou attendez.",
        "You have {upcoming} ahead there, and no more are possible: cancel one, or wait.",
    ),
    "weekly_quota": (
        "/end",
        "On y a droit à {minutes} par semaine, et il vous en reste {left} : prenez moins, ou une autre semaine.",
        "Everybody has {minutes} a week there, and {left} are left to you: take less, or another week.",
    ),
    "monthly_quota": (
        "/end",
        "On y a droit à {minutes} par mois, et il vous en reste {left} : prenez moins, ou un autre mois.",
        "Everybody has {minutes} a month there, and {left} are left to you: take less, or another month.",
    ),
}
_AUDIENCES: Final[dict[Language, dict[str, str]]] = {
    "fr": {
        "own_members": "aux membres de ce lieu",
        "network": "aux membres dont l'abonnement court ce jour-là",
    },
    "en": {
        "own_members": "for members of this place",
        "network": "for members whose membership runs on that day",
    },
}


def in_words(minutes: int) -> str:
    """So long, as people write it, the same in both languages: ``45 min``, ``2 h``, ``1 h 30``."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02}" if rest else f"{hours} h"


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count <= 1 else many}"


def sentence_of(flaw: Flaw, language: Language) -> str:
    """Why it is not allowed, and what to do."""
    is_french = language == "fr"
    said = dict(flaw.params)
    for name in ("grid", "shortest", "longest", "notice", "minutes", "left"):
        if name in said:
            said[name] = in_words(said[name])
    if "days" in said:
        said["days"] = _number(said["days"], *(("jour", "jours") if is_french else ("day", "days")))
    if "capacity" in said:
        said["capacity"] = _number(
            said["capacity"], *(("personne", "personnes") if is_french else ("person", "people"))
        )
    if "upcoming" in said:
        words = ("réservation", "réservations") if is_french else ("booking", "bookings")
        said["upcoming"] = _number(said["upcoming"], *words)
    if "audience" in said:
        said["audience"] = _AUDIENCES[language][said["audience"]]
    _, french, english = _SENTENCES[flaw.code]
    return (french if is_french else english).format(**said)


class FlawShown(BaseModel):
    """One thing that speaks against a booking."""

    code: str = Field(examples=["too_short"], description="Stable: what a program decides on.")
    detail: str = Field(description="In French or English, by Accept-Language: why, and what to do.")
    params: dict[str, Any] = Field(examples=[{"shortest": 30}], description="The figures that it names; in minutes.")


def show_flaw(flaw: Flaw, language: Language) -> FlawShown:
    """A flaw as it is sent."""
    return FlawShown(code=flaw.code, detail=sentence_of(flaw, language), params=dict(flaw.params))


class NotBookableDetails(ProblemDetails):
    """`not_bookable`: every reason at once."""

    problems: list[FlawShown] = Field(default=[], description="Everything that speaks against it, all at once.")


NOT_BOOKABLE = ProblemType(
    "not_bookable",
    422,
    en="It cannot be booked like that: the reasons stand beside.",
    fr="On ne peut pas réserver ainsi : les raisons sont à côté.",
    shown_as=NotBookableDetails,
)


MEMBERS_ONLY = ProblemType(
    "members_only",
    403,
    en="Members book: have a place add you as a member under the address that you sign in with.",
    fr="Ce sont les membres qui réservent : faites-vous ajouter comme membre, avec l'adresse de votre compte.",
)


class NotAllowed(Problem):
    """The policy does not allow it: the problem ``not_bookable``, with every reason at once."""

    def __init__(self, flaws: tuple[Flaw, ...]) -> None:
        """Keep them: the answer says them in its reader's language."""
        super().__init__(NOT_BOOKABLE)
        self.flaws = flaws

    def details(self, language: Language) -> ProblemDetails:
        """The problem as it is sent, in that language."""
        problems = [show_flaw(flaw, language) for flaw in self.flaws]
        errors = [FieldProblem(pointer=_SENTENCES[each.code][0], detail=each.detail) for each in problems]
        return self.kind.details(language, self.values, errors, {"problems": problems})
