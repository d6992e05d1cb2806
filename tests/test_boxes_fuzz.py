"""The fast reading of boxes never differs from markdown-it-py's.

`--fuzz N` reads N random documents, `--fuzz-seed S` the same ones again.
"""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from random import Random

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from mdtasks.read.blocks import Box, Outline, collect, comment_marks, outside_of_comments
from mdtasks.read.boxes import TooDeepError, outline
from mdtasks.read.lists import read_rows
from mdtasks.read.scan import Scan, UnsureError
from tests.growth import is_steep, repeated
from tests.markdown_fragments import document

# Boxes, and the lines of sections' marks in HTML blocks.
Facts = tuple[list[Box], list[int]]

PARSER = MarkdownIt("commonmark", {"maxNesting": 10_000}).enable("table")

# Small texts, by the section of CommonMark 0.31 that they test: our own, and the 652 examples of
# the specification (John MacFarlane, CC BY-SA 4.0), of which only what is read is kept.
SNIPPETS: dict[str, list[str]] = {}
for name in ("blocks", "commonmark"):
    for row in (Path(__file__).parent / "cases" / f"{name}.jsonl").read_text("ascii").splitlines():
        SNIPPETS.setdefault(json.loads(row)["section"], []).append(json.loads(row)["text"])


def markdown_it(text: str) -> Outline:
    """Return the whole text's outline as markdown-it-py alone gives it."""
    text = re.sub(r"\r\n|\r", "\n", text)
    tokens: list[Token] = []
    try:
        PARSER.block.parse(text, PARSER, {}, tokens)
    except IndexError:
        # markdown-it-py 4.3 reads past the end of `>-\n>   <script\n>`.
        tokens.clear()
        PARSER.block.parse(text + "\n", PARSER, {}, tokens)
    found = Outline()
    collect(tokens, found)
    found.boxes = outside_of_comments(found.boxes, comment_marks(tokens))
    return found


def facts(found: Outline, text: str) -> Facts:
    lines = re.split(r"\r\n|\r|\n", text)
    html = (line for start, end in found.html for line in range(start, min(end, len(lines))))
    return found.boxes, [line for line in html if "mdtasks:" in lines[line]]


def differs(text: str) -> bool:
    return facts(outline(text), text) != facts(markdown_it(text), text)


def smallest(text: str) -> str:
    """Return a text that still differs, and no more when any of its lines or letters goes."""
    for separator in ("\n", ""):
        parts = text.split(separator) if separator else list(text)
        size = len(parts) + 1
        while len(parts) < size:
            size, index = len(parts), 0
            while index < len(parts):
                fewer = parts[:index] + parts[index + 1 :]
                if differs(separator.join(fewer)):
                    parts = fewer
                else:
                    index += 1
        text = separator.join(parts)
    return text


def test_random_documents_read_as_markdown_it_reads_them(
    fuzz_documents: int, fuzz_seed: int
) -> None:
    random = Random(fuzz_seed)
    for number in range(fuzz_documents):
        text = document(random)
        if differs(text):
            found = smallest(text)
            pytest.fail(
                f"document {number} of --fuzz-seed {fuzz_seed}, made small: {found!r}\n"
                f"fast:        {outline(found)}\nmarkdown-it: {markdown_it(found)}"
            )


@pytest.mark.parametrize("section", SNIPPETS)
def test_every_section_of_commonmark_reads_the_same_in_every_place(section: str) -> None:
    for text in SNIPPETS[section]:
        lines = text.split("\n")
        places = (
            text,
            f"- [ ] before\n{text}",
            f"- [ ] before\n\n{text}",
            f"# h\n\n{text}\n- [ ] behind",
            f"{text}\n\n- [ ] behind",
            "- [ ] around\n" + "".join(f"  {line}\n" for line in lines) + "- [ ] behind",
            "- " + "\n  ".join(lines),
            "".join(f"> {line}\n" for line in lines),
            "> - [ ] before\n" + "".join(f">   {line}\n" for line in lines) + "\n- [ ] behind",
            f"<!--\n\n{text}\n\n-->\n- [ ] behind",
        )
        assert [place for place in places if differs(place)] == []


