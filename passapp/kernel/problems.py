"""What a person must be told went wrong: RFC 9457 problem details, in French and English.

A room declares its problems once (``MEMBER_UNKNOWN = ProblemType("member_unknown", 404, en=…, fr=…)``), raises them
with ``raise MEMBER_UNKNOWN.error()``, and names them on its routes with ``responses=may_answer(MEMBER_UNKNOWN)``.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from string import Formatter
from typing import Any, Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException

from passapp.kernel import spoken
from passapp.kernel.flaws import say_flaw

Language = spoken.Language
MEDIA_TYPE = "application/problem+json"
_SCHEMA: Final = "#/components/schemas/{model}"


class FieldProblem(BaseModel):
    """One thing wrong with one field."""

    pointer: str = Field(description="JSON pointer into the body, or `query/name`, `path/name`, `header/name`.")
    detail: str = Field(description="What is wrong with it.")


class ProblemDetails(BaseModel):
    """RFC 9457 problem details."""

    type: str = "about:blank"
    title: str
    status: int
    code: str = Field(description="Stable: what a program decides on.")
    detail: str = Field(description="In French or English, by Accept-Language: what a person reads.")
    errors: list[FieldProblem] = Field(default=[], description="Every field that was wrong, all at once.")


@dataclass(frozen=True)
class SpokenFlaw:
    """A :class:`FieldProblem` in both languages, for whom it is not known yet which one is read."""

    pointer: str
    en: str
    fr: str

    def said(self, language: Language) -> FieldProblem:
        """The same in one language."""
        return FieldProblem(pointer=self.pointer, detail=self.fr if language == "fr" else self.en)


@dataclass(frozen=True)
class ProblemType:
    """One kind of problem: a stable code, a status, and its sentence in both languages.

    Of a month, ``2026-10``, ``{name:month}`` says « octobre 2026 », and ``{name:Month}`` the same where the sentence
    begins; of a date, ``{day:day}`` says « 18 novembre 2026 ».
    ``shown_as``: with more members than every problem has (RFC 9457 §3.2), each with a default.
    """

    code: str
    status: int
    en: str
    fr: str
    shown_as: type[ProblemDetails] = ProblemDetails

    def error(
        self,
        *,
        errors: Sequence[FieldProblem | SpokenFlaw] = (),
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
        **values: object,
    ) -> "Problem":
        """An exception to raise; ``values`` fill the sentence, ``members`` what ``shown_as`` has more."""
        return Problem(self, values, tuple(errors), dict(headers or {}), dict(members or {}))

    def details(
        self,
        language: Language,
        values: Mapping[str, object] | None = None,
        errors: Sequence[FieldProblem] = (),
        members: Mapping[str, Any] | None = None,
    ) -> ProblemDetails:
        """The problem as it is sent."""
        sentence = self.fr if language == "fr" else self.en
        return self.shown_as(
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            code=self.code,
            detail=_Sentence(language).vformat(sentence, (), values or {}),
            errors=list(errors),
            **(members or {}),
        )


@dataclass
class Problem(Exception):
    """A problem on its way to the person who must be told. Rolls the transaction back."""

    kind: ProblemType
    values: dict[str, object] = field(default_factory=dict)
    errors: tuple[FieldProblem | SpokenFlaw, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    members: dict[str, Any] = field(default_factory=dict)

    def details(self, language: Language) -> ProblemDetails:
        """The problem as it is sent, in that language."""
        errors = [each.said(language) if isinstance(each, SpokenFlaw) else each for each in self.errors]
        return self.kind.details(language, self.values, errors, self.members)

    def __str__(self) -> str:
        """What a command line shows."""
        details = self.details("en")
        return "\n".join([details.detail, *(f"  {e.pointer}: {e.detail}" for e in details.errors)])


INVALID_REQUEST = ProblemType(
    "invalid_request",
    422,
    en="Some of what was sent is not valid.",
    fr="Une partie de ce qui a été envoyé n'est pas valable.",
)
NOT_SIGNED_IN = ProblemType("not_signed_in", 401, en="Please sign in first.", fr="Connectez-vous d'abord.")
FORBIDDEN = ProblemType("forbidden", 403, en="Your role does not allow this.", fr="Votre rôle ne le permet pas.")
NOT_FOUND = ProblemType("not_found", 404, en="There is nothing at this address.", fr="Il n'y a rien à cette adresse.")
METHOD_NOT_ALLOWED = ProblemType(
    "method_not_allowed",
    405,
    en="This address does not answer that method.",
    fr="Cette adresse ne répond pas à cette méthode.",
)
STALE = ProblemType(
    "stale",
    412,
    en="Somebody changed this in the meantime. Reload, look, and try again.",
    fr="Quelqu'un a modifié cette fiche entre-temps. Rechargez, regardez, puis réessayez.",
)
CONFLICT = ProblemType(
    "conflict",
    409,
    en="Somebody did the same at the same moment. Please look, and try again.",
    fr="Quelqu'un a fait la même chose au même moment. Regardez, puis réessayez.",
)
TOO_LARGE = ProblemType("too_large", 413, en="This is larger than 1 MB.", fr="L'envoi dépasse 1 Mo.")
VERSION_REQUIRED = ProblemType(
    "version_required",
    428,
    en="Say which version you change: the header If-Match is missing.",
    fr="Précisez la version que vous modifiez : l'en-tête If-Match manque.",
)
CROSS_ORIGIN = ProblemType(
    "cross_origin",
    403,
    en="This request came from another site and was refused.",
    fr="Cette requête vient d'un autre site : refusée.",
)
SERVER_ERROR = ProblemType(
    "server_error",
    500,
    en="Something broke on our side; nothing was changed. Please try again.",
    fr="Une erreur s'est produite de notre côté ; rien n'a été modifié. Réessayez.",
)
_BY_STATUS = {p.status: p for p in (NOT_SIGNED_IN, FORBIDDEN, NOT_FOUND, METHOD_NOT_ALLOWED, TOO_LARGE)}


def language_of(request: Request) -> Language:
    """French unless the reader's ``Accept-Language`` prefers English."""
    for part in request.headers.get("accept-language", "").lower().split(","):
        if part.strip().startswith("fr"):
            return "fr"
        if part.strip().startswith("en"):
            return "en"
    return "fr"


