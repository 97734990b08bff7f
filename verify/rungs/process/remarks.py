"""Remarks: what an entry says besides its verdict and how it was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from verify.answer.reasons import Reason, Remark
from verify.rungs.process.findings import Enclosed

__all__ = ["EXCEPTIONAL", "differs_unseen", "no_point", "readings_told"]

_SHOWN = 60  # characters of what a constant is read as
EXCEPTIONAL = Remark(
    Reason.EXCEPTIONAL,
    "differs only where a part of the function is infinite or on a border, which refutes nothing",
)


def readings_told(read: Mapping[float, str]) -> Remark:
    """What constants stand for, in words."""
    exact = "the sum of products of the function's numbers that it was rounded from"
    told = {x: text if len(text) <= _SHOWN else exact for x, text in read.items()}
    text = ", ".join(f"{float(str(x))!r} is read as {text}" for x, text in told.items())
    return Remark(Reason.READING, text)


def no_point(trouble: Remark | None) -> Remark:
    """Why nothing was compared."""
    text = "no point found where the function and its derivative are finite"
    return trouble or Remark(Reason.NO_POINT, text)


def differs_unseen(point: Iterable[tuple[str, float]], known: Enclosed) -> Remark:
    """What is said of a point where a number is another one, by less than floats show.

    Args:
        point: The inputs there, by name.
        known: What balls tell there.
    """
    by = f" by {known.radius:.0e}," if known.kind == "different" and known.radius else " by"
    at = ", ".join(f"{name} = {x!r}" for name, x in point)
    text = f"at {at} it differs{by} less than floats show: a series cut off?"
    return Remark(Reason.NOT_SHOWN, text)
