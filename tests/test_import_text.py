"""Evernote's markup as Markdown: what was text stays text, what was a list or a box becomes one."""

from __future__ import annotations

import html
import re
from random import Random
from xml.etree.ElementTree import fromstring

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from mdtasks.evernote import names
from mdtasks.evernote.enml import EnmlError
from mdtasks.evernote.markdown import Around, to_markdown
from mdtasks.read.names import is_note
from mdtasks.read.note import read_note
from mdtasks.settings import ReadSettings
from tests.growth import is_steep, repeated

AROUND = Around(lambda href, words: href, lambda digest: f"![{digest}](x)", lambda name: ())


def markdown(body: str) -> str:
    return "\n".join(to_markdown(f"<en-note>{body}</en-note>", AROUND))


CASES = {
    "lines of Evernote stay lines": ("<div>a</div><div>b<br/>c</div>", "a  \nb  \nc"),
    "an empty line parts paragraphs": ("<div>a</div><div><br/></div><div>b</div>", "a\n\nb"),
    "a check box is a task": (
        '<div><en-todo checked="true"/>a</div><div><en-todo/>b</div>',
        "- [x] a\n- [ ] b",
    ),
    "boxes of one line are tasks of their own": (
        "<div><en-todo/>a <en-todo/>b</div>",
        "- [ ] a\n- [ ] b",
    ),
    "a check list of version 10": (
        '<ul style="--en-todo:true;"><li style="--en-checked:true;"><div>a</div></li>'
        '<ul style="--en-todo:true;"><li style="--en-checked:false;"><div>b</div></li></ul></ul>',
        "- [x] a\n  - [ ] b",
    ),
    "a box in an item": ("<ul><li><en-todo/>a</li></ul>", "- [ ] a"),
    "a list beside its item belongs to it": (
        "<ol><li>a</li><ul><li>b</li></ul><li>c</li></ol>",
        "1. a\n   - b\n2. c",
    ),
    "a list in its item too": (
        "<ul><li><div>a</div><div>more</div><ul><li>b</li></ul></li></ul>",
        "- a  \n  more\n  - b",
    ),
    "a table with bars, lines and a wide cell": (
        "<table><tr><td>a|b</td><td>c</td></tr><tr><td><div>d</div><div>e</div></td><td/></tr>"
        '<tr><td colspan="2">f</td></tr></table>',
        "| a\\|b | c |\n| --- | --- |\n| d<br>e |  |\n| f |  |",
    ),
    "a cell that reaches down leaves room": (
        '<table><tr><td rowspan="2">a</td><td>b</td></tr><tr><td>c</td></tr></table>',
        "| a | b |\n| --- | --- |\n|  | c |",
    ),
    "a table that only lays out is its lines": (
        "<table><tr><td><table><tr><td>a</td></tr></table></td><td>b</td></tr></table>",
        "a\n\nb",
    ),
    "code by style keeps its lines and marks": (
        '<div style="-en-codeblock:true"><div>x = "```"</div><div><br/></div>'
        "<div>&nbsp; _y_</div></div>",
        '````\nx = "```"\n\n  _y_\n````',
    ),
    "marks stand beside words, not spaces": (
        "<div>a<b> bold </b>b <i>it</i></div>",
        "a **bold** b *it*",
    ),
    "where Markdown's marks would not hold": ('<div>a<b>"b"</b>c</div>', 'a<b>"b"</b>c'),
    "a highlight": (
        '<div><span style="background-color: #ffef9e;">a b</span></div>',
        "==a b==",
    ),
    "what looks like marks is text": (
        "<div># a</div><div>- [ ] b</div><div>1. c</div><div>100%%</div><div>&lt;!-- d</div>",
        "\\# a  \n\\- [ ] b  \n1\\. c  \n100\\%\\%  \n\\<!-- d",
    ),
    "an address in the text stays whole": (
        "<div>http://a.b/c_d and http://a.b/*c*d.</div>",
        "http://a.b/c_d and <http://a.b/*c*d>.",
    ),
    "a link that would run something is words": (
        '<div><a href="javascript:alert(1)">a</a> <a href="http://b.c/d e">f</a></div>',
        "a [f](http://b.c/d%20e)",
    ),
    "a secret": (
        '<div>a <en-crypt hint="cat">AB\nCD</en-crypt></div>',
        "a\n\n> This part is encrypted, and only Evernote can open it. Its hint: cat\n\n"
        "```evernote-crypt\nABCD\n```",
    ),
    "characters by HTML's names": ("<div>&eacute;&nbsp;&mdash;&bogus;</div>", "é —\\&bogus;"),
    "a heading, a quote, a rule": (
        "<h2>a #</h2><blockquote><div>b</div></blockquote><hr/>",
        "## a \\#\n\n> b\n\n---",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_markup_becomes_markdown(case: tuple[str, str]) -> None:
    assert markdown(case[0]) == case[1]


def test_a_text_nested_ten_thousand_deep_is_kept() -> None:
    assert markdown("<div>" * 10_000 + "x" + "</div>" * 10_000) == "x"
    assert markdown("<ul><li>" * 3000 + "x" + "</li></ul>" * 3000).endswith("x")


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE a [<!ENTITY b "c">]><en-note>&b;</en-note>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><en-note>x</en-note>',
        "<en-note><div></en-note>",
    ],
)
def test_a_text_that_attacks_or_is_broken_is_refused(content: str) -> None:
    with pytest.raises(EnmlError):
        to_markdown(content, AROUND)


