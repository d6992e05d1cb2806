"""What a module imports, read from its source: for the rules of tests/test_layers.py."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


def within(name: str, places: Iterable[str]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


@dataclass(frozen=True)
class Import:
    """`target` is what is imported, in full: `mdtasks.model.Task`, `os`."""

    line: int
    target: str
    at_top: bool

    def of(self, names: Iterable[str]) -> str | None:
        return next((name for name in names if within(self.target, [name])), None)


def imports(node: ast.AST, at_top: bool = True) -> Iterator[Import]:
    """Yield what is imported below `node`; under `if TYPE_CHECKING` nothing is at the top."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(child.lineno, alias.name, at_top) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            source = "." * child.level + (child.module or "")
            for alias in child.names:
                yield Import(child.lineno, f"{source}.{alias.name}", at_top)
        else:
            typing = isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
            function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from imports(child, at_top and not typing and not function)
