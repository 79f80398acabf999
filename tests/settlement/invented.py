"""Any month between four places: what rules must hold for."""

from datetime import date

import hypothesis.strategies as st

from passapp.settlement.rules.rating import Partner
from tests.settlement.conventions import MORNING, convention, partners, rule, visit

places = st.sampled_from("abcd")


@st.composite
def months(draw):
    """Any month: visits between four places, by a few members, under two versions."""
    grants = st.none() | st.integers(0, 4)
    versions = {
        number: convention(
            unit="half_day",
            allowance=draw(grants),
            cap=draw(grants),
            fund_basis_points=draw(st.sampled_from([0, 333, 500])),
            tariff=[rule(draw(st.integers(0, 999)), host=["a"]), rule(draw(st.integers(0, 999)))],
        )
        for number in (1, 2)
    }
    visits = []
    for _ in range(draw(st.integers(0, 14))):
        home, host, day = draw(places), draw(places), draw(st.integers(1, 31))
        at = MORNING.replace(day=day, hour=draw(st.integers(6, 8)))
        visits.append(
            visit(
                home,
                host,
                day=day,
                visitor=draw(st.integers(1, 3)),
                at_home=home == host,
                units=draw(st.integers(1, 2)),
                convention=1 if day <= 15 else 2,
                opened_at=at,
            )
        )
    return visits, versions


AMONG = partners("a", "b", "c", "d") | {
    "d": Partner("d", date(2020, 1, 1), date(2026, 10, 20), ((date(2026, 10, 3), 2000),))
}