def test_a_lone_comment_mark_hides_no_task_behind_it() -> None:
    text = markdown("<div>100%%</div><div><en-todo/>a</div>")
    (task,) = read_note("a.md", text.encode(), ReadSettings()).tasks
    assert task.text == "a"


# What any Markdown program shows is what Evernote showed


_BITS = [*"*_~`[]()!<>&#=-+|\\ ab1.:%/\"'é字\u00a0", "**", "~~", "==", "%%", "- [ ] ", "1. "]
_BITS += ["http://a.b/c_d_ ", "](", "<b>", "&amp;", "    ", "---", "^x"]


def inline(random: Random, depth: int = 0) -> str:
    out = ""
    for _ in range(random.randint(1, 4)):
        words = html.escape("".join(random.choice(_BITS) for _ in range(random.randint(1, 6))))
        tag = random.choice(["b", "i", "s", "u", "", ""]) if depth < 3 else ""
        out += f"<{tag}>{inline(random, depth + 1)}</{tag}>" if tag else words
        if random.random() < 0.1:
            out += f'<a href="http://x.y/q(1)">{words}</a>'
    return out


def block(random: Random, depth: int = 0) -> str:
    inner = f"<div>{inline(random)}</div>"
    if depth > 2:
        return inner
    item = block(random, depth + 1)
    return random.choice(
        [
            inner,
            f"<div>{inline(random)}<br/>{inline(random)}</div>",
            f"<ul><li>{item}</li><li>{inner}</li></ul>",
            f"<ol><li>{item}</li><ul><li>{inline(random)}</li></ul></ol>",
            f"<h2>{inline(random)}</h2>",
            f"<blockquote>{item}{inner}</blockquote>",
            f"<table><tr><td>{inline(random)}</td><td>{inline(random)}</td></tr></table>",
        ]
    )


COMMON_MARK = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def shown(text: str) -> str:
    """Return the words that CommonMark shows, without white space; blocks that are not meant
    here have a name."""
    tokens = COMMON_MARK.parse(text)
    names = {"fence": "CODE", "code_block": "CODE", "html_block": "HTML", "hr": "RULE"}
    words = [
        words_in(token.children or []) if token.type == "inline" else names.get(token.type, "")
        for token in tokens
    ]
    return "".join("".join(words).split())


def words_in(tokens: list[Token]) -> str:
    ours = re.compile(r"</?[bisu]>")
    return "".join(
        t.content for t in tokens if t.type != "html_inline" or not ours.fullmatch(t.content)
    )


def test_a_markdown_program_shows_the_words_that_evernote_showed() -> None:
    for seed in range(400):
        random = Random(seed)
        body = "".join(block(random) for _ in range(random.randint(1, 3)))
        words = "".join(fromstring(f"<en-note>{body}</en-note>").itertext())
        assert shown(markdown(body)) == "".join(words.split()), f"seed {seed}: {body}"


# Names of files


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("a/b\\c: d", "a-b-c- d"),
        ("..hidden.", "hidden"),
        ("CON", "CON_"),
        ("ICON", "ICON"),
        ("nul.txt", "nul_.txt"),
        ("", "Untitled"),
        ("???", "Untitled"),
        ("Cafe\u0301 \u202eevil\x7f", "Café evil"),
        ("read me.md", "read me"),
        ("x [[y]] #z^", "x y z"),
        ("a (conflicted copy 2020)", "a (conflicted-copy 2020)"),
        ("字" * 300, "字" * 66),
    ],
)
def test_a_title_becomes_a_name_for_every_system(title: str, name: str) -> None:
    assert names.note_stem(title) == name
    assert is_note(f"{name}.md")


def test_attachments_get_a_suffix_and_no_path() -> None:
    assert names.file_name("../../etc/passwd", "text/plain") == "-..-etc-passwd.txt"
    assert names.file_name("", "image/jpeg") == "attachment.jpg"
    assert names.file_name("a.tar.gz", "") == "a.tar.gz"


@pytest.mark.parametrize(
    "piece",
    [
        " ",
        "*_",
        "](",
        "&lt;",
        "http://a",
        "http://a.",
        "#",
        "1",
        "<b>a</b><i>b</i>",
        "<span>a</span>",
        '!<a href="http://b">c</a>',
        "<en-todo/>",
        "<div>a</div>",
        "<ul><li>a</li></ul>",
        "<table><tr><td>a</td><td>b</td></tr></table>",
    ],
)
def test_the_work_grows_no_faster_than_the_text(piece: str) -> None:
    assert not is_steep(markdown, repeated(piece, after="a"))
    assert not is_steep(markdown, repeated(piece, before="<h1>", after="a</h1>"))
