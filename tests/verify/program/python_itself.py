"""The reader and CPython side by side: one program, the same numbers."""

from __future__ import annotations

import math
import random
import re
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autodiff.table.primitive import REGISTRY
from verify.program.language.read_values import Array
from verify.program.program import SIGN_OF_ZEROS, Program, ProgramBuilder
from verify.program.read import Text, UnreadableError, flat, numbers_of

__all__ = ["disagreement"]

_ROWS: dict[str, Callable[..., Any]] = {
    SIGN_OF_ZEROS: lambda x: math.copysign(1.0, x),
    "both({0}, {1})": lambda x, y: y if x else x,
    "either({0}, {1})": lambda x, y: x if x else y,
}
for _row in REGISTRY.values():
    _ROWS.setdefault(_row.sympy, _row.impl)
_SHAKEN, _BESIDE = 12, 4.0
# What NumPy adds up in an order of its own, or without rounding between.
_ROUNDED = re.compile(
    r"@|fsum|softmax|logsumexp|ndtr|dist|\bnp\.(?:sum|mean|var|std|trace|convolve|linalg|einsum|average)|\.(?:sum|mean|var)\("
)
_POINTS = (0.0, -0.0, 1.0, -1.0, 2.5, -2.5, 0.1, 3.3, 1e-3, -1e8, 1e16, 7.0)


def run_program(
    program: Program, inputs: Sequence[float], shaken: Callable[[], float] = lambda: 1.0
) -> list[float]:
    """The numbers of a Program on floats, by the same operations in the same order.

    Args:
        program: The program.
        inputs: Its inputs.
        shaken: What each result is multiplied by.
    """
    values: list[float] = [*inputs, *[math.nan] * len(program.steps)]
    for place, step in program.computed():
        if isinstance(step, float):
            values[place] = step
        else:
            values[place] = float(_ROWS[step[0]](*[values[i] for i in step[1]])) * shaken()
    return [values[place] for place in program.outputs]


def read_programs(source: str) -> tuple[list[Program], Program | None]:
    """The Programs of ``f(x, y, w)``, one for each way an exception may take, and the demanded one.

    Raises:
        UnreadableError: if the reader refuses the text.
    """
    text = Text(source, ProgramBuilder(5))
    x, y, *w = numbers_of(range(5))
    results = text.ways(lambda: text.call("f", [x, y, Array([*w], (3,))]))
    text.check_rest()
    return [text.builder.program(flat(result)) for result in results], text.demanded()


def run_python(source: str, x: float, y: float, w: Sequence[float]) -> list[complex] | Exception:
    """What CPython gives, or the exception that it raises."""
    names: dict[str, Any] = {}
    array = np.array(w)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            exec(compile(source, "<program>", "exec"), names)
            found = list(_flat(names["f"](x, y, array)))
    except Exception as error:
        return error
    if not np.array_equal(array, np.array(w)):
        return [math.nan, math.inf]  # an argument was changed: equal to nothing that is read
    return found


def _flat(value: Any) -> list[complex]:
    if isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim):
        return [x for item in value for x in _flat(item)]
    return [complex(value)]


def _same(found: Sequence[float], expected: Sequence[complex]) -> bool:
    """True for equal numbers; at a pole the sign of an infinity is that of a zero, which the ints
    do not have: ``-min(False, x)`` is 0 or -0.0."""
    return len(found) == len(expected) and all(
        (y != y and x != x)
        or (y.imag != 0.0 and x != x)  # complex: undefined
        or (math.isinf(x) and math.isinf(y.real))
        or (y.imag == 0.0 and (x == y.real or math.isclose(x, y.real, rel_tol=1e-9)))
        for x, y in zip(found, expected, strict=True)
    )


def _same_but_for_rounding(
    program: Program, inputs: Sequence[float], expected: Sequence[complex]
) -> bool:
    """True if numbers are as near as a sum in another order, or a product unrounded, may be."""
    draw = random.Random(1)
    runs = [
        run_program(program, inputs, lambda: 1.0 + draw.uniform(-1.0, 1.0) * 2.0**-52)
        for _ in range(_SHAKEN)
    ]
    return len(runs[0]) == len(expected) and all(
        not (math.isfinite(y.real) or all(map(math.isfinite, found)))  # sums that overflow
        or min(found) - _BESIDE * (max(found) - min(found)) - abs(y) * 1e-9
        <= y.real
        <= max(found) + _BESIDE * (max(found) - min(found)) + abs(y) * 1e-9
        for *found, y in zip(*runs, expected, strict=True)
    )


def _ends(demanded: Program | None, inputs: Sequence[float]) -> bool:
    """True if something that is computed on the way is no number."""
    return demanded is not None and not all(map(math.isfinite, run_program(demanded, inputs)))


def disagreement(source: str, numbers: random.Random) -> str:
    """How reader and CPython disagree, "" if they agree, "refused: why" if it is not read."""
    try:
        programs, demanded = read_programs(source)
    except UnreadableError as error:
        return f"refused: {type(error).__name__}: {error}"
    for _ in range(4):
        x, y, *w = (_POINTS[numbers.randrange(len(_POINTS))] for _ in range(5))
        expected = run_python(source, x, y, w)
        if isinstance(expected, Exception):
            if not isinstance(expected, OverflowError) and not _ends(demanded, [x, y, *w]):
                return f"at {(x, y, w)}: CPython raises {expected!r}, and it is read"
            continue
        found = [run_program(program, [x, y, *w]) for program in programs]
        if not any(_same(numbers_found, expected) for numbers_found in found) and not (
            _ROUNDED.search(source)
            and any(_same_but_for_rounding(p, [x, y, *w], expected) for p in programs)
        ):
            return f"at {(x, y, w)}: CPython {expected}, read as {found}"
    return ""
