"""Feeds of small plans, for the tests of the calendar."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from mdtasks.model import Block, Kind, Plan, Source, Status, Task, Unplaced
from mdtasks.render import ics
from mdtasks.settings import FeedSettings
from tests.ics_rules import Component, broken_rules, events

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Asia/Kathmandu",
)
SETTINGS = FeedSettings()
SURROGATES = st.characters(categories=["Cs"])
HOSTILE = st.text(
    st.one_of(
        st.characters(),
        SURROGATES,
        st.sampled_from(list('\r\n\x00\x1b\x7f\x85\u2028\u202e\ufeff;,:\\"^#[]👨‍👩‍👧‍👦ابج')),
    ),
    max_size=60,
)


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN)


def task(uid: str, text: str = "", path: str = "Work/Launch post.md", **known: object) -> Task:
    made = Task(Source(path, 1, f"- [ ] {text}"), Status.TODO, " ", text or uid, uid=uid)
    return made._replace(**known)  # type: ignore[arg-type]


def block(start: datetime, end: datetime, *uids: str, kind: Kind = Kind.FOCUS) -> Block:
    return Block(start, end, f"{len(uids)} tasks", kind, uids, "only the morning left")


def publish(
    blocks: Sequence[Block] = (),
    tasks: Sequence[Task] = (),
    *,
    now: datetime,
    published: bytes | None = None,
    feed_settings: FeedSettings = SETTINGS,
    unplaced: Sequence[Unplaced] = (),
) -> bytes:
    """Return a feed that keeps all rules."""
    named: Mapping[str, Task] = {t.uid: t for t in tasks}
    for uid in (uid for b in blocks for uid in b.tasks):
        named = {uid: task(uid), **named}
    data = ics.feed(
        Plan(blocks=tuple(blocks), unplaced=tuple(unplaced)),
        named,
        feed_settings,
        vault_name="My vault",
        vault_root="/home/jo/My vault",
        now=now,
        published=published,
    )
    assert broken_rules(data) == []
    return data


def uids(data: bytes) -> list[str]:
    return [event.get("UID").removesuffix("@mdtasks") for event in events(data)]


def only(data: bytes) -> Component:
    (event,) = events(data)
    return event


def raw_events(data: bytes) -> dict[str, bytes]:
    found = re.findall(rb"BEGIN:VEVENT\r\n.*?END:VEVENT\r\n", data, re.DOTALL)
    return {re.findall(rb"\nUID:(.*?)@", raw)[0].decode(): raw for raw in found}
