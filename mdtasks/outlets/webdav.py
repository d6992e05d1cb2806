"""The whole calendar as one file on a web server (WebDAV).

Rule: the file is written only in the place of the one that we left there; another's stays.
"""

from __future__ import annotations

from mdtasks.errors import ChangedUnderUsError
from mdtasks.outlets.changes import Entry, Ledger, Report, Save, Wish, digest_of
from mdtasks.outlets.web import Answer, Server

_TYPE = {"Content-Type": "text/calendar; charset=utf-8"}
_NOT_MODIFIED = 304
_PRECONDITION_FAILED = 412
_MISSING = (404, 410)


def publish(server: Server, data: bytes, ledger: Ledger, save: Save, wish: Wish) -> Report:
    """Bring the file up to date; return what was done.

    Raises ChangedUnderUsError where somebody else wrote it, MdtasksError.
    """
    new, put = digest_of(data), ledger.entries.get("", Entry("", ""))
    there = _there(server, put)
    if there and there.digest == new:
        if not wish.dry and there != put:
            save(ledger._replace(entries={"": there}, sent=""))
        return Report(unchanged=1)
    if there and not wish.force and there.digest not in (put.digest, ledger.sent):
        raise _foreign(server)
    if not wish.dry:
        # Whoever ends us now: the next run knows what may have come there.
        save(ledger._replace(sent=new))
        answer = _put(server, data, there)
        save(ledger._replace(entries={"": Entry(answer.etag, new)}, sent=""))
    return Report(changed=1) if there else Report(created=1)


def _there(server: Server, put: Entry) -> Entry | None:
    """Return mark and digest of the file that is there, None where there is none."""
    answer = server.ask("GET", headers={"If-None-Match": put.etag} if put.etag else {})
    if answer.status == _NOT_MODIFIED:
        return put
    if answer.status in _MISSING:
        return None
    if not answer.is_fine:
        raise server.refusal(answer)
    return Entry(answer.etag, digest_of(answer.body))


def _put(server: Server, data: bytes, there: Entry | None) -> Answer:
    """Put the file in the place of the one that is there."""
    condition = {"If-Match": there.etag} if there else {"If-None-Match": "*"}
    # A weak mark matches nothing (RFC 9110 section 13.1.1): then the look a moment ago counts.
    if there and (not there.etag or there.etag.startswith("W/")):
        condition = {}
    answer = server.ask("PUT", headers={**_TYPE, **condition}, body=data)
    if answer.status == _PRECONDITION_FAILED:
        raise _foreign(server)
    if not answer.is_fine:
        raise server.refusal(answer)
    return answer


def _foreign(server: Server) -> ChangedUnderUsError:
    return ChangedUnderUsError(
        f"{server.host}: the file was written by somebody else; it stays as it is",
        "look at it; `mdtasks publish --force` writes over it",
    )
