"""The day's page in a real browser: with a script and without, by mouse and by keyboard."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import Person, axe, browsing
from tests.conftest import MakeVault
from tests.pages import Door, served, serving
from tests.running import NOW, still

SAMPLE = Path(__file__).parents[1] / "sample-vault"
PICTURE = SAMPLE / "Guide" / "the-days-page.png"
DAY = "2026-11-23"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TWO = {"a.md": "- [ ] one\n- [ ] two\n- [ ] three\n"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=60_000)  # a busy machine takes its time
    with browsing() as started:
        yield started


@pytest.fixture
def person(browser: Browser) -> Iterator[Person]:
    one = Person(browser)
    yield one
    one.leaves()
    assert one.troubles == []


def box(page: Page, text: str) -> None:
    page.get_by_role("button", name=f"Tick {text}", exact=True).click()


def without_reloading(page: Page) -> None:
    """Have the page say later whether it is still the same document."""
    page.evaluate("window.same = true")


def test_a_tick_writes_the_line_and_the_page_stays(vault: MakeVault, person: Person) -> None:
    root = vault(TWO)
    with served(root) as door:
        page = person.opens(f"{door.address}/today")
        without_reloading(page)
        box(page, "two")
        expect(page.locator("#said")).to_contain_text("Ticked. two")
        expect(page.locator("#live")).to_contain_text("Ticked. two")
        expect(page.get_by_role("button", name="Tick two")).to_have_count(0)
        assert page.evaluate("window.same")
        assert page.url.endswith("/today")
    assert (root / "a.md").read_text() == f"- [ ] one\n- [x] two ✅ {DAY}\n- [ ] three\n"


def test_undo_puts_the_line_back(vault: MakeVault, person: Person) -> None:
    root = vault(TWO)
    with served(root) as door:
        page = person.opens(f"{door.address}/today")
        box(page, "one")
        page.locator("#said").get_by_role("button", name="Undo").click()
        expect(page.locator("#said")).to_contain_text("Taken back. - [ ] one")
        expect(page.get_by_role("button", name="Tick one")).to_be_visible()
        expect(page.get_by_role("link", name="Close this message")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#said")).to_have_count(0)
        expect(page.locator(":focus")).to_have_accessible_name("Tick one")
    assert (root / "a.md").read_text() == TWO["a.md"]


def test_all_works_without_a_script(vault: MakeVault, person: Person) -> None:
    root = vault(TWO)
    with served(root) as door:
        page = person.opens(f"{door.address}/today", java_script_enabled=False)
        box(page, "two")
        expect(page.locator("#said")).to_contain_text("Ticked. two")
        assert (root / "a.md").read_text() == f"- [ ] one\n- [x] two ✅ {DAY}\n- [ ] three\n"
        page.reload()
        expect(page.locator("#said")).to_have_count(0)
        page.get_by_role("button", name="Undo the last change").click()
        expect(page.locator("#said")).to_contain_text("Taken back.")
    assert (root / "a.md").read_text() == TWO["a.md"]


def test_boxes_that_are_ticked_fast_are_all_written(vault: MakeVault, person: Person) -> None:
    root = vault({"a.md": "".join(f"- [ ] task {n}\n" for n in "abcde")})
    with served(root) as door:
        page = person.opens(f"{door.address}/today")
        page.evaluate("document.querySelectorAll('button.box').forEach(each => each.click())")
        expect(page.get_by_role("button", name="Tick task")).to_have_count(0)
        page.evaluate("sent")
    assert (root / "a.md").read_text().count("[x]") == 5


def test_a_page_in_the_background_holds_no_stream_and_misses_nothing(
    vault: MakeVault, person: Person
) -> None:
    root = vault(TWO)
    seen = "Object.defineProperty(document, 'visibilityState', {value, configurable: true})"
    turn = f"value => {{ {seen}; document.dispatchEvent(new Event('visibilitychange')) }}"
    with served(root) as door:
        page = person.opens(f"{door.address}/today")
        page.evaluate(turn, "hidden")
        assert page.evaluate("stream.readyState") == 2
        (root / "a.md").write_text("- [ ] one\n- [ ] four\n")
        still(root)
        door.served.news.tell()
        page.evaluate(turn, "visible")
        expect(page.get_by_role("button", name="Tick four")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_a_line_that_changed_is_shown_and_not_written(
    vault: MakeVault, person: Person, script: bool
) -> None:
    root = vault(TWO)
    with served(root) as door:
        page = person.opens(f"{door.address}/today", java_script_enabled=script)
        (root / "a.md").write_text("- [ ] one and more\n- [ ] two\n")
        still(root)
        box(page, "one")
        expect(page.locator("#said")).to_contain_text(
            "now it is `one and more`; nothing was written"
        )
        expect(page.locator("#said")).to_have_class("bad")
        expect(page.get_by_role("button", name="Tick one and more")).to_be_visible()
    assert (root / "a.md").read_text() == "- [ ] one and more\n- [ ] two\n"


def test_the_keyboard_is_enough(vault: MakeVault, person: Person) -> None:
    root = vault(TWO)
    with served(root) as door:
        page = person.opens(f"{door.address}/today")
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        expect(focused).to_have_accessible_name("Tick one")
        assert focused.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
        page.keyboard.press("Space")
        # Where the ticked one was, the next one has the focus.
        expect(page.locator(":focus")).to_have_accessible_name("Tick two")
        page.keyboard.press("Enter")
        expect(page.locator(":focus")).to_have_accessible_name("Tick three")
    assert (root / "a.md").read_text().count("[x]") == 2


def test_the_mark_of_the_hour_moves(tmp_path: Path, person: Person) -> None:
    root = Path(shutil.copytree(SAMPLE, tmp_path / "sample"))
    with served(root) as door:
        page = person.opens("about:blank")
        page.clock.install()
        page.goto(f"{door.address}/today")
        first = page.locator(".card").first
        expect(first).to_have_class("card fixed ahead")
        before = page.locator("#now line").get_attribute("x1")
        page.clock.fast_forward("33:00")
        expect(first).to_have_attribute("aria-current", "time")
        assert page.locator("#now line").get_attribute("x1") != before
        page.clock.fast_forward("30:00")
        expect(first).not_to_have_attribute("aria-current", "time")
        expect(first).to_have_class("card fixed past")


def test_dark_and_light_are_readable_and_fit_a_narrow_screen(
    vault: MakeVault, person: Person
) -> None:
    long = "a very long title " * 30
    notes = {"a.md": f"- [ ] {long}\n- [ ] {'x' * 300} 📅 {DAY}\n- [ ] 09:00 {long} 📅 {DAY}\n"}
    colours = []
    with served(vault(notes)) as door:
        for scheme in SCHEMES:
            page = person.opens(f"{door.address}/today", 360, color_scheme=scheme)
            colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            small = page.evaluate("""[...document.querySelectorAll('button.box')].filter(e => {
                const {width, height} = getComputedStyle(e, '::after');
                return parseFloat(width) < 40 || parseFloat(height) < 40;
            }).length""")
            assert small == 0
        person.leaves()  # the page still opens its stream
    assert colours == ["rgb(250, 248, 244)", "rgb(20, 22, 26)"]


@pytest.mark.parametrize("script", [True, False])
def test_a_page_from_before_says_so_and_can_go_on(
    vault: MakeVault, person: Person, script: bool
) -> None:
    root = vault(TWO)
    with served(root) as door:
        page = person.opens(f"{door.address}/today", java_script_enabled=script)
        door.served.secret = b"another start"
        box(page, "one")
        words = "This page is from before mdtasks was started anew. Nothing was changed."
        expect(page.locator("#said")).to_contain_text(words)
        assert (root / "a.md").read_text() == TWO["a.md"]
        if not script:
            page.get_by_role("link", name="Back to the day").click()
        box(page, "one")
        expect(page.locator("#said")).to_contain_text("Ticked. one")
    person.troubles = [each for each in person.troubles if "403" not in each]


def test_axe_finds_nothing_to_complain_of_in_light_and_dark(tmp_path: Path, person: Person) -> None:
    root = Path(shutil.copytree(SAMPLE, tmp_path / "sample"))
    script = axe()
    with served(root, "2026-11-23T09:10") as door:
        page = person.opens(f"{door.address}/today", reduced_motion="reduce")
        box(page, "Stamps, the ones with the lighthouse #errand")
        expect(page.locator("#said")).to_be_visible()
        page.evaluate(script)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            found = page.evaluate("axe.run().then(({violations}) => violations)")
            wrong = [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]
            assert wrong == [], scheme


def test_hostile_notes_run_nothing(vault: MakeVault, person: Person) -> None:
    hostile = (
        f"- [ ] <script>window.bad=1</script><img src=x onerror=window.bad=2> 📅 {DAY}\n"
        f"- [ ] [x](javascript:window.bad=3) [[</bdi><script>window.bad=4</script>]] 📅 {DAY}\n"
    )
    with served(vault({'"><script>window.bad=5</script>.md'.replace("/", "_"): hostile})) as door:
        page = person.opens(f"{door.address}/today")
        page.get_by_role("button", name="Tick <script>").click()
        expect(page.locator("#said")).to_contain_text("<script>window.bad=1</script>")
        assert page.evaluate("window.bad") is None


def test_an_edit_shows_at_once_and_the_server_ends_with_pages_open(
    vault: MakeVault, person: Person
) -> None:
    root = vault(TWO)
    with serving(root) as (process, address):
        page = person.opens(f"{address}/today")
        without_reloading(page)
        expect(page.get_by_role("button", name="Tick three")).to_be_visible()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        (root / "a.md").write_text("- [ ] one\n- [ ] four\n")
        expect(page.get_by_role("button", name="Tick four")).to_be_visible()
        expect(page.get_by_role("button", name="Tick three")).to_have_count(0)
        assert page.evaluate("window.same")
        box(page, "four")
        expect(page.locator("#said")).to_contain_text("Ticked. four")
        # A page that shows what there is does not ask again.
        assert len(asked) < 12
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        expect(page.locator("body")).to_have_class("away")
    person.troubles = [each for each in person.troubles if "ERR_" not in each]
    assert (root / "a.md").read_text() == f"- [ ] one\n- [x] four ✅ {DAY}\n"


def test_a_page_comes_back_with_its_server(vault: MakeVault, person: Person) -> None:
    root = vault(TWO)
    with served(root) as door:
        page = person.opens(f"{door.address}/today")
        expect(page.get_by_role("button", name="Tick two")).to_be_visible()
    expect(page.locator("body")).to_have_class("away")
    box(page, "one")
    expect(page.locator("#said")).to_contain_text("The server does not answer.")
    with served(root, again=door):
        expect(page.locator("body")).not_to_have_class("away")
        expect(page.get_by_role("button", name="Tick two")).to_be_visible()
        page.wait_for_function("!document.body.classList.contains('away')")
        box_when_fresh(page, door)
    person.troubles = [each for each in person.troubles if "ERR_" not in each]
    assert "[x] two" in (root / "a.md").read_text()


def box_when_fresh(page: Page, door: Door) -> None:
    """Tick once the page has forms of the new server."""
    old = page.evaluate("document.getElementById('day').dataset.news.split('-')[0]")
    news = door.get().text.partition('data-news="')[2].partition("-")[0]
    page.wait_for_function(f"document.getElementById('day').dataset.news.startsWith('{news}')")
    assert old
    box(page, "two")
    expect(page.locator("#said")).to_contain_text("Ticked. two")


def test_the_picture_in_the_guide_is_of_this_page(
    tmp_path: Path, person: Person, update: bool
) -> None:
    root = Path(shutil.copytree(SAMPLE, tmp_path / "sample"))
    if update:
        with served(root, NOW) as door:
            page = person.opens(f"{door.address}/today", 1000, 700)
            page.screenshot(path=PICTURE)
    guide = (SAMPLE / "Guide" / "The day's page.md").read_text()
    assert f"![[{PICTURE.name}" in guide or f"]({PICTURE.name})" in guide
    assert PICTURE.read_bytes().startswith(b"\x89PNG")
    assert PICTURE.stat().st_size < 200_000
