"""Demands: what Python computes whether anybody uses it or not, and may raise an exception at.

``t = math.log(x - 5)`` ends a function for x = 3, even if nothing depends on t.  So each step at
which Python raises is noted with the conditions it is computed under, apart from those inside
``try``, where an exception is one more way through the text.  NumPy's numbers raise nothing.
Of emitted code what its ``except`` clauses compute is noted, and what stands in no ``try``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from autodiff.table.primitive import REGISTRY
from verify.program.program import Program, ProgramBuilder

__all__ = ["Condition", "Demands"]

# A condition's place, and whether it holds.
Condition = tuple[int, bool]


class Demands:
    """Notes what is computed.

    Attributes:
        caught_silently: True while nothing is noted inside ``try``.
        silent: True while nothing is noted outside of except clauses.
        count: How many steps were met at which Python may raise, inside ``try`` as well.
    """

    def __init__(self) -> None:
        self.silent = self.caught_silently = False
        self.count = 0
        self._inside, self._after = 0, 0  # of a try, and of an except clause
        self._found: dict[tuple[int, tuple[Condition, ...]], None] = {}
        self._caught: dict[tuple[int, tuple[Condition, ...]], None] = {}
        self._under: list[Condition] = []

    def restart(self) -> None:
        """The text is read from its start again, another way."""
        self._under = []
        self._inside, self._after = 0, 0

    def forget(self) -> None:
        """Nothing was computed."""
        self.restart()
        self._found, self._caught = {}, {}

    def note(self, place: int) -> None:
        """Python computes the number at a place here."""
        self.count += 1
        silent = self.silent or (self.caught_silently and self._inside)
        if silent and not self._after:
            return
        noted = self._caught if self._inside else self._found
        noted.setdefault((place, tuple(dict.fromkeys(self._under))))

    def hold(self, condition: int, holds: bool) -> None:
        """From here on, this way, a condition holds or not."""
        self._under.append((condition, holds))

    @contextmanager
    def under(self, condition: int, holds: bool) -> Iterator[None]:
        """In here a condition holds or not."""
        size = len(self._under)
        self.hold(condition, holds)
        try:
            yield
        finally:
            del self._under[size:]

    @contextmanager
    def caught(self) -> Iterator[None]:
        """In here an exception is no end."""
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    @contextmanager
    def excepted(self) -> Iterator[None]:
        """In here an exception was caught; another one is an end."""
        self._after += 1
        try:
            yield
        finally:
            self._after -= 1

    def program(self, builder: ProgramBuilder, caught: bool = False) -> Program | None:
        """What is demanded, each number where it is and 0 elsewhere; None if that is nothing.

        Args:
            builder: Has the steps.
            caught: True for what is computed inside ``try`` instead.
        """
        found = self._caught if caught else self._found
        if not found:
            return None
        where, zero = REGISTRY["where"].sympy, builder.literal(0.0)
        outputs = []
        for place, conditions in found:
            output = place
            for condition, holds in reversed(conditions):
                sides = (output, zero) if holds else (zero, output)
                output = builder.apply(where, condition, *sides)
            outputs.append(output)
        return builder.program(dict.fromkeys(outputs))
