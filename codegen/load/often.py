"""What takes the place of a Python call that comes often: one that machine code takes apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from autodiff.forking import FilledLate

__all__ = ["ASKING", "OFTEN", "Asking", "machine"]

OFTEN = 50_000  # calls after which compiling, once in a process, has paid for itself


class Asking(NamedTuple):
    """What machine code does around functions in Python (codegen/native/run/asking_python.py).

    Args:
        calls: Makes a call whose arguments it takes apart.
        numbers: Makes what converts so many numbers; both give None where there is no such code.
    """

    calls: Callable[..., Callable[..., object] | None]
    numbers: Callable[[int], Callable[[Sequence[object]], Sequence[float] | None] | None]


# One entry, "machine".
ASKING: FilledLate[Asking] = FilledLate("codegen.native.run.asking_python")


def machine() -> Asking:
    """That entry; where it cannot be imported, as without ctypes, one that makes nothing."""
    try:
        return ASKING["machine"]
    except (ImportError, AttributeError, OSError):
        return Asking(lambda *given: None, lambda count: None)
