"""What is handed out, and when it is made anew: without a server, on a real vault."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from mdtasks.app.refresh import refresh
from mdtasks.app.session import open_session
from mdtasks.app.subscribers import feeds
from mdtasks.errors import MdtasksError
from mdtasks.serve.listening import hosts_of
from mdtasks.serve.preparing import Preparing
from mdtasks.serve.served import Served
from mdtasks.settings import ServeSettings
from mdtasks.write.tokens import Subscriber, ledger_of
from tests.conftest import MakeVault
from tests.ics_rules import broken_history, events
from tests.running import NOW, mdtasks
from tests.serving import new_token, wait_until

NOTES = {
    "mdtasks.toml": 'timezone = "Europe/Berlin"\nvault_id = "prepared"\n',
    "Shop.md": """# Shop

- [ ] Paint the sign 📅 2026-11-24 [estimate:: 1h]
- [ ] Ask Dr. Moss 📅 2026-11-24 [estimate:: 30m] #private
    - [ ] Bring the letter 📅 2026-11-24 [estimate:: 45m]
""",
    "Home.md": "- [ ] Wash the car 📅 2026-11-23 [estimate:: 30m]\n",
    # Two of one name: the log cannot say for which it was.
    "One.md": "- [ ] See Kim #private\n",
    "Two.md": "- [ ] See Kim #private\n",
    "2026-11-22.md": """## Time log

