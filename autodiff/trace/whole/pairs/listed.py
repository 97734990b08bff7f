"""Lists of complex numbers, of which some are traced, as arrays of pairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.graph.tree.leaves import items_within
from autodiff.table.primitive import Operand
from autodiff.trace.whole.pairs.complex_array import ComplexArray, is_complex, pair_of

__all__ = ["complex_of", "holds_complex"]


def holds_complex(value: object) -> bool:
    """True if traced complex numbers, or known ones beside traced values, stand in nested lists."""
    traced, known = False, False
    for one in items_within(value):
        if isinstance(one, ComplexArray):
            return True
        traced = traced or isinstance(one, Operand)
        known = known or is_complex(one)
    return traced and known


def complex_of(value: object, make: Callable[[object], Any]) -> ComplexArray:
    """Nested lists as complex numbers.

    Args:
        value: Lists of traced values and numbers, or complex numbers.
        make: What makes an array of real ones.
    """

    def apart(one: object, which: int) -> object:
        if isinstance(one, (list, tuple)):
            return [apart(each, which) for each in one]
        return pair_of(one).part(which)

    return ComplexArray(*(make(apart(value, which)) for which in (0, 1)))
