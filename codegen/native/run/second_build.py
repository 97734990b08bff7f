"""Two builds of a long program: one that is there at once, replaced by one that took its time.

LLVM's code generator has an effort that compiles three to seven times as fast, for code that is as
fast or up to some times slower.  A program in chunks begins with that build; once it was called
often enough to be worth it, a thread compiles its groups of chunks again, one after the other, and
each takes the place of the first in the table that ``compute`` calls.  Both have the same bits: the
IR is the same, and allows no rounding that it does not say.
"""

from __future__ import annotations

import atexit
import ctypes
import threading
from collections.abc import Callable, Iterable
from weakref import WeakSet

from codegen.native.host import LAYOUT
from codegen.native.run.jit import FULL, QUICK, Code, Source

__all__ = ["OFTEN", "Tier", "efforts"]

OFTEN = 500  # calls after which a program is compiled again
_running: WeakSet[Tier] = WeakSet()


def efforts(effort: str | None, tiered: bool) -> tuple[int, bool]:
    """The effort of the first build, and whether another one shall take its place.

    Args:
        effort: "quick" or "full", where the user says which; None: by size.
        tiered: Whether parts of the program can be replaced while it is in use.
    """
    if effort is not None:
        return (QUICK if effort == "quick" else FULL), False
    counted = tiered and LAYOUT is not None
    return (QUICK, True) if counted else (FULL, False)


class Tier:
    """Compiles the groups of a program again, when it has been called often.

    Args:
        code: The program; its last module has the table ``groups`` and the count ``left``.
        groups: Makes the groups' modules anew, one by one.
        count: How many there are.
    """

    def __init__(self, code: Code, groups: Callable[[], Iterable[Source]], count: int) -> None:
        self._code, self._groups, self._count = code, groups, count
        self._stops = threading.Event()
        self._thread: threading.Thread | None = None
        self._left = ctypes.c_int64.from_address(code.place("left"))
        self._left.value = OFTEN

    def note(self) -> None:
        """Called by the calls that the program hands over: begins, if it is time."""
        if self._thread is None and self._left.value <= 0:
            self._thread = threading.Thread(target=self._run, name="proofgrad tier", daemon=True)
            _running.add(self)
            self._thread.start()

    def groups(self) -> list[int]:
        """The addresses of what runs."""
        return [*self._table()]

    def _table(self) -> ctypes.Array[ctypes.c_int64]:
        return (ctypes.c_int64 * self._count).from_address(self._code.place("groups"))

    def wait(self) -> None:
        """Wait until the second build has taken the place of the first."""
        if self._thread is not None:
            self._thread.join()

    def stop(self) -> None:
        """Give up after the group that is being compiled."""
        self._stops.set()
        self.wait()

    def _run(self) -> None:
        table = self._table()
        for place, source in enumerate(self._groups()):
            if self._stops.is_set():
                return
            table[place] = self._code.add(source, FULL).get_function_address("group")
        self._groups = tuple  # the graph that they were written from is done with


@atexit.register
def _stop() -> None:
    """No thread may be inside LLVM when the process ends."""
    for tier in list(_running):
        tier.stop()
