"""The rules of a calendar that is shared, in any order of things that happen: what is a person's
is never touched, and what is ours is as the plan has it, also after runs that were killed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import unquote

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mdtasks.errors import MdtasksError
from mdtasks.outlets import caldav
from mdtasks.outlets.changes import Act, Entry, Ledger, Report, Wish, act
from mdtasks.outlets.web import Answer
from mdtasks.render.resources import resources, says_the_same

UIDS = tuple(f"{letter}-1@mdtasks" for letter in "abc")


def event(uid: str, title: str, start: str = "20261123T090000Z") -> str:
    lines = ("DTSTAMP:20261101T000000Z", f"UID:{uid}", f"DTSTART:{start}", f"SUMMARY:{title}")
    return "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT", ""])


def feed(plan: Mapping[str, str]) -> bytes:
    events = "".join(event(uid, title) for uid, title in plan.items())
    return f"BEGIN:VCALENDAR\r\n{events}END:VCALENDAR\r\n".encode()


def resource(uid: str, title: str) -> bytes:
    return resources(feed({uid: title}))[uid]


SOME = st.sets(st.sampled_from(UIDS), min_size=1)


class _KilledError(BaseException):
    pass


class Shared:
    """A calendar on a server, in memory: what a CalDAV server does with these requests."""

    path = "/c/"
    host = "server"

    def __init__(self, marks_what_it_takes: bool) -> None:
        self.held: dict[str, tuple[str, bytes]] = {}
        self.left: int | None = None  # changes until the run is killed
        self._marks = marks_what_it_takes
        self._count = 0

    def put(self, uid: str, data: bytes) -> str:
        self._count += 1
        self.held[uid] = (f'"{self._count}"', data)
        return self.held[uid][0]

    def titles(self) -> dict[str, str]:
        texts = {uid: data.decode() for uid, (_, data) in self.held.items()}
        return {uid: text.split("SUMMARY:")[1].split("\r")[0] for uid, text in texts.items()}

    def ask(
        self,
        method: str,
        path: str = "",
        headers: Mapping[str, str] = MappingProxyType({}),
        body: bytes = b"",
    ) -> Answer:
        uid = unquote(path).removeprefix(self.path).removesuffix(".ics")
        etag, data = self.held.get(uid, ("", b""))
        if method == "PROPFIND":
            return Answer(207, {}, self._listing())
        if method == "GET":
            return Answer(200, {"etag": etag}, data) if etag else Answer(404, {}, b"")
        if headers.get("If-Match", etag) != etag or (etag and "If-None-Match" in headers):
            return Answer(412, {}, b"")
        if self.left == 0:
            raise _KilledError
        self.left = None if self.left is None else self.left - 1
        if method == "PUT":
            etag = self.put(uid, body)
            return Answer(201, {"etag": etag} if self._marks else {}, b"")
        del self.held[uid]
        return Answer(204, {}, b"")

    def refusal(self, answer: Answer) -> MdtasksError:
        return MdtasksError(str(answer.status))

    def _listing(self) -> bytes:
        rows = "".join(
            f"<response><href>{self.path}{uid}.ics</href><propstat><prop><resourcetype/>"
            f"<getetag>{etag}</getetag></prop></propstat></response>"
            for uid, (etag, _) in self.held.items()
        )
        top = (
            f"<response><href>{self.path}</href><propstat><prop><resourcetype><collection/>"
            '<C:calendar xmlns:C="urn:ietf:params:xml:ns:caldav"/></resourcetype></prop>'
            "</propstat></response>"
        )
        return f'<multistatus xmlns="DAV:">{top}{rows}</multistatus>'.encode()


class Sharing(RuleBasedStateMachine):
    """The plan changes, a person edits and deletes, runs come and are killed."""

    marks = True

    def __init__(self) -> None:
        super().__init__()
        self.server = Shared(self.marks)
        self.server.put("party", resource("party", "Party"))
        self.ledger = Ledger()
        self.plan: dict[str, str] = {}
        self.edited: dict[str, str] = {}  # what a person made of events
        self.deleted: set[str] = set()
        self.number = 0

    @rule(uids=SOME)
    def replan(self, uids: set[str]) -> None:
        self.number += 1
        self.plan |= dict.fromkeys(sorted(uids), f"plan {self.number}")

    @rule(uids=SOME)
    def drop(self, uids: set[str]) -> None:
        self.plan = {uid: title for uid, title in self.plan.items() if uid not in uids}

    @rule(uid=st.sampled_from(UIDS))
    def a_person_edits(self, uid: str) -> None:
        if uid in self.server.held:
            self.number += 1
            self.edited[uid] = f"edit {self.number}"
            self.server.put(uid, resource(uid, self.edited[uid]))

    @rule(uid=st.sampled_from(UIDS))
    def a_person_deletes(self, uid: str) -> None:
        if self.server.held.pop(uid, None):
            self.edited.pop(uid, None)
            known = self.ledger.entries.get(uid, Entry("", ""))
            # What a killed run put there may as well have never come there; what one was about
            # to remove may have been removed by it.
            if (known.etag or known.is_gone) and not known.is_going:
                self.deleted.add(uid)

    @rule(left=st.integers(0, 2), uids=SOME)
    def publish_killed(self, left: int, uids: set[str]) -> None:
        self.replan(uids)
        self.server.left = left
        try:
            self.run(Wish())
        except _KilledError:
            self.forget_what_went()
        self.server.left = None

    @rule()
    def publish(self) -> None:
        report = self.run(Wish())
        there = self.server.titles()
        assert not self.deleted & there.keys()
        for uid in UIDS:
            if uid not in self.edited | dict.fromkeys(self.deleted):
                assert there.get(uid) == self.plan.get(uid)
        assert set(report.conflicts) <= set(self.edited)
        assert {uid for uid in self.edited if uid in self.plan} <= set(report.conflicts)
        again = self.run(Wish())
        assert not again.is_news
        assert set(again.conflicts) == set(report.conflicts) & self.plan.keys()

    @rule()
    def publish_by_force(self) -> None:
        self.run(Wish(force=True))
        self.edited = {uid: t for uid, t in self.edited.items() if uid not in self.plan}
        self.edited = {uid: t for uid, t in self.edited.items() if uid in self.server.held}
        self.deleted.clear()
        there = self.server.titles()
        assert all(there[uid] == title for uid, title in self.plan.items())

    def run(self, wish: Wish) -> Report:
        kept = [self.ledger]
        try:
            report = caldav.publish(self.server, feed(self.plan), self.ledger, kept.append, wish)  # type: ignore[arg-type]
        except _KilledError:
            # What it would have written down at its end, it never did.
            self.ledger = kept[-2]
            raise
        self.ledger = kept[-1]
        self.forget_what_went()
        return report

    def forget_what_went(self) -> None:
        """An event that is in no plan any more comes back as a new one when it is planned anew."""
        self.deleted = {uid for uid in self.deleted if uid in self.plan}

    @invariant()
    def what_is_a_persons_stays(self) -> None:
        there = self.server.titles()
        assert there["party"] == "Party"
        for uid, title in self.edited.items():
            assert there[uid] == title


class SharingUnmarked(Sharing):
    """A server that writes events down in its own way, and so gives no mark when it takes them."""

    marks = False


def test_what_a_killed_run_removed_comes_back_when_it_is_planned_again() -> None:
    one = Sharing()
    one.replan({"a-1@mdtasks"})
    one.publish()
    one.drop({"a-1@mdtasks"})
    one.publish_killed(left=1, uids={"b-1@mdtasks"})
    assert "a-1@mdtasks" not in one.server.titles()
    one.replan({"a-1@mdtasks"})
    one.publish()


TestSharing = Sharing.TestCase
TestSharing.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)
TestSharingUnmarked = SharingUnmarked.TestCase
TestSharingUnmarked.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


OURS = Entry("1", "d")


@pytest.mark.parametrize(
    ("entry", "wanted", "there", "todo"),
    [
        (None, "d", None, Act.CREATE),
        (None, "d", "1", Act.ASK),
        (OURS, "d", "1", Act.KEEP),
        (OURS, "e", "1", Act.UPDATE),
        (OURS, "d", "2", Act.ASK),
        (OURS, "d", None, Act.AWAY),
        (OURS, None, "1", Act.DELETE),
        (OURS, None, "2", Act.ASK),
        (OURS, None, None, Act.FORGET),
        (OURS._replace(is_going=True), "d", None, Act.CREATE),
        (OURS._replace(is_going=True), "d", "1", Act.KEEP),
        (OURS._replace(is_going=True), None, "1", Act.DELETE),
        (OURS._replace(is_going=True), None, None, Act.FORGET),
        (Entry("", ""), "d", None, Act.CREATE),  # begun, and perhaps never sent
        (Entry("", ""), "d", "1", Act.ASK),
        (Entry("", ""), None, "1", Act.ASK),
        (OURS._replace(is_gone=True), "d", None, Act.AWAY),
        (OURS._replace(is_gone=True), "d", "1", Act.ASK),
        (OURS._replace(is_gone=True), None, "1", Act.FORGET),
    ],
)
def test_what_is_done_about_an_event(
    entry: Entry | None, wanted: str | None, there: str | None, todo: Act
) -> None:
    assert act(entry, wanted, there) is todo


ONE = resource("a", "A long title\\, with a comma")


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (lambda text: text.replace("\r\n", "\n"), True),
        (lambda text: text.replace("A long title", "A lo\r\n ng title"), True),
        (lambda text: text.replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:PUBLISH"), True),
        (lambda text: text.replace("END:VEVENT", "X-COLOR:red\r\nEND:VEVENT"), True),
        (
            lambda text: text.replace("DTSTAMP:2026", "CREATED:20270101T000000Z\r\nDTSTAMP:2027"),
            True,
        ),
        (lambda text: text.replace("A long", "A short"), False),
        (lambda text: text.replace("T090000Z", "T100000Z"), False),
        (lambda text: text.replace("END:VEVENT", "LOCATION:Here\r\nEND:VEVENT"), False),
        (lambda text: text.replace("END:VEVENT", "RRULE:FREQ=DAILY\r\nEND:VEVENT"), False),
        (lambda text: text.replace("SUMMARY", "COMMENT"), False),
        (lambda text: "no calendar", False),
        (lambda text: text.replace("END:VEVENT", ""), False),
    ],
)
def test_the_same_event_written_in_another_way_is_the_same(change: object, same: bool) -> None:
    assert callable(change)
    assert says_the_same(ONE, change(ONE.decode()).encode()) is same
