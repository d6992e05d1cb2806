"""Conditional requests, codings and host names, by the rules of RFC 9110."""

from __future__ import annotations

import gzip
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.serve.conditional import has_it, may_answer, names, seconds, wants_gzip
from mdtasks.serve.listening import hosts_of
from mdtasks.serve.shelf import Shelf, ready
from mdtasks.settings import ServeSettings
from mdtasks.toml.hosts import Host, allowed_host, bind_host, is_allowed, parse_host, written

TAG = '"abc"'
CHARACTERS = st.characters(codec="latin-1").filter(
    lambda c: c == "!" or "#" <= c <= "~" or c > "\x7f"
)
TAGS = st.text(CHARACTERS, max_size=12).map(lambda text: f'"{text}"')
WEAK = st.sampled_from(["", "W/"])
GAPS = st.sampled_from([",", ", ", " ,", " , ", ",,", ", ,"])


# Tags


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("*", True),
        (" * ", True),
        ('"abc"', True),
        ('W/"abc"', True),
        ('"x", "abc"', True),
        ('"x" ,W/"abc",', True),
        (', "abc"', True),
        ('"a,b", "abc"', True),
        ('"abc", *', False),
        ("abc", False),
        ('"ABC"', False),
        ('w/"abc"', False),
        ('"abc', False),
        ('"x" "abc"', False),
        ('"x""abc"', False),
        ("", False),
        ('"a b", "abc"', False),
    ],
)
def test_a_list_of_tags_is_read_as_it_is_written(header: str, found: bool) -> None:
    assert names(header, TAG) is found


@given(tags=st.lists(st.tuples(WEAK, TAGS), max_size=6), gap=GAPS, wanted=TAGS)
def test_a_list_names_just_what_stands_in_it(
    tags: list[tuple[str, str]], gap: str, wanted: str
) -> None:
    header = gap.join(weak + tag for weak, tag in tags)
    assert names(header, wanted) is (wanted in [tag for _, tag in tags])
    strong = [tag for weak, tag in tags if not weak]
    assert names(header, wanted, weak=False) is (wanted in strong)


@given(header=st.text(max_size=80))
def test_no_header_is_too_odd_to_be_read(header: str) -> None:
    assert has_it(header, header, TAG, 5, 9) in (True, False)
    assert wants_gzip(header) in (True, False)
    assert is_allowed(header, {Host("localhost")}) in (True, False)


def test_what_insists_on_a_tag_wants_a_strong_one() -> None:
    assert may_answer(None, TAG)
    assert may_answer('"x", "abc"', TAG)
    assert may_answer("*", TAG)
    assert not may_answer('W/"abc"', TAG)
    assert not may_answer('"x"', TAG)


# Dates


@pytest.mark.parametrize(
    ("since", "has"),
    [
        (formatdate(1000, usegmt=True), True),
        (formatdate(1500, usegmt=True), True),
        (formatdate(999, usegmt=True), False),
        (formatdate(2001, usegmt=True), False),  # yet to come
        ("Thursday, 01-Jan-70 00:16:40 GMT", True),
        ("Thu Jan  1 00:16:40 1970", True),
        ("yesterday", False),
        ("", False),
        ("Thu, 99 Jan 1970 00:16:40 GMT", False),
    ],
)
def test_a_date_counts_from_the_last_change_to_now(since: str, has: bool) -> None:
    assert has_it(None, since, TAG, 1000, 2000) is has


def test_a_date_counts_only_where_there_is_no_tag_and_a_last_change() -> None:
    now = formatdate(1500, usegmt=True)
    assert has_it('"x"', now, TAG, 1000, 2000) is False
    assert has_it(TAG, "Thu, 01 Jan 1970 00:00:00 GMT", TAG, 1000, 2000) is True
    assert has_it(None, now, TAG, None, 2000) is False
    assert has_it(None, None, TAG, 1000, 2000) is False
    assert seconds("Thu, 01 Jan 1970 00:16:40 -0000") == 1000


@given(
    changes=st.lists(st.floats(0, 20), min_size=1, max_size=8),
    fetched=st.floats(0, 25),
    asked=st.floats(0, 25),
)
def test_nobody_is_told_by_a_date_that_older_bytes_are_the_newest(
    changes: list[float], fetched: float, asked: float
) -> None:
    """Whoever fetches keeps the Last-Modified, or takes the Date where there is none."""
    changes = sorted({0.0, *changes})
    fetched, asked = sorted((fetched, asked))

    def at(moment: float) -> tuple[int, int]:
        """Return which bytes there are, and their first second."""
        number = max(n for n, change in enumerate(changes) if change <= moment)
        return number, ready(b"", changes[number]).changed

    version, changed = at(fetched)
    told = [changed] if changed <= int(fetched) else []
    for kept in (*told, int(fetched)):
        newer, last = at(asked)
        shown = last if last <= int(asked) else None
        has = has_it(None, formatdate(kept, usegmt=True), TAG, shown, int(asked))
        assert not has or newer == version


# Codings


