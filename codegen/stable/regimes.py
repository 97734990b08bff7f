"""Regimes: one form here, another one there, told apart by one input.

Where no form is good everywhere two or three may be, each on its side of a number.  All of them are
equal over the reals, so wherever the border lies the result is right; it lies where the bits lost
on the sample are fewest, and at a round number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from codegen.stable.form_search import Measured
from codegen.stable.many_forms import Column

__all__ = ["branched"]

_GAIN = 0.4  # bits that a branch must be worth
_PIECES = 3
_FORMS = 10
_WORSE = 3.0  # what a bit counts besides that is lost where the given form does not lose it


def branched(
    measured: Measured,
    forms: Sequence[int],
    inputs: Sequence[int],
    best: int,
    gain: float = _GAIN,
) -> int:
    """A form with branches that loses less than the best, or the best.

    Args:
        measured: What forms lose.
        forms: What may stand on a side.
        inputs: What may tell the sides apart.
        best: The best of them.
        gain: Bits that a branch must be worth.
    """
    forms = _different(measured, [best, *forms])
    if len(forms) < 2 or measured.mean(best) < gain:
        return best
    e = measured.expressions
    weights = _weights(measured)
    lost = [np.nan_to_num(measured.lost(f)) for f in forms]
    if lost[0] @ weights - np.minimum.reduce(lost) @ weights < gain:
        return best
    base = np.nan_to_num(measured.lost_of_base)
    losses = np.array([(x + _WORSE * np.maximum(x - base, 0.0)) * weights for x in lost])
    found = best
    for variable in inputs:
        borders, chosen = _cut(e.values(variable), losses, gain)
        if not borders:
            continue
        form = forms[chosen[-1]]
        for border, place in reversed(list(zip(borders, chosen[:-1], strict=True))):
            test = e.made("lt", variable, e.literal(border))
            form = e.made("where", test, forms[place], form)
        cost = gain * len(borders) / 2.0
        if measured.mean(form) + cost < measured.mean(found):
            found = form
    return found


def _different(measured: Measured, forms: Sequence[int]) -> list[int]:
    """The first forms that do not lose at every point what one before them loses."""
    kept: dict[bytes, int] = {}
    for form in dict.fromkeys(forms):
        kept.setdefault(np.nan_to_num(measured.lost(form)).tobytes(), form)
        if len(kept) == _FORMS:
            break
    return list(kept.values())


def _weights(measured: Measured) -> Column:
    """What each point counts, so that every kind of points counts alike."""
    lost = measured.lost_of_base
    weights = np.zeros(lost.size)
    for _, place in measured.sample.strata:
        told = ~np.isnan(lost[place])
        if told.sum() >= 4:
            weights[place] = told / told.sum()
    whole: Column = weights / max(float(weights.sum()), 1e-300)
    return whole


def _cut(x: Column, losses: np.ndarray, gain: float) -> tuple[list[float], list[int]]:
    """The borders on a line of numbers, and which form is best between them.

    Dynamic programming over the sorted points: the least loss with so many pieces.
    """
    order = np.argsort(x, kind="stable")
    sums = np.concatenate([np.zeros((len(losses), 1)), np.cumsum(losses[:, order], axis=1)], axis=1)
    sorted_x = x[order]
    places = [0, *(np.flatnonzero(sorted_x[1:] > sorted_x[:-1]) + 1), x.size]
    if len(places) > 130:
        step = len(places) // 128 + 1
        zero = int(np.searchsorted(sorted_x, 0.0))
        places = sorted({*places[::step], zero, x.size} & {*places, zero})
    sums = sums[:, places]
    count = len(places)
    # cost[j]: least loss of the points before place j with the pieces so far
    best_form = np.zeros((count, count), int)
    segment = np.full((count, count), np.inf)
    for i in range(count - 1):
        between = sums[:, i + 1 :] - sums[:, [i]]
        best_form[i, i + 1 :] = between.argmin(axis=0)
        segment[i, i + 1 :] = between.min(axis=0)
    cost = segment[0].copy()
    back: list[np.ndarray] = []
    results = [(cost[-1], 0)]
    for pieces in range(1, _PIECES):
        through = cost[:, None] + segment
        back.append(through.argmin(axis=0))
        cost = through.min(axis=0)
        results.append((cost[-1] + gain / 2.0 * pieces, pieces))
    _, pieces = min(results)
    cuts, j = [], count - 1
    for level in range(pieces - 1, -1, -1):
        i = int(back[level][j])
        cuts.append(i)
        j = i
    cuts = cuts[::-1]
    edges = [0, *cuts, count - 1]
    chosen = [int(best_form[a, b]) for a, b in pairwise(edges)]
    borders = [_round_between(sorted_x[places[c] - 1], sorted_x[places[c]]) for c in cuts]
    return borders, chosen


def _round_between(low: float, high: float) -> float:
    """A short number above ``low``, up to ``high``."""
    if low < 0.0 <= high:
        return 0.0
    sign = -1.0 if high <= 0.0 else 1.0
    a, b = sorted((abs(low), abs(high)))
    middle = math.sqrt(a) * math.sqrt(b) if a > 0.0 else b / 2.0
    for digits in range(1, 17):
        candidate = float(f"{middle:.{digits}g}")
        if low < sign * candidate <= high:
            return sign * candidate
    return float(high)
