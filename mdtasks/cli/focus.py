"""The command for one task at a time: on a terminal a screen of its own, in a pipe plain lines."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import FrameType
from typing import TYPE_CHECKING

import click

from mdtasks.cli.options import json_option, pass_call
from mdtasks.console import Call, notify, print_at_once, print_json, print_lines
from mdtasks.errors import MdtasksError

if TYPE_CHECKING:
    from mdtasks.app.focus import Chosen
    from mdtasks.cli.focus_screen import Screen
    from mdtasks.model import Interval

_TICK = 0.25
_MORE = timedelta(minutes=5)
_FOR_GOOD = ("SIGTERM", "SIGHUP")


class _EndedError(Exception):
    """A signal asks us to go."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@click.command()
@click.argument("key", metavar="[KEY]", required=False)
@click.option(
    "--minutes", metavar="N", type=click.FloatRange(0, 720, min_open=True), help="How long."
)
@json_option
@pass_call
def focus(call: Call, key: str | None, minutes: float | None, as_json: bool) -> int:
    """Work on one task, with the clock running: its steps, the time left, then a rest.

    \b
    Example:
      mdtasks focus 7f3
    """
    from mdtasks.app.focus import begin, choose, finish, told

    work = timedelta(minutes=minutes) if minutes else None
    on_screen = sys.stdin.isatty() and sys.stdout.isatty() and not as_json
    said: list[str] = []
    ended: list[Interval] = []
    with _signals():
        tell = said.append if on_screen else notify
        chosen = choose(call.opened_to_change, key, work, tell)
        try:
            chosen = begin(call.opened_to_change, chosen)
            if on_screen:
                _on_screen(call, chosen, said)
            else:
                _plainly(call, chosen, as_json)
        except _EndedError as error:
            return 128 + error.number
        finally:
            with _deaf():
                told(tell, lambda: ended.extend(finish(call.opened_to_change, chosen)))
                for line in said:
                    notify(line)
    if as_json:
        from mdtasks.render import log_json

        entries = [log_json.interval(each) for each in ended]
        print_json(call.session(), task=chosen.task.uid, entries=entries)
    else:
        print_lines([call.pen.write(f"worked until {chosen.clock.now():%H:%M}", "dim")])
    return 0


@contextmanager
def _signals() -> Iterator[None]:
    """Have the signals that end a program end it in an orderly way."""

    def end(number: int, frame: FrameType | None) -> None:
        raise _EndedError(number)

    before = {name: signal.signal(getattr(signal, name), end) for name in _FOR_GOOD}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


@contextmanager
def _deaf() -> Iterator[None]:
    """Let no second signal interrupt what is written at the end."""
    names = (*_FOR_GOOD, "SIGINT")
    before = {n: signal.signal(getattr(signal, n), signal.SIG_IGN) for n in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


def _plainly(call: Call, chosen: Chosen, silent: bool) -> None:
    from mdtasks.app.focus import desktop_notice

    pen, until = call.pen, chosen.clock.now() + chosen.work
    if not silent:
        title = pen.write(f"{chosen.task.text} · until {until:%H:%M}")
        steps = (pen.write(f"  [{step.symbol}] {step.text}") for step in chosen.steps)
        print_at_once([title, *steps])
    while (left := (until - chosen.clock.now()).total_seconds()) > 0:
        time.sleep(min(left, 1.0))
    desktop_notice(f"{pen.plain(chosen.task.text)}: the time is over")


def _on_screen(call: Call, chosen: Chosen, said: list[str]) -> None:
    from mdtasks.cli.focus_screen import Screen

    with Screen() as screen:
        _Round(call, chosen, screen, said).run()


class _Round:
    """One task on the screen: work, rest, work again, until a key ends it."""

    def __init__(self, call: Call, chosen: Chosen, screen: Screen, said: list[str]) -> None:
        self.call, self.chosen, self.screen = call, chosen, screen
        self.length, self.until = chosen.work, chosen.clock.now() + chosen.work
        self.paused: timedelta | None = None
        self.resting, self.rung, self.said = False, False, said

    def run(self) -> None:
        while True:
            self._draw()
            pressed = self.screen.key(_TICK)
            if pressed:
                self.said.clear()
            if pressed == "q" or (pressed == "n" and not self.resting):
                return
            if pressed == "d" and self._done():
                return
            if pressed == "s" and not self.resting:
                self._step()
            elif pressed == "e" and not self.resting:
                self._extend()
            elif pressed == " ":
                self._go_on() if self.resting else self._pause()
            self._ring()

    @property
    def now(self) -> datetime:
        return self.chosen.clock.now()

    @property
    def left(self) -> timedelta:
        return self.until - self.now if self.paused is None else self.paused

    def _draw(self) -> None:
        from mdtasks.render.focus import View, screen

        chosen, said = self.chosen, self.said[-1] if self.said else ""
        clock = (self.left, self.length, self.paused is not None, self.resting)
        view = View(chosen.task, chosen.steps, *clock, said)
        self.screen.show(screen(view, self.call.pen, self.screen.height))

    def _ring(self) -> None:
        """At the end of the work stop the clock and rest; at the end of the rest wait."""
        from mdtasks.app.focus import desktop_notice, finish

        if self.left > timedelta(0) or self.rung:
            return
        self.screen.ring()
        if self.resting:
            self.rung = True
            desktop_notice("the rest is over")
            return
        finish(self.call.opened_to_change, self.chosen)
        desktop_notice(f"{self.call.pen.plain(self.chosen.task.text)}: time to rest")
        self.resting, self.length = True, self.chosen.rest
        self.until = self.now + self.length

    def _go_on(self) -> None:
        from mdtasks.app.focus import begin

        self.chosen = begin(self.call.opened_to_change, self.chosen)
        self.resting, self.rung, self.length = False, False, self.chosen.work
        self.until = self.now + self.length

    def _pause(self) -> None:
        from mdtasks.app.focus import begin, finish

        if self.paused is None:
            self.paused = self.left
            finish(self.call.opened_to_change, self.chosen)
        else:
            self.chosen = begin(self.call.opened_to_change, self.chosen)
            self.until, self.paused = self.now + self.paused, None

    def _extend(self) -> None:
        self.length += _MORE
        self.until += _MORE
        self.paused = None if self.paused is None else self.paused + _MORE

    def _step(self) -> None:
        from mdtasks.app.focus import complete

        step = next((each for each in self.chosen.steps if each.is_open), None)
        if step is None:
            self.said.append("there is no step left")
            return
        try:
            self.chosen = complete(self.call.opened_to_change, self.chosen, step)
        except MdtasksError as error:
            self.said.append(error.message)

    def _done(self) -> bool:
        from mdtasks.app.focus import complete

        try:
            complete(self.call.opened_to_change, self.chosen, self.chosen.task)
        except MdtasksError as error:
            self.said.append(error.message)
            return False
        return True
