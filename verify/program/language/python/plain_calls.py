"""Python's functions of what hangs on no input: done by Python itself."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence

from verify.program.language.read_values import Value
from verify.program.language.refusal import RefusedError

__all__ = ["ITERTOOLS", "OF_PLAIN", "of_plain"]

_LARGEST = 1 << 53
OF_PLAIN: dict[str, Callable[..., Value]] = {
    "round": round, "divmod": divmod, "math.comb": math.comb, "math.perm": math.perm,
    "math.factorial": math.factorial, "math.isqrt": math.isqrt, "math.gcd": math.gcd,
    "math.lcm": math.lcm, "math.isclose": math.isclose,
}  # fmt: skip
ITERTOOLS: dict[str, Callable[..., Iterator[Value]]] = {
    f"itertools.{name}": getattr(itertools, name)
    for name in ("chain", "combinations", "pairwise", "permutations", "product")
}


def of_plain(name: str, arguments: Sequence[Value]) -> Value:
    """What a function of plain numbers gives.

    Raises:
        RefusedError: if they are not plain, or Python raises.
    """
    if not all(type(x) in (int, float, bool) and abs(x) < _LARGEST for x in arguments):
        raise RefusedError(f"{name} of what is no plain number")
    if name.startswith("math.") and any(type(x) is int and abs(x) > 1000 for x in arguments):
        raise RefusedError("an int that is too large")
    try:
        return OF_PLAIN[name](*arguments)
    except (ArithmeticError, ValueError, TypeError):
        raise RefusedError("raises an exception whenever it runs") from None
