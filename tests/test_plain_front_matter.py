"""What is read without YAML reads as YAML would have it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdtasks.read.front_matter import parse_front_matter
from mdtasks.read.plain_front_matter import parse_plain

PIECES = st.sampled_from(
    [
        *("tags", "due", "a-b", "x_1", "é", "key", ":", " ", "  ", ": ", ": ", ":\n", "- ", "-"),
        *("  - ", "\n", "\n", "\n", "[", "]", ", ", ",", "a, b", "2026-01-01", "10:30", "'", '"'),
        *("#", " # c", "x", "y z", "true", "~", "null", "|", ">", "&a", "*a", "{", "}", "? ", "\t"),
        *("http://x.y/z", "@me", "!t", "%", "---", "...", "\u2028", "\x85", "\xa0", "\udcff", "="),
        *("<<", "tags: [a, b]\n", "due: 2026-01-01\n", "tags:\n  - a\n  - b\n", "k: v", "²", "𝟙"),
    ]
)


@settings(max_examples=1000)
@given(st.lists(PIECES, max_size=9).map("".join))
def test_what_is_read_plainly_reads_as_yaml(text: str) -> None:
    lines = text.split("\n")
    plain = parse_plain(lines)
    if plain is not None:
        assert plain == parse_front_matter(lines)


KEYS = st.sampled_from(["tags", "Due", "project", "my-key", "aliases", "a_1"])
SCALARS = st.sampled_from(
    ["home", "2026-11-22", "a b", "10:30", '"quoted, words"', '""', "[a, b c]", "[]", "x@y.z ", ""]
)
ITEMS = st.sampled_from(["\n  - a\n  - b c", "\n- a", "\n    - 2026-11-22\n    - x/y", "\n  -   a"])
BLOCKS = st.lists(st.tuples(KEYS, st.one_of(SCALARS.map(" {}".format), ITEMS)), max_size=6)


@given(BLOCKS)
def test_most_front_matter_is_plain(block: list[tuple[str, str]]) -> None:
    lines = "\n".join(f"{key}:{value}" for key, value in block).split("\n")
    plain = parse_plain(lines)
    assert plain is not None
    assert plain == parse_front_matter(lines)


@pytest.mark.parametrize(
    "text",
    [
        "a: [b",
        "a: *b",
        "a: 'b'",
        "a: b: c",
        "a: b\n  c",
        "a: b\n  - c",
        "a:\n  - b\n - c",
        "a:\n  b: c",
        "a: b # c",
        "a: |",
        "- a",
        "a",
        "a:\tb",
        "a: é\u2028b",
        '"a": b',
        "a: " + "b" * 600,
        "\n".join("a: b" for _ in range(200)),
    ],
)
def test_the_rest_is_left_to_yaml(text: str) -> None:
    assert parse_plain(text.split("\n")) is None
