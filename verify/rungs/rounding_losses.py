"""Losses: what rounding leaves of a text at points near and far, beside the chain rule.

Counted against a text is what a double makes plainly another number of, where the chain rule on
doubles is right, and inputs that are a little off explain nothing.  Overflow at a few points, and
what is lost very far out, is told and not counted: every text has such points.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from verify.program.program import Program
from verify.rungs.doubles import is_lost, moved_by_inputs, on_doubles
from verify.rungs.process.findings import Lost, Point

__all__ = ["far_points", "worst_losses"]

# Sizes of inputs at which texts are run on doubles, too; what is lost beyond _OUT is told only.
_FAR, _OUT = (1.37e-3, 2.3e2, 3.1e4, 2.7e7, 4.1e11, 8.3e16), 1e14


def far_points(count: int) -> Iterator[list[float]]:
    """Points far out and close to zero, where sums cancel and powers overflow."""
    for size in _FAR:
        for sign in (1.0, -1.0):
            yield [sign * size * (1.0 + 0.3 * k) for k in range(count)]


def worst_losses(
    texts: Sequence[Program],
    wanted: Program,
    right_at: Callable[[Point], Sequence[float] | None],
    points: Sequence[Point],
    near: Sequence[Point],
    examples: Sequence[Point],
) -> list[Lost]:
    """Per output, a point where doubles make another number of a text than of the chain rule.

    Args:
        texts: The texts.
        wanted: The chain rule.
        right_at: The true numbers at a point, None where there are none.
        points: Where to look.
        near: Those of the points that were drawn near the example.
        examples: Points that count, whatever is found there.
    """
    found: list[list[Lost]] = [[] for _ in wanted.outputs]
    for point in points:
        right = on_doubles(wanted, point)
        if right is None:
            continue
        runs = [run for text in texts if (run := on_doubles(text, point)) is not None]
        if all(run == right for run in runs):
            continue  # whatever the true numbers are, the chain rule loses as much
        expected = right_at(point)
        if expected is None:
            continue
        for k, x in enumerate(expected):
            lost = next((run[k] for run in runs if is_lost(run[k], x)), None)
            if lost is None or is_lost(right[k], x):
                continue
            if not abs(lost - x) <= moved_by_inputs(wanted, point, k):
                found[k].append({"point": point, "found": lost, "expected": x})
    return [_worst(each, near, examples) for each in found]


def _worst(lost: list[Lost], near: Sequence[Point], examples: Sequence[Point]) -> Lost:
    """The point that tells most, and whether it counts against the text."""
    if not lost:
        return {}
    finite = [each for each in lost if math.isfinite(each["found"])]
    counts = any(max(map(abs, each["point"])) < _OUT for each in finite)
    counts |= any(tuple(each["point"]) in examples for each in lost)
    counts |= 2 * sum(each["point"] in near for each in lost) > len(near)
    return {**(finite or lost)[0], "counts": counts}
