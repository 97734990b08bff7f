"""Calls of functions in Python whose arguments machine code takes apart.

What a call of the Python target does beside the function, ``walk`` does in a third of the time: the
same floats go in, the same numbers come out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from autodiff.errors import EmitError
from autodiff.graph.structure import SCALAR, Structure, Tuple
from codegen.load.often import ASKING, Asking
from codegen.native.host import LAYOUT, llvm
from codegen.native.run.call_plan import BACK, Asked, plan_of, walk_address
from codegen.native.run.callable import VARIADIC, answer, builtin, own_class

__all__ = ["asking"]


def asking(
    parameters: Sequence[tuple[str, Structure]],
    result: Structure,
    function: Callable[..., object],
    form: int,
    other: Callable[..., object],
) -> Callable[..., object] | None:
    """A call of ``function`` with whatever arguments; None where this machine has none.

    Args:
        parameters: Names and structures of the arguments.
        result: Structure of what a call gives, in the parts that ``function`` gives.
        function: It takes a float or a list for each part of the arguments.
        form: How it gives the result (``Asked``).
        other: Called instead, with the same arguments, where one is not known.
    """
    return _walked(function.__name__, parameters, result, Asked(function, form), other)


@cache
def numbers(count: int) -> Callable[[Sequence[object]], Sequence[float] | None] | None:
    """A function of a row of so many numbers that gives their floats, or None; None as above."""
    row = Tuple((SCALAR,) * count)
    return _walked("numbers", [("row", row)], row, BACK, lambda row: None)


def _walked(
    name: str,
    parameters: Sequence[tuple[str, Structure]],
    result: Structure,
    asked: Asked,
    other: Callable[..., object],
) -> Callable[..., Any] | None:
    if LAYOUT is None:
        return None
    plan = plan_of(parameters, result, result, False, 0, asked=asked)
    if plan is None:
        return None
    try:
        llvm()
        address = walk_address()
    except (EmitError, OSError, RuntimeError):  # not installed, or it does not work
        return None
    plan.words[0] = address
    return builtin(name, address, VARIADIC, (plan.words, plan.held), other, plan.address)


ASKING["machine"] = Asking(asking, numbers, own_class, answer)
