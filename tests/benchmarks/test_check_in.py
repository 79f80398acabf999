"""The benchmark of check-ins still runs; nothing is timed here."""

import asyncio
import json

import pytest

from benchmarks import check_in
from benchmarks.network import make_network
from passapp.kernel.settings import Settings

TINY = check_in.Plan(seconds=0.3, places=2, members=30, clients=(1, 3), batch=10)


@pytest.fixture
def settings(empty_database_url, tmp_path):
    url = empty_database_url.replace("postgresql+psycopg://", "postgresql://")
    return Settings(data_dir=tmp_path, database_url=url, port=check_in.free_port())


def test_every_scan_of_the_benchmark_is_answered_by_a_welcome(settings):
    crowd = make_network(settings, places=TINY.places, members=TINY.members, doors=3)
    bodies = [check_in.one_by_one(crowd, TINY), check_in.in_batches(crowd, TINY)]
    heard = []

    async def send_some():
        for body in bodies:
            for number in range(3):
                path, content = body(number)
                reader, writer = await asyncio.open_connection(settings.host, settings.port)
                writer.write(check_in.request(settings, crowd.doors[number], path, content))
                heard.append(json.loads(await check_in.answer(reader)))
                writer.close()

    with check_in.serving(settings, workers=1):
        asyncio.run(send_some())
        times = asyncio.run(check_in.send(settings, crowd, 3, TINY.seconds, bodies[0]))
    assert [answer["verdict"] for answer in heard[:3]] == ["ok"] * 3
    assert {outcome["answer"]["verdict"] for answer in heard[3:] for outcome in answer["outcomes"]} == {"ok"}
    assert [len(answer["outcomes"]) for answer in heard[3:]] == [TINY.batch] * 3
    assert times


def test_the_benchmark_counts_the_statements_of_a_check_in(settings):
    crowd = make_network(settings, places=2, members=5, doors=1)
    assert check_in.count_statements(settings, crowd) == (
        "the first check-in of a month 5, the first of a day 4, a welcome back 3"
    )