def may_answer(*kinds: ProblemType) -> dict[int | str, dict[str, Any]]:
    """OpenAPI responses for the problems a route may answer with, grouped by status."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        answer = by_status.setdefault(
            kind.status, {"description": "", "content": {MEDIA_TYPE: {"schema": {}, "examples": {}}}}
        )
        answer["description"] = ", ".join(filter(None, [answer["description"], f"`{kind.code}`"]))
        content, model = answer["content"][MEDIA_TYPE], {"$ref": _SCHEMA.format(model=kind.shown_as.__name__)}
        models = content["schema"].get("anyOf") or [each for each in [content["schema"]] if each]
        models += [model] if model not in models else []
        content["schema"] = models[0] if len(models) == 1 else {"anyOf": models}
        content["examples"][kind.code] = {"value": kind.details("en").model_dump(mode="json")}
    return by_status


def problem_schemas() -> dict[str, Any]:
    """The OpenAPI schemas that :func:`may_answer` refers to, by name."""
    schemas: dict[str, Any] = {}
    models: list[type[ProblemDetails]] = [ProblemDetails, *ProblemDetails.__subclasses__()]
    for model in models:
        schema = model.model_json_schema(ref_template=_SCHEMA, mode="serialization")
        schemas |= schema.pop("$defs", {}) | {model.__name__: schema}
    return schemas


_BLANK: Final = "…"


class _Sentence(Formatter):
    """Fills a sentence: months and dates in words, an ellipsis for what is not known (in the OpenAPI's examples)."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def get_value(self, key: int | str, _args: Sequence[Any], values: Mapping[str, Any]) -> object:
        return values.get(str(key), _BLANK)

    def format_field(self, value: Any, how: str) -> str:  # noqa: ANN401  (whatever a sentence is told)
        if value is _BLANK:
            return _BLANK
        if how == "day":
            return spoken.say_day(value, self._language)
        if how.lower() == "month":
            said = spoken.say_month(date.fromisoformat(f"{value}-01"), self._language)
            return said.capitalize() if how == "Month" else said
        return str(super().format_field(value, how))


def _answer(details: ProblemDetails, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse(
        details.model_dump(mode="json", by_alias=True),
        status_code=details.status,
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def problem_response(request: Request, kind: ProblemType) -> JSONResponse:
    """The answer for a problem met outside a route (a middleware)."""
    return _answer(kind.details(language_of(request)))


def pointer_to(location: tuple[int | str, ...]) -> str:
    """A JSON pointer into the body, or ``query/name``, for where pydantic found something."""
    where, *rest = [str(step).replace("~", "~0").replace("/", "~1") for step in location] or [""]
    return "/" + "/".join(rest) if where == "body" else "/".join([where, *rest])


def field_problems(errors: Sequence[Any], language: Language | None = None) -> list[FieldProblem]:
    """Pydantic's errors as field problems, never the value that was sent. ``language``: None, in its own words."""
    return [
        FieldProblem(pointer=pointer_to(tuple(e["loc"])), detail=say_flaw(e, language) if language else str(e["msg"]))
        for e in errors
    ]


def _on_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101  (the handler's registration says so)
    return _answer(error.details(language_of(request)), error.headers)


def _on_invalid_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    language = language_of(request)
    return _answer(INVALID_REQUEST.details(language, errors=field_problems(error.errors(), language)))


def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    kind = _BY_STATUS.get(error.status_code, INVALID_REQUEST)
    return _answer(kind.details(language_of(request)), error.headers)


def _on_stale_row(request: Request, _error: Exception) -> JSONResponse:
    return problem_response(request, STALE)


def _on_broken_constraint(request: Request, error: Exception) -> JSONResponse:
    # What the services check first, a constraint of the database catches when two people are as fast as one another.
    # Its name says enough: the driver's own message quotes the row, which holds somebody's address.
    cause = getattr(error, "orig", None)
    name = getattr(getattr(cause, "diag", None), "constraint_name", None) or type(cause).__name__
    logging.getLogger(__name__).warning("a constraint refused a change: %s", name)
    return problem_response(request, CONFLICT)


def _on_any_error(request: Request, _error: Exception) -> JSONResponse:
    # The id leads whoever runs Passapp from a person's message to the line in the log.
    problem = SERVER_ERROR.details(language_of(request)).model_dump() | {"request_id": request.scope.get("request_id")}
    return JSONResponse(problem, status_code=SERVER_ERROR.status, media_type=MEDIA_TYPE)


HANDLERS: dict[int | type[Exception], Any] = {
    Problem: _on_problem,
    RequestValidationError: _on_invalid_request,
    HTTPException: _on_http_exception,
    StaleDataError: _on_stale_row,
    IntegrityError: _on_broken_constraint,
    Exception: _on_any_error,
}
