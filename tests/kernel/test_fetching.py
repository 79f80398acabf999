"""Fetching what somebody names: what is reached, how long and how much, and where redirects lead."""

import socket
import time
from ipaddress import ip_address
from threading import Event

import pytest

from passapp.kernel import fetching
from passapp.kernel.fetching import NotFetched, check_address, fetch, is_public
from tests.bookings.calendars.calendar_server import HERE, calendars, drip, endless, everywhere, fail, redirect
from tests.mail_server import certificate

LIMITS = {"most": 100_000, "seconds": 20.0}


@pytest.fixture
def site():
    with calendars() as site:
        yield site


def trouble(url, **options):
    with pytest.raises(NotFetched) as caught:
        fetch(url, **{**LIMITS, "reach": everywhere} | options)
    return caught.value.trouble


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8", "2002:808:808::1"]
)
def test_machines_of_the_internet_are_reached(address):
    assert is_public(ip_address(address), 443)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("198.18.0.1", "192.0.2.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *(
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001:db8::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
        ),
        *("64:ff9b::a00:1", "64:ff9b::7f00:1", "2002:7f00:1::", "2002:a00:1::"),
        # site-local, IPv4-compatible, translated (SIIT), a network's own NAT64, Teredo, documentation, discard
        *("fec0::1", "::10.0.0.1", "::127.0.0.1", "::8.8.8.8", "::ffff:0:10.0.0.1", "64:ff9b:1::a00:1"),
        *("2001:0:a00:1::1", "3fff::1", "100::1", "5f00::1", "192.0.0.9", "192.88.99.1", "::ffff:192.168.0.1"),
    ],
)
def test_machines_of_a_network_of_ones_own_are_not_however_their_address_is_written(address):
    assert not is_public(ip_address(address), 443)


@pytest.mark.parametrize("port", [22, 25, 3306, 5432, 6379, 8000, 11211])
def test_only_ports_of_the_web_are_reached(port):
    assert not is_public(ip_address("8.8.8.8"), port)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/a.ics",
        "gopher://example.org/",
        "example.org/a.ics",
        "https://",
        "https:///a.ics",
        "https://lea:secret@example.org/a.ics",
        "https://example.org:99999/a.ics",
        "https://[::1/a.ics",
        "https://" + "a" * 64 + ".example.org/",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_address_of_the_web_is_refused(url):
    with pytest.raises(NotFetched, match="bad_address"):
        check_address(url)


@pytest.mark.parametrize(
    "url", ["http://example.org", "https://example.org/a?b=c#d", "webcal://agenda.exämple.org/é.ics"]
)
def test_an_address_of_the_web_is_one(url):
    check_address(url)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "0x7f.1", "2130706433", "127.1", "[::ffff:127.0.0.1]"]
)
def test_this_machine_is_not_reached_by_any_of_its_names(site, host):
    port = site.url.rpartition(":")[2]
    assert trouble(f"http://{host}:{port}/a.ics", reach=is_public) in {"private_address", "no_answer"}
    assert site.asked == []


def test_what_is_there_is_given_whole(site):
    site.content = "é".encode() * 1000
    assert fetch(f"{site.url}/a b?q=é", **LIMITS, reach=everywhere) == site.content
    assert site.asked == ["/a%20b?q=%C3%A9"]


def test_a_redirect_is_followed(site):
    site.content = b"there"
    site.answers["/old"] = redirect("/new", 301)
    assert fetch(f"{site.url}/old", **LIMITS, reach=everywhere) == b"there"
    assert site.asked == ["/old", "/new"]


def test_a_redirect_to_a_private_machine_is_not_followed(site):
    # This machine stands for one of the internet, another of its addresses for one of ours.
    site.answers["/old"] = redirect(f"http://127.0.0.2:{site.url.rpartition(':')[2]}/secret")
    assert trouble(f"{site.url}/old", reach=lambda address, _port: str(address) == HERE) == "private_address"
    assert site.asked == ["/old"]


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://example.org/", "http://u:p@example.org/", ""])
def test_a_redirect_to_what_is_no_address_of_the_web_is_not_followed(site, to):
    site.answers["/old"] = redirect(to)
    assert trouble(f"{site.url}/old") in {"bad_address", "too_far"}


