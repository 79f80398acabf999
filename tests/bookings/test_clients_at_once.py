"""No double booking, ever: many clients of a real server who want the same at the same moment (booking.md 7 to 11)."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier
from time import monotonic

import httpx2
import pytest

from passapp.accounts.access import session_cookie
from passapp.accounts.models import Account
from passapp.accounts.sessions import open_session
from tests.bookings.desk import API, at, body
from tests.bookings.rooms import composite, pool, room, taken
from tests.served import served

LONGEST = 10.0
"""Seconds, that none of fifty may have waited for an answer: far more than it takes, unless they wait in a storm."""


@pytest.fixture
def server(world):
    """The world behind a real server; gives its address."""
    with served(world.app, world.settings) as address:
        yield address


@pytest.fixture
def cookies(world):
    """The cookies of four members, of whom many clients may be."""

    def signed_in(member):
        with world.database.write() as session:
            account = session.get_one(Account, member.account_id)
            return {session_cookie(world.settings): open_session(session, account, at=world.now, address=None)}

    return [signed_in(world.member()) for _ in range(4)]


def all_at_once(address, cookies, bodies):
    """Send every request at one moment, each over a connection of its own; gives ``(status, answer, seconds)``."""
    ready = Barrier(len(bodies))

    def one(number, wanted):
        with httpx2.Client(base_url=address, cookies=cookies[number % len(cookies)], timeout=300) as client:
            ready.wait(timeout=60)
            began = monotonic()
            answer = client.post(f"{API}/bookings", json=wanted)
            return answer.status_code, answer.json(), monotonic() - began

    with ThreadPoolExecutor(len(bodies)) as threads:
        return list(threads.map(one, range(len(bodies)), bodies))


def patience(address, cookies, wanted):
    """How long none of fifty waits: ten seconds, or on a busy machine thrice what fifty one after the other take now.

    In a storm of deadlocks they wait far longer, the more so on a busy machine.
    """
    began = monotonic()
    for _ in range(10):
        all_at_once(address, cookies, [wanted])
    return max(LONGEST, 3 * 5 * (monotonic() - began))


def statuses(answers):
    """How many answers of each kind there were."""
    return Counter(status for status, *_ in answers)


def test_of_fifty_clients_on_one_slot_one_books_it_and_none_waits_long(world, server, cookies):
    blue, other = room(world), room(world)
    longest = patience(server, cookies, body(other))
    answers = all_at_once(server, cookies, [body(blue)] * 50)
    assert statuses(answers) == {201: 1, 409: 49}
    assert max(seconds for *_, seconds in answers) < longest
    assert taken(world) == [(blue, 0, 60), (other, 0, 60)]


def test_of_a_hundred_clients_on_one_slot_one_books_it(world, server, cookies):
    blue = room(world)
    answers = all_at_once(server, cookies, [body(blue)] * 100)
    assert statuses(answers) == {201: 1, 409: 99}
    assert {answer["code"] for status, answer, _ in answers if status == 409} == {"slot_taken"}
    assert taken(world) == [(blue, 0, 60)]


def test_fifty_that_overlap_leave_no_two_that_do(world, server, cookies):
    blue, luck = room(world), random.Random(6)
    wanted = []
    for _ in range(50):
        begins, lasts = luck.randrange(0, 480, 15), luck.randrange(30, 180, 15)
        wanted.append(body(blue, start=wall(begins), end=wall(begins + lasts)))
    answers = all_at_once(server, cookies, wanted)
    spans = sorted((at(each["starts_at"]), at(each["ends_at"])) for status, each, _ in answers if status == 201)
    assert statuses(answers).keys() == {201, 409}
    assert len(spans) == len(taken(world)) > 1
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


def test_fifty_back_to_back_are_all_booked(world, server, cookies):
    blue = room(world)
    wanted = [body(blue, start=wall(15 * n), end=wall(15 * n + 15)) for n in range(50)]
    assert statuses(all_at_once(server, cookies, wanted)) == {201: 50}
    assert taken(world) == [(blue, 15 * n, 15 * n + 15) for n in range(50)]


def test_composites_asked_for_in_opposite_orders_do_not_wait_for_each_other(world, server, cookies):
    one, two, three = (room(world) for _ in range(3))
    wholes = [composite(world, one, two), composite(world, three, two), composite(world, two, one)]
    answers = all_at_once(server, cookies, [body(wholes[n % 3]) for n in range(30)])
    assert statuses(answers) == {201: 1, 409: 29}


def test_a_pool_of_three_takes_three(world, server, cookies):
    desks = pool(world, 3)
    answers = all_at_once(server, cookies, [body(desks, people=1)] * 30)
    assert statuses(answers) == {201: 3, 409: 27}
    assert len({resource for resource, *_ in taken(world)}) == 3


def wall(minutes):
    """So many minutes after nine on that Monday, on the wall."""
    hours, rest = divmod(9 * 60 + minutes, 60)
    return f"2026-11-{23 + hours // 24}T{hours % 24:02}:{rest:02}"
