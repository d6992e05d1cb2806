"""Write an id on the line of a task, so that it is known by it wherever it goes: Task -> Edit.

Rule: pure, and proven: the line then reads as before, and has that id.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdtasks.errors import RefusedError
from mdtasks.model import Edit, Task
from mdtasks.read import dialects
from mdtasks.read.fields import JS_SPACES, Body, parse_body
from mdtasks.read.line import Values, read_line
from mdtasks.settings import ReadSettings
from mdtasks.write import task_notes
from mdtasks.write.boxes import box_of

_ASIDE = ("dialect", "id", "block_id")


def name_it(task: Task, word: str, read: ReadSettings, as_block: bool = False) -> Edit:
    """Return the line with `word` as its id, in its dialect, or as its block id.

    A vault whose dialects have no word for an id gets a block id. Raises RefusedError where the
    line can have none.
    """
    if task.dialect == task_notes.DIALECT:
        raise task_notes.no_word_for(task, "given an id")
    source = task.source
    box = box_of(task)
    head, text = source.text[: box.body], source.text[box.body :]
    before = _said(source.text, read)
    for after in _ways(text, parse_body(text, read), word, as_block, read):
        said = _said(head + after, read)
        if word in (said.get("id"), said.get("block_id")) and _rest(said) == _rest(before):
            return Edit(source.path, source.line, source.text, (head + after,))
    raise RefusedError(
        f"{source.path}:{source.line}: an id cannot be written on this line; nothing was written",
        "write it there by hand",
    )


def _ways(text: str, body: Body, word: str, as_block: bool, read: ReadSettings) -> Iterator[str]:
    """Yield the text with the id behind its fields, where the plugin reads it, else in front of
    them; then with a block id."""
    end = len(text[: body.block_id_start].rstrip(JS_SPACES))
    added = {"emoji": f" 🆔 {word}", "dataview": f"  [id:: {word}]"}.get(_dialect(body, read))
    if added and not as_block:
        first = min((field.start for field in body.found), default=end)
        for at in dict.fromkeys((end, len(text[:first].rstrip(JS_SPACES)))):
            gap = "" if text[at : at + 1] in ("", *JS_SPACES) else " "
            yield f"{text[:at]}{added}{gap}{text[at:]}"
    if body.block_id_start is None:
        yield f"{text.rstrip(JS_SPACES)} ^{word}"


def _dialect(body: Body, read: ReadSettings) -> str:
    """Return the dialect that the line speaks, else the first that the vault reads."""
    usual = [name for name in dialects.WRITERS if name in read.dialects]
    last = body.found[-1].dialect if body.found else ""
    return last if last in ("emoji", "dataview") else next(iter(usual), "")


def _said(text: str, read: ReadSettings) -> Values:
    return read_line(text, read)


def _rest(values: Values) -> Values:
    return {name: value for name, value in values.items() if name not in _ASIDE}
