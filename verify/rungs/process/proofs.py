"""Proofs by symbols of one text, each with another form of it, and of slopes of its parts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from verify.induction.asking.opened import opened
from verify.induction.asking.questions import Questions
from verify.program.literals import with_readings
from verify.program.program import Program
from verify.rungs.kinks.meeting_sides import MEETS, Continuous
from verify.rungs.process.findings import Shown
from verify.rungs.prove import Proof

__all__ = ["first_shown", "is_slope"]


def first_shown(proofs: Sequence[Proof], entry: int, known: bool) -> Shown:
    """What the first of some proofs says that shows a number; of what is known one is tried."""
    shown = proofs[0].step(entry, known)
    for other in () if known else proofs[1:]:
        if shown.step is None:
            found = other.step(entry)
            shown = shown if found.step is None else found
    return shown


def is_slope(claim: Sequence[Program], reordered: bool, read: Mapping[float, str]) -> bool:
    """True if a number of a text is the slope of a part of the function, everywhere.

    Where its doubles may be on another side than the function's, its sides have to meet.

    Args:
        claim: The part, the number, and the chain rule of the part, all of one number.
        reordered: Whether that is added up in another order in the text.
        read: What constants are read as.
    """
    part, slope, truth = claim
    rewritten, near = opened(Questions(truth), slope)
    meeting = reordered or rewritten is not slope
    if meeting and not near:
        return False
    prove, everywhere = Continuous if meeting else Proof, [(-math.inf, math.inf)]
    slope = with_readings(slope, read)
    shown = prove(part, slope, truth, False, (0,), everywhere, ["z"]).step(1)
    return shown.step is not None and shown.said in ("", MEETS)
