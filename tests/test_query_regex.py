"""Regular expressions in queries: what they match, what is refused, and that none can hang."""

from __future__ import annotations

import re
import warnings
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.errors import QueryError
from mdtasks.query import regex
from mdtasks.query.regex import compile_regex


def matches(written: str, text: str) -> bool:
    return compile_regex(written).search(text)


@pytest.mark.parametrize(
    ("written", "yes", "no"),
    [
        ("/waiting|waits|wartet/i", ["Waits for Sam", "wartet"], ["wait", ""]),
        ("/^Log/", ["Log it"], ["log it", "The Log"]),
        ("/^$/", [""], [" "]),
        (r"/\d\d:\d\d/", ["at 09:30"], ["9:30", "٠٩:٣٠"]),
        ("/[012][0-9]:[0-5][0-9]/", ["23:59"], ["23:60"]),
        (r"/#tag\/subtag[0-9]\/sub[0-9]/i", ["#TAG/subtag3/sub5"], ["#tag/subtag/sub5"]),
        ("/#t$/i", ["#t", "#T"], ["#task", "#t/sub"]),
        ("/Root/Sub-Folder/", ["Root/Sub-Folder/a.md"], ["Root"]),
        (r"/^Root\/Sub File\.md$/", ["Root/Sub File.md"], ["Root/Sub FileXmd"]),
        (r"/\bart\b/", ["art", "an art.", "art-work"], ["party", "arts"]),
        (r"/\Bart/", ["party"], ["art"]),
        ("/colou?r/", ["color", "colour"], ["colr"]),
        ("/a{2}/", ["aa", "xaax"], ["a"]),
        ("/^a{2,}$/", ["aa", "aaaaa"], ["a"]),
        ("/^a{1,3}?$/", ["a", "aaa"], ["", "aaaa"]),
        ("/^(?:ab)+$/", ["abab"], ["aba"]),
        ("/^(?<year>[0-9]{4})-/", ["2026-"], ["26-"]),
        ("/^[^a-c]+$/", ["xyz"], ["xa", ""]),
        ("/^[]x$/", [], ["x", ""]),
        ("/^[^]$/", ["x", "\n"], [""]),
        ("/^.$/", ["x", "é", "🎂"], ["\n", "\u2028"]),
        (r"/^[\w-]+$/", ["a-b_1"], ["ä"]),
        (r"/^\s$/", [" ", "\u00a0", "\ufeff"], ["\x1c", "x"]),
        (r"/^\x41\u0042\u{43}\cJ\0$/", ["ABC\n\0"], []),
        (r"/[\b]\-\]/", ["\b-]"], []),
        ("/a{,3}b{x}/", ["a{,3}b{x}"], ["aaab"]),
        ("/[a-]b/", ["-b"], ["cb"]),
        ("/ÉCOLE/i", ["école"], ["ecole"]),
        ("/[^a]/i", ["b"], ["A", "a"]),
        ("/(a|)*b|/", ["", "x"], []),
        ("/((a*)*)*$/", ["x"], []),
        ("/x/gimsu", ["X"], ["y"]),
    ],
)
def test_a_pattern_matches_as_in_javascript(written: str, yes: list[str], no: list[str]) -> None:
    assert [text for text in yes if not matches(written, text)] == []
    assert [text for text in no if matches(written, text)] == []


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("x", '"x" is no regular expression'),
        ("/x", '"/x" is no regular expression'),
        ("//", '"//" is no regular expression'),
        ("/x/y", 'the flag "y" is not read'),
        ("/(?=x)/", "looking ahead or behind"),
        ("/(?!x)/", "looking ahead or behind"),
        ("/(?<=x)/", "looking ahead or behind"),
        ("/(?<!x)/", "looking ahead or behind"),
        (r"/(x)\1/", r"references to groups, such as \1"),
        (r"/(?<a>x)\k<a>/", r"references to groups, such as \k"),
        (r"/\p{L}/u", r"\p{…} is not read"),
        ("/*x/", 'there is nothing for "*" to repeat'),
        ("/x**/", 'there is nothing for "*" to repeat'),
        ("/x+{2}/", 'there is nothing for "{" to repeat'),
        ("/{2}/", 'there is nothing for "{" to repeat'),
        ("/^*/", 'there is nothing for "*" to repeat'),
        ("/(x/", '"(" is not closed'),
        ("/x)/", 'a ")" stands alone'),
        ("/[x/", "it ends too early"),
        ("/x\\/", "it ends too early"),
        ("/(?x)/", '"(?" begins nothing that is known'),
        ("/[z-a]/", "z-a is the wrong way round"),
        ("/x{3,2}/", "{3,2} is the wrong way round"),
        ("/x{1000}/", "nothing is repeated more than 200 times"),
        ("/(((x{9}){9}){9}){9}/", "it is too large"),
        (f"/{'(' * 60}x{')' * 60}/", "brackets are nested more than 50 deep"),
        (f"/{'(' * 60000}/", "brackets are nested more than 50 deep"),
        (f"/{'x' * 60000}/", "it is too large"),
    ],
)
def test_what_cannot_be_matched_is_refused_by_name(written: str, message: str) -> None:
    with pytest.raises(QueryError, match=re.escape(message)):
        compile_regex(written)


