"""Problem details: a stable code for programs, a sentence in the reader's language for people."""

import json
from datetime import date
from string import Formatter

import pytest

from passapp.app import create_app
from passapp.bookings.service import SLOT_TAKEN
from passapp.kernel.flaws import say_flaw
from passapp.kernel.problems import CONFLICT, ProblemDetails, ProblemType, may_answer, problem_schemas

MEDIA_TYPE = "application/problem+json"


def ask(world, path="/api/v1/members", **headers):
    client = world.client()
    del client.headers["Accept-Language"]
    return client.get(path, headers=headers)


@pytest.mark.parametrize(
    "accepted, sentence",
    [
        ({}, "Connectez-vous d'abord."),
        ({"Accept-Language": "fr-FR,fr;q=0.9,en;q=0.8"}, "Connectez-vous d'abord."),
        ({"Accept-Language": "en-GB,en;q=0.9"}, "Please sign in first."),
        ({"Accept-Language": "de, en"}, "Please sign in first."),
        ({"Accept-Language": "de"}, "Connectez-vous d'abord."),
        ({"Accept-Language": ";;,=,"}, "Connectez-vous d'abord."),
    ],
)
def test_the_sentence_is_in_the_readers_language_and_french_otherwise(world, accepted, sentence):
    assert ask(world, **accepted).json()["detail"] == sentence


def test_a_problem_has_the_shape_of_rfc_9457_and_a_stable_code(world):
    answer = ask(world)
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.json() == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "code": "not_signed_in",
        "detail": "Connectez-vous d'abord.",
        "errors": [],
    }


WRONG = {
    "given_name": "",
    "family_name": "x" * 200,
    "email": 3,
    "locale": "de",
    "membership": {"place_id": "here", "plan": "TOUT", "priority": 0, "first_day": "soon"},
    "age": 3,
}


@pytest.mark.parametrize(
    "language, sentences",
    [
        (
            "en",
            {
                "/given_name": "Do not leave this empty.",
                "/family_name": "Write 120 characters at most.",
                "/email": "Write a text.",
                "/locale": "Choose one of these: fr, en.",
                "/membership/place_id": "This is not an identifier of Passapp's.",
                "/membership/priority": "Give 1 or more.",
                "/membership/first_day": "Write a date as 2026-11-18.",
                "/age": "This field is not known here.",
            },
        ),
        (
            "fr",
            {
                "/given_name": "Ne laissez pas ce champ vide.",
                "/family_name": "Écrivez au plus 120 caractères.",
                "/email": "Écrivez un texte.",
                "/locale": "Choisissez parmi : fr, en.",
                "/membership/place_id": "Ce n'est pas un identifiant de Passapp.",
                "/membership/priority": "Indiquez 1 ou plus.",
                "/membership/first_day": "Écrivez une date comme 2026-11-18.",
                "/age": "Ce champ n'est pas connu ici.",
            },
        ),
    ],
)
def test_what_is_wrong_with_a_field_is_said_in_the_readers_language(world, language, sentences):
    answer = world.as_coordinator().post("/api/v1/members", json=WRONG, headers={"Accept-Language": language})
    assert {error["pointer"]: error["detail"] for error in answer.json()["errors"]} == sentences


def test_what_a_rule_of_ours_says_keeps_its_words():
    error = {"type": "value_error", "msg": "Value error, whole minutes only"}
    assert say_flaw(error, "en") == "whole minutes only"
    assert say_flaw(error, "fr") == "Cette valeur n'est pas valable."


@pytest.mark.parametrize(
    "language, sentence", [("fr", "Cette valeur n'est pas valable."), ("en", "This value is not valid.")]
)
def test_what_has_no_sentence_of_its_own_gets_the_general_one(language, sentence):
    assert say_flaw({"type": "frozen_instance", "msg": "Instance is frozen"}, language) == sentence


def test_every_wrong_field_is_named_at_once(world):
    body = {"given_name": "", "email": "x", "membership": {"plan": "trop long", "priority": 0}, "age": 3}
    answer = world.as_coordinator().post("/api/v1/members", json=body)
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        "/given_name",
        "/family_name",
        "/email",
        "/membership/place_id",
        "/membership/plan",
        "/membership/priority",
        "/age",
    }


def test_a_wrong_query_or_path_is_pointed_at_too(world):
    coordinator = world.as_coordinator()
    assert coordinator.get("/api/v1/members?limit=0").json()["errors"][0]["pointer"] == "query/limit"
    assert coordinator.get("/api/v1/members/x").json()["errors"][0]["pointer"] == "path/member_id"


def test_a_pointer_escapes_as_rfc_6901_says(world):
    answer = world.as_coordinator().post("/api/v1/plans", json={"a/b~c": 1})
    assert "/a~1b~0c" in {error["pointer"] for error in answer.json()["errors"]}


