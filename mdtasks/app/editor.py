"""The person's own editor, opened at the line of a task.

Rule: no shell. The editor gets its words as they were set, and a whole path, which no program
can take for an option.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher, get_close_matches
from pathlib import Path

from mdtasks import vault
from mdtasks.app.session import Session
from mdtasks.errors import MdtasksError, RefusedError, UsageError
from mdtasks.model import Problem, Task
from mdtasks.write.places import texts_of

# How an editor is told the line, and what makes it wait until the file is closed.
_PLUS = "+{line} {file}"
_COLON = "{file}:{line}"
_AT_LINE: Mapping[str, tuple[str, Sequence[str]]] = {
    **dict.fromkeys(("vi", "vim", "nvim", "view", "vimr", "ed", "ex", "elvis"), (_PLUS, ())),
    **dict.fromkeys(("nano", "pico", "emacs", "jmacs", "mg", "micro", "kak", "ne"), (_PLUS, ())),
    **dict.fromkeys(("joe", "jed", "emacsclient", "vis", "gedit", "pluma"), (_PLUS, ())),
    **dict.fromkeys(("editor", "sensible-editor"), (_PLUS, ())),
    **dict.fromkeys(("gvim", "mvim"), (_PLUS, ("-f",))),
    "bbedit": (_PLUS, ("--wait",)),
    **dict.fromkeys(("code", "code-insiders", "codium"), ("-g " + _COLON, ("--wait",))),
    **dict.fromkeys(("vscodium", "cursor", "windsurf"), ("-g " + _COLON, ("--wait",))),
    **dict.fromkeys(("subl", "zed", "zeditor", "atom"), (_COLON, ("--wait",))),
    **dict.fromkeys(("hx", "helix"), (_COLON, ())),
    "mate": ("-l {line} {file}", ("--wait",)),
    "kate": ("-l {line} {file}", ("--block",)),
    "kwrite": ("-l {line} {file}", ()),
    "notepad++": ("-n{line} {file}", ("-multiInst", "-nosession")),
}
_SHORT = {"--wait": "-w", "--block": "-b"}
_USUAL = {"win32": ("notepad",), "darwin": ("nano", "vim", "vi")}
_USUAL_ELSEWHERE = ("sensible-editor", "editor", "nano", "vim", "vi")


def command(environ: Mapping[str, str], on_terminal: bool, file: Path, line: int) -> list[str]:
    """Return the words that open the file at the line in $VISUAL, $EDITOR or a usual editor.

    Raises UsageError for a variable that cannot be read, RefusedError where none is set and no
    terminal is there for a usual one.
    """
    name = next((n for n in ("VISUAL", "EDITOR") if environ.get(n, "").strip()), "")
    if name:
        try:
            words = shlex.split(environ[name], posix=sys.platform != "win32")
        except ValueError as error:
            raise UsageError(f"${name}: {error}", "quote it as for a shell") from None
        return at_line(words, file, line)
    if not on_terminal and sys.platform != "win32":
        hint = "set $EDITOR, such as: export EDITOR=nano"
        raise RefusedError("no editor is set, and there is no terminal for one", hint)
    usual = _USUAL.get(sys.platform, _USUAL_ELSEWHERE)
    found = next((word for word in usual if shutil.which(word)), None)
    if found is None:
        raise RefusedError("no editor is set", "set $EDITOR, such as: export EDITOR=nano")
    return at_line([found], file, line)


def at_line(words: Sequence[str], file: Path, line: int) -> list[str]:
    """Return an editor's words with the file behind them, at the line if we know how."""
    place, waits = _AT_LINE.get(_name(words), ("{file}", ()))
    missing = [flag for flag in waits if not {flag, _SHORT.get(flag, flag)} & set(words)]
    told = [word.format(file=os.fspath(file), line=line) for word in place.split(" ")]
    if told[0] == "-g" and {"-g", "--goto"} & set(words):
        told = told[1:]
    return [*words, *missing, *told]


def _name(words: Sequence[str]) -> str:
    """Return the program's name, of `flatpak run x` and `env A=b x` too little to tell."""
    name = words[0].replace("\\", "/").rpartition("/")[2].lower() if words else ""
    return name.removesuffix(".exe").removesuffix(".cmd")


def run(words: Sequence[str]) -> None:
    """Run the editor and wait for it. Raises MdtasksError where it cannot be run, or fails."""
    try:
        code = subprocess.run(words, check=False).returncode
    except OSError as error:
        reason = f"the editor {words[0]} cannot be run: {error.strerror}"
        raise MdtasksError(reason, "look at $VISUAL and $EDITOR") from None
    if code:
        ended = f"exit code {code}" if code > 0 else f"signal {-code}"
        raise MdtasksError(f"the editor {words[0]} ended with {ended}")


def lines_of(session: Session, task: Task) -> list[str]:
    """Return the lines of a task's note, [] where it cannot be read."""
    data = vault.read(session.root, task.source.path)
    return [] if isinstance(data, Problem) else texts_of(data)


def became(before: Sequence[str], after: Sequence[str], at: int) -> tuple[int, tuple[str, ...]]:
    """Return where a line is now and what it reads like; () where it is gone.

    Both count from 0. Among several new lines in its place it is the one most like it.
    """
    for tag, first, last, begin, end in SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        if first <= at < last:
            place = begin + at - first
            if tag == "equal" or last - first == end - begin:
                return place, (after[place],)
            if near := get_close_matches(before[at], after[begin:end], 1):
                return after.index(near[0], begin), (near[0],)
            if last - first == 1:
                return begin, tuple(after[begin:end])
            break
    return at, ()
