"""Rules on their way: drafted, proposed, agreed to or not, published."""

import json
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from passapp.accounts.rules import Role
from passapp.kernel.audit import SYSTEM, AuditEntry
from passapp.kernel.ticking import tick
from passapp.network.models import ConventionDraft, ConventionVersion
from passapp.network.rules import hash_document
from passapp.network.service import publish_convention
from passapp.places.models import Place
from passapp.running import chores
from tests.mails import link_of_mail, mails, text_of_mail
from tests.scenes import post_json, rows
from tests.settlement.conventions import document, rule

DRAFTS = "/api/v1/convention-drafts"
IN_2027 = "2027-01-01"


def body(starts_on=IN_2027, **fields):
    return {"starts_on": starts_on, "document": document(**fields)}


def drafted(coordinator, **fields):
    answer = coordinator.post(DRAFTS, json=body(**fields))
    assert answer.status_code == 201, answer.text
    return answer.json()


def propose(coordinator, draft):
    return coordinator.post(f"{DRAFTS}/{draft['id']}/propose", headers={"If-Match": f'"{draft["version"]}"'})


def proposed(coordinator, **fields):
    answer = propose(coordinator, drafted(coordinator, **fields))
    assert answer.status_code == 200, answer.text
    return answer.json()


def answer(manager, place, draft, consents=True, reason=None):
    path = f"/api/v1/places/{place.id}/convention-drafts/{draft['id']}/answer"
    return manager.put(path, json={"consents": consents, "reason": reason})


def settings(world, **fields):
    coordinator = world.as_coordinator()
    version = coordinator.get("/api/v1/network").headers["ETag"]
    changed = coordinator.patch("/api/v1/network", json=fields, headers={"If-Match": version})
    assert changed.status_code == 200, changed.text
    return changed.json()


def run_tick(world):
    return tick(world.database, chores(world.settings), now=world.now)


def state_of(world, draft):
    with world.session() as session:
        return session.scalar(select(ConventionDraft.state).where(ConventionDraft.id == UUID(draft["id"])))


def numbers(world):
    return sorted(version.number for version in rows(world, ConventionVersion))


def test_a_draft_is_kept_as_it_was_written(world):
    coordinator = world.as_coordinator()
    draft = drafted(coordinator, cap=6)
    shown = coordinator.get(f"{DRAFTS}/{draft['id']}").json()
    assert (shown["state"], shown["starts_on"], shown["places"]) == ("draft", IN_2027, [])
    assert shown["document"] == document(cap=6)
    assert coordinator.get(DRAFTS).json()["items"] == [shown]
    assert numbers(world) == [1], "nothing is published"


def test_places_see_rules_only_once_they_are_proposed(world):
    coordinator, manager = world.as_coordinator(), world.as_manager()
    draft = drafted(coordinator)
    assert manager.get(DRAFTS).json()["items"] == []
    assert manager.get(f"{DRAFTS}/{draft['id']}").json()["code"] == "convention_draft_unknown"
    propose(coordinator, draft)
    assert [each["id"] for each in manager.get(DRAFTS).json()["items"]] == [draft["id"]]


def test_a_draft_changes_from_the_version_that_was_seen(world):
    coordinator = world.as_coordinator()
    draft = drafted(coordinator)
    path, seen = f"{DRAFTS}/{draft['id']}", {"If-Match": f'"{draft["version"]}"'}
    changed = coordinator.put(path, json=body(cap=3), headers=seen)
    assert (changed.status_code, changed.json()["document"]["cap"]) == (200, 3)
    assert coordinator.put(path, json=body(cap=4), headers=seen).json()["code"] == "stale"


def test_a_draft_is_thrown_away(world):
    coordinator = world.as_coordinator()
    draft = drafted(coordinator)
    assert coordinator.delete(f"{DRAFTS}/{draft['id']}").status_code == 204
    assert coordinator.get(f"{DRAFTS}/{draft['id']}").status_code == 404


