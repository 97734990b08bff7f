"""Linear: whether signs of differences can hold together, by exact elimination.

Of ``x > y``, ``y > z`` and ``z > x`` no two need a closer look, all three have no solution.  Each
difference is a row of coefficients over *atoms*: whatever is no sum is taken for a number of its
own.  So "impossible" is certain, "possible" is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

__all__ = ["Row", "is_possible"]

# Coefficients of a sum.
Row = Mapping[Any, Fraction]
_ROWS = 150  # beyond, nothing is shown


def is_possible(signs: Iterable[tuple[Row, int]], positive: Iterable[Row] = ()) -> bool:
    """False if no numbers give all these sums their signs; True says nothing.

    Args:
        signs: Sums, and the sign of each.
        positive: Further sums that are above zero.

    >>> one = Fraction(1)
    >>> is_possible([({"x": one, "y": -one}, 1), ({"x": -one, "y": one}, 0)])
    False
    """
    equal = [dict(row) for row, sign in signs if sign == 0]
    above = [{a: sign * c for a, c in row.items()} for row, sign in signs if sign]
    above += [dict(row) for row in positive]
    while equal:
        row = {a: c for a, c in equal.pop().items() if c}
        if not row:
            continue
        atom = next(iter(row))
        equal = [_without(atom, row, other) for other in equal]
        above = [_without(atom, row, other) for other in above]
    return _has_solution(above)


def _without(atom: object, row: Row, other: Row) -> dict[object, Fraction]:
    """``other`` with an atom replaced by what ``row`` = 0 says of it."""
    factor = other.get(atom, Fraction(0)) / row[atom]
    return _plus(other, row, -factor) if factor else dict(other)


def _plus(x: Row, y: Row, factor: Fraction) -> dict[object, Fraction]:
    total = dict(x)
    for atom, c in y.items():
        total[atom] = total.get(atom, Fraction(0)) + factor * c
    return {atom: c for atom, c in total.items() if c}


def _has_solution(above: list[dict[object, Fraction]]) -> bool:
    """Whether sums can all be above zero, one atom eliminated after the other."""
    rows = [{a: c for a, c in row.items() if c} for row in above]
    while all(rows) and rows:
        if len(rows) > _ROWS:
            return True
        atom = next(iter(rows[0]))
        up = [row for row in rows if row.get(atom, 0) > 0]
        down = [row for row in rows if row.get(atom, 0) < 0]
        rows = [row for row in rows if atom not in row]
        rows += [_plus(x, y, x[atom] / -y[atom]) for x in up for y in down]
    return all(rows)
