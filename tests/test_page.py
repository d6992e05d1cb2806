"""The day's page, over HTTP: what it shows, to whom, and what it never lets through."""

from __future__ import annotations

import re
import shutil
import socket
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import MakeVault
from tests.pages import Door, read, served, words
from tests.running import mdtasks

SAMPLE = Path(__file__).parents[1] / "sample-vault"
HOSTILE = (
    "- [ ] <script>alert(1)</script> <img src=x onerror=alert(2)> \"quoted\" & 'so'\n"
    "- [ ] [click](javascript:alert(3)) [data](data:text/html,x) [[note\u202e|txt\u202e.exe]]\n"
    "- [ ] https://example.org/a?b=c&d=<b> and [words](https://example.org/x).\n"
    "- [ ] \u202e\u2066backwards \x1b[31mred \x07 \u0085 \ufeff {{ 7 * 7 }} {% raw %}\n"
    '- [ ] <!-- --> </bdi></p> ]]> "><svg onload=alert(4)> #tag"onclick=x\n'
)


def sample(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "sample"))


def test_the_page_shows_every_task_and_reason_of_today(tmp_path: Path) -> None:
    root = sample(tmp_path)
    day = mdtasks(root, "today", "--json").json
    with served(root) as door:
        page = door.get().text
    text = plain(page)
    assert "Monday 23 November" in text
    for task in (*day["micro"], *day["done"]):
        assert link_less(task["text"]) in text
    for block in day["blocks"]:
        assert block["reason"] in text
        if len(block["tasks"]) == 1:
            assert link_less(block["title"]) in text
    # Each task that can be ticked has one box, a batch's in its block.
    uids = [uid for block in day["blocks"] for uid in block["tasks"]]
    uids += [task["uid"] for task in day["micro"] if task["uid"] not in uids]
    uids += [entry["task"] for entry in day["unplaced"]]
    uids += [task["uid"] for task in day["waiting"]]
    forms = [form.fields["task"] for form in read(page).forms if form.action == "tick"]
    assert sorted(forms) == sorted(uids)


def test_blocks_come_in_the_order_of_the_day(tmp_path: Path) -> None:
    with served(sample(tmp_path)) as door:
        starts = [int(start) for start in re.findall(r'<li.* data-start="(\d+)"', door.get().text)]
    assert len(starts) > 5
    assert starts == sorted(starts)


def test_the_block_of_this_moment_is_marked_and_what_passed_too(tmp_path: Path) -> None:
    root = sample(tmp_path)
    assert mdtasks(root, "today").code == 0
    with served(root, "2026-11-23T14:20") as door:
        page = door.get().text
    (running,) = re.findall(r'<li class="card (\w+) now [^>]*aria-current="time">', page)
    assert running == "fixed"
    assert 'id="now"' in page


def test_an_empty_day_says_so(vault: MakeVault) -> None:
    with served(vault({"a.md": "- [x] done ✅ 2026-11-01\n"})) as door:
        assert "Nothing is open." in door.get().text


def test_what_waits_to_be_written_is_said(vault: MakeVault) -> None:
    from mdtasks.write import outbox
    from mdtasks.write.outbox import Command
    from mdtasks.write.places import Place
    from mdtasks.write.splice import Splice

    root = vault({"a.md": "- [ ] one\n"})
    with served(root) as door:
        splice = Splice("a.md", 1, ("- [ ] two",), ("- [x] two",))
        place = Place(splice, 1, (None, None), (1, 0), (0, 1), 0)
        told = Command("c", time.time(), (place,), why="it is gone", given_up=True)
        outbox.add(door.served.state, told)
        assert "not written: a.md:1: - [ ] two (it is gone)" in plain(door.get().text)


def test_twelve_hours_are_shown_as_such(vault: MakeVault) -> None:
    notes = {"a.md": "- [ ] 14:00 call 📅 2026-11-23\n", "mdtasks.toml": "[display]\nclock = 12\n"}
    with served(vault(notes)) as door:
        assert "2:00pm" in door.get().text


