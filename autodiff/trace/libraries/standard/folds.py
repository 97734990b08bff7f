"""``functools.reduce`` and ``itertools.accumulate``: by a loop, where loops are recorded."""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable, Iterable, Iterator

from autodiff.trace.capture.calls.with_elements import FOLDING

__all__ = ["FUNCTOOLS", "ITERTOOLS"]


def _reduce(
    function: Callable[..., object], iterable: Iterable[object], /, *initial: object
) -> object:
    """``functools.reduce``."""
    fold, items = FOLDING.get(), [*iterable]
    if fold is None or len(initial) > 1 or not items:
        return functools.reduce(function, items, *initial)
    first = initial or items[:1]
    return fold(function, first[0], items if initial else items[1:])


def _accumulate(
    iterable: Iterable[object],
    func: Callable[..., object] | None = None,
    *,
    initial: object = None,
) -> Iterator[object]:
    """``itertools.accumulate``."""
    fold, items, step = FOLDING.get(), [*iterable], func or operator.add
    begins = initial is not None
    if fold is None or not (begins or items):
        return itertools.accumulate(items, step, initial=initial)

    def one_more(made: list[object], x: object) -> list[object]:
        made.append(step(made[-1], x))
        return made

    first, rest = (initial, items) if begins else (items[0], items[1:])
    found = fold(one_more, [first], rest)
    assert isinstance(found, list)
    return iter(found)


FUNCTOOLS = {"reduce": _reduce}
ITERTOOLS = {"accumulate": _accumulate}
