"""The buttons of the day's page, over HTTP: what they write, and what they refuse."""

from __future__ import annotations

import re
import shutil
import threading
import time
from pathlib import Path

import pytest

from mdtasks.serve.page_forms import Forms
from mdtasks.write import outbox
from mdtasks.write.outbox import Command
from mdtasks.write.places import Place
from mdtasks.write.splice import Splice
from mdtasks.write.tokens import digest_of
from tests.conftest import MakeVault
from tests.pages import Answer, Door, Form, boxes, served, words
from tests.running import mdtasks, still

DAY = "2026-11-23"
NEXT = "2026-11-24"


def after(door: Door, answer: Answer) -> str:
    """Return the page to which an answer leads; nobody is writing any more."""
    assert answer.status == 303
    still(door.root)
    return door.get(answer.location).text


def ticks(door: Door, form: Form) -> str:
    return words(after(door, door.post(form)), "said")


def test_a_box_ticks_the_line_and_no_other_byte(vault: MakeVault) -> None:
    root = vault({"a.md": "# A\r\n- [ ] one\r\n- [ ] two\r\n"})
    with served(root) as door:
        page = after(door, door.post(door.tick("two")))
    done = f"# A\r\n- [ ] one\r\n- [x] two ✅ {DAY}\r\n"
    assert (root / "a.md").read_bytes() == done.encode()
    assert words(page, "said").startswith("Ticked. two")
    assert [box.text for box in boxes(page)] == ["one"]


