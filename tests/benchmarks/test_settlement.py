"""The benchmark of settlement still runs, and settles and closes what it filled in; nothing is timed here."""

import re

from benchmarks import settlement
from passapp.kernel.database import Database
from passapp.network.models import Period
from passapp.settlement.service import settle_month

TINY = settlement.Plan(settlement.Size(places=6, members=40, visits=1_200), times=1, pages=3)


def test_a_month_of_the_benchmark_is_settled_shown_and_closed_on_each_database(empty_database_url, tmp_path, capsys):
    settlement.measure("tiny", empty_database_url, tmp_path, TINY, workers=1)
    database = Database(empty_database_url)
    with database.read() as session:
        settled = settle_month(session, settlement.MONTH, at=settlement.NOW).settlement
        state = session.get_one(Period, settlement.MONTH).state
    database.dispose()
    said = capsys.readouterr().out
    assert (state, settled.visits + sum(settled.at_home.values())) == ("netted", TINY.size.visits // 12)
    assert any(line.over_cap_units or line.free_units for line in settled.lines)
    assert f"{settled.visits:,} visits between places" in said
    for parts, row in ((4, r"\d+\.\d\d \| \d+(\.\d)? \| (\d+ MB )?\|"), (3, r"[\d.]+ ms \| [\d.]+ ms \|")):
        assert len(re.findall(row, said)) == parts
    for mode in settlement.Netting:
        assert f"| {mode.value} | " in said
