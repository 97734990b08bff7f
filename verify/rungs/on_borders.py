"""On borders: numbers where a function or a text switches, by the doubles that a call would give.

Where a condition is met exactly there may be no derivative, but there is a value: that of one side.
``x if x <= 1 else 2*x`` for ``x if x < 1 else 2*x`` is wrong at 1 alone, where no point of the
other rungs is allowed to be.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from verify.numbers.precise import Precise
from verify.program.program import Program, Written
from verify.rungs.doubles import is_lost, on_doubles
from verify.rungs.hidden import hidden_points
from verify.rungs.kinks.sides import Chords, ChordsOfSlopes, Sides
from verify.rungs.process.findings import Lost

__all__ = ["wrong_on_border", "wrong_slope_on_border"]

_MOST, _SLOPES = 400, 24  # points to look at; those of which slopes are found
_CLOSE = 1e-6


def wrong_on_border(
    function: Program, texts: Sequence[Program], starts: Sequence[Sequence[float]], steps: int
) -> Lost:
    """A point on a border where a text gives another value, for doubles too.

    Args:
        function: The function.
        texts: What gives its value first.
        starts: Points to begin at.
        steps: How many steps may be run to find borders.
    """
    precise = Precise()
    for point in _on_borders(precise, function, texts, starts, steps):
        expected = _number(precise, function, point)
        right = on_doubles(function, point)
        if right is None or is_lost(right[0], expected):
            continue
        for text in texts:
            found, run = _number(precise, text, point), on_doubles(text, point)
            if run is not None and is_lost(run[0], expected) and is_lost(found, expected):
                return {"point": point, "found": run[0], "expected": right[0]}
    return {}


def wrong_slope_on_border(
    function: Program,
    texts: Sequence[Program],
    starts: Sequence[Sequence[float]],
    steps: int,
    partials: Mapping[int, int],
    slope_of: tuple[Written, int] | None = None,
) -> tuple[int, Lost]:
    """A point on a border where the function has another derivative than a text gives.

    ``a * a if kind == 1 else 3 * a`` has the slope 2 a by a where kind is 1, whatever it is beside;
    ``max(x, 0) - max(-x, 0)`` has the slope 1 at 0, whatever the chain rule makes of its switches.

    Args:
        function: The function.
        texts: Gradients.
        starts: Points to begin at.
        steps: How many steps may be run to find borders.
        partials: The input that an output of the texts is the derivative by.
        slope_of: What the function is the derivative of, and by which input, if that switches: its
            own number may be a convention there.

    Returns:
        The output, -1 if there is none, and the point.
    """
    precise = Precise()
    whole = (Program.from_json(slope_of[0]), slope_of[1]) if slope_of else None
    for point in islice(_on_borders(precise, function, texts, starts, steps), _SLOPES):
        runs = [(text, on_doubles(text, point)) for text in texts]
        chords = ChordsOfSlopes(whole[0], point, whole[1]) if whole else Chords(function, point)
        for place, i in partials.items():
            sides = chords.completed(Sides(None, None), i)
            slope = sides.derivative
            if slope is None or not all(sides.defined):
                continue
            for text, run in runs:
                found = _number(precise, text, point, place)
                if _is_other(found, slope) and run is not None and _is_other(run[place], slope):
                    return place, {"point": point, "found": run[place], "expected": slope}
    return -1, {}


def _is_other(found: float, slope: float) -> bool:
    """True for another number than a slope; not for nan."""
    return abs(found - slope) > _CLOSE * (1.0 + abs(slope))


def _on_borders(
    precise: Precise,
    function: Program,
    texts: Sequence[Program],
    starts: Sequence[Sequence[float]],
    steps: int,
) -> Iterator[list[float]]:
    """Points on borders of the function's, then those on borders of the texts' alone."""
    of_texts = []
    for point in islice(hidden_points((function, *texts), starts, steps), _MOST):
        if _ties(precise, function, point):
            yield point
        elif any(_ties(precise, text, point) for text in texts):
            of_texts.append(point)
    yield from of_texts


def _ties(precise: Precise, program: Program, point: Sequence[float]) -> bool:
    precise.restart()
    precise.run(program, [precise.context.mpf(x) for x in point])
    return bool(precise.ties)


def _number(precise: Precise, program: Program, point: Sequence[float], place: int = 0) -> float:
    """A result of a program at a point, the first; nan if it is no real number."""
    precise.restart()
    values = precise.run(program, [precise.context.mpf(x) for x in point])
    found = values[program.outputs[place]]
    return float(found) if found is not None and precise.finite(found) else math.nan
