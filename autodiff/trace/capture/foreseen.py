"""What variables are in every repetition of a loop, found before it is recorded.

Whole numbers are given to the recorded repetition with all their values, so that they may be
indices; other numbers tell how often a ``while`` repeats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.branching.source.own_steps import LENGTH
from autodiff.trace.branching.while_loops import Computed, Step
from autodiff.trace.capture.by_repetition import Known, Owner

__all__ = ["Foreseen"]

_MOST = 1_000_000  # repetitions that are foreseen


class Foreseen:
    """Variables of a loop whose values are known before it runs.

    Args:
        steps: How repetitions change them.
        variables: What variables hold before.
        scope: What names that are no variables hold.

    Attributes:
        last: What they hold behind the loop, once repetitions were counted.
        measured: What must not change its length.
    """

    def __init__(
        self, steps: Sequence[Step], variables: Mapping[str, object], scope: Mapping[str, object]
    ) -> None:
        self._before = {**scope, **variables} if steps else {}
        self._steps = [(n, *computed) for n, computed in steps if _is_plain(self._before.get(n))]
        while True:
            own = {name for name, _, _ in self._steps}
            kept = [one for one in self._steps if all(self._is_known(n) for n in one[1])]
            kept = [one for one in kept if own.issuperset(self._changed(steps) & {*one[1]})]
            if len(kept) == len(self._steps):
                break
            self._steps = kept
        self._names = {n for one in self._steps for n in (one[0], *one[1])}
        self._every: dict[str, list[object]] = {}
        self.last: dict[str, object] = {}
        self.measured: list[object] = []

    @staticmethod
    def _changed(steps: Sequence[Step]) -> set[str]:
        return {name for name, _ in steps}

    def _is_known(self, name: str) -> bool:
        return _is_plain(self._before.get(name))

    def count(self, test: Computed | None, assigned: Sequence[str]) -> int | None:
        """How often a ``while`` repeats; None if that is not known.

        Args:
            test: Its condition.
            assigned: What the loop assigns.
        """
        own = {name for name, _, _ in self._steps}
        if test is None or own.isdisjoint(test[0]):
            return None
        reads, holds = test
        for name in reads:
            self._measure(name)
        if not all(map(self._is_known, reads)):
            return None
        if not own.issuperset({*assigned} & {name.removeprefix(LENGTH) for name in reads}):
            return None
        return self._run(_MOST, lambda now: bool(holds(*[now[n] for n in reads])), reads)

    def _measure(self, name: str) -> None:
        """Find a length, if it is asked for."""
        whole = self._before.get(name.removeprefix(LENGTH))
        if name.startswith(LENGTH) and isinstance(whole, (list, tuple, np.ndarray, ArrayTracer)):
            self._before[name] = len(whole)
            self.measured.append(whole)

    def repeat(self, count: int) -> None:
        """Find the values in so many repetitions."""
        if self._run(min(count, _MOST), lambda now: True, ()) != count:
            self._steps, self.last = [], {}

    def _run(
        self, most: int, goes: Callable[[Mapping[str, object]], bool], more: Sequence[str]
    ) -> int | None:
        now = {name: self._before[name] for name in {*self._names, *more}}
        every: dict[str, list[object]] = {name: [] for name, _, _ in self._steps}
        count = 0
        try:
            while goes(now):
                if count == most:
                    break
                for name, values in every.items():
                    values.append(now[name])
                for name, reads, function in self._steps:
                    now[name] = function(*[now[n] for n in reads])
                count += 1
        except ArithmeticError:
            return None
        if any(not _is_plain(now[name]) for name in every):
            return None
        self._every, self.last = every, {name: now[name] for name in every}
        return count if count < most or more == () else None

    def begun(self, owner: Owner) -> dict[str, object]:
        """Whole numbers with all their values."""
        whole = {
            name: values
            for name, values in self._every.items()
            if all(type(x) is int for x in values) and type(self.last[name]) is int
        }
        return {name: Known(owner, values).like(values) for name, values in whole.items()}

    def holds(self, begun: Mapping[str, object], left: Mapping[str, object]) -> bool:
        """True if the repetition that was recorded changed them as was foreseen.

        Args:
            begun: What it began with.
            left: What it left.
        """
        now = {**self._before, **{n: begun[n] for n, _, _ in self._steps}}
        for name, reads, function in self._steps:
            now[name] = function(*[now[n] for n in reads])
        return all(_is_one(now[name], left[name]) for name, _, _ in self._steps)


def _is_plain(value: object) -> bool:
    return type(value) in (int, float, bool)


def _is_one(x: object, y: object) -> bool:
    if isinstance(x, Known) and isinstance(y, Known):
        return x.owner is y.owner and x.values == y.values
    if isinstance(x, ArrayTracer) and isinstance(y, ArrayTracer):
        return x.index == y.index
    return x is y or (_is_plain(x) and type(x) is type(y) and x == y)
