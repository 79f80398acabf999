"""Sending a members.csv, and looking at what came of it."""

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from passapp.members.models import Member

TITLES = "prénom;nom;lieu;formule;e-mail;référence;tarif;priorité;début;fin\n"
LEA = "Léa;Bertin;Le Hangar;TOUT;lea@example.org;H-1;solidaire;1;01/09/2026;\n"
MAX = "Max;Noir;Le Moulin;tout;;;;;2026-09-01;31/12/2026\n"


def send(client, text, *, dry_run=False):
    content = text if isinstance(text, bytes) else text.encode()
    answer = client.post(
        "/api/v1/members/import",
        params={"dry_run": str(dry_run).lower()},
        content=content,
        headers={"Content-Type": "text/csv"},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def everybody(world):
    with world.session() as session:
        return {
            member.given_name: member
            for member in session.scalars(select(Member).options(selectinload(Member.memberships)))
        }


def count(world, model):
    with world.session() as session:
        return session.scalar(select(func.count()).select_from(model))


def errors(report):
    return [(error["line"], error["column"], error["code"]) for error in report["errors"]]
