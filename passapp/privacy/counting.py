"""Counting distinct people over a year, whose visits are nobody's any more after a few months (door.md, Privacy).

When a month is forgotten, each of its visitor keys gets the person's pseudonym of that year, unless they would rather
not be counted. Once the year's last month is forgotten, the figures are made, and pseudonyms and secret destroyed.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, exists, func, select
from sqlalchemy.orm import Session

from passapp.door.models import STANDS, Visit, VisitIdentity, VisitVoid
from passapp.kernel.database import insert_unless_there
from passapp.kernel.ids import new_secret
from passapp.members.consents import is_given
from passapp.members.models import Member
from passapp.places.models import Place
from passapp.privacy.models import YearFigure, YearlyPseudonym, YearSecret
from passapp.privacy.rules import yearly_pseudonym

NETWORK, HOST, HOME = "network", "host", "home"


def make_pseudonyms(session: Session, months: Collection[str], *, key: bytes) -> None:
    """Give the visitors of these months their pseudonyms: those who came to another place than their own.

    ``key``: the one that pseudonyms are made with.
    """
    came = exists().where(Visit.visitor_key == VisitIdentity.visitor_key, Visit.at_home.is_(False))
    visitors = (
        select(VisitIdentity.visitor_key, VisitIdentity.member_id, VisitIdentity.month)
        .join(Member)
        .where(VisitIdentity.month.in_(months), is_given("yearly_count"), came)
    )
    secrets = {year: _secret_of(session, year) for year in {int(month[:4]) for month in months}}
    rows = [
        {"visitor_key": visitor, "year": int(month[:4]), "pseudonym": yearly_pseudonym(key, secret, member_id)}
        for visitor, member_id, month in session.execute(visitors)
        if (secret := secrets[int(month[:4])]) is not None
    ]
    insert_unless_there(session, YearlyPseudonym, rows)


def _secret_of(session: Session, year: int) -> str | None:
    """A year's secret, made if need be; None where the year's figures are made already."""
    if session.scalar(select(YearFigure.id).where(YearFigure.year == year).limit(1)):
        return None
    kept = session.get(YearSecret, year)
    if kept is None:
        kept = YearSecret(year=year, secret=new_secret())
        session.add(kept)
        session.flush()
    return kept.secret


def count_no_more(session: Session, member_id: UUID, *, key: bytes) -> None:
    """Take a person out of the figures that are not made yet."""
    for kept in session.scalars(select(YearSecret)):
        theirs = YearlyPseudonym.pseudonym == yearly_pseudonym(key, kept.secret, member_id)
        session.execute(delete(YearlyPseudonym).where(YearlyPseudonym.year == kept.year, theirs))


def years_to_count(session: Session, last_month: str) -> list[int]:
    """The years whose every month up to ``last_month`` is forgotten, December with them."""
    years = session.scalars(select(YearSecret.year).order_by(YearSecret.year))
    return [year for year in years if f"{year}-12" <= last_month and not _is_known(session, year)]


def _is_known(session: Session, year: int) -> bool:
    of_the_year = VisitIdentity.month.between(f"{year}-01", f"{year}-12")
    return session.scalar(select(VisitIdentity.visitor_key).where(of_the_year).limit(1)) is not None


def make_figures(session: Session, year: int, *, now: datetime) -> None:
    """Make a year's figures, and destroy what they were made of."""
    figures = [YearFigure(year=year, kind=NETWORK, place_id=None, people=_people(session, year))]
    for kind, column in ((HOST, Visit.host_id), (HOME, Visit.home_id)):
        by_place = _counting(year).add_columns(column).group_by(column)
        figures += [
            YearFigure(year=year, kind=kind, place_id=place_id, people=people)
            for people, place_id in session.execute(by_place)
        ]
    for figure in figures:
        figure.made_at = now
    session.add_all(figures)
    session.execute(delete(YearlyPseudonym).where(YearlyPseudonym.year == year))
    session.execute(delete(YearSecret).where(YearSecret.year == year))


def _people(session: Session, year: int) -> int:
    return session.execute(_counting(year)).scalar_one()


def _counting(year: int) -> Select[int]:
    return (
        select(func.count(YearlyPseudonym.pseudonym.distinct()))
        .join(Visit, Visit.visitor_key == YearlyPseudonym.visitor_key)
        .outerjoin(VisitVoid, STANDS)
        .where(YearlyPseudonym.year == year, Visit.at_home.is_(False), VisitVoid.visit_id.is_(None))
    )


def figures(session: Session) -> list[tuple[YearFigure, Place | None]]:
    """Every year's figures, the newest first; within a year the network's, then by place."""
    query = (
        select(YearFigure, Place)
        .outerjoin(Place, Place.id == YearFigure.place_id)
        .order_by(YearFigure.year.desc(), Place.code, YearFigure.kind)
    )
    return [(figure, place) for figure, place in session.execute(query)]
