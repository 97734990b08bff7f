"""Values of a primitive's SymPy text at points: enclosed by balls, else with many digits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from verify.numbers.balls import Balls, ball_library, precision
from verify.numbers.precise import Precise

__all__ = ["values_of_text"]

_BITS = (192, 768, 3072)
_CLOSE = 2.0**-60  # radius over size of an enclosure that is a number


def values_of_text(text: str, arity: int, points: Sequence[Sequence[float]]) -> dict[str, object]:
    """A text at points.

    Returns:
        ``values``: what it is at each, infinity where that is too large for a float, None where it
        is no real number or not known;
        ``unknown``: a name in it that nobody knows, "" if there is none.
    """
    try:
        in_digits = _in_digits(text, arity)
    except AttributeError as error:
        return {"values": [], "unknown": str(error.name)}
    at = in_digits if ball_library() is None else _in_balls(text)
    return {"values": [at(point) for point in points], "unknown": ""}


def _in_balls(text: str) -> Callable[[Sequence[float]], float | None]:
    def at(point: Sequence[float]) -> float | None:
        for bits in _BITS:
            with precision(bits):
                balls = Balls(bits)
                found = balls.apply(text, [balls.literal(x) for x in point])
                if found.is_finite() and found.rad() <= abs(found).upper() * _CLOSE:
                    return float(found.mid())
        return None

    return at


def _in_digits(text: str, arity: int) -> Callable[[Sequence[float]], float | None]:
    precise = Precise()
    meaning = precise.function(text, arity)

    def at(point: Sequence[float]) -> float | None:
        try:
            found = meaning(*map(precise.literal, point))
        except (ArithmeticError, ValueError, precise.context.NoConvergence):
            return None
        return float(found) if precise.finite(found) else None

    return at
