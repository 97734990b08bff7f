"""Findings: what the worker process tells of a gradient, as it and whoever asks it know it.

On the way they are JSON: an object a record, without its name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypedDict

from verify.answer.reasons import Ruling
from verify.program.program import Written

__all__ = [
    "PLAIN",
    "AtPoint",
    "Compared",
    "Enclosed",
    "Facts",
    "Kink",
    "Lost",
    "Message",
    "OfInput",
    "Outcome",
    "Shown",
    "Undefined",
]

PLAIN = 1e-3  # a relative difference that nobody overlooks
_LAST = 2.0**-51  # one that the last digits of floats may be

Point: TypeAlias = Sequence[float]


class Message(TypedDict, total=False):
    """A job: what ``Subject.message`` (subject.py) writes."""

    forward: Written
    subjects: Sequence[Written]
    opened: Sequence[Written]  # what is asked of texts alone as unknown numbers
    truth: Written
    rules: Written
    inputs: Sequence[int]
    value: bool
    domain: Sequence[tuple[float, float]]
    intervals: Sequence[tuple[int, float, float]]
    cusps: Sequence[tuple[Written, Sequence[int]]]
    slope_of: tuple[Written, int] | None  # what the function is the derivative of, by which input
    near: bool  # what is asked of texts alone, of numbers that are nearly exact
    names: Sequence[str]
    examples: Sequence[list[float]]
    seed: str
    further: int
    chain: bool
    written: bool


@dataclass(frozen=True)
class Facts:
    """What the report says about the methods.

    Args:
        oracle: What the gradient is compared with.
        read: What constants of the text stand for.
    """

    oracle: str = ""
    read: Mapping[float, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What one number of a gradient was found to be at a point.

    Args:
        kind: "equal", "close", "wrong", "undefined" where the derivative has no real value, or
            "exceptional" where the function has none beyond doubt.
        found: The gradient's number.
        expected: The derivative.
        subject: Which text gave it.
    """

    kind: str
    found: float
    expected: float
    subject: int

    @property
    def is_seen(self) -> bool:
        """True if floats show that the two are different."""
        return _differ(self.found, self.expected)

    def visible(self) -> tuple[bool, float]:
        """How well the two show that a gradient is wrong: finite numbers, plainly apart."""
        x, y = self.found, self.expected
        if not (math.isfinite(x) and math.isfinite(y)):
            return x != y, 0.0  # inf and inf, where a float cannot hold either number
        return x != y, min(abs(x - y) / max(abs(x), abs(y), 1e-300), PLAIN)


def _differ(x: float, y: float) -> bool:
    return x != y and not math.isclose(x, y, rel_tol=_LAST, abs_tol=0.0)


@dataclass(frozen=True)
class Compared:
    """What a comparison told at a point.

    Args:
        point: Where.
        outcomes: Of each number of the texts.
        derivatives: The value and the derivatives, where there is no text.
    """

    point: Point
    outcomes: Sequence[Outcome] = ()
    derivatives: Sequence[float] = ()


@dataclass(frozen=True)
class Enclosed:
    """What balls tell about one number of a gradient at a point.

    Args:
        kind: "different", "same" (as closely as ``radius``), or "unknown".
        bits: Precision that told.
        found: The gradient's number.
        expected: The derivative.
        radius: "same": bound of the difference.  "different": at least this much.
        subject: Which text is meant.
        rounded: The text holds constants that may stand for others, so that a tiny difference may
            be meant: a rounded constant, a series cut off.
        by: What it was measured by.
        reason: Why nothing is known.
    """

    kind: str
    bits: int = 0
    found: float = 0.0
    expected: float = 0.0
    radius: float = 0.0
    subject: int = 0
    rounded: bool = False
    by: str = ""
    reason: str = ""

    @property
    def is_seen(self) -> bool:
        """True if floats show that the two are different."""
        return _differ(self.found, self.expected)

    def refutes(self, close: bool) -> bool:
        """True if the numbers differ, and rounded constants do not explain it.

        Args:
            close: Whether they explain a difference at another point.  Then they may here, where
                numbers are tiny beside those that they are made of, but none that is plain.
        """
        apart, size = abs(self.found - self.expected), max(abs(self.found), abs(self.expected))
        explained = self.rounded or (close and apart <= PLAIN * size)
        return self.kind == "different" and not explained


@dataclass(frozen=True)
class Shown:
    """What a proof by symbols says of a number.

    Args:
        step: What shows it, None if nothing does.
        said: Why nothing does; else what there is to say of points without a derivative.
        paths: What shows it on each side of the conditions, if there are several.
    """

    step: str | None
    said: str = ""
    paths: Sequence[str] = ()


class Lost(TypedDict, total=False):
    """A point where a double is another number than it should be; empty if there is none."""

    point: Point
    found: float
    expected: float
    counts: bool


class Undefined(TypedDict, total=False):
    """A point where a text is no number though the function has a derivative; empty if none is."""

    point: Point
    inside: bool  # the text is undefined all around
    expected: float


@dataclass(frozen=True)
class Kink:
    """A step of the function that has no derivative at a point.

    Args:
        place: The step.
        operands: Its operands there.
        defined: Whether it has a value there.
        inputs: On whose way to the result it lies.
    """

    place: int
    operands: Sequence[float]
    defined: bool
    inputs: Sequence[int]


@dataclass(frozen=True)
class OfInput:
    """What a gradient's number by one input means at a point (sides.py).

    Args:
        ruling: What is said of it.
        derivative: The derivative, None if there is none or it is not known.
        found: The number.
        sides: The derivatives from both sides, in words.
    """

    ruling: Ruling
    derivative: float | None
    found: float
    sides: str


@dataclass(frozen=True)
class AtPoint:
    """What a function does at a point, and what a gradient returned there means.

    Args:
        places: The steps on a kink.
        sides: Derivatives from the left and from the right by each input, None where not known.
        meaning: "SMOOTH", "CLARKE", "NOT-CLARKE", "DISCONTINUOUS" or "CONVENTION(unknown)".
        why: More about the meaning.
        rulings: What is said of each number of the gradient.
    """

    places: Sequence[int] = ()
    sides: Sequence[tuple[float | None, float | None]] = ()
    meaning: str = "CONVENTION(unknown)"
    why: str = ""
    rulings: Sequence[OfInput] = ()
