"""A grammar of Markdown: random documents made of every kind of block, well-formed or not.

Two ways of writing are mixed: whole blocks, put at any depth of quotes and list items, and single
lines with any prefix, which is where laziness, tabs and odd indents meet.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

Texts = tuple[str, ...]
Write = Callable[[Random, int], list[str]]

INDENTS: Texts = ("", "", "", "", "", " ", "  ", "  ", "   ", "    ", "    ", "     ", "      ")
INDENTS += ("\t", "\t\t", "  \t", " \t ", "        ", "         ")
BULLETS: Texts = ("-", "-", "-", "*", "+")
NUMBERS: Texts = ("1.", "1)", "2.", "0.", "01.", "10.", "123456789.", "1234567890.", "7)", "-1.")
NUMBERS += ("a.",)
GAPS: Texts = (" ", " ", " ", " ", "  ", "   ", "    ", "     ", "      ", "\t", " \t", "\t\t", "")
QUOTES: Texts = ("> ", "> ", "> ", ">", ">  ", ">\t", " > ", "   > ", "    > ", "> > ", ">> ")
QUOTES += (">     ",)
BOXES: Texts = ("[ ] ", "[ ] ", "[ ] ", "[x] ", "[/] ", "[ ]", "[ ]\t", "[  ] ", "[] ", "[ ]  ")
BOXES += ("[]] ", "[[] ", "[\\] ", "[é] ", "[\x00] ", "\xa0[ ] ", "\x0c[ ] ", "\\[ ] ", "[ ]: ")
BOXES += ("[x]: /u ",)
WORDS: Texts = ("a", "b c", "task", "text", "1. b", "- c", "a | b", "[[note|alias]]", "[link](u)")
WORDS += ("`code`", "*em*", "- [ ] deep", "#tag", "# no", "a\u2028b", "a\x0bb", "x\x00y", "\xa0")
WORDS += ("\u3000", "%", "<b>", "é", "\udcff", "\\", "[a]: /u", "a  ", "a\\", "a\t", "&amp;")
WORDS += ("<!-- c -->", "```", "=", "-", ">", "*", "1.")
HEADINGS: Texts = ("# one", "## two ##", "###### six", "####### seven", "#", "# ", "#tight", "# #")
HEADINGS += ("## a # b #", "#\ttab", "# a\\#", "# a #\t", "### [ ] box", "#  ", "# x\x00y")
HEADINGS += ("# \xa0",)
UNDERLINES: Texts = ("===", "---", "=", "-", "--  ", "==\t", "= =", "-- -", "---x", "- ")
BREAKS: Texts = ("---", "***", "___", "- - -", "* * *", "_ _ _", "-  -  -", "*\t*\t*", "--")
BREAKS += ("----- ", "+++", "- - - x", "*-*", "**  * ** *")
TICKS: Texts = ("```", "```", "~~~", "````", "~~~~", "``", "``` js", "~~~ `x`", "``` a`b")
TICKS += ("```a | b", "~~~~~")
HTML: Texts = ("<div>", "<DIV", "</div>", "<p>x", "<script>", "</script>", "<pre>", "</PRE> x")
HTML += ("<style", "<!--", "-->", "<!-- c -->", "<!-->", "<?php", "?>", "<!X", "<!X y>")
HTML += ("<![CDATA[", "]]>", "<b>", "</b>", "<b c='d'>", "<b c='d", "<x-y/>", "<hr/>", "<h1>")
HTML += ("<https://a.b>", "<a@b.c>", "<3", "<", "<b> x", "<details>", "</details>")
HTML += ("<summary>s</summary>", "<textarea>", "<tdx>", "<td\xa0>", "</", "<!-")
HTML += ("<!-- mdtasks:start -->", "<!-- mdtasks:end -->", "<details open>", "<br/>", "<a href=x>")
TABLES: Texts = ("| a | b |", "a | b", "|a|", "- [ ] a | b", "a \\| b", "> a | b", "# a | b")
TABLES += ("[ ] a | b",)
DELIMITERS: Texts = ("| --- | --- |", "--- | ---", ":-|-:", "|-|", "---", "|", ":-", "-|-")
DELIMITERS += ("- | -", "|  -  |", "::")
REFERENCES: Texts = ("[a]: /u", "[a]:", "[a]: /u 't'", "[a]: /u 't", "[a", "[a\\]: /u", "[a]: <")
REFERENCES += ("[a]:\t/u\t(t)", "[[a]]: b", "[a]: /u x", "[ ]: /u", "b]: /u", "/u", "'title'")
REFERENCES += ("t'", "[a][b]", "[^1]: note")
COMMENTS: Texts = ("%%", "%% a %%", "`%%`", "a %% b")
BLANKS: Texts = ("", "", "", "", " ", "  ", "    ", "\t", "      ")
LINE_ENDS: Texts = ("\n",) * 30 + ("\r\n", "\r\n", "\r")


def document(random: Random) -> str:
    """Return a document of a few lines, rarely of many."""
    wild = random.random()
    lines: list[str] = []
    for _ in range(random.choice((1, 2, 2, 3, 4, 6, 9))):
        if random.random() < wild:
            lines += [_wild_line(random) for _ in range(random.randint(1, 4))]
        else:
            lines += _block(random, 3)
        if random.random() < 0.6:
            lines += [random.choice(BLANKS)] * random.choice((1, 1, 1, 2, 3))
    if random.random() < 0.02:
        lines = ["---", "title: x", *lines[:2], "---", *lines[2:]]
    if random.random() < 0.03:
        lines.insert(random.randrange(len(lines) + 1), random.choice(COMMENTS))
    end = random.choice(LINE_ENDS)
    return end.join(lines) + random.choice((end, end, end, "", end + end, end + "  ", "\t"))


def _wild_line(random: Random) -> str:
    """Return a line with any prefix and any content."""
    parts = [random.choice(INDENTS)]
    while random.random() < 0.5:
        parts.append(random.choice((_marker, _marker, _marker, _quote))(random))
    return "".join(parts) + random.choice(_CONTENTS)(random)


def _marker(random: Random) -> str:
    kind = random.choice((BULLETS, BULLETS, BULLETS, NUMBERS))
    return random.choice(kind) + random.choice(GAPS)


def _quote(random: Random) -> str:
    return random.choice(QUOTES)


def _box(random: Random) -> str:
    return random.choice(("[ ] ", random.choice(BOXES))) + _text(random)


def _text(random: Random) -> str:
    if random.random() < 0.5:
        return "text"
    return " ".join(random.choice(WORDS) for _ in range(random.choice((1, 1, 1, 2))))


def _special(random: Random) -> str:
    kinds = (HEADINGS, UNDERLINES, BREAKS, TICKS, HTML, TABLES, DELIMITERS, REFERENCES, BLANKS)
    return random.choice(random.choice(kinds)) + random.choice(("", "", "", " ", "\t"))


_CONTENTS = (_box, _box, _text, _special, _special)


def _block(random: Random, depth: int) -> list[str]:
    """Return the lines of one block; lists and quotes hold up to `depth` levels of others."""
    if depth and random.random() < 0.45:
        return random.choice((_list, _list, _list, _list, _quoted))(random, depth)
    return random.choice(_LEAVES)(random, depth)


def _paragraph(random: Random, depth: int) -> list[str]:
    lines = [_text(random) for _ in range(random.choice((1, 1, 2, 3)))]
    if random.random() < 0.15:
        lines.append(random.choice(UNDERLINES))
    return lines


def _heading(random: Random, depth: int) -> list[str]:
    return [random.choice(HEADINGS)]


def _break(random: Random, depth: int) -> list[str]:
    return [random.choice(BREAKS)]


def _fenced(random: Random, depth: int) -> list[str]:
    mark = random.choice(TICKS)
    inside = _filling(random)
    return [mark, *inside, random.choice((mark, mark, mark, "```", "~~~~~", ""))]


def _html(random: Random, depth: int) -> list[str]:
    pairs = (
        ("<div>", "</div>"),
        ("<!--", "-->"),
        ("<script>", "</script>"),
        ("<?x", "?>"),
        ("<b>", "</b>"),
    )
    opener, closer = random.choice((*pairs, (random.choice(HTML), random.choice(HTML))))
    return [opener, *_filling(random), random.choice((closer, closer, closer, ""))]


def _table(random: Random, depth: int) -> list[str]:
    rows = [random.choice(TABLES) for _ in range(random.choice((0, 1, 2)))]
    return [random.choice(TABLES), random.choice(DELIMITERS), *rows]


def _references(random: Random, depth: int) -> list[str]:
    return [random.choice(REFERENCES) for _ in range(random.choice((1, 1, 2, 3)))]


def _code(random: Random, depth: int) -> list[str]:
    return [random.choice(("    ", "\t", "      ")) + _box(random)] * random.choice((1, 2))


def _filling(random: Random) -> list[str]:
    """Return lines that hold boxes and blanks where none of them should count."""
    lines = (
        "- [ ] inside",
        "",
        "text",
        "    - [ ] x",
        "# no",
        "> - [ ] q",
        "-->",
        "```",
        "  </div>",
    )
    return [random.choice(lines) for _ in range(random.choice((0, 1, 2, 3)))]


def _list(random: Random, depth: int) -> list[str]:
    marker = _marker(random)
    width = len(marker.expandtabs(4))
    lines: list[str] = []
    for _ in range(random.choice((1, 1, 2, 3))):
        if random.random() < 0.1:
            marker = _marker(random)
        lines.append(marker + random.choice((_box, _box, _box, _text, _special))(random))
        for _ in range(random.choice((0, 0, 0, 1, 1, 2))):
            if random.random() < 0.3:
                lines.append(random.choice(BLANKS))
            indent = " " * max(0, width + random.choice((0, 0, 0, 0, 0, 0, -1, 1, 2, -2, 4)))
            if random.random() < 0.2:
                indent = random.choice(("\t", "  ", "    "))
            lines += _prefixed(random, indent, _block(random, depth - 1))
        if random.random() < 0.15:
            lines.append(random.choice(BLANKS))
    return lines


def _quoted(random: Random, depth: int) -> list[str]:
    mark = random.choice(("> ", "> ", "> ", "> ", ">", ">\t", " > ", ">  "))
    lines = [line for _ in range(random.choice((1, 1, 2))) for line in _block(random, depth - 1)]
    if random.random() < 0.3:
        lines.insert(0, "[!todo] Callout")
    if random.random() < 0.1:
        lines.append("")
    return _prefixed(random, mark, lines)


def _prefixed(random: Random, prefix: str, lines: list[str]) -> list[str]:
    """Return the lines behind a prefix; now and then one is lazy, or has lost its prefix."""
    return [
        prefix + line if (line or ">" in prefix) and random.random() > 0.04 else line.lstrip(" ")
        for line in lines
    ]


_LEAVES: tuple[Write, ...] = (_paragraph,) * 9
_LEAVES += (_heading, _heading, _break, _fenced, _html, _table, _references, _code)
