"""Continuous: what a text asks in other words than its function, where the answer does not matter.

``sqrt(x*x + y*y)`` and ``hypot(x, y)`` are one real number and may be two doubles, so right beside
``hypot(x, y) == 1`` a text that asks the one may take another side than the function, which asks
the other.  It is right nevertheless if its sides give the same where they meet: then a wrong answer
moves the result by as little as rounding moves what was asked, which is next to nothing where
nothing cancels (near_numbers.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import sympy

from verify.numbers.regions import Side
from verify.numbers.symbols import Symbolic
from verify.rungs.process.alarm import TimeUp, at_most
from verify.rungs.process.findings import Shown
from verify.rungs.prove import OPEN, RAISES, Proof, Ran

__all__ = ["MEETS", "Continuous"]

_SECONDS = 2.0
_MET = 3  # differences that are zero at once
MEETS = "whichever side rounding takes where switches of the text are met, it gives the same"


class Continuous(Proof):
    """A proof about a text with its questions as they stand, not as unknown numbers.

    What it shows holds for real numbers, and for doubles because the sides of the text meet.
    """

    def step(self, entry: int, known: bool = False) -> Shown:
        """As of any proof."""
        shown = super().step(entry, known)
        if shown.step is None:
            return shown
        if any(ran.side.has_identity for ran in self._inner()):
            return Shown(None, OPEN)  # doubles may tell apart what is compared, anywhere
        try:
            with at_most(_SECONDS, working=True):
                meets = all(self._meets(tie, entry) for tie in self._every_tie())
        except (*RAISES, TimeUp):
            meets = False
        if not meets:
            return Shown(None, OPEN)
        return Shown(shown.step, shown.said or MEETS, shown.paths)

    def _meets(self, tie: Ran, entry: int) -> bool:
        """True if the text gives the same whatever it takes differences for that are zero."""
        zeros = [difference for difference, sign in tie.side.signs.items() if not sign]
        if len(zeros) > _MET:
            return False
        place, at = self._place_of(tie.side), entry - self._first
        if entry and self._is_cusp(tie.side, place, self._inputs[entry - 1]):
            return True  # there is nothing to be right about
        for signs in product((-1, 0, 1), repeat=len(zeros)):
            other = self._answered({**tie.side.signs, **dict(zip(zeros, signs, strict=True))})
            if other is None or not self._agree(other[at], tie.outputs[at], place):
                return False
        return True

    def _answered(self, signs: Mapping[sympy.Basic, int]) -> list[sympy.Basic] | None:
        """What the text gives for these answers; None if it asks anything else then."""
        side = Side.answering(signs, self._lift.exact)
        found = Symbolic(self._lift, side).run(self._subject, self._symbols)
        if len(side.signs) > len(signs):
            return None
        return [sympy.sympify(found[i]) for i in self._subject.outputs]