@pytest.mark.parametrize(
    ("header", "packs"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("deflate, gzip;q=1.0, *;q=0.5", True),
        ("*", True),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("gzip;q=0.5, identity", False),
        ("gzip;q=0.5, identity;q=0.4", True),
        ("gzip;q=2", False),
        ("br", False),
    ],
)
def test_gzip_is_taken_where_it_is_welcome(header: str | None, packs: bool) -> None:
    assert wants_gzip(header) is packs


@given(body=st.binary(max_size=300), now=st.floats(0, 2e9), later=st.floats(0, 2e9))
def test_equal_bytes_have_equal_tags_and_each_coding_its_own(
    body: bytes, now: float, later: float
) -> None:
    one, two = ready(body, now), ready(body, later)
    assert (one.body, one.etag, one.packed, one.packed_etag) == (
        two.body,
        two.etag,
        two.packed,
        two.packed_etag,
    )
    assert gzip.decompress(one.packed) == body
    assert one.packed[4:8] == bytes(4)  # the time of packing (RFC 1952 section 2.3.1)
    assert one.etag != one.packed_etag
    assert ready(body + b"x", now).etag != one.etag


def test_what_stays_the_same_stays_unchanged_since_then() -> None:
    shelf = Shelf()
    shelf.put({"a": b"one", "b": b"one"}, 10.0)
    shelf.put({"a": b"one", "c": b"two"}, 20.0)
    found = [shelf.get(name) for name in "abc"]
    assert [each and (each.body, each.changed) for each in found] == [
        (b"one", 11),
        None,
        (b"two", 21),
    ]


# Hosts


@pytest.mark.parametrize(
    ("said", "allowed"),
    [
        ("localhost", True),
        ("LOCALHOST:8765", True),
        ("localhost:1", True),  # the other end of a tunnel
        ("127.0.0.1:8765", True),
        ("[::1]:8765", True),
        ("[0:0:0:0:0:0:0:1]", True),
        ("[::0001]:80", True),
        ("laptop.local:99", True),
        ("cal.example.com", True),  # behind a proxy, whose port nobody writes
        ("cal.example.com:443", True),
        ("cal.example.com:8765", False),
        ("cal.example.com.", False),
        ("x.laptop.local", False),
        ("evil.com", False),
        ("127.0.0.1.evil.com", False),
        ("localhost.evil.com", False),
        ("localhost@evil.com", False),
        ("evil.com#localhost", False),
        ("127.1", False),
        ("2130706433", False),
        ("127.0.0.2", False),
        ("::1", False),
        ("[::1", False),
        ("::1]", False),
        ("[::ffff:127.0.0.1]", False),
        ("[::1%lo]", False),
        ("localhost:", False),
        ("localhost:0", False),
        ("localhost:99999", False),
        ("localhost:80:80", False),
        ("localhost, evil.com", False),
        (" localhost", False),
        ("localhost\n", False),
        ("ｌocalhost", False),
        ("", False),
    ],
)
def test_only_known_names_are_answered(said: str, allowed: bool) -> None:
    hosts = hosts_of(ServeSettings(allowed_hosts=("laptop.local", "cal.example.com:443")))
    assert is_allowed(said, hosts) is allowed


@pytest.mark.parametrize(
    ("host", "said", "allowed"),
    [
        ("192.168.1.5", "192.168.1.5:8765", True),
        ("192.168.1.5", "192.168.1.6:8765", False),
        ("fd00::1", "[fd00::1]:8765", True),
        ("0.0.0.0", "0.0.0.0:8765", False),
        ("0.0.0.0", "192.168.1.5:8765", False),
        ("::", "[::]:8765", False),
        ("0.0.0.0", "localhost", True),
    ],
)
def test_the_address_on_which_it_listens_is_a_name_but_for_all_of_them(
    host: str, said: str, allowed: bool
) -> None:
    assert is_allowed(said, hosts_of(ServeSettings(host=host))) is allowed


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("Laptop.local", "laptop.local"),
        ("192.168.1.5:8765", "192.168.1.5:8765"),
        ("[FD00:0::1]:80", "[fd00::1]:80"),
        ("fd00::1", "[fd00::1]"),
        (" a ", "a"),
    ],
)
def test_a_host_of_the_settings_is_kept_in_one_form(text: str, host: str) -> None:
    assert allowed_host(text) == host
    parsed = parse_host(host)
    assert parsed is not None
    assert written(parsed) == host


@pytest.mark.parametrize("value", ["*", "*.local", "http://a", "a/b", "", 5, "a b", "a:x", "-a"])
def test_what_is_no_host_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"names such as|text of one line"):
        allowed_host(value)


@pytest.mark.parametrize("value", ["127.0.0.1:80", "*", "", "[::1]:80", 5, "a b"])
def test_one_listens_on_an_address_without_a_port(value: object) -> None:
    with pytest.raises(ValueError, match=r"a name or an address|text of one line"):
        bind_host(value)


def test_the_forms_of_an_address_to_listen_on() -> None:
    assert [bind_host(text) for text in ("[::1]", "0:0::1", "LOCALHOST", "0.0.0.0")] == [
        "::1",
        "::1",
        "localhost",
        "0.0.0.0",
    ]
