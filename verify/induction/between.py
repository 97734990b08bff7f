"""Between: inputs that lie in an interval where something made of one of them is positive."""

from __future__ import annotations

import math
from fractions import Fraction

from verify.induction.shapes import CONSTANT, Shapes

__all__ = ["between"]

Between = tuple[int, float, float]
_EVERYWHERE = -1, -math.inf, math.inf


def between(shapes: Shapes, shape: int) -> Between:
    """The input, and the ends it lies between where a shape is positive; -1 if that is not plain.

    >>> shapes = Shapes()
    >>> x = shapes.input(0)
    >>> between(shapes, shapes.add(shapes.number(1.0), -x))
    (0, -inf, 1.0)
    >>> between(shapes, shapes.add(shapes.number(4.0), -shapes.multiply(x, x)))
    (0, -2.0, 2.0)
    """
    asked = shapes.form(shape, shapes.number(0.0))
    if asked is None:
        return _EVERYWHERE
    form, sign = asked
    number = sum((size for core, size in form if core == CONSTANT), Fraction(0))
    cores = [core for core, _ in form if core != CONSTANT]
    if len(cores) != 1:
        return _EVERYWHERE
    end = -number  # the form is core - end
    operation, *rest = shapes.made[cores[0]]
    if operation == "input" and float(end) == end:
        low, high = (float(end), math.inf) if sign > 0 else (-math.inf, float(end))
        return int(rest[0]), low, high
    square = operation == "multiply" and rest[0] == rest[1] and sign < 0 < end
    if square and shapes.made[rest[0]][0] == "input":
        root = math.sqrt(end)
        if Fraction(root) ** 2 == end:
            return int(shapes.made[rest[0]][1]), -root, root
    return _EVERYWHERE