# Hostile notes


def test_nothing_of_a_note_becomes_markup(vault: MakeVault) -> None:
    root = vault({"<b>&'\".md": HOSTILE.replace("\n", " 📅 2026-11-23\n")})
    with served(root) as door:
        page = door.get().text
    tags = set(re.findall(r"<(/?[a-z0-9]+)", page))
    own = "html head meta title link script template body div p strong bdi a aside header h1 h2"
    own += " main section ol ul li span form input button details summary code"
    own += " svg g line text rect circle path"
    assert {tag.removeprefix("/") for tag in tags} <= set(own.split())
    assert page.count("<script") == 1
    assert not re.findall(r"<[^>]*\son\w+=", re.sub(r'"[^"]*"', '""', page))
    assert not re.search(r'(?:href|src|action)="(?:javascript|data|vbscript|file):', page)
    assert "49" not in words(page, "small-head")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_no_control_character_gets_out(vault: MakeVault) -> None:
    with served(vault({"a.md": HOSTILE.encode() + b"- [ ] bad \xff\xfe bytes\n"})) as door:
        page = door.get().text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", page)
    assert "^[[31mred ^G" in page
    assert "bad \\xff\\xfe bytes" in page


def test_each_text_of_a_note_is_isolated(vault: MakeVault) -> None:
    with served(vault({"\u202ea.md": "- [ ] \u202ebackwards \u2067there\n"})) as door:
        page = door.get().text
    assert page.count("\u202e") >= 2
    outside = re.sub(r"<bdi[^>]*>.*?</bdi>", "", page, flags=re.DOTALL)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", outside)


def test_links_are_of_the_allowed_kinds(vault: MakeVault) -> None:
    with served(vault({"a.md": HOSTILE})) as door:
        links = re.findall(r'href="([^"]*)"', door.get().text)
    schemes = {urlsplit(link).scheme for link in links}
    assert schemes == {"", "https", "obsidian"}
    assert "https://example.org/x" in links
    assert [link for link in links if not link.isascii()] == []


@pytest.mark.parametrize(
    ("link", "schemes"), [("none", {""}), ("file", {""}), ("vscode", {"", "vscode"})]
)
def test_the_notes_link_to_where_the_settings_say(
    vault: MakeVault, link: str, schemes: set[str]
) -> None:
    notes = {"a.md": "- [ ] see [[b]]\n", "mdtasks.toml": f'[feed]\nlink = "{link}"\n'}
    with served(vault(notes)) as door:
        links = re.findall(r'href="([^"]*)"', door.get().text)
    assert {urlsplit(link).scheme for link in links} == schemes


def test_a_line_of_sixty_thousand_letters_is_cut(vault: MakeVault) -> None:
    with served(vault({"a.md": f"- [ ] {'[[' * 15000}{'x' * 30000}\n"})) as door:
        page = door.get().text
    assert len(page) < 20_000
    assert "…" in page


# Headers and tokens


def test_the_page_may_load_nothing_but_its_own_style_and_script(vault: MakeVault) -> None:
    with served(vault({"a.md": "- [ ] one\n"})) as door:
        answer = door.get()
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "style=" not in answer.text
    assert "<style" not in answer.text


def test_the_token_stands_nowhere_in_an_answer(vault: MakeVault) -> None:
    with served(vault({"a.md": "- [ ] one\n"})) as door:
        token = door.address.rpartition("/")[2]
        answers = [door.get(), door.post(door.tick("one")), door.get("nothing"), door.get("tick")]
        answers += [door.get(f"page/{name}") for name in ("page.js", "page.css")]
    for answer in answers:
        assert token not in answer.text
        assert token not in str(answer.headers)


