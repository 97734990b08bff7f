"""The last elements of a list that grows, as the repetitions before appended them.

``xs.append(step(xs[-1]))`` reads what the repetition before left, as a variable would: what stands
for the element is carried on, and begins as the last element that the list had before the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.branching.objects.unsure import Maybe
from autodiff.trace.branching.reachable import Reachable
from autodiff.trace.capture.by_repetition import Known
from autodiff.trace.capture.uncapturable import UncapturableError

__all__ = ["ReadBack"]

_FARTHEST = 16  # places from the end


class ReadBack:
    """What a repetition reads of a list to which it appends.

    Args:
        original: The list before the loop.
        begun: Gives an element with placeholders for what it holds.
    """

    def __init__(self, original: Sequence[object], begun: Callable[[object], object]) -> None:
        self._original, self._begin = original, begun
        self._begun: list[object] = []  # the last element, that before it, ...
        self._reachable: list[Reachable] = []
        self._one_by_one = False  # True once it matters that each repetition appends one

    def item(self, key: object, appended: Sequence[object]) -> object:
        """``xs[key]``, for places from the end, and those that keep their distance from it.

        Args:
            key: A place, or a slice that reaches to the end.
            appended: What the repetition appended so far.
        """
        if isinstance(key, slice):
            begin, others = key.start, (key.stop, key.step)
            if others != (None, None) or type(begin) is not int or begin >= 0:
                raise UncapturableError
            return [self._from_end(depth, appended) for depth in range(-begin, 0, -1)]
        return self._from_end(self._distance(key, appended), appended)

    def _distance(self, key: object, appended: Sequence[object]) -> int:
        if isinstance(key, (int, np.integer)) and key < 0:
            return -int(key)
        if not isinstance(key, Known) or not key.is_whole:
            raise UncapturableError
        length = len(self._original) + len(appended)
        apart = {length + n - place for n, place in enumerate(key.values)}
        if len(apart) > 1:
            raise UncapturableError
        self._one_by_one = True
        return int(apart.pop())

    def _from_end(self, depth: int, appended: Sequence[object]) -> object:
        if 0 < depth <= len(appended):
            return appended[-depth]
        depth -= len(appended)
        if not 0 < depth <= min(len(self._original), _FARTHEST):
            raise UncapturableError
        while len(self._begun) < depth:
            made = self._begin(self._original[-1 - len(self._begun)])
            self._begun.append(made)
            self._reachable.append(Reachable([made]))
        return self._begun[depth - 1]

    @property
    def arrays(self) -> list[ArrayTracer]:
        """What stands for arrays that were read."""
        objects = [one for read in self._reachable for one in read.objects]
        return [one for one in objects if isinstance(one, ArrayTracer)]

    def is_record(self, one: object) -> bool:
        """True for an element that was read, if it can be changed in place."""
        records = (x for x in self._begun if not isinstance(x, (ArrayTracer, tuple)))
        return any(one is x for x in records)

    def pairs(
        self, appended: Sequence[object], left: Sequence[object]
    ) -> Iterator[tuple[object, object]]:
        """What stood for elements, and what stands for them in the next repetition.

        Args:
            appended: What the repetition appended.
            left: What variables and objects hold behind it.

        Raises:
            UncapturableError: if what was read is changed, or held elsewhere, too.
        """
        if not self._begun:
            return
        unsure = any(type(one) is Maybe for one in appended)
        if not appended or unsure or (self._one_by_one and len(appended) > 1):
            raise UncapturableError
        twice, held = Reachable(appended).ids, Reachable(left).ids
        for read in self._reachable:
            if any(not x.same(y) for x, y in zip(read.first, read.now(), strict=True)):
                raise UncapturableError
            for one in read.objects:
                if id(one) in (twice if isinstance(one, ArrayTracer) else twice | held):
                    raise UncapturableError
        every = [*reversed(self._begun), *appended]
        for depth, before in enumerate(self._begun, 1):
            yield before, every[-depth]
