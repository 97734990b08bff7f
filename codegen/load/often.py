"""What takes the place of a Python call that comes often: one that machine code takes apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from autodiff.forking import FilledLate

__all__ = ["ASKING", "HELD", "OFTEN", "Asking", "machine"]

OFTEN = 50_000  # calls after which compiling, once in a process, has paid for itself
HELD = "_held_call"  # what an object of a class of its own calls


class Asking(NamedTuple):
    """What machine code does around functions in Python (codegen/native/run/asking_python.py).

    Args:
        calls: Makes a call whose arguments it takes apart.
        numbers: Makes what converts so many numbers; both give None where there is no such code.
        own_class: Makes a class below another, whose objects are called as functions are; or None.
        answer: Has an object of such a class call something when it is called.
    """

    calls: Callable[..., Callable[..., object] | None]
    numbers: Callable[[int], Callable[[Sequence[object]], Sequence[float] | None] | None]
    own_class: Callable[[type], type | None]
    answer: Callable[[object, Callable[..., object]], None]


# One entry, "machine".
ASKING: FilledLate[Asking] = FilledLate("codegen.native.run.asking_python")


def machine() -> Asking:
    """That entry; where it cannot be imported, as without ctypes, one that makes nothing."""
    try:
        return ASKING["machine"]
    except (ImportError, AttributeError, OSError):
        nothing = lambda *given: None  # noqa: E731
        return Asking(nothing, nothing, nothing, nothing)
