"""Has the vault watched: by this process, or by another as long as that one does.

Rule: the lock `watch` says who it is; whoever finds it free takes over.
"""

from __future__ import annotations

from threading import Event

from mdtasks.errors import LockedError, MdtasksError
from mdtasks.serve.served import Served
from mdtasks.watch import watch
from mdtasks.write.locks import is_held

# In seconds.
_AGAIN = 1.0


class Following:
    """With `alone`, another watcher is an error, which stays in `error`."""

    def __init__(self, served: Served, alone: bool) -> None:
        self._served = served
        self._alone = alone
        self.error: MdtasksError | None = None

    def run(self, stop: Event) -> None:
        served = self._served
        told, failed = False, ""
        while not stop.is_set():
            try:
                watch(str(served.root), served.now, served.notify, stop=stop, synced=served.wanted)
            except LockedError as error:
                if self._alone:
                    self.error = error
                    return
                if not told:
                    served.notify("another mdtasks watches this vault; its work is served")
                told = True
                while is_held(served.state, "watch") and not stop.wait(_AGAIN):
                    pass
            except MdtasksError as error:
                # As when the vault goes away between two watchers.
                if error.message != failed:
                    served.notify(error.message)
                failed = error.message
                stop.wait(_AGAIN)
