"""Who may read the feed: the list of subscribers, and the commands that change it."""

from __future__ import annotations

import re
import stat
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mdtasks.errors import MdtasksError, RefusedError, UnknownKeyError
from mdtasks.write.tokens import Subscriber, digest_of, find, issue, load, revoke, stamp
from tests.conftest import MakeVault
from tests.running import mdtasks

MOMENT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def kept(state: Path) -> str:
    return "".join(path.read_text() for path in state.iterdir() if path.is_file())


def test_a_token_is_found_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    made, token = issue(tmp_path, "phone", "busy", MOMENT)
    assert TOKEN.fullmatch(token)
    assert find(load(tmp_path), token) == made
    assert find(load(tmp_path), token + "x") is None
    assert find(load(tmp_path), made.digest) is None
    assert token not in kept(tmp_path)
    assert made.digest == digest_of(token)


def test_the_list_is_for_its_owner_alone(tmp_path: Path) -> None:
    issue(tmp_path, "phone", "full", MOMENT)
    (path,) = tmp_path.glob("*.json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_name_has_one_token_and_gets_another_once_that_is_revoked(tmp_path: Path) -> None:
    _, old = issue(tmp_path, "phone", "full", MOMENT)
    with pytest.raises(RefusedError, match="phone has a token already"):
        issue(tmp_path, "phone", "busy", MOMENT)
    revoke(tmp_path, "phone", MOMENT)
    _, new = issue(tmp_path, "phone", "busy", MOMENT)
    found = [find(load(tmp_path), token) for token in (old, new)]
    assert [each and (each.lens, each.is_active) for each in found] == [
        ("full", False),
        ("busy", True),
    ]


def test_a_revoked_subscriber_keeps_no_key(tmp_path: Path) -> None:
    made, _ = issue(tmp_path, "phone", "busy", MOMENT)
    assert re.fullmatch(r"[0-9a-f]{64}", made.key)
    assert revoke(tmp_path, "phone", MOMENT).key == ""


def test_no_two_subscribers_have_a_key_in_common(tmp_path: Path) -> None:
    made = [issue(tmp_path, name, "busy", MOMENT)[0] for name in "abc"]
    assert len({each.key for each in made} | {each.digest for each in made}) == 6


def test_revoking_nobody_names_those_that_there_are(tmp_path: Path) -> None:
    issue(tmp_path, "phone", "full", MOMENT)
    with pytest.raises(UnknownKeyError) as refused:
        revoke(tmp_path, "fone", MOMENT)
    assert refused.value.hint == "these have one: phone"


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"format": 99, "subscribers": []}', b"\xff"])
def test_a_list_that_cannot_be_read_is_never_written_over(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "subscribers.json"
    path.write_bytes(data)
    for change in (
        lambda: issue(tmp_path, "phone", "full", MOMENT),
        lambda: revoke(tmp_path, "phone", MOMENT),
        lambda: load(tmp_path),
    ):
        with pytest.raises(MdtasksError, match="no list of subscribers"):
            change()
    assert path.read_bytes() == data


def test_two_at_once_lose_nobody(tmp_path: Path) -> None:
    names = [f"n{number}" for number in range(12)]
    threads = [Thread(target=issue, args=(tmp_path, name, "full", MOMENT)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.name for each in load(tmp_path)) == sorted(names)


def test_the_stamp_differs_after_each_change(tmp_path: Path) -> None:
    stamps = [stamp(tmp_path)]
    issue(tmp_path, "phone", "full", MOMENT)
    stamps.append(stamp(tmp_path))
    revoke(tmp_path, "phone", MOMENT)
    stamps.append(stamp(tmp_path))
    assert stamps[0] is None
    assert len(set(stamps)) == 3


names = st.sampled_from(["phone", "desk", "Kim’s 📱"])
lenses = st.sampled_from(["full", "busy", "project:Launch"])


class TokenMachine(RuleBasedStateMachine):
    """What counts: every token ever made is known, and so is whether it still counts."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.state = Path(self.folder.name)
        self.active: dict[str, str] = {}
        self.revoked: dict[str, str] = {}

    def teardown(self) -> None:
        self.folder.cleanup()

    @rule(name=names, lens=lenses)
    def new(self, name: str, lens: str) -> None:
        if name in self.active.values():
            with pytest.raises(RefusedError):
                issue(self.state, name, lens, MOMENT)
        else:
            self.active[issue(self.state, name, lens, MOMENT)[1]] = name

    @rule(name=names)
    def revoke(self, name: str) -> None:
        token = next((each for each, owner in self.active.items() if owner == name), None)
        if token is None:
            with pytest.raises(UnknownKeyError):
                revoke(self.state, name, MOMENT)
        else:
            revoke(self.state, name, MOMENT)
            self.revoked[token] = self.active.pop(token)

    @invariant()
    def each_token_is_known_for_what_it_is(self) -> None:
        known: tuple[Subscriber, ...] = load(self.state)
        assert len(known) == len(self.active) + len(self.revoked)
        for tokens, counts in ((self.active, True), (self.revoked, False)):
            for token, name in tokens.items():
                found = find(known, token)
                assert found is not None
                assert (found.name, found.is_active) == (name, counts)


TestTokenMachine = TokenMachine.TestCase
TestTokenMachine.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)


# The commands


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"a.md": "- [ ] call\n", "mdtasks.toml": 'timezone = "Europe/Berlin"\n'})


def test_a_new_address_is_shown_whole_and_only_then(root: Path) -> None:
    made = mdtasks(root, "feed", "token", "new", "phone")
    url, webcal, page = made.lines
    match = re.fullmatch(r"http://127\.0\.0\.1:8765/([\w-]{43})/calendar\.ics", url)
    assert match is not None
    assert webcal == f"webcal://127.0.0.1:8765/{match[1]}/calendar.ics"
    assert page == f"http://127.0.0.1:8765/{match[1]}/today"
    shown = mdtasks(root, "feed", "token", "list")
    assert shown.lines == ["phone  full  since 2026-11-23"]
    listed = mdtasks(root, "feed", "token", "list", "--json")
    assert match[1].encode() not in shown.out + shown.err + listed.out + listed.err


def test_only_the_whole_feed_goes_with_the_page(root: Path) -> None:
    made = mdtasks(root, "feed", "token", "new", "phone", "--lens", "busy", "--json").json
    assert (made["name"], made["lens"], made["page"]) == ("phone", "busy", None)
    assert made["url"].startswith("http://127.0.0.1:8765/")


def test_the_list_says_what_counts(root: Path) -> None:
    mdtasks(root, "feed", "token", "new", "desk", "--lens", "project:Launch post")
    mdtasks(root, "feed", "token", "new", "phone")
    assert mdtasks(root, "feed", "token", "revoke", "phone", now="2026-11-24T09:00").code == 0
    assert mdtasks(root, "feed", "token", "list").lines == [
        "desk   project:Launch post  since 2026-11-23",
        "phone  full                 revoked 2026-11-24",
    ]
    listed = mdtasks(root, "feed", "token", "list", "--json").json["subscribers"]
    assert [(each["name"], bool(each["revoked"])) for each in listed] == [
        ("desk", False),
        ("phone", True),
    ]
    assert not set(listed[0]) & {"digest", "key"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("new", "phone", "--lens", "all"), 2, "mdtasks: all: there is no such lens"),
        (("new", "phone", "--lens", "project:"), 2, "mdtasks: project:: there is no such lens"),
        (("new", "phone", "--lens", "project:NAME"), 0, None),
        (("new", " "), 2, "mdtasks: ' ': this is no name"),
        (("new", "a\nb"), 2, r"mdtasks: 'a\nb': this is no name"),
        (("revoke", "phone"), 1, "mdtasks: phone: nobody of this name has a token"),
    ],
)
def test_what_is_no_lens_and_no_name_is_refused(
    root: Path, words: tuple[str, ...], code: int, said: str | None
) -> None:
    ran = mdtasks(root, "feed", "token", *words)
    assert ran.code == code
    assert said is None or ran.said[0] == said


@pytest.mark.parametrize(("project", "is_said"), [("A", False), ("Lunch", True)])
def test_a_project_that_nobody_has_is_said(root: Path, project: str, is_said: bool) -> None:
    ran = mdtasks(root, "feed", "token", "new", "phone", "--lens", f"project:{project}")
    assert ran.code == 0
    assert (b"no task is of a project Lunch" in ran.err) is is_said


@pytest.mark.parametrize("words", [("feed",), ("feed", "token")])
def test_half_a_command_says_what_is_missing(root: Path, words: tuple[str, ...]) -> None:
    ran = mdtasks(root, *words)
    assert (ran.code, ran.said[0]) == (2, "mdtasks: Missing command.")


@pytest.mark.parametrize(
    ("serve", "base"),
    [
        ("port = 80", "http://127.0.0.1:80"),
        ('host = "::1"', "http://[::1]:8765"),
        ('host = "0.0.0.0"', "http://127.0.0.1:8765"),
        ('host = "0.0.0.0"\nallowed_hosts = ["laptop.local"]', "http://laptop.local:8765"),
        ('allowed_hosts = ["cal.example.com:443"]', "https://cal.example.com"),
        ('allowed_hosts = ["FD00::1"]', "http://[fd00::1]:8765"),
        ('allowed_hosts = ["192.168.1.5:8000", "b"]', "http://192.168.1.5:8000"),
    ],
)
def test_addresses_begin_as_others_reach_us(root: Path, serve: str, base: str) -> None:
    (root / "mdtasks.toml").write_text(f"[serve]\n{serve}\n")
    made = mdtasks(root, "feed", "token", "new", "phone")
    assert made.lines[0].startswith(f"{base}/")
    assert made.lines[1].startswith(f"{base.replace('http', 'webcal', 1)}/")


def test_the_token_stands_in_no_file(root: Path) -> None:
    secret = mdtasks(root, "feed", "token", "new", "phone", "--json").json["url"].split("/")[3]
    files = [path for path in Path.home().rglob("*") if path.is_file()]
    assert any(path.name == "subscribers.json" for path in files)
    assert not [path for path in files if secret.encode() in path.read_bytes()]