@pytest.mark.parametrize(
    "fields, pointer",
    [
        ({"tariff": [rule(500, plan=["TOUT"])]}, "/document/tariff"),
        ({"tariff": [rule(5, plan=["TOUT"]), rule(4, plan=["TOUT"]), rule(1)]}, "/document/tariff/1"),
        ({"tariff": [rule(-5)]}, "/document/tariff/0/rate_cents"),
        ({"tariff": [rule(500, plan=["OR"]), rule(1)]}, "/document/tariff/0"),
        ({"tariff": [rule(500) | {"label": "a\u0000b"}]}, "/document/tariff/0/label"),
        ({"tariff": [rule(500) | {"label": "\ud800"}]}, "/document/tariff/0/label"),
        ({"allowance": 3, "cap": 2}, "/document/cap"),
        ({"money": False}, "/document/money"),
        ({"surprise": 1}, "/document/surprise"),
        ({"answer_days": 31}, "/document/answer_days"),
        ({"payment_days": "10"}, "/document/payment_days"),
    ],
)
def test_each_flaw_is_named_where_it_is(world, fields, pointer):
    refused = post_json(world.as_coordinator(), DRAFTS, body(**fields))
    assert (refused.status_code, refused.json()["code"]) == (422, "convention_not_valid")
    assert [each["pointer"] for each in refused.json()["errors"]] == [pointer]
    assert rows(world, ConventionDraft) == []


def test_a_name_that_no_text_can_hold_is_refused(world):
    assert post_json(world.as_coordinator(), DRAFTS, body(**{"\ud800": 1})).json()["code"] == "invalid_request"


def test_every_flaw_is_named_at_once_in_the_readers_language(world):
    coordinator = world.as_coordinator()
    coordinator.headers["Accept-Language"] = "fr"
    twice = [rule(1), rule(2), rule(3)]
    refused = coordinator.post(DRAFTS, json=body(tariff=twice)).json()
    assert [each["detail"] for each in refused["errors"]] == [
        "la règle 2 du tarif ne sert jamais : la règle 1 passe toujours avant",
        "la règle 3 du tarif ne sert jamais : la règle 1 passe toujours avant",
    ]


def test_what_would_begin_before_the_last_version_is_refused(world):
    assert world.as_coordinator().post(DRAFTS, json=body("2000-01-01")).json()["code"] == "convention_overlaps"


def test_a_proposal_asks_every_place_that_takes_part(world):
    world.place("parti", left_on=world.now.date())
    world.place("futur", joined_on=world.now.date() + timedelta(days=1))
    shown = proposed(world.as_coordinator())
    assert (shown["answer_on"], shown["answer_by"]) == ("2026-12-03", "2026-12-03T22:59:59Z")
    assert [(each["name"], each["consents"]) for each in shown["places"]] == [("Le Hangar", None), ("Le Moulin", None)]


def test_rules_that_begin_before_everybody_has_answered_are_not_proposed(world):
    coordinator = world.as_coordinator()
    refused = propose(coordinator, drafted(coordinator, starts_on="2026-12-04"))  # the 4th in Kiritimati
    assert refused.json()["code"] == "convention_starts_too_soon"
    assert propose(coordinator, drafted(coordinator, starts_on="2026-12-05")).status_code == 200


def test_one_proposal_at_a_time(world):
    coordinator = world.as_coordinator()
    proposed(coordinator)
    assert propose(coordinator, drafted(coordinator)).json()["code"] == "convention_proposed_already"


def test_what_was_proposed_is_changed_no_more(world):
    coordinator = world.as_coordinator()
    draft = proposed(coordinator)
    path = f"{DRAFTS}/{draft['id']}"
    seen = {"If-Match": f'"{draft["version"]}"'}
    codes = [
        coordinator.put(path, json=body(), headers=seen).json()["code"],
        coordinator.delete(path).json()["code"],
        propose(coordinator, draft).json()["code"],
    ]
    assert codes == ["convention_draft_not_open"] * 3


def test_rules_that_all_agree_to_are_published_with_the_last_answer(world):
    draft = proposed(world.as_coordinator())
    assert answer(world.as_manager(), world.hangar, draft).json()["state"] == "proposed"
    decided = answer(world.as_manager(world.moulin), world.moulin, draft).json()
    assert (decided["state"], decided["number"]) == ("published", 2)
    [_, version] = world.as_coordinator().get("/api/v1/conventions").json()["items"]
    assert (version["starts_on"], version["sha256"]) == (IN_2027, hash_document(document()))


