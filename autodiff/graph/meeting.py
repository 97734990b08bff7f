"""Where switches of a graph of derivatives can meet, so that conventions are not the last word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

__all__ = ["Limits"]


@dataclass(frozen=True)
class Limits:
    """Which outputs of a graph are derivatives, and where conventions may not be the last word.

    Args:
        outputs: Positions of the outputs that are derivatives.
        inputs: The inputs by which it was differentiated.
        places: Where several switches can tie: a node, and the node or number it ties with.
        singular: Where a step has an infinite slope, likewise; text that raises at 1.0 / 0.0 need
            not look there.
    """

    outputs: tuple[int, ...]
    inputs: tuple[int, ...]
    places: tuple[tuple[int, int | float], ...]
    singular: tuple[tuple[int, int | float], ...] = ()

    @property
    def every(self) -> tuple[tuple[int, int | float], ...]:
        """All places."""
        return tuple(dict.fromkeys((*self.places, *self.singular)))

    def without_first(self) -> Limits:
        """The same for the graph without its first output."""
        outputs = tuple([i - 1 for i in self.outputs if i > 0])
        return replace(self, outputs=outputs)

    def moved(self, new: Sequence[int]) -> Limits:
        """The same for a graph whose nodes went to ``new``."""

        def place(x: int, y: int | float) -> tuple[int, int | float]:
            return new[x], (new[y] if type(y) is int else y)

        places, singular = (
            tuple([place(x, y) for x, y in found]) for found in (self.places, self.singular)
        )
        return Limits(self.outputs, self.inputs, places, singular)