@pytest.mark.parametrize("scheme", ["webcal", "webcals", "WEBCAL"])
def test_a_redirect_is_followed_from_an_address_for_calendars(tmp_path, monkeypatch, scheme):
    file, tls = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with calendars(tls) as site:
        site.content = b"there"
        site.answers["/a/old"] = redirect("../new?q=1")
        site.answers["/new?q=1"] = redirect("/newer")
        url = f"{scheme}{site.url.removeprefix('https')}/a/old"
        assert fetch(url, **LIMITS, reach=everywhere) == b"there"
        assert site.asked == ["/a/old", "/new?q=1", "/newer"]


def test_a_redirect_in_circles_ends(site):
    site.answers["/old"] = redirect("/old")
    assert trouble(f"{site.url}/old") == "too_far"
    assert len(site.asked) == 6


def test_a_name_is_looked_up_once_and_what_it_means_later_leads_nowhere_else(site, monkeypatch):
    port, real, asked = int(site.url.rpartition(":")[2]), socket.getaddrinfo, []

    def rebinding(host, *args, **options):
        if host != "agenda.example.org":
            return real(host, *args, **options)
        asked.append(host)
        return real(HERE if len(asked) == 1 else "127.0.0.2", *args, **options)

    monkeypatch.setattr(fetching.socket, "getaddrinfo", rebinding)
    site.content = b"there"
    url = f"http://agenda.example.org:{port}/a"
    assert fetch(url, **LIMITS, reach=lambda address, _port: str(address) == HERE) == b"there"
    assert asked == ["agenda.example.org"]


def test_a_name_that_means_machines_of_both_kinds_leads_to_that_of_the_internet_alone(site, monkeypatch):
    port, real = int(site.url.rpartition(":")[2]), socket.getaddrinfo
    both = [*real("127.0.0.2", port, type=socket.SOCK_STREAM), *real(HERE, port, type=socket.SOCK_STREAM)]
    monkeypatch.setattr(fetching.socket, "getaddrinfo", lambda *_args, **_options: both)
    site.content = b"there"
    reached = []

    def reach(address, _port):
        reached.append(str(address))
        return str(address) == HERE

    assert fetch(f"http://agenda.example.org:{port}/a", **LIMITS, reach=reach) == b"there"
    assert reached == ["127.0.0.2", HERE]


def test_a_name_that_nobody_answers_for_does_not_keep_us_longer_than_the_limit(monkeypatch):
    let_go = Event()
    monkeypatch.setattr(fetching.socket, "getaddrinfo", lambda *_args, **_options: let_go.wait(60) and [])
    try:
        assert trouble("http://agenda.example.org/a", seconds=0.5) == "too_slow"
        assert not let_go.is_set()
    finally:
        let_go.set()


@pytest.mark.parametrize("status", [204, 401, 404, 410, 500, 503])
def test_an_answer_that_is_no_file_is_told(site, status):
    site.answers["/a"] = fail(status)
    assert trouble(f"{site.url}/a") == "not_there"


def test_where_nobody_listens_there_is_no_answer():
    with socket.create_server((HERE, 0)) as probe:
        port = probe.getsockname()[1]
    assert trouble(f"http://{HERE}:{port}/") == "no_answer"


def test_a_name_that_nobody_has_gives_no_answer():
    assert trouble("http://nobody.invalid/") == "no_answer"


def test_what_goes_on_for_ever_is_cut_at_the_limit(site):
    site.answers["/a"] = endless
    assert trouble(f"{site.url}/a") == "too_large"


def test_what_is_one_byte_too_long_is_too_large(site):
    site.content = b"x" * (LIMITS["most"] + 1)
    assert trouble(f"{site.url}/a") == "too_large"
    site.content = b"x" * LIMITS["most"]
    assert len(fetch(f"{site.url}/a", **LIMITS, reach=everywhere)) == LIMITS["most"]


@pytest.mark.parametrize("in_headers", [True, False])
def test_a_byte_at_a_time_does_not_keep_us_longer_than_the_limit(site, in_headers):
    site.answers["/a"] = drip(site, in_headers=in_headers)
    began = time.monotonic()
    assert trouble(f"{site.url}/a", seconds=1.0) == "too_slow"
    # Of a server that would go on for as long as the test lets it.
    assert time.monotonic() - began < 15


def test_a_server_that_says_nothing_at_all_does_not_either():
    with socket.create_server((HERE, 0)) as silent:
        assert trouble(f"http://{HERE}:{silent.getsockname()[1]}/", seconds=1.0) == "too_slow"


def test_a_certificate_that_is_not_the_names_is_no_answer(site):
    port = site.url.rpartition(":")[2]
    assert trouble(f"https://{HERE}:{port}/") == "no_answer"
