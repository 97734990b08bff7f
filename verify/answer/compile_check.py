"""What the check at compile found: the answer that a compiled gradient carries with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from verify.answer.report import Entry, Verdict

__all__ = ["Check", "Example"]

Example = Callable[[], Entry | None] | None


class Check:
    """What the check at compile found.

    Attributes:
        method: How.
        chance: Bound on the probability that a wrong gradient would have passed; None where there
            is no such bound.
        seconds: How long it took.
    """

    def __init__(
        self,
        verdict: Verdict,
        method: str,
        chance: float | None,
        seconds: float,
        note: str = "",
        example: Example = None,
    ) -> None:
        self.method, self.chance, self.seconds = method, chance, seconds
        self._found, self._note, self._example = verdict, note, example

    @cached_property
    def _at_example(self) -> Entry | None:
        """What is wrong at the example, looked at when somebody asks."""
        return None if self._example is None else self._example()

    @property
    def verdict(self) -> Verdict:
        """What is known about the whole gradient: at the example as elsewhere."""
        return self._found if self._at_example is None else self._at_example.verdict

    @property
    def note(self) -> str:
        """Why it is not more, if it is not certified; what is wrong at the example."""
        wrong = self._at_example
        return self._note if wrong is None else f"{wrong.input} {wrong.witness}; {wrong.note}"

    def __str__(self) -> str:
        chance = "" if self.chance is None else f", chance of an error below {self.chance:.0e}"
        return f"{self.verdict}: {self.method}{chance}" + (f" ({self.note})" if self.note else "")

    def __getstate__(self) -> dict[str, object]:
        wrong = self._at_example  # decided here: the example stays behind
        return {**self.__dict__, "_example": None, "_at_example": wrong}