def test_rules_that_a_place_objects_to_are_not_published_where_all_must_agree(world):
    draft = proposed(world.as_coordinator())
    answer(world.as_manager(), world.hangar, draft)
    decided = answer(world.as_manager(world.moulin), world.moulin, draft, consents=False, reason="Trop cher").json()
    assert (decided["state"], decided["number"], decided["why"]) == ("refused", None, "objections")
    assert [each["reason"] for each in decided["places"]] == [None, "Trop cher"]
    assert numbers(world) == [1]


def test_two_thirds_are_enough_where_the_network_says_so(world):
    settings(world, consent_rule="two_thirds")
    third = world.place("tiers")
    draft = proposed(world.as_coordinator())
    answer(world.as_manager(world.moulin), world.moulin, draft, consents=False, reason="Trop cher")
    answer(world.as_manager(), world.hangar, draft)
    assert answer(world.as_manager(third), third, draft).json()["state"] == "published"


def test_an_objection_without_a_reason_is_refused(world):
    draft = proposed(world.as_coordinator())
    for reason in (None, "", "   "):
        assert answer(world.as_manager(), world.hangar, draft, consents=False, reason=reason).status_code == 422


@pytest.mark.parametrize("reason", ["x" * 501, "a\u0000b", "\ud800"])
def test_a_reason_that_is_no_sentence_is_refused(world, reason):
    draft = proposed(world.as_coordinator())
    path = f"/api/v1/places/{world.hangar.id}/convention-drafts/{draft['id']}/answer"
    said = json.dumps({"consents": False, "reason": reason})
    sent = world.as_manager().put(path, content=said, headers={"Content-Type": "application/json"})
    assert sent.status_code == 422


def test_an_answer_may_be_changed_until_all_have_answered(world):
    draft, manager = proposed(world.as_coordinator()), world.as_manager()
    answer(manager, world.hangar, draft, consents=False, reason="Trop cher")
    changed = answer(manager, world.hangar, draft).json()
    assert [(each["consents"], each["reason"]) for each in changed["places"]] == [(True, None), (None, None)]


def test_a_place_that_left_is_not_asked(world):
    gone = world.place("parti", left_on=world.now.date())
    draft = proposed(world.as_coordinator())
    assert answer(world.as_manager(gone), gone, draft).json()["code"] == "place_takes_no_part"


def test_nobody_answers_for_another_place(world):
    draft = proposed(world.as_coordinator())
    assert answer(world.as_manager(), world.moulin, draft).status_code == 403
    assert answer(world.as_coordinator(), world.moulin, draft).status_code == 403


def test_silence_agrees_once_the_time_is_over(world):
    draft = proposed(world.as_coordinator())
    world.now = datetime(2026, 12, 3, 22, tzinfo=UTC)  # eleven in the evening of the last day
    run_tick(world)
    assert state_of(world, draft) == "proposed"
    world.later(hours=1)
    assert run_tick(world)["consent_decisions"] == 1
    assert (state_of(world, draft), numbers(world)) == ("published", [1, 2])
    assert run_tick(world)["consent_decisions"] == 0


def test_silence_is_a_no_where_the_network_says_so(world):
    settings(world, silence_consents=False)
    draft = proposed(world.as_coordinator())
    world.later(days=16)
    run_tick(world)
    assert (state_of(world, draft), numbers(world)) == ("refused", [1])


def test_an_answer_that_comes_too_late_changes_nothing(world):
    draft = proposed(world.as_coordinator())
    world.later(days=16)
    late = answer(world.as_manager(), world.hangar, draft, consents=False, reason="Trop cher")
    assert late.json()["code"] == "convention_not_proposed"
    run_tick(world)
    assert state_of(world, draft) == "published"


def test_the_network_says_how_long_places_are_asked(world):
    assert settings(world, consent_days=3)["consent_days"] == 3
    draft = proposed(world.as_coordinator())
    world.later(days=4)
    run_tick(world)
    assert state_of(world, draft) == "published"


