"""Keyset paging: ``{items, next}``.

The cursor is the id of the last row shown, so rows that come or go meanwhile neither shift nor repeat the others, and
no name stands in an address.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import Select, inspect, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from passapp.kernel.problems import ProblemType

INVALID_CURSOR = ProblemType(
    "invalid_cursor",
    422,
    en="This page mark is not valid any more; start again from the first page.",
    fr="Ce repère de page n'est plus valable ; repartez de la première page.",
)
Cursor = Annotated[UUID | None, Query(description="The `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many items.")]

Row = TypeVar("Row")
Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next: UUID | None = None


def page_of(
    session: Session,
    query: Select[Row],
    keys: Sequence[InstrumentedAttribute[Any]],
    show: Callable[[Row], Item],
    *,
    cursor: UUID | None,
    limit: int,
) -> Page[Item]:
    """One page of ``query`` in the order of ``keys``, of which the last is the row's unique id.

    Raises the problem ``invalid_cursor``.
    """
    if cursor is not None:
        last_shown = session.get(inspect(keys[-1]).class_, cursor)
        if last_shown is None:
            raise INVALID_CURSOR.error()
        query = query.where(tuple_(*keys) > tuple_(*(getattr(last_shown, key.key) for key in keys)))
    rows = list(session.scalars(query.order_by(*keys).limit(limit + 1)))
    more = len(rows) > limit
    return Page(
        items=[show(row) for row in rows[:limit]],
        next=getattr(rows[limit - 1], keys[-1].key) if more else None,
    )
