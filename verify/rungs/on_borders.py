"""On borders: a value where the function itself switches, by the doubles that a call would give.

Where a condition is met exactly there may be no derivative, but there is a value: that of one side.
``x if x <= 1 else 2*x`` for ``x if x < 1 else 2*x`` is wrong at 1 alone, where no point of the
other rungs is allowed to be.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import islice

from verify.numbers.precise import Precise
from verify.program.program import Program
from verify.rungs.doubles import is_lost, on_doubles
from verify.rungs.hidden import hidden_points
from verify.rungs.process.findings import Lost

__all__ = ["wrong_on_border"]

_MOST = 400  # points to look at


def wrong_on_border(
    function: Program, texts: Sequence[Program], starts: Sequence[Sequence[float]], steps: int
) -> Lost:
    """A point on a border of the function's where a text gives another value, for doubles too.

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


def _on_borders(
    precise: Precise,
    function: Program,
    texts: Sequence[Program],
    starts: Sequence[Sequence[float]],
    steps: int,
) -> Iterator[list[float]]:
    for point in islice(hidden_points((function, *texts), starts, steps), _MOST):
        precise.restart()
        precise.run(function, [precise.context.mpf(x) for x in point])
        if precise.ties:
            yield point


def _number(precise: Precise, program: Program, point: Sequence[float]) -> float:
    """The first result of a program at a point; nan if it is no real number."""
    precise.restart()
    values = precise.run(program, [precise.context.mpf(x) for x in point])
    found = values[program.outputs[0]]
    return float(found) if found is not None and precise.finite(found) else math.nan
