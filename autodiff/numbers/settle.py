"""Where switches tie: the derivative of the pieces that meet there, against the table's.

The derivatives of a piece are those at ``point + step``, for a step so small that only this smooth
piece of the function lies between.  They are found for generic directions and their opposites, at
two scales.  A derivative of the table stands if it lies between those of the
pieces; if it does not, no side can account for it, and the middle of the pieces is returned.  Where
the function is smooth, all pieces agree, and the middle is what they agree on.

Plain arithmetic over lists, which emitted files copy.
"""

import math

# Scale, and what makes sizes and sides of the components generic; the first two are
# one direction.
GENERIC = (
    (2.0**-240, 0.6180339887498949, 0.5698402909980532),
    (2.0**-200, 0.6180339887498949, 0.5698402909980532),
    (2.0**-240, 0.7548776662466927, 0.4142135623730951),
)

__all__ = ["GENERIC", "directions", "noise_of", "settled", "settled_one"]


def directions(count: int, moving: list[int] | range) -> list[list[float]]:
    """Steps: a generic direction, its opposite, both at another scale, one more pair.

    Inputs that do not move step by 0.
    """
    steps = []
    for number, (scale, size, side) in enumerate(GENERIC):
        if number == 2 and len(moving) == 1:
            break  # along one line there is no other direction
        step = [0.0] * count
        for place, index in enumerate(moving):
            up = (place + 1) * side % 1.0 < 0.5
            step[index] = (scale if up else -scale) * (1.0 + (place + 1) * size % 1.0)
        steps.append(step)
        steps.append([-s for s in step])
    return steps


def settled(found: list[list[float]], table: list[float]) -> list[float]:
    """The derivatives, given those of the pieces (a row a step) and of the table."""
    noise = noise_of(found)
    return [settled_one(t, [r[k] for r in found], noise) for k, t in enumerate(table)]


def noise_of(found: list[list[float]]) -> float:
    """What rounding may make of numbers that are large beside one another.

    A derivative that grows as the step shrinks sets no size for the others.
    """
    plus, minus, plus_far, minus_far = found[:4]
    largest = 0.0
    for k in range(len(plus)):
        grows = abs(plus[k]) > 2.0 * abs(plus_far[k])
        if grows or abs(minus[k]) > 2.0 * abs(minus_far[k]):
            continue
        for row in found:
            if largest < abs(row[k]) < 1e300:
                largest = abs(row[k])
    return 1e-13 * largest


def settled_one(table: float, pieces: list[float], noise: float) -> float:
    """One derivative: the table's if it lies between the pieces', else their middle."""
    low, high, known = math.inf, -math.inf, 0
    for d in pieces:
        if d == d:  # nan: outside the domain on that side
            low, high, known = min(low, d), max(high, d), known + 1
    if known < 2 or math.isinf(low) or math.isinf(high):
        return table
    slack = noise + 1e-10 * max(abs(low), abs(high))
    if low - slack <= table <= high + slack:
        return table
    if high - low <= slack:
        return 0.5 * (low + high)
    if max(abs(low), abs(high)) <= 2.0**-64:
        return 0.0  # a root of the step: it vanishes with it
    if abs(table) < math.inf and _same_at_both_scales(pieces, slack):
        return 0.5 * (low + high)
    return table


def _same_at_both_scales(pieces: list[float], slack: float) -> bool:
    """False where a derivative grows as the step shrinks."""
    return abs(pieces[0] - pieces[2]) <= slack and abs(pieces[1] - pieces[3]) <= slack
