"""What rewritten code asks of values that may be no numbers: ``x is y``, ``x in y``, ``if x``."""

from __future__ import annotations

from collections.abc import Container, Iterable
from enum import Enum

from autodiff.table import ops
from autodiff.trace.branching.choices import is_number, is_truth
from autodiff.trace.branching.objects.alternatives import HELD, Alternatives
from autodiff.trace.branching.objects.unsure import Unsure, is_unsure
from autodiff.trace.branching.objects.watched import Watched
from autodiff.trace.placeholder import Tracer

__all__ = ["as_condition", "is_in", "is_same", "require_known"]


def as_condition(test: object) -> object:
    """A test; the condition that it holds for what may be one of several values."""
    if isinstance(test, Unsure) and is_unsure(test):
        return ops.gt(test.length(), 0.0)
    return test.truth() if isinstance(test, Alternatives) else test


def is_same(watched: Watched, x: object, y: object) -> object:
    """``x is y``.

    Raises:
        UnmergeableError: if one of them stands for two objects.
    """
    if isinstance(x, Alternatives):
        return x == y if isinstance(y, Alternatives) else x.is_one(y)
    if isinstance(y, Alternatives):
        return y.is_one(x)
    for one, other in ((x, y), (y, x)):
        if isinstance(one, Tracer) and isinstance(other, (Enum, bool)):  # a choice between such
            if isinstance(other, Enum) and is_number(other):
                return ops.eq(one, float(other))  # type: ignore[arg-type]
            if isinstance(other, bool) and is_truth(one):
                return one if other else ops.logical_not(one)
        watched.require_one(one)
    return x is y


def is_in(x: object, container: Container[object]) -> object:
    """``x in container``."""
    if isinstance(x, Alternatives):
        return x.where(lambda value: (x.held if value is HELD else value) in container)
    return x in container


def require_known(result: object) -> None:
    """A function returns numbers.

    Raises:
        UnmergeableError: if it returns what may be one of several values.
    """
    if isinstance(result, Alternatives):
        raise result.before.unmergeable()
    inner: Iterable[object] = ()
    if isinstance(result, (tuple, list)):
        inner = result
    elif isinstance(result, dict):
        inner = result.values()
    for one in inner:
        require_known(one)
