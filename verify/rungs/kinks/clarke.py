"""Clarke: what a function does at a point on a kink, and what a gradient returned there means.

A kink is a question -- which of two numbers is larger -- met exactly on its border.  Each answer to
all of them is a *selection*: a smooth function that the given one equals in a region next to the
point, unless no region gives these answers (``relu(x) > 0`` and ``relu(-x) > 0``).  The gradients
of the selections that have a region span the Clarke subdifferential.  A gradient inside it is as
good as a derivative for descent; one outside is a mere convention.

Everything is expanded in balls (taylor.py); only the last step, whether a point lies in the convex
hull of others, is in floating point, within 1e-9.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from verify.answer.reasons import Ruling
from verify.numbers.balls import Balls, ball_library
from verify.numbers.expansion import Expansion
from verify.numbers.taylor import Taylor
from verify.program.program import Program
from verify.rungs.enclosure import MISSING
from verify.rungs.kinks.sides import Chords, Sides, ruled
from verify.rungs.process.findings import AtPoint, OfInput

if TYPE_CHECKING:
    from flint import arb

__all__ = ["at_point", "in_hull"]

_MOST_KINKS = 10  # 2**10 selections
_BITS = 256
_TERMS = 6
_STEPS = 2_000_000  # to run in all
_NEAR = 1e-9
_AFFINE = {"{0} + {1}", "{0} - {1}", "-{0}"}
_SCALING = {"{0} * {1}", "{0} / {1}"}


def at_point(
    program: Program, point: Sequence[float], inputs: Sequence[int], gradient: Sequence[float]
) -> AtPoint:
    """What the function does at a point.

    Args:
        program: The traced function.
        point: Value of each input.
        inputs: Places of the inputs the gradient belongs to.
        gradient: What the gradient under question returns there.
    """
    told = _at_point(program, point, inputs, gradient)
    chords = Chords(program, point)
    known = told.sides or [(None, None)] * len(inputs)
    sides = [chords.completed(Sides(*x), i) for x, i in zip(known, inputs, strict=True)]
    rulings = [
        OfInput(
            ruled(x, found) if chords.has_value else Ruling.UNKNOWN, x.derivative, found, str(x)
        )
        for x, found in zip(sides, gradient, strict=True)
    ]
    return replace(told, sides=[(x.left, x.right) for x in sides], rulings=rulings)


def _at_point(
    program: Program, point: Sequence[float], inputs: Sequence[int], gradient: Sequence[float]
) -> AtPoint:
    if ball_library() is None:
        return AtPoint(why=MISSING)
    look = _Look(program, list(point), inputs)
    sides = [look.one_sided(i) for i in inputs]
    if all(look.is_smooth(i) for i in inputs):
        return AtPoint((), sides, "SMOOTH")
    ties = look.kinks()
    if not ties:
        return AtPoint((), sides, why="the derivative is not finite")
    if len(ties) > _MOST_KINKS:
        return AtPoint(ties, sides, why=f"more than {_MOST_KINKS} kinks meet")
    if len(program.steps) * (len(inputs) + 1) * 2 ** len(ties) > _STEPS:
        return AtPoint(ties, sides, why="too many operations to enumerate")
    return AtPoint(ties, sides, *_meaning(list(look.selections()), gradient))


@dataclass(frozen=True)
class _Selection:
    """One answer to all questions: value and gradient, and whether a region gives it."""

    value: float
    gradient: list[float]
    region: bool | None  # None: not known


def _meaning(selections: list[_Selection], gradient: Sequence[float]) -> tuple[str, str]:
    possible = [s for s in selections if s.region is not False]
    if not all(np.isfinite([s.value, *s.gradient]).all() for s in possible):
        return "CONVENTION(unknown)", "not Lipschitz there"
    certain = [s for s in possible if s.region]
    values = [s.value for s in certain]
    if values and max(values) - min(values) > _NEAR * (1.0 + max(map(abs, values))):
        return "DISCONTINUOUS", "the function jumps"
    if not np.isfinite(gradient).all():
        return "NOT-CLARKE", "not finite"
    if in_hull([s.gradient for s in certain], gradient):
        return "CLARKE", ""
    if in_hull([s.gradient for s in possible], gradient):
        return "CONVENTION(unknown)", "it is not known which selections have a region"
    return "NOT-CLARKE", "outside the convex hull of the gradients nearby"


# --- expansions ------------------------------------------------------------------------------


class _Look:
    """Expansions of a function around one point."""

    def __init__(self, program: Program, point: list[float], inputs: Sequence[int]) -> None:
        self._program, self._point, self._inputs = program, point, inputs
        self._places = [i for i, step in program.computed() if type(step) is tuple]
        self._affine = _affine_places(program)

    def _run(self, taylor: Taylor, direction: Sequence[float], every: bool = False) -> Expansion:
        line = taylor.line(self._point, direction)
        if every:  # each question on its border counts, whatever the direction
            for x in line:
                x.varies = True
        return taylor.run(self._program, line)[self._program.outputs[0]]

    def _along(self, i: int, sign: float = 1.0) -> list[float]:
        return [sign * (i == j) for j in range(len(self._point))]

    def kinks(self) -> list[int]:
        """Places of the steps on a kink that the result may depend on."""
        found: dict[int, None] = {}
        for side in (1, -1):
            taylor = Taylor(_BITS, 2, sides=[side] * (_MOST_KINKS + 1))
            self._run(taylor, self._along(-1), every=True)
            found |= dict.fromkeys(self._places[tie.step - 1] for tie in taylor.ties)
        return list(found)

    def is_smooth(self, i: int) -> bool:
        """True if there is a derivative by an input, and no question on its border matters."""
        return bool(self._run(Taylor(_BITS), self._along(i), every=True).coefficient(1).is_finite())

    def one_sided(self, i: int) -> tuple[float | None, float | None]:
        """Derivatives by an input from the left and from the right; None where not known."""
        balls = Balls(_BITS)
        value = balls.run(self._program, [balls.number(x) for x in self._point])
        here = value[self._program.outputs[0]]
        return self._slope(i, -1.0, here), self._slope(i, 1.0, here)

    def _slope(self, i: int, sign: float, here: arb) -> float | None:
        series = self._run(Taylor(_BITS, _TERMS, forward=True), self._along(i, sign))
        slope = series.coefficient(1)
        jumps = not series.start.overlaps(here)
        unknown = jumps or not here.is_finite() or slope.is_nan() or slope.mid().is_nan()
        return None if unknown else float((sign * slope).mid())

    def selections(self) -> Iterator[_Selection]:
        """Every selection, one after the other."""
        todo: list[tuple[int, ...]] = [()]
        while todo:
            sides = todo.pop()
            taylor = Taylor(_BITS, 2, sides=(*sides, 0))
            self._run(taylor, self._along(-1), every=True)
            if len(taylor.ties) > len(sides):
                todo += [(*sides, 1), (*sides, -1)]
            else:
                yield self._selection(sides)

    def _selection(self, sides: tuple[int, ...]) -> _Selection:
        gradient, columns, value = [], [], float("nan")
        affine = True
        for i in self._inputs:
            taylor = Taylor(_BITS, 2, sides=sides)
            series = self._run(taylor, self._along(i), every=True)
            gradient.append(float(series.coefficient(1).mid()))
            value = float(series.start.mid())
            columns.append([float(t.difference.coefficient(1).mid()) for t in taylor.ties])
            affine = all(self._affine[self._places[t.step - 1]] for t in taylor.ties)
        rows = np.array(columns, dtype=float).reshape(len(self._inputs), -1).T
        rows = rows * np.array(sides, dtype=float).reshape(-1, 1)
        return _Selection(value, gradient, _has_region(rows, affine))


def _affine_places(program: Program) -> list[bool]:
    """For each place whether what it asks about is affine in the inputs, exactly."""
    plain = [True] * program.inputs  # the number itself is affine
    asks = [True] * program.inputs
    literal = [False] * program.inputs
    for step in program.steps:
        if type(step) is not tuple:
            plain.append(True)
            asks.append(True)
            literal.append(True)
            continue
        text, operands = step
        all_affine = all(plain[i] for i in operands)
        scaled = text in _SCALING and literal[operands[1]]
        scaled |= text == "{0} * {1}" and literal[operands[0]]
        plain.append(all_affine and (text in _AFFINE or scaled))
        asks.append(all_affine)
        literal.append(False)
    return asks


# --- regions and hulls -----------------------------------------------------------------------


def _has_region(rows: NDArray[np.float64], affine: bool) -> bool | None:
    """Whether all these slopes can be positive at once, in some direction; None if unknown."""
    if not len(rows):
        return True
    if not np.isfinite(rows).all():
        return None
    sizes = np.abs(rows).max(axis=1)
    if (sizes == 0.0).any():
        return False if affine else None
    rows = rows / sizes[:, None]
    if not in_hull(rows, np.zeros(rows.shape[1])):  # Gordan: then some direction does it
        return True
    if affine:
        return False
    axes = np.vstack([np.eye(rows.shape[1]), -np.eye(rows.shape[1])])
    return False if all(_distance(rows.T, axis) <= _NEAR for axis in axes) else None


def in_hull(points: ArrayLike, point: ArrayLike) -> bool:
    """True if ``point`` is, within 1e-9, a weighted mean of ``points``.

    >>> in_hull([[0.0, 1.0], [1.0, 0.0]], [0.5, 0.5]), in_hull([[0.0, 1.0]], [0.5, 0.5])
    (True, False)
    """
    rows = np.array(points, dtype=float)
    if not len(rows):
        return False
    columns = rows.T
    target = np.array(point, dtype=float)
    size = 1.0 + max(np.abs(columns).max(initial=0.0), np.abs(target).max(initial=0.0))
    columns = np.vstack([columns / size, np.ones(columns.shape[1])])
    return _distance(columns, np.append(target / size, 1.0)) <= _NEAR


def _distance(columns: NDArray[np.float64], target: NDArray[np.float64]) -> float:
    """Distance of ``target`` from the cone of ``columns`` (Lawson and Hanson, 1974, chapter 23)."""
    count = columns.shape[1]
    weights = np.zeros(count)
    used = np.zeros(count, dtype=bool)
    for _ in range(3 * count + 10):
        gain = columns.T @ (target - columns @ weights)
        gain[used] = 0.0
        best = int(np.argmax(gain))
        if gain[best] <= 1e-12:
            break
        used[best] = True
        while True:
            trial = np.zeros(count)
            trial[used] = np.linalg.lstsq(columns[:, used], target, rcond=None)[0]
            negative = used & (trial <= 0.0)
            if not negative.any():
                break
            step = np.min(weights[negative] / (weights[negative] - trial[negative]))
            weights = weights + step * (trial - weights)
            used &= weights > 1e-14
            weights[~used] = 0.0
            if not used.any():
                trial = weights
                break
        weights = trial
    return float(np.linalg.norm(target - columns @ weights))