def test_undo_stands_beside_what_was_ticked_until_something_else_came(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n- [ ] two\n"})
    with served(root) as door:
        page = after(door, door.post(door.tick("one")))
        assert words(page, "said").endswith("Undo ×")
        answer = door.post(door.tick("two"))
        assert mdtasks(root, "undo").code == 0
        assert "Undo" not in words(after(door, answer), "said")


def test_what_was_said_is_said_once(vault: MakeVault) -> None:
    with served(vault({"a.md": "- [ ] one\n"})) as door:
        answer = door.post(door.tick("one"))
        assert "Ticked." in door.get(answer.location).text
        assert "Ticked." not in door.get(answer.location).text


def test_undo_takes_the_tick_back(vault: MakeVault) -> None:
    root = vault({"a.md": b"- [ ] one \xff\n"})
    with served(root) as door:
        after(door, door.post(door.tick("one")))
        assert b"[x]" in (root / "a.md").read_bytes()
        assert "Taken back." in ticks(door, door.undo())
    assert (root / "a.md").read_bytes() == b"- [ ] one \xff\n"


def test_undo_means_the_change_that_was_shown_and_no_earlier_one(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n- [ ] two\n"})
    with served(root) as door:
        ticks(door, door.tick("one"))
        ticks(door, door.tick("two"))
        form = door.undo()
        assert "Taken back." in ticks(door, form)
        assert "not the last change any more" in ticks(door, form)
    assert (root / "a.md").read_text() == f"- [x] one ✅ {DAY}\n- [ ] two\n"


def test_undo_leaves_alone_what_came_after_the_page(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n- [ ] two\n"})
    with served(root) as door:
        ticks(door, door.tick("one"))
        form = door.undo()
        assert mdtasks(root, "done", "a.md:2").code == 0
        assert "not the last change any more" in ticks(door, form)
    assert "[ ]" not in (root / "a.md").read_text()


@pytest.mark.parametrize("due", ["", f" 📅 {DAY}"], ids=["undated", "dated"])
@pytest.mark.parametrize("at", ["above", "below"])
def test_the_same_form_again_does_not_tick_the_next_time(
    vault: MakeVault, due: str, at: str
) -> None:
    settings = f'[write]\nnext_line = "{at}"\n'
    root = vault({"a.md": f"- [ ] water 🔁 every day{due}\n", "mdtasks.toml": settings})
    with served(root) as door:
        form = door.tick("water")
        assert "the next one is written" in ticks(door, form)
        once = (root / "a.md").read_bytes()
        assert once.count(b"[x]") == 1
        assert once.count(b"[ ]") == 1
        for _ in range(2):
            said = ticks(door, form)
            assert "nothing was changed" in said or "nothing was written" in said
        assert (root / "a.md").read_bytes() == once
        # A page that shows the next time ticks it.
        if due:
            assert NEXT in once.decode()
        assert "the next one is written" in ticks(door, door.tick("water"))


@pytest.mark.parametrize("at", ["above", "below"])
def test_not_even_with_an_index_that_knows_nothing_of_before(vault: MakeVault, at: str) -> None:
    settings = f'[write]\nnext_line = "{at}"\n'
    root = vault({"a.md": "- [ ] water 🔁 every day\n", "mdtasks.toml": settings})
    with served(root) as door:
        form = door.tick("water")
        ticks(door, form)
        once = (root / "a.md").read_bytes()
        shutil.rmtree(door.served.session().places.cache.parent)
        assert "Ticked" not in ticks(door, form)
    assert (root / "a.md").read_bytes() == once


def test_many_posts_of_one_form_at_once_tick_once(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] water 🔁 every day\n"})
    with served(root) as door:
        form = door.tick("water")
        answers: list[Answer] = []
        threads = [
            threading.Thread(target=lambda: answers.append(door.post(form))) for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [answer.status for answer in answers] == [303] * 6
    assert (root / "a.md").read_text().count("[x]") == 1


def test_a_box_that_is_ticked_already_changes_nothing(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n"})
    with served(root) as door:
        form = door.tick("one")
        assert mdtasks(root, "done", "a.md:1").code == 0
        before = (root / "a.md").read_bytes()
        assert "ticked already" in ticks(door, form)
        assert (root / "a.md").read_bytes() == before


def test_a_line_that_changed_is_refused_with_its_new_words(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] call the dentist\n"})
    with served(root) as door:
        form = door.tick("call")
        (root / "a.md").write_text("- [ ] call the doctor\n")
        still(root)
        page = after(door, door.post(form))
        assert "call the doctor" in words(page, "said")
        assert "nothing was written" in words(page, "said")
        assert (root / "a.md").read_text() == "- [ ] call the doctor\n"
        assert "Ticked." in ticks(door, door.tick("call the doctor"))


def test_the_words_of_a_note_are_isolated_in_what_is_said_too(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n"})
    with served(root) as door:
        form = door.tick("one")
        (root / "a.md").write_text("- [ ] one \u202eand <b>more</b>\n")
        still(root)
        page = after(door, door.post(form))
    assert "\u202e" in words(page, "said")
    outside = re.sub(r"<bdi[^>]*>.*?</bdi>", "", page, flags=re.DOTALL)
    assert "\u202e" not in outside
    assert "<b>" not in page


def test_undo_drops_what_waits(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n"})
    with served(root) as door:
        splice = Splice("a.md", 9, ("- [ ] two",), ("- [x] two",))
        place = Place(splice, 9, (None, None), (1, 0), (0, 1), 0)
        outbox.add(door.served.state, Command("c", time.time(), (place,), given_up=True))
        form = door.undo()
        assert "a.md - [x] two" in words(door.get().text, "last-change")
        assert "Dropped. this will not be written any more: a.md:9" in ticks(door, form)
        assert outbox.is_empty(door.served.state)


def test_another_date_is_another_line(vault: MakeVault) -> None:
    root = vault({"a.md": f"- [ ] pay 📅 {DAY}\n"})
    with served(root) as door:
        form = door.tick("pay")
        (root / "a.md").write_text("- [ ] pay 📅 2026-12-24\n")
        still(root)
        assert "changed since you saw it" in ticks(door, form)
    assert "[ ]" in (root / "a.md").read_text()


def test_a_task_that_is_gone_is_refused(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n- [ ] other\n"})
    with served(root) as door:
        form = door.tick("one")
        (root / "a.md").write_text("- [ ] other\n")
        still(root)
        assert "gone from the notes" in ticks(door, form)
    assert (root / "a.md").read_text() == "- [ ] other\n"


def test_a_line_that_moved_is_ticked_where_it_is(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n", "b.md": "# B\n"})
    with served(root) as door:
        form = door.tick("one")
        (root / "a.md").write_text("")
        (root / "b.md").write_text("# B\n- [ ] one\n")
        still(root)
        assert "Ticked." in ticks(door, form)
    assert (root / "b.md").read_text() == f"# B\n- [x] one ✅ {DAY}\n"


# Forms that are not ours


@pytest.mark.parametrize("field", ["task", "mark", "at", "proof"])
def test_a_form_with_another_field_is_refused(vault: MakeVault, field: str) -> None:
    root = vault({"a.md": "- [ ] one\n- [ ] two\n"})
    with served(root) as door:
        form, other = door.tick("one"), door.tick("two")
        value = {**other.fields, "at": "1.000"}[field]
        forged = form._replace(fields={**form.fields, field: value})
        assert_refused(door, door.post(forged))


def test_a_form_without_proof_or_with_more_is_refused(vault: MakeVault) -> None:
    with served(vault({"a.md": "- [ ] one\n"})) as door:
        form = door.tick("one")
        bare = {name: value for name, value in form.fields.items() if name != "proof"}
        for fields in (bare, {**form.fields, "more": "1"}, {**form.fields, "proof": "é"}, {}):
            assert_refused(door, door.post(form._replace(fields=fields)))


def test_the_form_of_one_button_is_none_of_another(vault: MakeVault) -> None:
    with served(vault({"a.md": "- [ ] one\n- [ ] two\n"})) as door:
        ticks(door, door.tick("one"))
        before = (door.root / "a.md").read_bytes()
        assert door.post(door.tick("two")._replace(action="undo")).status == 403
        assert door.post(door.undo()._replace(action="tick")).status == 403
        assert (door.root / "a.md").read_bytes() == before


def test_a_form_of_another_start_or_another_token_is_refused(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n"})
    with served(root) as door:
        form = door.tick("one")
    with served(root) as door:
        assert_refused(door, door.post(form))
        assert_refused(door, door.post(door.of_another().tick("one")))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": ""}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303),
        ({"Origin": "null"}, 303),
        ({}, 303),
    ],
)
def test_a_form_on_a_page_of_others_is_refused(
    vault: MakeVault, headers: dict[str, str], status: int
) -> None:
    with served(vault({"a.md": "- [ ] one\n"})) as door:
        answer = door.post(door.tick("one"), headers)
        assert answer.status == status
        assert ("[x]" in (door.root / "a.md").read_text()) == (status == 303)


def test_a_page_of_the_day_before_is_refused(vault: MakeVault) -> None:
    with served(vault({"a.md": "- [ ] one\n"})) as door:
        who = digest_of(door.address.rpartition("/")[2])
        form = door.tick("one")
        told = {name: form.fields[name] for name in ("task", "mark")}
        made = Forms(door.served.secret, who)
        for hours, status in ((25, 403), (-1, 403), (23, 303)):
            fields = made.filled("tick", time.time() - hours * 3600, **told)
            assert door.post(form._replace(fields=fields)).status == status


def test_what_is_no_form_is_refused(vault: MakeVault) -> None:
    with served(vault({"a.md": "- [ ] one\n"})) as door:
        assert door.ask("POST", "tick", "x=1").status == 415
        assert door.ask("GET", "tick").status == 405
        assert door.ask("PUT", "today").status == 405


def test_the_page_says_why_it_cannot_be_shown(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n"})
    with served(root) as door:
        form = door.tick("one")
        (root / "mdtasks.toml").write_text("[plan]\ndaays = 3\n")
        answer = door.get()
        assert answer.status == 503
        assert "daays" in answer.text
        assert door.post(form).status == 303
    assert (root / "a.md").read_text() == "- [ ] one\n"


def assert_refused(door: Door, answer: Answer) -> None:
    assert answer.status == 403
    assert "Nothing was changed." in answer.text
    assert "[x]" not in (Path(door.root) / "a.md").read_text()