def test_its_files_stay_for_good_under_an_address_that_changes_with_them(vault: MakeVault) -> None:
    with served(vault({"a.md": "- [ ] one\n"})) as door:
        found = re.findall(r'(?:href|src)="(page/[^"]+)"', door.get().text)
        assert len(found) == 4
        for path in found:
            answer = door.get(path)
            assert answer.status == 200
            assert "immutable" in answer.headers["cache-control"]
            assert "private" in answer.headers["cache-control"]
        assert "immutable" not in door.get("page/page.css?v=older").headers["cache-control"]
        for path in ("page/today.html", "page/..%2fpage.py", "page/", "page/%00"):
            assert door.get(path).status == 404


def test_only_who_may_see_all_finds_the_page(vault: MakeVault) -> None:
    with served(vault({"a.md": "- [ ] secret\n"})) as door:
        form = door.tick("secret")
        for lens in ("title", "busy", "project:a"):
            other = door.of_another(lens)
            for path in ("today", "events", "page/page.css"):
                assert other.get(path).status == 404
            assert other.post(form).status == 404
        wrong = door._replace(address=door.address[:-4] + "AAAA")
        assert wrong.get().status == 404
        assert door.ask("HEAD", "today").body == b""


# Changes while the page is open


def test_an_open_page_hears_of_changes(vault: MakeVault) -> None:
    with served(vault({"a.md": "- [ ] one\n"})) as door:
        shown = re.findall(r'data-news="([^"]+)"', door.get().text)[0]
        with opened(door) as stream:
            assert next_event(stream) == shown
            door.served.news.tell()
            heard = next_event(stream)
            assert heard != shown
            assert re.findall(r'data-news="([^"]+)"', door.get().text) == [heard]


def test_an_open_stream_ends_with_the_server(vault: MakeVault) -> None:
    with served(vault({"a.md": "- [ ] one\n"})) as door:
        stream = opened(door)
        next_event(stream)
        ended: list[bytes] = []
        reader = threading.Thread(target=lambda: ended.append(rest_of(stream)))
        reader.start()
    reader.join(60)
    assert ended
    stream.close()


def test_there_are_so_many_streams_and_who_leaves_makes_room(vault: MakeVault) -> None:
    from mdtasks.serve.page_stream import MOST_STREAMS

    with served(vault({"a.md": "- [ ] one\n"})) as door:
        streams = [opened(door) for _ in range(MOST_STREAMS)]
        for stream in streams:
            next_event(stream)
        refused = door.get("events")
        assert refused.status == 503
        assert refused.headers["retry-after"] == "30"
        streams.pop().close()
        deadline = time.monotonic() + 60
        while (full := is_full(door)) and time.monotonic() < deadline:
            door.served.news.tell()
        assert not full
        for stream in streams:
            stream.close()


def opened(door: Door) -> socket.socket:
    whole = urlsplit(f"{door.address}/events")
    stream = socket.create_connection((whole.hostname, whole.port), 10)
    stream.sendall(f"GET {whole.path} HTTP/1.1\r\nHost: {whole.netloc}\r\n\r\n".encode())
    return stream


def is_full(door: Door) -> bool:
    with opened(door) as stream:
        return stream.recv(64).split()[1] == b"503"


def next_event(stream: socket.socket) -> str:
    heard = b""
    while not (found := re.search(rb"event: day\ndata: (\S+)\n\n", heard)):
        piece = stream.recv(4096)
        assert piece, heard
        heard += piece
    return found[1].decode()


def rest_of(stream: socket.socket) -> bytes:
    heard = b"end:"
    while piece := stream.recv(4096):
        heard += piece
    return heard


def plain(page: str) -> str:
    from html import unescape

    return " ".join(unescape(re.sub(r"<[^>]+>", "", page)).split())


def link_less(text: str) -> str:
    return " ".join(re.sub(r"\[\[(?:[^]|]*\|)?([^]]*)\]\]", r"\1", text).split())
