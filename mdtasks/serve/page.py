"""The day's page: what `mdtasks today` shows, with boxes to tick.

Rule: reading and writing are those of the command line, in a thread, and one writes at a time.
Whoever has the token of another lens than `full` finds no page.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from mdtasks.app.changes import undo
from mdtasks.app.day_page import LastChange, Meant, day_page, last_change, tick
from mdtasks.app.opening import opened_to_change, opened_to_read
from mdtasks.app.session import Notify, Session, open_session
from mdtasks.errors import MdtasksError
from mdtasks.model import Edit
from mdtasks.render.page import Page, one_line
from mdtasks.serve import page_files
from mdtasks.serve.body import form
from mdtasks.serve.guard import guarded, nothing_here, plain, route
from mdtasks.serve.page_forms import Fields, ForgedError, Forms, is_from_here
from mdtasks.serve.page_stream import Streams
from mdtasks.serve.served import Served
from mdtasks.write.tokens import Subscriber

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

_MOST_SAYINGS = 64
_T = TypeVar("_T")


class Said(NamedTuple):
    """What came of a button: words, the line that it is about, whether that went well, and what
    change it was, if one was made."""

    words: str
    line: str = ""
    hint: str = ""
    good: bool = True
    change: str = ""


def routes(served: Served) -> list[BaseRoute]:
    """Return the routes of the page and all that belongs to it, each `/{token}/…`, guarded."""
    day = _Day(served)
    post = ("POST",)
    answers = (
        ("today", guarded(served, day.today, only=_is_full)),
        ("tick", guarded(served, day.tick, post, _is_full)),
        ("undo", guarded(served, day.undo, post, _is_full)),
        ("events", guarded(served, day.events, ("GET",), _is_full)),
        ("page/{name}", guarded(served, day.file, only=_is_full)),
    )
    return [route(f"/{{token}}/{path}", answer) for path, answer in answers]


def _is_full(lens: str) -> bool:
    return lens == "full"


class _Shown(NamedTuple):
    """A page, since when it holds, and what could be taken back then."""

    page: Page
    at: float
    last: LastChange | None


class _Day:
    """Answers what is asked of the page; keeps what was said until it was read, once."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._streams = Streams(served.news)
        self._said: OrderedDict[str, Said] = OrderedDict()
        self._writing = asyncio.Lock()
        self._reading = asyncio.Semaphore(2)

    async def today(self, request: Request, subscriber: Subscriber) -> Response:
        version = self._streams.version
        said = self._said.pop(request.query_params.get("said", ""), None)
        filled = Forms(self._served.secret, subscriber.digest).filled

        def work() -> Response:
            shown = self._look()
            return page_files.written(
                "today.html", **shown._asdict(), said=said, filled=filled, news=version
            )

        try:
            async with self._reading:
                return await _in_thread(work)
        except MdtasksError as error:
            return _trouble(error)

    def _session(self, notify: Notify) -> Session:
        return open_session(str(self._served.root), self._served.now, notify)

    def _look(self) -> _Shown:
        notices: list[str] = []
        session = self._session(notices.append)
        with opened_to_read(session) as store:
            page = day_page(session, store, session.today, notices)
        return _Shown(page, session.began, last_change(session))

    async def tick(self, request: Request, subscriber: Subscriber) -> Response:
        def work(sent: Fields) -> Said:
            heard: list[str] = []
            session = self._session(_unheard)._replace(notify=heard.append)
            meant = Meant(sent["task"], sent["mark"], float(sent["at"]))
            with opened_to_change(session) as store:
                task, changed = tick(session, store, meant)
                last = last_change(session)
            text, more = one_line(task.text), one_line(" ".join(heard))
            if not changed:
                return Said("This was ticked already; nothing was changed.", text, more)
            words = "Ticked, and the next one is written." if _goes_on(changed) else "Ticked."
            return Said(words, text, more, change=last.id if last else "")

        return await self._write(request, subscriber, "tick", work)

    async def undo(self, request: Request, subscriber: Subscriber) -> Response:
        def work(sent: Fields) -> Said:
            heard: list[str] = []
            session = self._session(_unheard)._replace(notify=heard.append)
            with opened_to_change(session) as store:
                changed = undo(session, store, sent["change"])
            more = one_line(" ".join(heard))
            if not changed:
                return Said("Dropped.", hint=more)
            return Said("Taken back.", one_line(" ".join(changed[-1].after).strip()), more)

        return await self._write(request, subscriber, "undo", work)

    async def _write(
        self,
        request: Request,
        subscriber: Subscriber,
        button: str,
        work: Callable[[Fields], Said],
    ) -> Response:
        """Return a redirect to the page, which says what came of the work."""
        from starlette.responses import Response

        sent = await form(request)
        forms = Forms(self._served.secret, subscriber.digest)
        try:
            if not is_from_here(request.headers.get):
                raise ForgedError("This came from a page of somebody else.")
            fields = forms.checked(button, sent, time.time())
        except ForgedError as error:
            return page_files.written(
                "trouble.html", 403, words=f"{error} Nothing was changed.", hint="", again="today"
            )
        async with self._writing:
            try:
                said = await _in_thread(lambda: work(fields))
            except MdtasksError as error:
                said = Said(_sentence(error.message), hint=_sentence(error.hint), good=False)
        self._served.news.tell()
        headers = {"Location": f"today?said={self._keep(said)}", "Cache-Control": "no-store"}
        return Response(status_code=303, headers=headers)

    def _keep(self, said: Said) -> str:
        name = secrets.token_urlsafe(9)
        self._said[name] = said
        while len(self._said) > _MOST_SAYINGS:
            self._said.popitem(last=False)
        return name

    async def events(self, request: Request, subscriber: Subscriber) -> Response:
        stream = self._streams.response()
        return stream or plain("Too many pages are open.\n", 503, {"Retry-After": "30"})

    async def file(self, request: Request, subscriber: Subscriber) -> Response:
        found = page_files.file(request.path_params["name"], request.query_params.get("v", ""))
        return found or nothing_here()


async def _in_thread(work: Callable[[], _T]) -> _T:
    from anyio import to_thread

    return await to_thread.run_sync(work)


def _trouble(error: MdtasksError) -> Response:
    return page_files.written(
        "trouble.html",
        503,
        words=_sentence(error.message),
        hint=_sentence(error.hint),
        again="today",
    )


def _goes_on(changed: Sequence[Edit]) -> bool:
    """Whether a next line was written for the one that was ticked."""
    return any(len(edit.after) > 1 for edit in changed)


def _sentence(text: str) -> str:
    clean = one_line(text)
    return clean[:1].upper() + clean[1:]


def _unheard(line: str) -> None:
    """What opening the vault has to say, the page says."""
