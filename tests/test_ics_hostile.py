"""Three hundred vaults that were made to hurt: their feeds keep all rules, and every parser reads
in them what we wrote."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from icalendar import Calendar

from tests.hostile_vaults import BERLIN, COUNT, vault
from tests.ics_rules import Component, broken_history, broken_rules, components, unfold
from tests.node import CLIENTS, node_modules

NOW = datetime(2026, 11, 23, 8, tzinfo=BERLIN)
ITEM = re.compile(r"(?:[^\\,]|\\.)+")


class Read(NamedTuple):
    """An event as a client has it."""

    uid: str
    start: str
    end: str
    sequence: int
    stamp: str
    summary: str
    description: str
    categories: tuple[str, ...]
    url: str
    busy: bool
    alarms: int


@pytest.fixture(scope="module")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("feeds")
    paths = [folder / f"{number}.ics" for number in range(COUNT)]
    for number, path in enumerate(paths):
        path.write_bytes(vault(number).publish(NOW, None, None)[1])
    return paths


def test_the_feeds_are_hostile_and_many(feeds: list[Path]) -> None:
    data = b"".join(path.read_bytes() for path in feeds)
    text = data.replace(b"\r\n ", b"").decode()
    assert text.count("\nBEGIN:VEVENT\r\n") > 3 * COUNT
    for said in (
        "👨‍👩‍👧‍👦",
        "\u202e",
        "\ufffd",
        r"\;",
        r"\,",
        r"\\",
        "RRULE:FREQ",
        "ATTACH:",
        "x" * 73,
    ):
        assert said in text
    assert max(map(len, text.split("\r\n"))) > 25_000


def test_every_feed_keeps_every_rule(feeds: list[Path]) -> None:
    broken = {path.name: broken_rules(path.read_bytes()) for path in feeds}
    assert {name: rules for name, rules in broken.items() if rules} == {}


def test_no_hostile_text_shakes_the_ledger() -> None:
    for made in map(vault, range(0, COUNT, 12)):
        plan, first = made.publish(NOW, None, None)
        assert made.publish(NOW + timedelta(minutes=1), plan, first)[1] == first
        later = made.publish(NOW + timedelta(days=1), plan, first)[1]
        assert [*broken_rules(later), *broken_history([first, later])] == []


def test_icalendar_reads_what_we_wrote(feeds: list[Path]) -> None:
    for path in feeds:
        data = path.read_bytes()
        calendar = Calendar.from_ical(data)
        assert [fault for part in calendar.walk() for fault in part.errors] == []
        assert [by_icalendar(event) for event in calendar.events] == list(written(data))


def by_icalendar(event: Any) -> Read:
    categories = event.get("CATEGORIES")
    return Read(
        uid=str(event["UID"]),
        start=_form(event["DTSTART"].dt),
        end=_form(event["DTEND"].dt),
        sequence=int(event["SEQUENCE"]),
        stamp=_form(event["DTSTAMP"].dt),
        summary=str(event["SUMMARY"]),
        description=str(event.get("DESCRIPTION", "")),
        categories=tuple(map(str, categories.cats)) if categories else (),
        url=str(event.get("URL", "")),
        busy=event["TRANSP"] == "OPAQUE",
        alarms=len(event.walk("VALARM")),
    )


def _form(moment: date) -> str:
    if not isinstance(moment, datetime):
        return f"{moment:%Y%m%d}"
    assert moment.utcoffset() == timedelta(0)
    return f"{moment:%Y%m%dT%H%M%SZ}"


def test_thunderbird_s_parser_reads_what_we_wrote(feeds: list[Path]) -> None:
    done = subprocess.run(
        ["node", str(CLIENTS / "read_feeds.mjs"), str(node_modules())],
        input="\n".join(map(str, feeds)).encode(),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    read = [json.loads(line) for line in done.stdout.splitlines()]
    for path, found in zip(feeds, read, strict=True):
        data = path.read_bytes()
        assert "error" not in found, (path, found)
        assert (found["refresh"], found["others"]) == ("PT1H", 0)
        # It knows no NAME, and gives it as it stands.
        assert found["name"] == components(unfold(data))[0].get("NAME")
        assert [by_ical_js(event) for event in found["events"]] == list(written(data))


def by_ical_js(event: dict[str, object]) -> Read:
    start = str(event["start"])
    assert (event["recurs"], event["all_day"]) == (False, len(start) == 8)
    assert event["zone"] == ("floating" if len(start) == 8 else "UTC")
    read = {name: event[name] for name in Read._fields}
    assert isinstance(read["categories"], list)
    return Read(**read | {"categories": tuple(read["categories"])})  # type: ignore[arg-type]


def written(data: bytes) -> Iterator[Read]:
    """Yield the events as they stand there, read by nobody's parser but our own few lines."""
    rung: list[str] = []  # by the events that the alarms stand in
    found: list[Component] = []
    for part in components(unfold(data)):
        if part.name == "VEVENT":
            found.append(part)
        elif part.name == "VALARM":
            rung.append(found[-1].get("UID"))
    for event in found:
        yield Read(
            uid=event.get("UID"),
            start=event.get("DTSTART"),
            end=event.get("DTEND"),
            sequence=int(event.get("SEQUENCE")),
            stamp=event.get("DTSTAMP"),
            summary=unescaped(event.get("SUMMARY")),
            description=unescaped(event.get("DESCRIPTION")),
            categories=tuple(map(unescaped, ITEM.findall(event.get("CATEGORIES")))),
            url=event.get("URL"),
            busy=event.get("TRANSP") == "OPAQUE",
            alarms=rung.count(event.get("UID")),
        )


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: match[1].replace("n", "\n"), text)


def test_a_vault_is_the_same_in_every_run() -> None:
    assert vault(7) == vault(7) != vault(8)
