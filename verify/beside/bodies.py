"""The bodies of the functions that emitted files copy: each form of a row, against balls.

The check at compile runs emitted code over a field, where ``gaussian`` is the primitive, whatever
its body computes.  So the bodies are measured here, once per release: the scalar function and its
array form, for the orders and scales that a literal may be, over the whole domain: zeros,
infinities, nan, integers and halves, the numbers next to them, the largest and the smallest.

Where the true number is known the error is counted in ulp, as in accuracy.py and with its reasons.
Elsewhere (poles, nan, outside the domain) the scalar function says what is expected; its own limits
at the infinities are compared with balls far out.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from autodiff.numbers.ieee import PORTABLE
from autodiff.table.primitive import REGISTRY, Primitive
from codegen.language.numpy.array_forms import ARRAY_FORMS
from verify.beside.accuracy import BAR, REASONS, sweep, true_number, ulps
from verify.program.program import Program

__all__ = ["FORMS", "Fault", "Form", "faults", "rows_with_bodies"]

Form = Callable[[Primitive, Sequence[Sequence[float]]], Sequence[float]]


@dataclass(frozen=True)
class Fault:
    """A result that is off by more than the bar.

    Args:
        row: Name of the row.
        form: What computed it; "limit" where the scalar function is wrong at an infinity.
        point: The operands.
        found: The result.
        expected: The true number, or what the scalar function gives.
        error: In ulp; infinite where the results are of different kinds.
    """

    row: str
    form: str
    point: tuple[float, ...]
    found: float
    expected: float
    error: float


# --- forms -----------------------------------------------------------------------------------


def _scalar(row: Primitive, points: Sequence[Sequence[float]]) -> list[float]:
    return [row.impl(*point) for point in points]


def _array(row: Primitive, points: Sequence[Sequence[float]]) -> list[float]:
    """The NumPy text over arrays; a literal is a number, as in emitted text."""
    columns: list[object] = [np.array(column) for column in zip(*points, strict=True)]
    for position in row.literal:
        columns[position] = points[0][position]
    holes = [f"_{i}" for i in range(row.arity)]
    called = {name: ARRAY_FORMS[name] for name in _called(row.numpy)}
    names = {"np": np, **called, **dict(zip(holes, columns, strict=True))}
    with np.errstate(all="ignore"):
        found = np.asarray(eval(row.numpy.format(*holes), names), dtype=float)
    return [float(x) for x in np.broadcast_to(found, (len(points),))]


FORMS: Mapping[str, Form] = {"scalar": _scalar, "array": _array}

# --- rows, literals and points ---------------------------------------------------------------

_CALLED = re.compile(r"(?<![\w.])([a-z]\w*)\(")


def _called(text: str) -> list[str]:
    """Functions that are copied, of those a text calls."""
    return [name for name in _CALLED.findall(text) if name in ARRAY_FORMS]


def rows_with_bodies() -> list[Primitive]:
    """Rows of the table's own of which a text calls a function that is copied.

    A row whose rules are all None is a step function: exact, and its steps have no true number.
    """
    return [
        row
        for row in REGISTRY.values()
        if not row.module
        and any(row.partials)
        and (any(name in PORTABLE for name in _CALLED.findall(row.python)) or _called(row.numpy))
    ]


_HALVES = [0.5 * k for k in (*range(1, 61), 100, 139, 280, 281, 343, 368, 369, 1427, 1428, 1429)]
_SIZES = (
    5e-324, 1e-310, 2.2250738585072014e-308, 1e-300, 1e-160, 1e-20, 1e-8, 1e5, 4095.5, 1e16,
1e100, 1.3e154, 1e160, 1e300, 1.7976931348623157e308,
)  # fmt: skip
_NEAR = [math.nextafter(x, to) for x in (1.0, 2.0, 3.0, 10.0, 20.0) for to in (0.0, math.inf)]
_POSITIVE = (0.0, math.inf, *_SIZES, *_HALVES, *_NEAR)
_EDGES = [*_POSITIVE, *(-x for x in _POSITIVE), math.nan]
_FEW = [x for x in _EDGES if x != x or abs(x) in (0.0, 0.5, 1.0, 5e-324, 1e-160, 1e160, math.inf)]
# Literals that are always there; others are drawn.
_ALWAYS = {
    "gaussian": (1.0, 0.5, 2.0, 0.001, 0.3, 1e6, 1e-310, 1e300),
    "polygamma": (1.0, 2.0, 3.0, 100.0),
    "iv": (2.0, 3.0, 1000.0),
    **dict.fromkeys(("spherical_jn", "jv", "yv", "kv"), (0.0, 1.0, 2.0, 1000.0)),
}


def _literals(row: Primitive, drawn: int, draw: random.Random) -> list[dict[int, float]]:
    """The numbers that the row's literal operand is given; one without, if it has none."""
    if not row.literal:
        return [{}]
    [position] = row.literal
    low, high = row.interval(position)
    numbers = list(_ALWAYS.get(row.name, ()))
    for _ in range(drawn):
        whole = math.isfinite(high)
        x = float(draw.randint(int(low), int(high))) if whole else 10.0 ** draw.uniform(-8.0, 8.0)
        numbers.append(x)
    return [{position: x} for x in numbers]


