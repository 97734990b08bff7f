"""Memory of large results, handed out again once nobody holds them.

Fresh memory comes from the system page by page, each cleared at its first touch: of a batch that
takes longer than computing it.  So the memory of results is kept here, and a call gets it again as
soon as the arrays that were made of it are gone.  Whoever can still read it (an array, a view, a
buffer, another library's tensor) refers to it, which is what counts.
"""

from __future__ import annotations

import math
import os
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from autodiff.forking import hold_at_fork
from autodiff.graph.tree.leaves import Floats

__all__ = ["ResultMemory", "new_results"]

_SMALLEST = 8192  # numbers of an array from which pages cost more than looking for kept memory
_MOST = 1 << 26  # numbers kept in all (512 MB), where that is at most an eighth of the memory
_OF_A_SIZE = 256  # arrays of one size that are watched; the oldest is left to its holders
_LINE = 64  # bytes of a cache line, which a register's store should not straddle


# Without the interpreter's lock references are not counted exactly.
_COUNTED: bool = getattr(sys, "_is_gil_enabled", lambda: True)()
_LOCK = threading.RLock()
hold_at_fork(_LOCK)


class _Memory(NamedTuple):
    """Memory that is kept.

    Args:
        numbers: All of it; arrays made of it refer to this one, whatever is done to them.
        first: The first number at the beginning of a cache line.
    """

    numbers: Floats
    first: int

    @classmethod
    def of(cls, size: int) -> _Memory:
        """Fresh memory for so many numbers."""
        numbers = np.empty(size + _LINE // 8)
        return cls(numbers, -numbers.ctypes.data % _LINE // numbers.itemsize)


def _referred(kept: Sequence[_Memory]) -> list[tuple[Floats, int]]:
    """All of each with the number of references to it.

    They are held before they are counted: a finalizer that runs in between may ask for results.
    """
    held = [memory.numbers for memory in kept]
    return [(numbers, sys.getrefcount(numbers)) for numbers in held]


((_, _IDLE),) = _referred((_Memory.of(1),))  # references to memory that nobody else holds


def _most() -> int:
    try:
        return min(_MOST, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 64)
    except (AttributeError, OSError, ValueError):  # a system that does not say
        return _MOST // 2


class ResultMemory:
    """Memory that calls share.

    Args:
        most: Numbers to keep at most.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most, self._count = _most() if most is None else most, 0
        # By size, the one asked for last at the end.
        self._kept: OrderedDict[int, deque[_Memory]] = OrderedDict()

    def new(self, shapes: Sequence[tuple[int, ...]]) -> list[Floats]:
        """Arrays of these shapes that share no memory with any that somebody holds."""
        sizes = [math.prod(shape) for shape in shapes]
        with _LOCK:
            idle = {size: self._idle(size) for size in set(sizes) if size >= _SMALLEST}
            return [
                self._array(shape, size, idle[size]) if size in idle else np.empty(shape)
                for shape, size in zip(shapes, sizes, strict=True)
            ]

    def _idle(self, size: int) -> list[tuple[Floats, int]]:
        kept = tuple(self._kept.get(size, ()))
        found = zip(kept, _referred(kept), strict=True)
        return [(numbers, m.first) for m, (numbers, count) in found if count == _IDLE]

    def _array(self, shape: tuple[int, ...], size: int, idle: list[tuple[Floats, int]]) -> Floats:
        numbers, first = idle.pop() if idle else self._more(size)
        if size in self._kept:
            self._kept.move_to_end(size)
        flat = numbers[first : first + size]
        return flat if len(shape) == 1 else flat.reshape(shape)

    def _more(self, size: int) -> _Memory:
        memory = _Memory.of(size)
        if size <= self._most:
            kept = self._kept.setdefault(size, deque())
            kept.append(memory)
            self._count += size
            if len(kept) > _OF_A_SIZE:
                self._drop(size)
            while self._kept and self._count > self._most:
                self._drop(next(iter(self._kept)))
        return memory

    def _drop(self, size: int) -> None:
        """Keep the oldest array of a size no longer."""
        self._kept[size].popleft()
        self._count -= size
        if not self._kept[size]:
            del self._kept[size]


_SHARED = ResultMemory()


def new_results(shapes: Sequence[tuple[int, ...]]) -> list[Floats]:
    """Arrays for the results of a call, uninitialized; from kept memory where they are large."""
    return _SHARED.new(shapes) if _COUNTED else [np.empty(shape) for shape in shapes]