@pytest.mark.parametrize("fields", [{"consent_days": 0}, {"consent_days": 61}, {"consent_rule": "one"}])
def test_a_consent_rule_that_makes_no_sense_is_refused(world, fields):
    changed = world.as_coordinator().patch("/api/v1/network", json=fields, headers={"If-Match": '"1"'})
    assert changed.status_code == 422


def test_how_places_decide_does_not_change_while_they_do(world):
    coordinator = world.as_coordinator()
    proposed(coordinator)
    changed = coordinator.patch("/api/v1/network", json={"consent_rule": "majority"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["code"]) == (409, "consent_under_way")
    renamed = coordinator.patch("/api/v1/network", json={"name": "Autre"}, headers={"If-Match": '"1"'})
    assert (renamed.json()["name"], renamed.json()["consent_rule"]) == ("Autre", "all")


def test_a_withdrawn_proposal_is_not_published(world):
    coordinator = world.as_coordinator()
    draft = proposed(coordinator)
    assert coordinator.post(f"{DRAFTS}/{draft['id']}/withdraw").json()["state"] == "withdrawn"
    world.later(days=16)
    run_tick(world)
    assert (state_of(world, draft), numbers(world)) == ("withdrawn", [1])
    assert coordinator.post(f"{DRAFTS}/{draft['id']}/withdraw").json()["code"] == "convention_not_proposed"


def test_what_cannot_follow_any_more_is_refused_although_all_agreed(world):
    draft = proposed(world.as_coordinator())
    with world.database.write() as session:
        publish_convention(session, document(), starts_on=date(2027, 2, 1), at=world.now, actor=SYSTEM)
    world.later(days=16)
    run_tick(world)
    assert (state_of(world, draft), numbers(world)) == ("refused", [1, 2])
    with world.session() as session:
        [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "convention.refuse"))
    assert entry.detail == {"why": "convention_overlaps"}


@pytest.mark.parametrize(
    "why, said",
    [
        ("convention_overlaps", "D'autres règles, publiées entre-temps, commencent le même jour ou plus tard."),
        ("convention_too_late", "Le 1er janvier 2027, où elles devaient commencer, était déjà là."),
    ],
)
def test_why_accepted_rules_could_not_be_published_is_said_with_what_to_do_next(world, why, said):
    coordinator = world.as_coordinator()
    draft = proposed(coordinator)
    if why == "convention_overlaps":
        with world.database.write() as session:
            publish_convention(session, document(), starts_on=date(2027, 2, 1), at=world.now, actor=SYSTEM)
    world.later(days=60 if why == "convention_too_late" else 16)
    run_tick(world)
    shown = world.as_coordinator().get(f"{DRAFTS}/{draft['id']}").json()
    assert (shown["state"], shown["why"]) == ("refused", why)
    told = mails(world)[-1]
    assert told["Subject"] == "Règles du réseau : acceptées, mais pas publiées"
    words = " ".join(text_of_mail(told).split())
    assert said in words
    assert "La coordination peut les proposer à nouveau, à partir d'un jour plus lointain." in words


def test_a_network_without_places_publishes_at_once(world):
    with world.database.write() as session:
        for place in session.scalars(select(Place)):
            place.left_on = world.now.date()
    assert proposed(world.as_coordinator())["state"] == "published"


def test_every_step_is_in_the_audit_log(world):
    coordinator = world.as_coordinator()
    draft = drafted(coordinator)
    seen = {"If-Match": f'"{draft["version"]}"'}
    draft = coordinator.put(f"{DRAFTS}/{draft['id']}", json=body(cap=3), headers=seen).json()
    propose(coordinator, draft)
    answer(world.as_manager(), world.hangar, draft)
    answer(world.as_manager(world.moulin), world.moulin, draft, consents=False, reason="Trop cher")
    coordinator.delete(f"{DRAFTS}/{drafted(coordinator)['id']}")
    coordinator.post(f"{DRAFTS}/{proposed(coordinator)['id']}/withdraw")
    with world.session() as session:
        deeds = select(AuditEntry.action).where(AuditEntry.subject_kind == "convention_draft")
        said = session.scalars(deeds.order_by(AuditEntry.id)).all()
        reasons = session.scalars(select(AuditEntry.detail)).all()
    assert said == [
        "convention.draft",
        "convention.change_draft",
        "convention.propose",
        "convention.answer",
        "convention.answer",
        "convention.refuse",
        "convention.draft",
        "convention.drop_draft",
        "convention.draft",
        "convention.propose",
        "convention.withdraw",
    ]
    assert "Trop cher" not in str(reasons), "what somebody wrote stays out of the log"


