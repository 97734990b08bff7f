"""Other builds of a program that is called often: each takes the place of the one before it.

LLVM's code generator has an effort that compiles three to seven times as fast, for code that is as
fast or up to some times slower.  A program in chunks begins with that build; once it was called
often enough to be worth it, a thread compiles its groups of chunks again, one after the other, and
each takes the place of the first in the table that ``compute`` calls.

A third build puts operations that are alike into one register.  That takes longest of all and may
gain nothing, so it is for what is called very often, and stays where it is measured to be faster.
All have the same bits: the IR is the same, and allows no rounding that it does not say.
"""

from __future__ import annotations

import atexit
import ctypes
import math
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from weakref import WeakSet

import numpy as np

from codegen.native.host import LAYOUT
from codegen.native.run.buffers import table_of
from codegen.native.run.jit import FULL, QUICK, WIDE, Code, Source
from codegen.native.write.computing import repeating

__all__ = ["OFTEN", "VERY_OFTEN", "Tier", "efforts"]

OFTEN = 500  # calls after which a program is compiled with full effort
VERY_OFTEN = 20_000  # calls after which it is compiled with vectors
_ROUNDS, _TURNS = 25, 16  # of a trial
_GAIN = 0.97  # of the time of what is replaced
_running: WeakSet[Tier] = WeakSet()


def efforts(effort: str | None, tiered: bool, in_chunks: bool) -> tuple[int, tuple[int, ...]]:
    """The effort of the first build, and of those that shall take its place.

    Args:
        effort: "quick" or "full", where the user says which; None: by size.
        tiered: Whether the program, or parts of it, can be replaced while it is in use.
        in_chunks: Whether it is long.
    """
    if effort is not None:
        return (QUICK if effort == "quick" else FULL), ()
    if not tiered or LAYOUT is None:
        return FULL, ()
    return (QUICK, (FULL, WIDE)) if in_chunks else (FULL, (WIDE,))


class Tier:
    """Compiles the groups of a program again, when it has been called often.

    Args:
        code: The program; its last module has the table ``groups`` and the count ``left``.
        groups: Makes the groups' modules anew, one by one.
        memory: How many numbers lie behind each pointer that a group takes.
        count: How many groups there are.
        builds: The efforts to compile them with, one after the other.
    """

    def __init__(
        self,
        code: Code,
        groups: Callable[[], Iterable[Source]],
        memory: Sequence[int],
        count: int,
        builds: Sequence[int],
    ) -> None:
        self._code, self._groups, self._memory, self._count = code, groups, memory, count
        self._builds = [*builds]
        self._stops = threading.Event()
        self._thread: threading.Thread | None = None
        self._left = ctypes.c_int64.from_address(code.place("left"))
        self._count_down()

    def _count_down(self) -> None:
        self._left.value = OFTEN if self._builds[0] == FULL else VERY_OFTEN

    def note(self) -> None:
        """Called by the calls that the program hands over: begins, if it is time."""
        busy = self._thread is not None and self._thread.is_alive()
        if self._builds and self._left.value <= 0 and not busy:
            self._thread = threading.Thread(target=self._run, name="proofgrad tier", daemon=True)
            _running.add(self)
            self._thread.start()

    def groups(self) -> list[int]:
        """The addresses of what runs."""
        return [*self._table()]

    def _table(self) -> ctypes.Array[ctypes.c_int64]:
        return (ctypes.c_int64 * self._count).from_address(self._code.place("groups"))

    def wait(self) -> None:
        """Wait until the next build has taken the place of the one before."""
        if self._thread is not None:
            self._thread.join()

    def stop(self) -> None:
        """Give up after the group that is being compiled."""
        self._stops.set()
        self.wait()

    def _run(self) -> None:
        table, effort = self._table(), self._builds.pop(0)
        trial = _Trial(self._code, self._memory) if effort == WIDE else None
        for place, source in enumerate(self._groups()):
            if self._stops.is_set():
                return
            built = self._code.add(source, effort).get_function_address("group")
            if trial is None or trial.is_faster(built, table[place]):
                table[place] = built
        if self._builds:
            self._count_down()
        else:
            self._groups = tuple  # the graph that they were written from is done with


class _Trial:
    """Calls of two builds in turn, on numbers of its own.

    Args:
        code: Keeps what calls them.
        sizes: How many numbers lie behind each pointer that they take.
    """

    def __init__(self, code: Code, sizes: Sequence[int]) -> None:
        self._numbers = [np.linspace(0.5, 1.5, size) for size in sizes]
        self._pointers = [*table_of(self._numbers)]
        kinds = [ctypes.c_void_p, ctypes.c_int64, *[ctypes.c_void_p] * len(sizes)]
        calls = code.add(Source(repeating(len(sizes)), {}, {}), FULL)
        # It keeps the interpreter's lock: to wait for that would be measured, too.
        kind = ctypes.PYFUNCTYPE(None, *kinds)
        self._repeat = kind(calls.get_function_address("repeat"))

    def is_faster(self, one: int, other: int) -> bool:
        """True if the first takes clearly less time."""
        times = {one: math.inf, other: math.inf}
        for _ in range(_ROUNDS):
            for address, least in times.items():
                start = time.perf_counter()
                self._repeat(address, _TURNS, *self._pointers)
                times[address] = min(least, time.perf_counter() - start)
        return times[one] < _GAIN * times[other]


@atexit.register
def _stop() -> None:
    """No thread may be inside LLVM when the process ends."""
    for tier in list(_running):
        tier.stop()