def _points(
    row: Primitive, literals: Mapping[int, float], count: int, seed: int
) -> list[list[float]]:
    edges = _EDGES if row.arity - len(literals) == 1 else _FEW
    ranges = [[literals[p]] if p in literals else edges for p in range(row.arity)]
    points = [*sweep(row, count, seed), *map(list, product(*ranges))]
    for point in points:
        for position, number in literals.items():
            point[position] = number
    if row.name == "gaussian":  # where it is neither 0 nor 1, whatever the scale
        for exponent in np.linspace(0.01, 760.0, count):
            x = math.sqrt(exponent) / math.sqrt(literals[1])
            points += [[x, literals[1]], [-x, literals[1]]]
    return points


# --- what is expected ------------------------------------------------------------------------


def faults(
    rows: Iterable[Primitive] | None = None,
    count: int = 40,
    drawn: int = 3,
    seed: int = 0,
    forms: Mapping[str, Form] = FORMS,
) -> list[Fault]:
    """Results off by more than the bar.

    Args:
        rows: Rows, all with bodies by default.
        count: Points drawn per row and literal, beside the edges.
        drawn: Literals drawn per row, beside those that are always there.
        seed: Of points and literals.
        forms: What computes the results.
    """
    found: list[Fault] = []
    for row in rows_with_bodies() if rows is None else rows:
        program = Program(row.arity, ((row.sympy, tuple(range(row.arity))),), (row.arity,))
        for literals in _literals(row, drawn, random.Random(f"{row.name} {seed}")):
            points = _points(row, literals, count, seed)
            results = {name: form(row, points) for name, form in forms.items()}
            for place, point in enumerate(points):
                here = {name: result[place] for name, result in results.items()}
                found += _compared(row, program, point, here)
    return found


def _compared(
    row: Primitive, program: Program, point: list[float], results: Mapping[str, float]
) -> Iterator[Fault]:
    finite = all(map(math.isfinite, point))
    true = true_number(program, point, None) if finite else None
    reason = REASONS.get((row.name, None))
    scale = float(reason.scale(*point)) if finite and reason is not None else 0.0
    for name, result in results.items():
        if true is not None:
            error, expected = ulps(result, true, scale), float(true.mid())
        else:
            expected = row.impl(*point)
            error = 0.0 if _same(result, expected, scale) else math.inf
        if not error <= BAR:
            yield Fault(row.name, name, tuple(point), result, expected, error)
    [place, *others] = [p for p in range(row.arity) if p not in row.literal]
    if not others and math.isinf(point[place]):
        limit, found = _limit(program, point), row.impl(*point)
        if limit is not None and abs(found) != abs(limit):
            yield Fault(row.name, "limit", tuple(point), found, limit, math.inf)


def _limit(program: Program, point: Sequence[float]) -> float | None:
    """The value at an infinity, where two balls far out agree on one."""
    found = set()
    for far in (1e300, 1.7e308):
        true = true_number(
            program, [math.copysign(far, x) if math.isinf(x) else x for x in point], None
        )
        found.add(None if true is None else float(true.mid()))
    return found.pop() if len(found) == 1 else None


def _same(found: float, expected: float, scale: float) -> bool:
    """Equal up to the bar, with the same infinities and nans, and the same signs of zeros."""
    if found != found or expected != expected:
        return found != found and expected != expected
    if scale == 0.0 and math.copysign(1.0, found) != math.copysign(1.0, expected):
        return False
    unit = math.ulp(max(abs(expected), scale))
    return found == expected or abs(found - expected) <= BAR * unit
