"""The house rules, checked from the source of every module: who imports whom, who touches what.

Rule: the tables below are the rules; a module that needs more changes them in sight of all.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.imported import imports, within

ROOT = Path(__file__).parents[1] / "mdtasks"


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Imports go one way: a module may import from its own group and from the rows above it. Groups
# of one row know nothing of each other. The longest name that fits a module is its group.
PURE = (
    ["__init__ errors model settings dates"],
    ["plan.recurrence plan.rule_words"],  # a vocabulary, as dates is: read/ needs it too
    ["read"],
    ["lint"],
    ["plan"],
    [
        "write.amend write.boxes write.compose write.day_template write.edits write.handing "
        "write.insertion write.log_line write.mend write.mirrors write.moments write.naming "
        "write.pin write.places write.reschedule write.splice write.steps write.task_notes "
        "write.template write.wishes write.wording write.words"
    ],
    [
        "busy",
        "evernote",
        "outlets",
        "service",
        "render",
        "query",
        "index.finished index.identity index.likeness index.logged index.matching "
        "index.project_rows index.rows index.trace index.traces index.wording",
    ],
    ["toml"],
)
SHELL = (
    ["wire"],
    [
        "config",
        "vault",
        "busy.fetch",
        "outlets.web outlets.webdav outlets.caldav",
        "index.store index.connection index.generation index.intake index.many index.succession",
        "write",
    ],
    ["app"],
    ["console", "watch"],
    ["serve"],
    ["cli __main__"],
)
GROUPS = {
    prefix: (number, group)
    for number, row in enumerate((*PURE, *SHELL))
    for group in row
    for prefix in group.split()
}

# A pure module opens no file, reads no clock, knows no terminal.
IMPURE = words(
    "asyncio click concurrent fcntl glob io logging multiprocessing os pathlib select shutil "
    "signal socket sqlite3 subprocess tempfile threading time tzlocal urllib.request"
)
IN_MEMORY = {"io.BytesIO", "io.StringIO", "pathlib.PurePath", "pathlib.PurePosixPath"}
IMPURE_CALLS = words("input now open print today utcnow")

# Imported inside the function that needs them: `mdtasks today` must not wait for them.
HEAVY = words(
    "anyio dateutil defusedxml h11 icalendar jinja2 markdown_it pathspec platformdirs rapidfuzz "
    "recurring_ical_events rich starlette tzlocal uvicorn watchdog yaml"
)
# index.connection opens the file and knows what its failures mean, index.intake writes notes,
# index.succession tasks, index.generation which of them changed; index.many reads them all.
ONLY_IN = {
    "sqlite3": [
        "index.store",
        "index.connection",
        "index.generation",
        "index.intake",
        "index.many",
        "index.succession",
    ],
    "click": ["cli"],
}

# Who opens files, and which. Notes: vault.py reads them, write/ changes them.
READERS = {
    "config": "the configuration",
    "vault": "notes",
    "write": "notes before they change, locks, the journal",
    "app": "the feed that was published last, and the calendars of others",
    "serve.page_files": "the page's own style and script",
}
WRITERS = {
    "write": "notes, and the files that are ours alone",
    "index.connection": "the cache",
    "console": "os.devnull, where the reader of a pipe has gone",
}
READ_CALLS = words("open os.open read_bytes read_text")
WRITE_CALLS = words(
    "os.open os.remove os.rename os.replace os.write rename rmdir rmtree unlink write_bytes "
    "write_text"
)

LONGEST_FILE = 400
LONGEST_FUNCTION = 60

Found = Iterator[tuple[int, str]]


class Module:
    """`name` is without `mdtasks.`; `row` counts from the top of the table, -1 outside of it."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.tree = ast.parse(text, name)
        self.imports = list(imports(self.tree))
        self.row, self.group = group_of(name)
        self.pure = 0 <= self.row < len(PURE)

    def calls(self) -> Iterator[tuple[int, str, ast.Call]]:
        """Yield line, function and call: "open", "now", "os.replace"; "Store.open" is no file."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                bare = name if re.match(r"os\.|[A-Z]\w+\.", name) else name.rpartition(".")[2]
                yield node.lineno, bare, node


def group_of(name: str) -> tuple[int, str]:
    parts = name.split(".")
    prefixes = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((GROUPS[prefix] for prefix in prefixes if prefix in GROUPS), (-1, ""))


# The rules. Each yields line and message for what breaks it


def has_a_place(module: Module) -> Found:
    if module.row < 0 and len(module.tree.body) > 1:
        yield 1, "this module stands in no row of the table in tests/test_layers.py"


def imports_upward_only(module: Module) -> Found:
    for found in module.imports:
        target = found.target.removeprefix("mdtasks.")
        if target == found.target:
            if target.startswith("."):
                yield found.line, f"{target} is a relative import"
            continue
        row, group = group_of(target)
        if row > module.row >= 0:
            yield found.line, f"imports {target}, which lies below {module.group}"
        elif row == module.row and group != module.group:
            yield found.line, f"imports {target}; {module.group} and {group} know nothing of it"


def is_pure(module: Module) -> Found:
    if not module.pure:
        return
    for found in module.imports:
        if found.of(IMPURE) and found.target not in IN_MEMORY:
            yield found.line, f"a pure module imports {found.target}"
    for line, name, _ in module.calls():
        if name in IMPURE_CALLS or name.startswith("os."):
            yield line, f"a pure module calls {name}()"


def loads_nothing_heavy(module: Module) -> Found:
    for found in module.imports:
        if found.at_top and found.of(HEAVY):
            yield found.line, f"imports {found.target} at the top of the module"


def keeps_packages_in_their_places(module: Module) -> Found:
    for found in module.imports:
        package = found.of(ONLY_IN)
        if package and not within(module.name, ONLY_IN[package]):
            yield found.line, f"{package} is for {', '.join(ONLY_IN[package])} alone"


def opens_only_its_own_files(module: Module) -> Found:
    for line, name, call in module.calls():
        writes = name in WRITE_CALLS or (name == "open" and re.search("[wax+]", mode(call)))
        if name == "os.open":
            writes = "os.O_RDONLY" not in ast.unparse(call.args[1])
        if writes and not within(module.name, WRITERS):
            yield line, f"{name}() writes a file; that is for {', '.join(WRITERS)}"
        elif name in READ_CALLS and not within(module.name, {**READERS, **WRITERS}):
            yield line, f"{name}() reads a file; that is for {', '.join(READERS)}"


def mode(call: ast.Call) -> str:
    """Return the mode of `open(path, mode)` or `path.open(mode)`, "" where none is written."""
    first = 0 if isinstance(call.func, ast.Attribute) else 1
    given = [*call.args[first : first + 1], *(k.value for k in call.keywords if k.arg == "mode")]
    return ast.unparse(given[0]) if given else ""


def is_short(module: Module) -> Found:
    lines = len(module.text.splitlines())
    if lines > LONGEST_FILE:
        yield LONGEST_FILE, f"{lines} lines; {LONGEST_FILE} is the most"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield node.lineno, f"{node.name} has {length} lines; {LONGEST_FUNCTION} is the most"


def has_a_header(module: Module) -> Found:
    if not ast.get_docstring(module.tree):
        yield 1, "there is no docstring"


RULES: tuple[Callable[[Module], Found], ...] = (
    has_a_place,
    imports_upward_only,
    is_pure,
    loads_nothing_heavy,
    keeps_packages_in_their_places,
    opens_only_its_own_files,
    is_short,
    has_a_header,
)


def cycle(modules: Iterable[Module]) -> list[str]:
    """Return modules that import each other in a ring, [] if there are none."""
    names = {module.name for module in modules}
    graph = {
        module.name: {name for found in module.imports if (name := imported(found.target, names))}
        for module in modules
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def imported(target: str, names: Collection[str]) -> str:
    """Return the module of ours that `mdtasks.a.b.c` names: a.b.c, or a.b that has a c."""
    name = target.removeprefix("mdtasks.")
    whole = name if name in names else name.rpartition(".")[0]
    return whole if target.startswith("mdtasks.") and whole in names else ""


# The house as it stands


@cache
def house() -> tuple[Module, ...]:
    return tuple(
        Module(name_of(path), path.read_text(encoding="utf-8"))
        for path in sorted(ROOT.rglob("*.py"))
    )


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_module(rule: Callable[[Module], Found]) -> None:
    broken = [f"{m.name}:{line}: {message}" for m in house() for line, message in rule(m)]
    assert not broken, "\n" + "\n".join(broken)


def test_no_modules_import_each_other_in_a_ring() -> None:
    ring = cycle(house())
    assert not ring, " -> ".join(ring)


def test_the_house_is_there_and_has_both_pure_rooms_and_others() -> None:
    names = {module.name: module.pure for module in house()}
    assert len(names) > 30
    assert names["plan.urgency"]
    assert names["index.identity"]
    assert not names["index.store"]
    assert not names["config"]


# The rules, shown to bite


@pytest.mark.parametrize(
    ("rule", "name", "text", "message"),
    [
        (has_a_place, "attic", "import re\nx = 1", "1: this module stands in no row"),
        (
            imports_upward_only,
            "read.note",
            "from mdtasks.plan import slots",
            "1: imports plan.slots",
        ),
        (imports_upward_only, "read.a", "def f():\n from mdtasks import app", "2: imports app, "),
        (
            imports_upward_only,
            "vault",
            "from mdtasks.config import load",
            "1: imports config.load;",
        ),
        (imports_upward_only, "query.a", "import mdtasks.render.ics", "1: imports render.ics;"),
        (imports_upward_only, "model", "from mdtasks.read.times import x", "1: imports read.times"),
        (imports_upward_only, "read.a", "from . import times", "1: ..times is a relative import"),
        (is_pure, "plan.a", "import os.path", "1: a pure module imports os.path"),
        (is_pure, "plan.a", "from time import time", "1: a pure module imports time.time"),
        (is_pure, "toml.a", "from pathlib import Path", "1: a pure module imports pathlib.Path"),
        (is_pure, "read.a", "def f():\n return open('a')", "2: a pure module calls open()"),
        (is_pure, "render.a", "x = date.today()", "1: a pure module calls today()"),
        (is_pure, "write.edits", "x = datetime.datetime.now(UTC)", "1: a pure module calls now()"),
        (loads_nothing_heavy, "vault", "import yaml", "1: imports yaml at the top"),
        (loads_nothing_heavy, "cli", "from rich.table import Table", "1: imports rich.table.Table"),
        (loads_nothing_heavy, "a", "try:\n import yaml\nfinally:\n x = 1", "2: imports yaml"),
        (
            keeps_packages_in_their_places,
            "app.a",
            "import sqlite3",
            "1: sqlite3 is for index.store, ",
        ),
        (
            keeps_packages_in_their_places,
            "app.a",
            "def f():\n import click",
            "2: click is for cli alone",
        ),
        (opens_only_its_own_files, "watch", "path.read_bytes()", "1: read_bytes() reads a file"),
        (opens_only_its_own_files, "cli.a", "path.open()", "1: open() reads a file"),
        (opens_only_its_own_files, "vault", "path.open('wb')", "1: open() writes a file"),
        (opens_only_its_own_files, "vault", "os.open(path, os.O_RDWR)", "1: os.open() writes"),
        (opens_only_its_own_files, "config", "open(path, mode='a')", "1: open() writes a file"),
        (opens_only_its_own_files, "cli.a", "os.replace(a, b)", "1: os.replace() writes a file"),
        (is_short, "a", "x = 1\n" * 401, "400: 401 lines; 400 is the most"),
        (is_short, "a", "def f():\n" + " x = 1\n" * 60, "1: f has 61 lines; 60 is the most"),
        (has_a_header, "a", "# no words\nx = 1", "1: there is no docstring"),
    ],
)
def test_a_rule_finds_what_breaks_it(
    rule: Callable[[Module], Found], name: str, text: str, message: str
) -> None:
    ((line, found),) = rule(Module(name, text))
    assert f"{line}: {found}".startswith(message)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plan.a", "from mdtasks.plan import slots\nfrom mdtasks.model import Task"),
        ("plan.a", "from datetime import datetime, time\nfrom pathlib import PurePosixPath"),
        ("vault", "def f():\n import yaml"),
        ("vault", "if TYPE_CHECKING:\n import yaml"),
        ("vault", "with path.open('rb') as file: pass"),
        ("vault", "os.open(path, os.O_RDONLY | more)"),
        ("cli.today", "import click"),
        ("app.a", "Store.open(path, vault_id)\ntext.replace('a', 'b')\nsession.now"),
        ("write.safely", "os.replace(a, b)\nfrom mdtasks.write import splice"),
        ("a", "def f():\n" + " x = 1\n" * 59),
    ],
)
def test_a_rule_lets_pass_what_is_fine(name: str, text: str) -> None:
    module = Module(name, f'"""Words."""\n{text}')
    rules = [rule for rule in RULES if rule is not has_a_place]
    assert [message for rule in rules for _, message in rule(module)] == []


def test_a_ring_is_found_also_through_a_function() -> None:
    ring = [
        Module("a", "from mdtasks.b import x"),
        Module("b", "def f():\n from mdtasks import c"),
        Module("c", "import mdtasks.a"),
        Module("d", "from mdtasks import a"),
    ]
    assert set(cycle(ring)) == {"a", "b", "c"}
    assert cycle(ring[:2]) == []
