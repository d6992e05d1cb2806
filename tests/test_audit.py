"""What repeats: likeness, figures, and the notes to hand work over with."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.app.audit import audited
from mdtasks.app.audit_note import Wanted, questions_of, write
from mdtasks.app.session import open_session
from mdtasks.plan.repeated import Work, clusters, repeated, words
from tests.conftest import MakeVault
from tests.running import NOW, mdtasks, on_terminal, still

TASKS = (
    "- [x] Send invoice 101 to Krume #mail ⏱ 30m ✅ 2026-11-02\n"
    "  - [x] Count the letters ✅ 2026-11-02\n"
    "- [x] Send the invoice 102 to Krume ⏱ 30m ✅ 2026-11-09\n"
    "  - [x] Count the letters ✅ 2026-11-09\n"
    "  - [x] Print it twice ✅ 2026-11-09\n"
    "- [x] Send invoice 103 to Krume ⏱ 30m ✅ 2026-11-16\n"
    "  Ask for the number first.\n"
    "- [x] Paint the door ⏱ 30m ✅ 2026-11-16\n"
)
SETTINGS = '[hours]\nmon-sun = ["09:00-10:00"]\n[earnings]\nhourly = "60 EUR"\n'
NOTES = {"Office.md": TASKS, "mdtasks.toml": SETTINGS}
INVOICES = "Send invoice to Krume"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Send invoice 101", "send invoice 102"),
        ("Report for March #work", "Report for April"),
        ("Call [[Sam Smith|Sam]] on 2026-11-02", "Call Sam"),
        ("Newsletter, Monday 23 November", "Newsletter"),
        ("Send the invoice", "Send invoice"),
        ("Back up the laptop", "Back up laptop 3rd"),
    ],
)
def test_what_differs_each_time_is_not_compared(one: str, other: str) -> None:
    assert words(one) == words(other)


def test_alike_is_one_group_and_other_work_is_another() -> None:
    texts = ["Order flour", "Order flours", "order the flour!", "Order stamps", "Mail Tvärvind"]
    found = clusters(texts)
    assert len({found[words(text)] for text in texts[:3]}) == 1
    assert len({found[words(text)] for text in texts}) == 3


def work(n: int, text: str, minutes: int = 10, repeats: bool = False) -> Work:
    day = date(2026, 11, 1) + timedelta(days=n % 20)
    return Work(f"u{n}", "a.md", n, text, day, timedelta(minutes=minutes), False, repeats)


TEXTS = st.sampled_from(
    ["Call Bob", "call bob 2", "Call Bo", "Order flour", "Ordering flour", "1", "2", "🎂", "March"]
)


@given(st.lists(st.tuples(TEXTS, st.integers(1, 90)), max_size=20), st.randoms())
def test_groups_do_not_depend_on_the_order_and_nothing_counts_twice(
    rows: list[tuple[str, int]], random: object
) -> None:
    works = [work(n, text, minutes) for n, (text, minutes) in enumerate(rows)]
    mixed = [*works]
    getattr(random, "shuffle")(mixed)  # noqa: B009
    groups = repeated(works, timedelta(hours=40))
    assert groups == repeated(mixed, timedelta(hours=40))
    uids = [each.uid for group in groups for each in group.works]
    assert len(uids) == len(set(uids))
    assert all(group.times > 1 for group in groups)
    for group in groups:
        assert group.time == sum((each.time for each in group.works), timedelta())


def test_what_is_done_once_is_no_group_unless_it_comes_back() -> None:
    found = repeated([work(1, "Paint"), work(2, "Water", repeats=True)], timedelta(hours=1))
    assert [(group.name, group.part) for group in found] == [("Water", Decimal(10) / 60)]


def test_count_time_worth_and_share_are_told(vault: MakeVault) -> None:
    found = mdtasks(vault(NOTES), "audit", "--json").json
    # Four weeks from 2 November, up to today: 22 days with an hour of work each.
    assert (found["working"], found["currency"]) == (22 * 60, "EUR")
    first = found["groups"][0]
    assert (first["name"], first["count"], first["minutes"]) == (INVOICES, 3, 90)
    assert (first["worth"], first["share"], first["much"]) == ("90.00", 0.0682, False)
    assert "Paint the door" not in [group["name"] for group in found["groups"]]


def test_logged_time_counts_before_the_estimate(vault: MakeVault) -> None:
    log = "# Time log\n- 09:00 - 10:10 Send invoice 103 to Krume\n"
    root = vault({**NOTES, "2026-11-16.md": log})
    found = mdtasks(root, "audit", "--json").json["groups"][0]
    assert (found["minutes"], found["logged"], found["much"]) == (130, 1, False)
    lines = mdtasks(root, "audit", "--weeks", "1").lines
    assert lines[2].startswith("Nothing repeats")


def test_more_than_a_tenth_of_the_week_is_marked(vault: MakeVault) -> None:
    short = SETTINGS.replace("10:00", "09:30")
    root = vault({**NOTES, "mdtasks.toml": short})
    lines = mdtasks(root, "audit").lines
    assert (
        lines[2].split()
        == (" 1! Send invoice to Krume 3 times 1h30m 90.00 EUR 14 % " + "#" * 20).split()
    )
    assert "!  over 10 % of the working time" in lines
    assert "█" in on_terminal(root, "audit").out.decode()


def test_a_step_counts_with_what_it_is_a_step_of_unless_that_is_long(vault: MakeVault) -> None:
    whole = "- [x] Bake {} ⏱ {} ✅ 2026-11-20\n  - [x] Knead ⏱ 10m ✅ 2026-11-20\n"
    log = "# Time log\n- 09:00 - 09:20 Bake 1\n- 10:00 - 10:30 Knead\n"
    short = whole.format(1, "1h") + whole.format(2, "1h").replace("Knead", "Rest")
    root = vault({"a.md": short, "2026-11-20.md": log})
    found = mdtasks(root, "audit", "--json").json["groups"]
    assert [(each["name"], each["minutes"], each["logged"]) for each in found] == [("Bake", 110, 1)]
    root = vault({"a.md": whole.format(1, "4h") + whole.format(2, "4h"), "2026-11-20.md": ""})
    found = mdtasks(root, "audit", "--json").json["groups"]
    assert [(each["name"], each["minutes"]) for each in found] == [("Knead", 20)]


def test_long_work_is_no_small_task(vault: MakeVault) -> None:
    root = vault({"a.md": "- [x] Build ⏱ 4h ✅ 2026-11-20\n- [x] Build 2 ⏱ 4h ✅ 2026-11-21\n"})
    assert mdtasks(root, "audit", "--json").json["groups"] == []


# The note with the questions


def audit_note(root: Path) -> str:
    return (root / "Audit.md").read_text("utf-8")


def test_the_note_asks_of_each_and_its_boxes_are_no_tasks(vault: MakeVault) -> None:
    root = vault(NOTES)
    before = mdtasks(root, "index", "--json").json["tasks"]
    assert mdtasks(root, "audit", "--note").code == 0
    text = audit_note(root)
    assert f"### {INVOICES}\n*3 times · 1h30m · 90.00 EUR · 7 % of the working time" in text
    assert text.count("- [ ] harmless to the brand?") == 1
    assert mdtasks(root, "index", "--json").json["tasks"] == before


def test_where_nothing_repeats_no_note_is_made(vault: MakeVault) -> None:
    root = vault({"a.md": "- [x] once ✅ 2026-11-20\n"})
    for more in (["--dry-run"], []):
        ran = mdtasks(root, "audit", "--note", *more)
        assert (ran.code, ran.lines) == (0, [])
        assert not (root / "Audit.md").exists()
    assert ran.said == [
        "mdtasks: nothing repeats in these weeks, so there is nothing to write; "
        "--weeks looks further back"
    ]


def test_answers_and_words_of_a_person_survive_the_next_writing(vault: MakeVault) -> None:
    root = vault(NOTES)
    mdtasks(root, "audit", "--note")
    text = audit_note(root).replace("[ ] repetitive?", "[x] repetitive? yes, and how", 1)
    text = text.replace("brand?\n", "brand?\nAsk Sam first.\n", 1).replace("# Audit", "# My audit")
    (root / "Audit.md").write_text("above\n" + text + "below", "utf-8")
    more = TASKS + "- [x] Send invoice 104 to Krume ⏱ 30m ✅ 2026-11-17\n"
    (root / "Office.md").write_text(more, "utf-8")
    mdtasks(root, "audit", "--note")
    now = audit_note(root)
    assert now.startswith("above\n# My audit\n")
    assert now.endswith("<!-- mdtasks:end -->\nbelow")
    assert "*4 times · 2h · 120.00 EUR" in now
    assert now.count("- [x] repetitive? yes, and how\n") == now.count("Ask Sam first.\n") == 1
    assert mdtasks(root, "audit", "--note").said == [
        "mdtasks: nothing to change: the note says so already"
    ]


def test_answers_to_what_no_longer_repeats_are_kept(vault: MakeVault) -> None:
    root = vault(NOTES)
    mdtasks(root, "audit", "--note")
    text = audit_note(root).replace("[ ] skills", "[x] skills", 1)
    (root / "Audit.md").write_text(text, "utf-8")
    mdtasks(root, "audit", "--weeks", "1", "--note")
    first = audit_note(root)
    assert f"### {INVOICES}\n*not repeated in these weeks*" in first
    assert "- [x] skills easily had?" in first
    assert "### Count the letters" not in first
    mdtasks(root, "audit", "--weeks", "4", "--note")
    assert audit_note(root) == text


def test_a_note_of_that_name_that_is_not_ours_is_left_alone(vault: MakeVault) -> None:
    root = vault({**NOTES, "Audit.md": "# Tax audit\n- [ ] papers\n"})
    ran = mdtasks(root, "audit", "--note")
    assert ran.code == 1
    assert audit_note(root) == "# Tax audit\n- [ ] papers\n"
    assert "nothing was written" in ran.said[0]


def test_a_fence_that_would_hide_the_end_of_the_section_is_not_written_over(
    vault: MakeVault,
) -> None:
    root = vault(NOTES)
    mdtasks(root, "audit", "--note")
    text = audit_note(root).replace("brand?\n", "brand?\n```\nopen\n", 1)
    (root / "Audit.md").write_text(text, "utf-8")
    assert mdtasks(root, "audit", "--note", "--weeks", "5").code == 1
    assert audit_note(root) == text


def test_windows_endings_and_a_mark_stay_as_they_are(vault: MakeVault) -> None:
    root = vault(NOTES)
    mdtasks(root, "audit", "--note")
    data = b"\xef\xbb\xbf" + (root / "Audit.md").read_bytes().replace(b"\n", b"\r\n")
    (root / "Audit.md").write_bytes(data)
    mdtasks(root, "audit", "--weeks", "2", "--note")
    now = (root / "Audit.md").read_bytes()
    assert now.startswith(b"\xef\xbb\xbf# Audit\r\n")
    assert now.count(b"\n") == now.count(b"\r\n")
    assert now != data


def test_a_tick_that_is_made_meanwhile_is_kept(vault: MakeVault) -> None:
    root = vault(NOTES)
    mdtasks(root, "audit", "--note")
    still(root)
    session = open_session(str(root), NOW, lambda line: None)
    asked: list[Wanted] = []
    with session.store() as store:
        found = audited(session, store, 3)

        def ask() -> Wanted:
            asked.append(questions_of(session, found))
            if len(asked) == 1:
                ticked = audit_note(root).replace("[ ] repetitive?", "[x] repetitive?", 1)
                (root / "Audit.md").write_text(ticked, "utf-8")
                still(root)
            return asked[-1]

        write(session, store, ask)
    assert len(asked) == 2
    assert "- [x] repetitive?" in audit_note(root)
    assert "*2 times" in audit_note(root)


def test_writing_is_rehearsed_and_taken_back(vault: MakeVault) -> None:
    root = vault(NOTES)
    shown = mdtasks(root, "audit", "--note", "--dry-run")
    assert "+# Audit" in shown.lines
    assert not (root / "Audit.md").exists()
    mdtasks(root, "audit", "--note")
    before = audit_note(root)
    mdtasks(root, "audit", "--weeks", "1", "--note")
    assert audit_note(root) != before
    mdtasks(root, "undo")
    assert audit_note(root) == before
    mdtasks(root, "undo")
    assert not (root / "Audit.md").exists()


# The brief


def test_a_brief_holds_what_the_notes_know(vault: MakeVault) -> None:
    root = vault(NOTES)
    assert mdtasks(root, "audit", "--brief", "1").code == 0
    text = (root / "Handing over" / f"{INVOICES}.md").read_text("utf-8")
    assert "Project: Office\n" in text
    assert "1. Count the letters (2 of 3 times)\n2. Print it twice (1 of 3 times)\n" in text
    assert "Send invoice 103 to Krume, done on 2026-11-16 ([[Office]])\n> Ask for" in text
    assert "Done 3 times so far, as a rule every 7 days." in text
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == ["## Purpose", "## Steps", "## Example", "## Deadline", "## Feedback"]
    assert mdtasks(root, "audit", "--brief", "1").code == 1
    assert (root / "Handing over" / f"{INVOICES}.md").read_text("utf-8") == text


def test_the_rule_and_the_next_due_date_are_the_deadline(vault: MakeVault) -> None:
    tasks = (
        "- [ ] Water 🔁 every week 📅 2026-11-27\n- [x] Water 🔁 every week 📅 2026-11-20 "
        "✅ 2026-11-20\n"
    )
    root = vault({"a.md": tasks})
    mdtasks(root, "audit", "--brief", "1")
    text = (root / "Handing over" / "Water.md").read_text("utf-8")
    assert "It comes back every week.\nThe next one is due on 2026-11-27.\n" in text


@pytest.mark.parametrize(
    "args", [("--note", "--brief", "1"), ("--brief", "9"), ("--dry-run",), ("--weeks", "0")]
)
def test_a_call_that_makes_no_sense_is_refused(vault: MakeVault, args: tuple[str, ...]) -> None:
    root = vault(NOTES)
    assert mdtasks(root, "audit", *args).code == 2
    assert sorted(path.name for path in root.rglob("*.md")) == ["Office.md"]


HOSTILE = (
    "%% <!-- mdtasks:end --> x\x1b[31m", "../../etc/x", "[x] box", "CON: a*b?|<>#^[]", "<!-- c",
    "```", "### h ^id",
)  # fmt: skip


@pytest.mark.parametrize("words_", HOSTILE)
def test_hostile_words_break_neither_note_nor_terminal(vault: MakeVault, words_: str) -> None:
    tasks = "".join(f"- [x] {words_} ✅ 2026-11-{day}\n  - [x] {words_}\n" for day in (19, 20))
    root = vault({"a.md": tasks})
    count = mdtasks(root, "index", "--json").json["tasks"]
    for args in (("--note",), ("--note",), ("--brief", "1")):
        ran = mdtasks(root, "audit", *args)
        assert ran.code == 0, ran.said
        assert b"\x1b" not in ran.out
    still(root)
    assert mdtasks(root, "index", "--json").json["tasks"] == count
    made = [path for path in root.rglob("*.md") if path.parent.name == "Handing over"]
    assert len(made) == 1
    assert audit_note(root).count("<!-- mdtasks:start -->") == 1
    assert b"\x1b" not in mdtasks(root, "audit").out
