"""The fenced code blocks of a note, wherever CommonMark sees them."""

from __future__ import annotations

import re
from random import Random

from mdtasks.read.fences import Fence, read_fences
from tests.markdown_fragments import document


def found(text: str) -> list[tuple[int, str]]:
    return [(fence.line, fence.content) for fence in read_fences(text.encode(), "tasks").found]


def test_blocks_have_line_content_and_heading() -> None:
    text = "# Day\n\n## Work\n\n```tasks\nnot done\n\nlimit 3\n```\n~~~~ tasks\nx\n~~~~\n"
    assert read_fences(text.encode(), "tasks").found == (
        Fence(5, "not done\n\nlimit 3\n", "Work"),
        Fence(10, "x\n", "Work"),
    )


def test_blocks_in_quotes_callouts_and_lists_are_found() -> None:
    text = (
        "> [!note] Calls\n> ```tasks\n> a\n>\n> b\n> ```\n\n"
        "- item\n  ```tasks\n  c\n    d\n  ```\n> > - ```tasks\n> >   e\n"
    )
    assert found(text) == [(2, "a\n\nb\n"), (9, "c\n  d\n"), (13, "e\n")]


def test_only_the_first_word_counts_and_in_any_case() -> None:
    assert found("```Tasks {title=x}\na\n```\n```tasksx\nb\n```\n```js tasks\nc\n```\n") == [
        (1, "a\n")
    ]


def test_what_is_no_block_is_passed_over() -> None:
    text = (
        "---\nx: |\n  ```tasks\n  a\n  ```\n---\n<!--\n```tasks\nb\n```\n-->\n\n"
        "    ```tasks\n    c\n    ```\n\n````md\n```tasks\nd\n```\n````\n\n"
        "%%\n\n```tasks\ne\n```\n\n%%\n\n```tasks\nf\n```\n"
    )
    assert [content for _, content in found(text)] == ["f\n"]


def test_lines_count_from_the_top_whatever_ends_them() -> None:
    text = "\ufeff---\r\na: b\r\n---\r\ntext\u2028\r\n```tasks\r\nx\r\n```\r\n"
    fences = read_fences(text.encode(), "tasks")
    assert fences.found == (Fence(5, "x\n", None),)
    assert fences.front_matter == {"a": ("b",)}


def test_a_block_that_is_never_closed_runs_to_the_end() -> None:
    assert found("```tasks\na\nb") == [(1, "a\nb\n")]


def test_every_block_stands_where_it_is_said_to() -> None:
    found, random = 0, Random(1)
    mark = re.compile(r"(`{3,}|~{3,})[ \t]*$", re.MULTILINE)
    for _ in range(2000):
        text = mark.sub(lambda m: m[1] + random.choice(("", "tasks")), document(random))
        lines = re.split("\r\n|\n|\r", text)
        for fence in read_fences(text.encode("utf-8", "surrogateescape"), "tasks").found:
            found += 1
            assert re.search("(```|~~~)", lines[fence.line - 1])
            for number, said in enumerate(fence.content.split("\n")[:-1]):
                written = "".join(lines[fence.line + number : fence.line + number + 1])
                assert written.replace("\0", "\ufffd").strip(" \t").endswith(said.strip(" \t"))
    assert found > 80


def test_front_matter_that_is_no_yaml_counts_as_empty() -> None:
    fences = read_fences(b"---\na: [\n---\n```tasks\nx\n```\n", "tasks")
    assert (fences.front_matter, len(fences.found)) == ({}, 1)
