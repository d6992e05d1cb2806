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
BOXES += ("[x]: /u ", "[\t] ", "[\udcff] ")
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
TICKS += ("```a | b", "~~~~~", "``````", "~~~ a|b", "~~~ ~~~")
CLOSERS: Texts = ("```", "~~~", "````", "~~~~~~~", " ```", "   ~~~", "    ```", "```  ", "~~~\t")
CLOSERS += ("``` x", "\t```", "``", "`` `", "-->", "--> x", "?>", "]]>", ">", "</script>x", "")
HTML: Texts = ("<div>", "<DIV", "</div>", "<p>x", "<script>", "</script>", "<pre>", "</PRE> x")
HTML += ("<style", "<!--", "-->", "<!-- c -->", "<!-->", "<?php", "?>", "<!X", "<!X y>")
HTML += ("<![CDATA[", "]]>", "<b>", "</b>", "<b c='d'>", "<b c='d", "<x-y/>", "<hr/>", "<h1>")
HTML += ("<https://a.b>", "<a@b.c>", "<3", "<", "<b> x", "<details>", "</details>")
HTML += ("<summary>s</summary>", "<textarea>", "<tdx>", "<td\xa0>", "</", "<!-")
HTML += ("<!-- mdtasks:start -->", "<!-- mdtasks:end -->", "<details open>", "<br/>", "<a href=x>")
TABLES: Texts = ("| a | b |", "a | b", "|a|", "- [ ] a | b", "a \\| b", "> a | b", "# a | b")
TABLES += ("[ ] a | b", "~~~ a | b", "<div> | b")
DELIMITERS: Texts = ("| --- | --- |", "--- | ---", ":-|-:", "|-|", "---", "|", ":-", "-|-")
DELIMITERS += ("- | -", "|  -  |", "::")
REFERENCES: Texts = ("[a]: /u", "[a]:", "[a]: /u 't'", "[a]: /u 't", "[a", "[a\\]: /u", "[a]: <")
REFERENCES += ("[a]:\t/u\t(t)", "[[a]]: b", "[a]: /u x", "[ ]: /u", "b]: /u", "/u", "'title'")
REFERENCES += ("t'", "[a][b]", "[^1]: note")
OPENERS: Texts = ("<div> | a", "<!-- a | b", "<!-- a -->b", "<script", "<pre>x</pre>", "<?>")
OPENERS += ("<!x>", "<b> | x", "<i>\t", "<svg/>", "<ins>", "<Style>", "</P", "<br>", "<!--->")
OPENERS += ("<![CDATA[]]>",)
STARTS: Texts = ("# a | b", "## ", "#\t", " # one", "  ## two", "   # three", "    # four")
STARTS += ("\t# five", "# x \x00", " ===", "   ---", "    ---", "\t===", "--- ", "- \t", "-")
STARTS += ("- - -", "***")
COMMENTS: Texts = ("%%", "%%", "%% a %%", "`%%`", "a %% b", "%%%%", "%%%", "- [ ] %% c", "> %%")
COMMENTS += ("`a %%", "%% kanban:settings", "<!-- %% -->", "<div>%%`", "[%%]: /u", "| %% | a |")
COMMENTS += ("# %%", "  %%", "<div> mdtasks: %%", "<!-- mdtasks: %% -->", "%% mdtasks: %%")
BLANKS: Texts = ("", "", "", "", " ", "  ", "    ", "\t", "      ")
LINE_ENDS: Texts = ("\n",) * 30 + ("\r\n", "\r\n", "\r")


def document(random: Random) -> str:
    """Return a document of a few lines, rarely of many."""
    wild = random.random()
    lines: list[str] = []
    noted = random.random() < 0.4
    for _ in range(random.choice((1, 2, 2, 3, 4, 6, 9))):
        if noted and random.random() < 0.8:
            lines += _part(random)
        elif random.random() < wild:
            lines += [_wild_line(random) for _ in range(random.randint(1, 4))]
        else:
            lines += _block(random, 3)
        if random.random() < 0.6:
            lines += [random.choice(BLANKS)] * random.choice((1, 1, 1, 2, 3))
    if random.random() < 0.02:
        lines = ["---", "title: x", *lines[:2], "---", *lines[2:]]
    if random.random() < 0.06:
        for _ in range(random.choice((1, 2, 2, 3))):
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


def _part(random: Random) -> list[str]:
    """Return lines at column 0 as in a note that people keep, with or without a blank end."""
    write = random.choice((_plain_list,) * 5 + (_start, _start, _zone, _zone, _callout, _table))
    lines = write(random, 0)
    if random.random() < 0.1:
        lines.insert(random.randrange(len(lines) + 1), _wild_line(random))
    return lines


def _plain_list(random: Random, depth: int) -> list[str]:
    """Return items that mostly start alike, at a few depths, with text below some of them."""
    unit = random.choice(("  ", "  ", "    ", "\t", "   "))
    markers = ["- ", "- ", "- ", "* ", "1. ", "2. ", "-   ", "10) ", "- - ", "123456. "]
    marker = random.choice(markers)
    lines: list[str] = []
    level = 0
    for _ in range(random.choice((1, 2, 4, 7))):
        level = max(0, min(4, level + random.choice((-2, -1, 0, 0, 0, 0, 0, 1, 1))))
        if random.random() < 0.1:
            marker = random.choice(markers)
        box = random.choice(("[ ] ", "[ ] ", "[ ] ", "[x] ", "", random.choice(BOXES)))
        lines.append(unit * level + marker + box + random.choice(("text", _text(random))))
        if random.random() < 0.15:
            lines.append(random.choice(INDENTS) + random.choice(("more", _text(random), "[x] b")))
        if random.random() < 0.08:
            lines.append(random.choice(BLANKS))
    return lines


def _start(random: Random, depth: int) -> list[str]:
    """Return a line that a piece may start with, or what is only like one."""
    kinds = (HEADINGS, HEADINGS, STARTS, TICKS, HTML, OPENERS, BREAKS, REFERENCES, DELIMITERS)
    return [random.choice(random.choice(kinds))]


def _zone(random: Random, depth: int) -> list[str]:
    """Return what hides boxes and headings up to its end, over blank lines too, if it has one."""
    opener = random.choice(random.choice((TICKS, TICKS, HTML, HTML, OPENERS)))
    indent = random.choice(("", "", "", "", "", " ", "  ", "   ", "    "))
    inside = [random.choice(("# in", "- [ ] in", "", "", "~~~", "```", "- [ ] %% x", "x", "  "))]
    inside += _plain_list(random, 0) if random.random() < 0.3 else []
    closer = random.choice((opener.rstrip(" js"), opener, random.choice(CLOSERS)))
    return [indent + opener, *inside, *_filling(random), closer]


def _callout(random: Random, depth: int) -> list[str]:
    """Return a quote with a title and a list, every line marked; its end may be blank."""
    mark = random.choice(("> ", "> ", ">", ">\t", ">  "))
    lines = [random.choice(("[!todo] Title", "[!note]- a", "text", "# head"))]
    lines += _plain_list(random, 0)
    lines += random.choice(([], [], [], [""], ["", ""], ["   "], ["```", "- [ ] x"]))
    return [mark + line for line in lines]


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
