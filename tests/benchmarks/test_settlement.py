"""The benchmark of settlement still runs, and settles what it filled in; nothing is timed here."""

from benchmarks import settlement

TINY = settlement.Size(places=6, members=40, visits=1_200)


def test_a_month_of_the_benchmark_is_settled_on_each_database(empty_database_url, capsys):
    with settlement.filled(empty_database_url, TINY) as database:
        settlement.measure("tiny", database, times=1)
        with database.read() as session:
            month = settlement.settle_month(session, settlement.MONTH, at=settlement.NOW)
    settled = month.settlement
    assert settled.visits + sum(settled.at_home.values()) == TINY.visits // 12
    assert any(line.over_cap_units or line.free_units for line in settled.lines)
    assert f"{settled.visits:,} visits between places" in capsys.readouterr().out
