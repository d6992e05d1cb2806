"""The promise: no edit of the user is lost, and no byte changes but those of the edit."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import pytest

from mdtasks.errors import ChangedUnderUsError, MdtasksError, RefusedError
from mdtasks.model import Edit
from mdtasks.write import renames
from mdtasks.write.safely import apply, take_back
from tests.conftest import MakeVault
from tests.ticking import (
    AT_ONCE,
    ONE,
    ONE_DATED,
    ONE_DONE,
    dated,
    has_leases,
    make_old,
    temp_files,
    tick,
)

MakeEdit = Callable[[str, int, str], Edit]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


# --- what changes and what stays ---


@pytest.mark.parametrize(
    "endings",
    [("\n",) * 3, ("\r\n",) * 3, ("\r",) * 3, ("\n", "\r\n", "\r"), ("\r\n", "\r\n", "")],
    ids=repr,
)
@pytest.mark.parametrize(
    ("at", "after"),
    list(product(range(3), [("- [x] d",), ("- [ ] d", "- [x] \udcfe"), ()])),
)
def test_only_the_bytes_of_the_edit_change_and_come_back(
    vault: MakeVault, state: Path, at: int, after: tuple[str, ...], endings: tuple[str, ...]
) -> None:
    texts = ["- [ ] a\u2028b", "- [ ] \udcff", "c \t"]
    rows = [text + ending for text, ending in zip(texts, endings, strict=True)]
    root = vault({"a.md": ("\ufeff" + "".join(rows)).encode("utf-8", "surrogateescape")})
    before = (root / "a.md").read_bytes()
    edit = Edit("a.md", at + 1, texts[at], after)

    assert apply(root, state, [edit], AT_ONCE) == (edit,)

    # A last line without an ending stays without one; what is put above it has the usual one.
    rows[at] = (endings[at] or "\r\n").join(after) + (endings[at] if after else "")
    wanted = ("\ufeff" + "".join(rows)).encode("utf-8", "surrogateescape")
    assert (root / "a.md").read_bytes() == wanted
    take_back(root, state, AT_ONCE)
    assert (root / "a.md").read_bytes() == before


def test_mode_owner_and_attributes_stay(vault: MakeVault, state: Path) -> None:
    note = vault({"a.md": ONE}) / "a.md"
    note.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(note, 12345, 54321)
    try:
        os.setxattr(note, "user.color", b"blue \xff")
    except OSError:  # no attributes here: then none may appear
        assert os.listxattr(note) == []

    def attributes() -> tuple[object, ...]:
        found = note.stat()
        extended = {name: os.getxattr(note, name) for name in os.listxattr(note)}
        return found.st_mode, found.st_uid, found.st_gid, extended

    before = attributes()
    apply(note.parent, state, [dated("a.md", 1, "one")], AT_ONCE)
    assert note.read_bytes() == ONE_DATED
    assert attributes() == before


def test_a_note_with_the_longest_possible_name_is_written(vault: MakeVault, state: Path) -> None:
    name = "\N{PILE OF POO}" * 63 + ".md"
    root = vault({name: ONE})
    apply(root, state, [dated(name, 1, "one")], AT_ONCE)
    assert (root / name).read_bytes() == ONE_DATED
    assert len(list(root.iterdir())) == 1


@pytest.mark.parametrize("edit", [tick, dated])
def test_the_displaced_bytes_are_kept(vault: MakeVault, state: Path, edit: MakeEdit) -> None:
    root = vault({"a.md": ONE})
    apply(root, state, [edit("a.md", 1, "one")], AT_ONCE)
    assert [copy.read_bytes() for copy in (state / "displaced").iterdir()] == [ONE]


def test_without_an_exchange_of_names_notes_are_replaced_and_that_is_said_once(
    vault: MakeVault, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renames, "exchange", lambda one, other: False)  # macOS, Windows, NFS
    root = vault({"a.md": ONE + ONE})
    told: list[str] = []
    apply(root, state, [dated("a.md", 1, "one")], AT_ONCE, told.append)
    assert (root / "a.md").read_bytes() == ONE_DATED + ONE
    assert temp_files(root) == []
    assert len(told) == 1
    assert "cannot exchange two files" in told[0]
    apply(root, state, [dated("a.md", 2, "one")], AT_ONCE, told.append)
    assert len(told) == 1


# --- what is found and what is refused ---


def test_a_line_that_moved_is_written_where_it_stands_now(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": b"new\n" + ONE})
    assert apply(root, state, [tick("a.md", 1, "one")], AT_ONCE) == (tick("a.md", 2, "one"),)
    assert (root / "a.md").read_bytes() == b"new\n" + ONE_DONE


@pytest.mark.parametrize("now", [b"- [ ] one!\n", b"", b"above\n" + ONE + ONE])
def test_a_line_that_is_not_there_or_not_alone_is_refused(
    vault: MakeVault, state: Path, now: bytes
) -> None:
    root = vault({"a.md": now})
    make_old(root / "a.md")
    before = (root / "a.md").stat()
    with pytest.raises(ChangedUnderUsError) as refused:
        apply(root, state, [tick("a.md", 1, "one")])
    assert refused.value.message == (
        "a.md:1: this line changed since it was read; nothing was written"
    )
    assert refused.value.hint == "run `mdtasks list` and try again"
    assert (root / "a.md").read_bytes() == now
    assert (root / "a.md").stat().st_mtime_ns == before.st_mtime_ns


def test_a_note_that_is_gone_is_refused(vault: MakeVault, state: Path) -> None:
    with pytest.raises(ChangedUnderUsError, match=r"a\.md: this note is gone"):
        apply(vault({}), state, [tick("a.md", 1, "one")], AT_ONCE)


def test_a_link_inside_the_vault_is_followed_and_stays(vault: MakeVault, state: Path) -> None:
    root = vault({"Work/real.md": ONE})
    (root / "link.md").symlink_to("Work/real.md")
    apply(root, state, [tick("link.md", 1, "one")], AT_ONCE)
    assert (root / "link.md").is_symlink()
    assert (root / "Work/real.md").read_bytes() == ONE_DONE


def test_two_names_of_one_note_are_one_note(vault: MakeVault, state: Path) -> None:
    root = vault({"real.md": ONE + b"- [ ] two\n"})
    (root / "link.md").symlink_to("real.md")
    recurring = Edit("real.md", 1, "- [ ] one", ("- [ ] one", "- [x] one"))
    done = apply(root, state, [tick("link.md", 2, "two"), recurring], AT_ONCE)
    assert [edit.line for edit in done] == [3, 1]
    assert (root / "real.md").read_bytes() == ONE + ONE_DONE + b"- [x] two\n"


def test_nothing_outside_the_vault_is_written(
    vault: MakeVault, state: Path, tmp_path: Path
) -> None:
    root = vault({"here.md": ONE})
    outside = tmp_path / "outside.md"
    outside.write_bytes(ONE)
    (root / "link.md").symlink_to(outside)
    (root / "folder").symlink_to(tmp_path)
    (root / "loop.md").symlink_to("loop.md")
    for path in ("link.md", "folder/outside.md", "../outside.md", str(outside), "loop.md"):
        with pytest.raises(RefusedError):
            apply(root, state, [tick(path, 1, "one")], AT_ONCE)
    assert outside.read_bytes() == ONE


@pytest.mark.parametrize(
    "path",
    [
        ".hidden.md",
        ".obsidian/a.md",
        ".trash/a.md",
        "a.md~",
        ".a.md.swp",
        "#a.md#",
        "4913",
        "a.sync-conflict-20261122-090000-ABCDEFG.md",
        "a (Ann's conflicted copy 2026-11-22).md",
    ],
)
def test_files_that_are_not_the_users_own_notes_are_refused(
    vault: MakeVault, state: Path, path: str
) -> None:
    root = vault({path: ONE})
    (root / "link.md").symlink_to(path)
    for name in (path, "link.md"):
        with pytest.raises(RefusedError, match="this is not a note"):
            apply(root, state, [tick(name, 1, "one")], AT_ONCE)
    assert (root / path).read_bytes() == ONE


def test_a_write_protected_note_is_refused(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": ONE})
    (root / "a.md").chmod(0o444)
    with pytest.raises(RefusedError, match="write-protected"):
        apply(root, state, [tick("a.md", 1, "one")], AT_ONCE)
    assert (root / "a.md").read_bytes() == ONE


def test_a_hard_linked_note_that_would_be_parted_is_refused(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": ONE, "first.md": ONE})
    (root / "b.md").hardlink_to(root / "a.md")
    with pytest.raises(RefusedError, match="more than one hard link"):
        apply(root, state, [tick("first.md", 1, "one"), dated("a.md", 1, "one")], AT_ONCE)
    assert (root / "b.md").read_bytes() == (root / "first.md").read_bytes() == ONE
    assert (root / "b.md").samefile(root / "a.md")


def test_a_tick_of_one_byte_is_written_in_place_and_links_stay(
    vault: MakeVault, state: Path
) -> None:
    root = vault({"a.md": ONE})
    note, other = root / "a.md", root / "b.md"
    other.hardlink_to(note)
    inode = note.stat().st_ino
    if has_leases(root):
        apply(root, state, [tick("a.md", 1, "one")], AT_ONCE)
        assert note.read_bytes() == other.read_bytes() == ONE_DONE
        take_back(root, state, AT_ONCE)
    with other.open("rb"), pytest.raises(RefusedError, match="more than one hard link"):
        apply(root, state, [tick("a.md", 1, "one")], AT_ONCE)
    assert note.read_bytes() == other.read_bytes() == ONE
    assert note.stat().st_ino == other.stat().st_ino == inode


def test_a_note_that_is_open_elsewhere_is_exchanged(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": ONE})
    with (root / "a.md").open("rb") as reader:
        apply(root, state, [tick("a.md", 1, "one")], AT_ONCE)
        assert reader.read() == ONE
    assert (root / "a.md").read_bytes() == ONE_DONE


def test_a_folder_of_that_name_is_refused(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md/b.md": ONE})
    with pytest.raises(RefusedError, match="this is not a file"):
        apply(root, state, [tick("a.md", 1, "one")], AT_ONCE)


# --- all or none ---


def test_edits_of_one_note_are_numbered_before_all_of_them(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": b"- [ ] one\n- [ ] two\n- [ ] three\n"})
    edits = [
        tick("a.md", 3, "three"),
        Edit("a.md", 1, "- [ ] one", ("- [ ] one", "- [x] one")),
        Edit("a.md", 2, "- [ ] two", ()),
    ]
    done = apply(root, state, edits, AT_ONCE)
    assert [edit.line for edit in done] == [3, 1, 3]
    assert (root / "a.md").read_bytes() == b"- [ ] one\n- [x] one\n- [x] three\n"


def test_no_edits_write_nothing_at_all(vault: MakeVault, state: Path) -> None:
    assert apply(vault({}), state, []) == ()
    assert not state.exists()


def test_one_line_that_is_missing_stops_them_all(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": ONE, "b.md": b"- [ ] other\n"})
    inode = (root / "a.md").stat().st_ino
    with pytest.raises(ChangedUnderUsError, match=r"b\.md:1"):
        apply(root, state, [tick("a.md", 1, "one"), tick("b.md", 1, "one")], AT_ONCE)
    assert (root / "a.md").read_bytes() == ONE
    assert (root / "a.md").stat().st_ino == inode


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Let the system refuse longer files: a full disk that also root meets."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_write_that_fails_takes_back_those_before_it(vault: MakeVault, state: Path) -> None:
    long = ONE + b"x\n" * 5_000
    root = vault({"a.md": ONE, "b.md": long})
    with file_size_limit(8_000), pytest.raises(RefusedError, match=r"b\.md: File too large") as no:
        apply(root, state, [tick("a.md", 1, "one"), dated("b.md", 1, "one")], AT_ONCE)
    assert no.value.hint
    assert (root / "a.md").read_bytes() == ONE
    assert (root / "b.md").read_bytes() == long
    assert temp_files(root) == []


def test_what_could_not_be_undone_later_is_not_done(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": ONE, "b.md": ONE})
    (state / "undo.jsonl").mkdir(parents=True)
    with pytest.raises(MdtasksError):
        apply(root, state, [tick("a.md", 1, "one"), tick("b.md", 1, "one")], AT_ONCE)
    assert (root / "a.md").read_bytes() == (root / "b.md").read_bytes() == ONE


def test_no_note_is_written_without_a_safety_copy(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": ONE})
    state.mkdir()
    (state / "displaced").write_bytes(b"in the way")
    with pytest.raises(RefusedError, match=r"a\.md: File exists; nothing was written"):
        apply(root, state, [tick("a.md", 1, "one")], AT_ONCE)
    assert (root / "a.md").read_bytes() == ONE
    assert temp_files(root) == []


# --- undo ---


def test_undo_takes_back_the_last_command_and_then_the_one_before(
    vault: MakeVault, state: Path
) -> None:
    root = vault({"a.md": ONE, "b.md": ONE, "c.md": ONE})
    apply(root, state, [tick("a.md", 1, "one")], AT_ONCE)
    apply(root, state, [tick("b.md", 1, "one"), tick("c.md", 1, "one")], AT_ONCE)
    undone = [Edit(path, 1, "- [x] one", ("- [ ] one",)) for path in ("b.md", "c.md")]
    assert list(take_back(root, state, AT_ONCE)) == undone
    assert [(root / name).read_bytes() for name in ("a.md", "b.md")] == [ONE_DONE, ONE]
    take_back(root, state, AT_ONCE)
    assert (root / "a.md").read_bytes() == ONE
    with pytest.raises(RefusedError, match="nothing to undo"):
        take_back(root, state, AT_ONCE)


def test_undo_keeps_what_was_written_around_the_lines(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": b"- [ ] one"})
    apply(root, state, [Edit("a.md", 1, "- [ ] one", ("next", "- [x] one"))], AT_ONCE)
    note = root / "a.md"
    note.write_bytes(b"above\r\n" + note.read_bytes() + b"\nbelow")
    undone = take_back(root, state, AT_ONCE)
    assert note.read_bytes() == b"above\r\n- [ ] one\nbelow"
    assert undone == (
        Edit("a.md", 2, "next", ()),
        Edit("a.md", 2, "- [x] one", ("- [ ] one",)),
    )


def test_undo_of_a_removed_line_names_what_returns(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": b"a\n" + ONE})
    apply(root, state, [Edit("a.md", 2, "- [ ] one", ())], AT_ONCE)
    assert take_back(root, state, AT_ONCE) == (Edit("a.md", 2, "", ("- [ ] one",)),)


def test_undo_is_refused_whole_if_one_line_was_changed_since(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": ONE, "b.md": ONE})
    apply(root, state, [tick("a.md", 1, "one"), tick("b.md", 1, "one")], AT_ONCE)
    (root / "b.md").write_bytes(b"- [x] one, and more\n")
    with pytest.raises(ChangedUnderUsError, match=r"b\.md:1"):
        take_back(root, state, AT_ONCE)
    assert (root / "a.md").read_bytes() == ONE_DONE
    (root / "b.md").write_bytes(ONE_DONE)
    take_back(root, state, AT_ONCE)
    assert (root / "a.md").read_bytes() == (root / "b.md").read_bytes() == ONE