# As the plain `re` would answer. Where the two differ is left out: `]` and `^` in brackets,
# escapes that are errors there, `{,3}`, and nested quantifiers that Python takes for possessive.
PIECES = st.sampled_from(
    [*"ab1 |()*+?.^$", "[ab]", "[^a]", "[0-9]", r"\d", r"\w", r"\b", r"\B", r"\s", "{2}", "{1,3}"]
)
# In the empty text Python 3.11 finds no \B, and JavaScript does.
TEXT = st.text("ab1 ,", min_size=1, max_size=12)


@given(st.lists(PIECES, max_size=9).map("".join), st.lists(TEXT, min_size=1, max_size=5))
def test_it_agrees_with_pythons_own_where_both_read_a_pattern(
    pattern: str, texts: list[str]
) -> None:
    try:
        ours = compile_regex(f"/{pattern}/")
        with warnings.catch_warnings(action="ignore"):
            theirs = re.compile(pattern, re.ASCII)
    except (QueryError, re.error):
        return
    # In Python $ stands before a last line break too; there is none here.
    for text in texts:
        assert ours.search(text) == bool(theirs.search(text)), (pattern, text)


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_pattern_is_read_or_refused(pattern: str, text: str) -> None:
    try:
        compile_regex(f"/{pattern}/i").search(text)
    except QueryError:
        return


# Python's `re` needs longer than the universe has for each of these.
HOSTILE = ["/(a+)+$/", "/^(a|a)*$/", "/(a|aa)+$/", "/(.*a){20}$/", "/^(([a-z])+.)+[A-Z]([a-z])+$/"]


@pytest.mark.parametrize("written", HOSTILE)
def test_a_hostile_pattern_is_answered_in_steps_that_grow_with_the_text(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regex, "_PATIENCE", 20_000)
    assert not matches(written, "a" * 5_000 + "!")


def test_many_texts_cost_no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regex, "_PATIENCE", 2_000)
    pattern = compile_regex(r"/\b(call|mail|write) .* (today|tomorrow)$/i")
    assert sum(pattern.search(f"write to {n} today") for n in range(3_000)) == 3_000
    assert not any(pattern.search(f"write to {n}") for n in range(3_000))


def test_a_pattern_that_costs_too_much_all_the_same_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(regex, "_PATIENCE", 20_000)
    # Every place of the last hundred characters counts, so that no two states are alike.
    text = "".join("ab"[n * n % 7 % 2] + "b" * (n % 11) for n in range(2_000))
    with pytest.raises(QueryError, match="takes too long"):
        matches("/(a|b)*a(a|b){100}c/", text)


def test_states_that_are_forgotten_change_no_answer() -> None:
    ours, theirs = compile_regex("/a[ab]{11}$/"), re.compile("a[ab]{11}$")
    random = Random(1)
    texts = ["".join(random.choices("ab", k=random.randrange(400))) for _ in range(150)]
    answers = [ours.search(text) for text in texts]
    assert answers == [bool(theirs.search(text)) for text in texts]
    assert 0 < sum(answers) < len(texts)