def test_what_was_sent_is_not_repeated_in_the_answer(world):
    answer = world.client().post("/api/v1/sign-in", json={"token": ["s3cret"]})
    assert answer.status_code == 422
    assert "s3cret" not in answer.text


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/nothing", "/api/v1/members/x/y/z", "/.well-known/x"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_address_is_a_problem(world, method, path):
    answer = world.client().request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, MEDIA_TYPE)
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize(
    "method, path, allowed",
    [
        ("GET", "/api/v1/sign-in", {"POST"}),
        ("DELETE", "/api/v1/network", {"GET", "PATCH"}),
        ("POST", "/health/live", {"GET"}),
        ("TRACE", "/api/v1/me", {"GET"}),
    ],
)
@pytest.mark.parametrize("built", [False, True], ids=["no web app", "web app"])
def test_another_method_is_refused_with_those_there_are(world, tmp_path, monkeypatch, method, path, allowed, built):
    (tmp_path / "index.html").write_text("<!doctype html>")
    monkeypatch.setattr("passapp.kernel.web_app.web_folder", lambda: tmp_path if built else None)
    world.app = create_app(world.settings, database=world.database)
    answer = world.client().request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert {name.strip() for name in answer.headers["allow"].split(",")} & allowed


def test_an_address_of_the_web_app_is_answered_by_its_shell(world, tmp_path):
    (tmp_path / "index.html").write_text("<!doctype html>shell")
    world.app = create_app(world.settings, database=world.database, web=tmp_path)
    for path in ("/", "/door", "/members/x", "/index.html"):
        assert world.client().get(path).text.endswith("shell")
    assert world.client().get("/assets/gone.js").status_code == 404


def test_what_breaks_on_our_side_is_a_problem_without_details(world, monkeypatch):
    def break_down(*_args):
        msg = "s3cret of the server"
        raise RuntimeError(msg)

    monkeypatch.setattr("passapp.network.service.plans", break_down)
    client = world.as_coordinator()
    client._transport.raise_server_exceptions = False
    answer = client.get("/api/v1/plans")
    assert (answer.status_code, answer.headers["content-type"]) == (500, MEDIA_TYPE)
    assert "s3cret" not in answer.text


def test_every_problem_in_the_openapi_document_has_an_example(world):
    document = world.app.openapi()
    for methods in document["paths"].values():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                if MEDIA_TYPE in response.get("content", {}):
                    for example in response["content"][MEDIA_TYPE]["examples"].values():
                        assert example["value"]["status"] == int(status)


def test_no_operation_answers_with_another_kind_of_error(world):
    document = json.dumps(world.app.openapi())
    assert "HTTPValidationError" not in document


def test_every_problem_says_the_same_in_both_languages():
    for kind in problem_types():
        assert kind.en.strip()
        assert kind.fr.strip()
        assert fields(kind.en) == fields(kind.fr), kind.code


def test_a_code_stands_for_one_problem():
    codes = [kind.code for kind in problem_types()]
    assert sorted(codes) == sorted(set(codes))


def problem_types():
    import gc  # noqa: PLC0415

    return {id(kind): kind for kind in gc.get_objects() if isinstance(kind, ProblemType)}.values()


def fields(sentence):
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


MOVED = ProblemType(
    "moved", 409, en="{name:Month}, {name:month}, {day:day}", fr="{name:Month}, {name:month}, {day:day}"
)


@pytest.mark.parametrize(
    "language, sentence",
    [
        ("fr", "Octobre 2026, octobre 2026, 1er novembre 2026"),
        ("en", "October 2026, October 2026, 1 November 2026"),
    ],
)
def test_months_and_dates_are_said_in_words_and_stay_as_they_are_for_programs(language, sentence):
    problem = MOVED.error(name="2026-10", day=date(2026, 11, 1))
    assert problem.details(language).detail == sentence
    assert problem.values == {"name": "2026-10", "day": date(2026, 11, 1)}
    assert MOVED.details(language).detail == "…, …, …"


def test_a_problem_may_have_more_members_in_the_answer_and_in_the_document():
    said = SLOT_TAKEN.error(members={"next_free": None, "alternatives": []}).details("en").model_dump()
    assert said.keys() - ProblemDetails.model_fields.keys() == {"next_free", "alternatives"}
    schema = may_answer(CONFLICT, SLOT_TAKEN)[409]["content"][MEDIA_TYPE]["schema"]
    assert [each["$ref"].rpartition("/")[2] for each in schema["anyOf"]] == ["ProblemDetails", "SlotTakenDetails"]
    assert "next_free" in problem_schemas()["SlotTakenDetails"]["properties"]
