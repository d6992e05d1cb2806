"""The export itself: read note by note, in little room, past what is broken."""

from __future__ import annotations

import tracemalloc
from base64 import encodebytes
from hashlib import md5
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from mdtasks.evernote.enex import Exported, notes
from mdtasks.evernote.page import quoted
from mdtasks.evernote.todos import words_of_rule
from mdtasks.plan.rule_words import parse_rule
from tests.conftest import MakeVault
from tests.exports import export, note, with_files
from tests.running import on_terminal


def read(text: str | bytes) -> list[Exported]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(notes(BytesIO(b"<en-export>" + data + b"</en-export>"), BytesIO))


def faults(text: str) -> list[tuple[int, int, str, bool]]:
    return [(one.number, one.line, one.title, bool(one.fault)) for one in read(text)]


def test_notes_are_numbered_with_title_and_line() -> None:
    assert faults(note("One") + note("Two")) == [(1, 1, "One", False), (2, 2, "Two", False)]


@pytest.mark.parametrize(
    "broken",
    [
        "<note><title>B</title>&none;</note>\n",
        "<note><title>B</title><created></note>\n",
        "<note><title>B</title>\x0b</note>\n",
        "<note><title>B</title><a b=c/></note>\n",
        "<note><title>B</title><\n",
        "<note><title>B</title><x>\n",
    ],
)
def test_what_is_no_xml_breaks_off_one_note(broken: str) -> None:
    told = faults(note("A") + broken + note("C") + broken + note("E"))
    assert [one for one in told if one[0]] == [
        (1, 1, "A", False),
        (2, 2, "B", True),
        (3, 3, "C", False),
        (4, 4, "B", True),
        (5, 5, "E", False),
    ]


def test_an_end_between_notes_is_told() -> None:
    first, second = notes(BytesIO(f"<en-export>{note('A')}".encode()))
    assert (first.fault, second.number, bool(second.fault)) == ("", 0, True)


def test_a_text_beyond_all_measure_is_not_held() -> None:
    (one,) = read(note("A", "x" * (11 << 20)))
    assert "longer than 10240 KB" in one.fault
    assert len(one.content) <= 10 << 20


@pytest.mark.parametrize("cut", [1, 3, 4, 76])
def test_attachments_are_whole_wherever_their_lines_end(cut: int) -> None:
    text = with_files("A", "<div/>", ("a", "b/c", bytes(range(256)) * 3))
    lines = text.partition('"base64">\n')[2].partition("\n</data>")[0]
    told = "\r\n ".join(lines[at : at + cut] for at in range(0, len(lines), cut))
    data = f"<en-export>{text.replace(lines, told)}</en-export>".encode()
    for one in notes(BytesIO(data), BytesIO):
        (file,) = one.attachments
        assert one.spool
        one.spool.seek(file.start)
        assert one.spool.read(file.size) == bytes(range(256)) * 3
        assert file.digest == md5(bytes(range(256)) * 3).hexdigest()


def test_a_large_attachment_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.enex"
    data = encodebytes(bytes(8 << 20)).decode()
    resource = f"<resource><data>{data}</data><mime>a/b</mime></resource>"
    export(path, note("A", more=resource))
    with path.open("rb") as file:
        tracemalloc.start()
        try:
            for one in notes(file, TemporaryFile):
                assert one.attachments[0].size == 8 << 20
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 3 << 20


def test_on_a_terminal_the_answer_is_the_last_line(vault: MakeVault, tmp_path: Path) -> None:
    root = vault({"a.md": "- [ ] a\n"})
    path = export(tmp_path / "a.enex", *(note(f"n{number}") for number in range(3)))
    shown = on_terminal(root, "import", str(path))
    assert shown.out.decode().splitlines()[-1] == "From Evernote/a: 3 notes: 3 new"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("RRULE:FREQ=DAILY", "every day"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR", "every 2 weeks on Monday, Friday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "every month on the 31st"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "every month on the last for 3 times"),
        ("FREQ=MONTHLY;BYDAY=2TU", "every month on the 2nd Tuesday"),
        ("FREQ=YEARLY;UNTIL=20300101T000000Z", "every year until January 1, 2030"),
        ("FREQ=MONTHLY;BYDAY=MO", None),
        ("FREQ=HOURLY", None),
        ("FREQ=DAILY;BYSETPOS=1", None),
        ("nonsense", None),
    ],
)
def test_rules_are_said_in_words_that_are_rules_here(rule: str, words: str | None) -> None:
    assert words_of_rule(rule, False) == words
    if words:
        assert parse_rule(words)
        assert words_of_rule(rule, True) == f"{words} when done"


def test_yaml_reads_back_any_text() -> None:
    import yaml

    text = "".join(map(chr, [*range(0x20, 0x250), 0x2028, 0x2029, 0xFEFF, 0x1F600]))
    assert yaml.safe_load(f"a: {quoted(text)}")["a"] == text