def test_managers_are_asked_reminded_once_and_told(world):
    world.as_manager(), world.as_manager(world.moulin)
    coordinator = world.as_coordinator()
    draft = proposed(coordinator)
    asked = mails(world)
    assert [mail["Subject"] for mail in asked] == [
        "Nouvelles règles du réseau : votre accord jusqu'au 3 décembre 2026"
    ] * 2
    assert link_of_mail(world, asked[0]) == f"/rules/{draft['id']}"
    assert "Rien à faire : sans réponse jusqu'au 3 décembre 2026 inclus, c'est oui." in text_of_mail(asked[0])
    world.later(days=13)
    run_tick(world)
    run_tick(world)
    reminded = mails(world)[2:]
    assert [mail["Subject"] for mail in reminded] == [
        "Votre accord manque encore : règles du réseau, jusqu'au 3 décembre 2026"
    ] * 2
    world.later(days=3)
    run_tick(world)
    told = mails(world)[4:]
    assert {mail["Subject"] for mail in told} == {"Règles du réseau : c'est d'accord"}
    assert len(told) == 3, "both managers, and whoever wrote the draft"


def test_a_network_that_switches_to_euros_is_told_to_give_ibans_once(world):
    for starts_on, times in ((IN_2027, 1), ("2027-02-01", 0)):
        world.now += timedelta(days=1)
        draft = proposed(world.as_coordinator(), starts_on=starts_on)
        answer(world.as_manager(), world.hangar, draft)
        already = len(mails(world))
        answer(world.as_manager(world.moulin), world.moulin, draft)
        told = [text_of_mail(mail) for mail in mails(world)[already:]]
        assert told
        assert [text.count("donnez l'IBAN de votre lieu") for text in told] == [times] * len(told)


def test_who_has_answered_is_not_reminded(world):
    draft = proposed(world.as_coordinator())
    answer(world.as_manager(), world.hangar, draft)
    world.later(days=13)
    assert run_tick(world)["consent_reminders"] == 0
    world.as_manager(world.moulin)
    assert run_tick(world)["consent_reminders"] == 1


def test_letters_are_in_the_readers_language(world):
    account = world.account(Role.MANAGER, world.hangar)
    world.signed_in(account).patch("/api/v1/me", json={"locale": "en"})
    settings(world, silence_consents=False)
    draft = proposed(world.as_coordinator())
    [asked] = mails(world)
    assert asked["Subject"] == "New rules of the network: your answer by 3 December 2026"
    assert "Answer by the end of 3 December 2026: no answer is no yes." in text_of_mail(asked)
    world.as_coordinator().post(f"{DRAFTS}/{draft['id']}/withdraw")
    assert "Rules of the network: proposal withdrawn" in [mail["Subject"] for mail in mails(world)[1:]]


def test_a_place_that_objected_reads_that_nothing_changes(world):
    draft = proposed(world.as_coordinator())
    answer(world.as_manager(), world.hangar, draft, consents=False, reason="Trop cher")
    answer(world.as_manager(world.moulin), world.moulin, draft)
    assert {mail["Subject"] for mail in mails(world)} == {"Règles du réseau : rien ne change"}


def test_the_last_day_to_answer_is_over_once_it_is_over_at_every_place(world):
    world.place("ouest", zone="America/Martinique")
    world.as_manager()
    shown = proposed(world.as_coordinator())
    assert (shown["answer_on"], shown["answer_by"]) == ("2026-12-03", "2026-12-04T03:59:59Z")
    assert "jusqu'au 3 décembre 2026" in mails(world)[0]["Subject"]