- 09:00 - 10:00 Wash the car
- 10:00 - 11:00 Ask Dr. Moss
- 11:00 - 12:00 Drive to [[Secret place]]
- 13:00 - 14:00 Talk with Bo ([[Shop]])
- 14:00 - 15:00 Therapy #private
- 15:00 - 16:00 See Kim
""",
}


@pytest.fixture
def root(vault: MakeVault) -> Path:
    made = vault(NOTES)
    assert mdtasks(made, "sync").code == 0
    return made


@pytest.fixture
def served(root: Path) -> Served:
    session = open_session(str(root), NOW, lambda line: None)
    return Served(session, NOW, lambda line: None, hosts_of(ServeSettings()))


def handed(served: Served, name: str) -> list[str]:
    """Return the summaries of what a subscriber is handed, made now."""
    session = served.session()
    with session.store() as store:
        found = feeds(session, store, served.subscribers)
    (digest,) = (each.digest for each in served.subscribers if each.name == name)
    assert found is not None
    return [event.get("SUMMARY") for event in events(found[digest])]


@pytest.mark.parametrize(
    ("lens", "wanted"),
    [
        ("title", {"Paint the sign", "Wash the car"}),
        ("busy", {"Busy"}),
        ("project:shop", {"Paint the sign"}),
        ("project:Home", {"Wash the car"}),
        ("project:Nothing", set()),
        ("actual", {"Wash the car", "Talk with Bo", "Drive to Secret place"}),
    ],
)
def test_each_lens_shows_its_own_of_a_real_vault(
    served: Served, root: Path, lens: str, wanted: set[str]
) -> None:
    new_token(root, "they", lens)
    assert set(handed(served, "they")) == wanted


def test_nothing_private_is_in_any_file_that_is_handed_out(served: Served, root: Path) -> None:
    for lens in ("title", "busy", "actual", "project:Shop"):
        new_token(root, lens, lens)
    session = served.session()
    with session.store() as store:
        found = feeds(session, store, served.subscribers)
    assert found is not None
    for data in found.values():
        for words in (b"Moss", b"letter", b"Kim", b"Therapy", b"private", b"obsidian", b".md"):
            assert words not in data


def test_nothing_is_made_of_an_index_that_is_only_being_filled(served: Served, root: Path) -> None:
    new_token(root, "they", "title")
    session = served.session()
    session.places.cache.unlink()
    with session.store() as store:
        assert feeds(session, store, served.subscribers) is None
        refresh(session, store)
        assert feeds(session, store, served.subscribers) is not None


def test_a_lens_of_a_later_version_is_handed_nothing_and_disturbs_nobody(
    served: Served, root: Path
) -> None:
    new_token(root, "me")
    odd = Subscriber("they", "later:x", "", "d" * 64, "k" * 64)
    session = served.session()
    with session.store() as store:
        found = feeds(session, store, [*served.subscribers, odd])
    assert found is not None
    assert found.keys() == {served.subscribers[0].digest}


def test_what_one_cannot_be_handed_is_told_and_the_others_go_on(served: Served, root: Path) -> None:
    new_token(root, "me", "busy")
    new_token(root, "they", "busy")
    mine, theirs = served.subscribers
    ledger_of(served.state, theirs).mkdir(parents=True)
    told: list[MdtasksError] = []
    session = served.session()
    with session.store() as store:
        found = feeds(session, store, served.subscribers, told.append)
        assert found is not None
        assert found.keys() == {mine.digest}
        assert len(told) == 1
        with pytest.raises(MdtasksError, match="cannot be written"):
            feeds(session, store, served.subscribers)


def test_a_subscribers_history_has_no_stumbling_block(served: Served, root: Path) -> None:
    for lens in ("title", "busy", "project:Shop"):
        new_token(root, lens, lens)
    history: dict[str, list[bytes]] = {}
    edits = ["", "sign 📅", "sign in red 📅", "sign #private 📅", "sign 📅", "[estimate:: 1h]"]
    note = root / "Shop.md"
    for before, after in zip(edits, [*edits[1:], "[estimate:: 2h]"], strict=True):
        note.write_text(note.read_text().replace(before or "sign 📅", after, 1))
        assert mdtasks(root, "sync").code == 0
        session = served.session()
        with session.store() as store:
            for digest, data in (feeds(session, store, served.subscribers) or {}).items():
                history.setdefault(digest, []).append(data)
    assert len(history) == 3
    for series in history.values():
        assert len(series) == 6
        faults = list(broken_history(series))
        # All syncs are of one moment here, so the stamps alone do not tell them apart.
        assert not [fault for fault in faults if "falls" in fault or "together" in fault]
    assert any(len(set(series)) > 2 for series in history.values())


@contextmanager
def prepared(served: Served) -> Iterator[Preparing]:
    made = Preparing(served, served.session())
    stop = Event()
    thread = Thread(target=made.run, args=(stop,))
    thread.start()
    try:
        yield made
    finally:
        stop.set()
        thread.join()


def test_what_another_process_publishes_is_seen_and_told(served: Served, root: Path) -> None:
    new_token(root, "they", "title")
    (reader,) = served.subscribers
    with prepared(served):
        wait_until(lambda: served.shelf.get(reader.digest))
        count = served.news.count
        note = root / "Home.md"
        note.write_text(note.read_text().replace("car", "van"))
        assert mdtasks(root, "sync").code == 0

        def shows() -> bool:
            ready = served.shelf.get(reader.digest)
            return ready is not None and b"Wash the van" in ready.body

        wait_until(shows)
        assert served.news.count > count


def test_a_hint_is_heard_and_what_cannot_be_made_leaves_the_last_good(
    served: Served, root: Path
) -> None:
    new_token(root, "they", "busy")
    (reader,) = served.subscribers
    with prepared(served) as preparing:
        wait_until(lambda: served.shelf.get(reader.digest))
        before = served.shelf.get(reader.digest)
        said: list[str] = []
        served.notify = said.append
        root.rename(root.with_name("away"))
        preparing.hint()
        wait_until(lambda: said)
        assert served.shelf.get(reader.digest) == before
        root.with_name("away").rename(root)
        count = served.news.count
        preparing.hint()
        wait_until(lambda: served.news.count > count)
        assert len(set(said)) == len(said) == 1


def test_who_cannot_be_handed_the_new_keeps_the_last_good(served: Served, root: Path) -> None:
    new_token(root, "me", "title")
    new_token(root, "they", "title")
    mine, theirs = served.subscribers

    def shows(reader: Subscriber, words: bytes) -> bool:
        ready = served.shelf.get(reader.digest)
        return ready is not None and words in ready.body

    with prepared(served) as preparing:
        wait_until(lambda: shows(mine, b"Wash the car") and shows(theirs, b"Wash the car"))
        ledger = ledger_of(served.state, theirs)
        ledger.unlink()
        ledger.mkdir()
        note = root / "Home.md"
        note.write_text(note.read_text().replace("car", "van"))
        assert mdtasks(root, "sync").code == 0
        preparing.hint()
        wait_until(lambda: shows(mine, b"Wash the van"))
        assert shows(theirs, b"Wash the car")