@pytest.mark.parametrize("before", ["", "- [ ] a\n", "text\n\n", "> - [ ] a\n"])
@pytest.mark.parametrize(
    "piece",
    [
        "- [ ] a\n",
        "- [ ] a\n\n",
        "  - [ ] a\n",
        "\t- [ ] a\n\n  b\n",
        "1. [ ] a\nb\n",
        "- [ ] a | b\n\n",
        "- a\n\n",
        "-\n",
        "> - [ ] a\n",
        ">\n\n",
        "# a\n",
        " # a\n- [ ] a\n",
        "a\n---\n",
        "```\n- [ ] a\n",
        "~~~\n\n~~~~\n- [ ] a\n",
        " ```\n\n- [ ] a\n",
        "<!--\n",
        "<div>\n\n- [ ] a\n",
        "<b>\n\n- [ ] a\n",
        "[a]:\n- [ ] b\n",
        "%%\n\n- [ ] a\n",
        "[ ] ",
        "\n\n",
        "#",
        "`",
        "- ",
        "*_",
    ],
)
def test_work_grows_with_the_text_and_no_faster(before: str, piece: str) -> None:
    assert not is_steep(outline_or_too_deep, repeated(piece, before, "\n\n- [ ] end"))


def outline_or_too_deep(text: str) -> None:
    with contextlib.suppress(TooDeepError):
        outline(text)


@pytest.mark.parametrize(
    "text",
    [
        "# Plan\n\nSome words, see [[Home|the note]].\n\n- [ ] a\n  - [x] b\n    text\n\n1. [ ] c",
        "Title\n=====\n\n* [ ] a\n\t* [ ] b\n\t\t1. [ ] c\n\n---\n\n- \n- [ ] d [link](u)",
        "> [!todo] Callout\n> - [ ] a\n>\t- [ ] b\n>\n> text\n\n- [ ] c",
        "```python\n- [ ] no\n```\n\n- [ ] a\n\n  ```\n  no\n  ```\n",
        "<!-- c -->\n\n<details>\n<summary>s</summary>\n\n- [ ] a\n\n</details>",
        "<!-- mdtasks:start -->\n- [ ] 09:00 - 10:00 a ^mt-7f3a2c\n<!-- mdtasks:end -->\n",
    ],
)
def test_ordinary_notes_are_read_without_markdown_it(text: str) -> None:
    Scan(text.split("\n")).read(0)


@pytest.mark.parametrize(
    "text",
    [
        "- [ ] a\n- [x] b\n  - [ ] c\n    text\n\n    text\n\n\t1. [ ] d\nlazy\n* **e**\n",
        "Words, see [[Home|the note]]:\n2. [ ] no\n1. [ ] a ⏫\n2. [ ] b\n",
        "[!todo] Callout\n-   [ ] a\n-   [ ] b `c`\n",
        "- ~~a~~\n- [[b]]\n- 2026 c\n- ==d==\n- #e [f](g)\n- `h`\n- -5\n",
        "- [ ] a\n\n\t  - [ ] code\n      code\n\n      - [ ] code\n\n  - [ ] b\n\ntext\n",
    ],
)
def test_plain_lists_are_read_by_one_pattern(text: str) -> None:
    rows = read_rows(text, 0, len(text), 0)
    assert rows is not None
    found = [Box(*row, heading=None) for row in zip(*rows, strict=True)]
    assert found == markdown_it(text).boxes


def test_a_section_and_a_comment_in_one_html_block_shift_no_line() -> None:
    text = "<div>\nmdtasks: %%\n\n<!-- mdtasks: -->\n%%\n\n- [ ] a\n"
    assert not differs(text)
    assert [box.line for box in outline(text).boxes] == [6]


@pytest.mark.parametrize(
    "text",
    [
        "## [[Home|the note]] | more\n- [ ] a\n#tag text\n  ##tag\n- [ ] b\n",
        "text\n\n    - [x] code\n    code\n\n- [ ] a\n",
    ],
)
def test_headings_with_bars_tags_and_code_keep_no_piece_from_the_pattern(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mdtasks.read.boxes.read_piece", lambda *_: pytest.fail("read slowly"))
    assert not differs(text)


@pytest.mark.parametrize(
    "text",
    [
        "- > a\n",
        "-\n",
        "a\n\n    b\nc\n",
        "- \xa0a\n",
        "a\n===\n",
        "- [ ] \n",
        "- [\\] a\n",
        "a\n:-|-\n",
        "[a]: b\n",
    ],
)
def test_what_is_no_plain_list_is_left_to_others(text: str) -> None:
    assert read_rows(text, 0, len(text), 0) is None


def test_what_the_scan_does_not_know_it_does_not_guess() -> None:
    for text in ("- > quote", "[a]: /u", "| a |\n| - |", "<b>", "- \xa0[ ] a"):
        with pytest.raises(UnsureError):
            Scan(text.split("\n")).read(0)
