"""A function whose static arguments are there already: what a trace runs in its place."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

from autodiff.graph.tree.static_values import Kept, merged, split

__all__ = ["Filled", "filled_in"]


def filled_in(
    args: Sequence[object], given: Sequence[object], static: Mapping[int, bool | Kept]
) -> list[object]:
    """``args`` with those values of ``given`` in their places that are static."""
    return [
        merged(x, given[place], static[place]) if place in static else x
        for place, x in enumerate(args)
    ]


class Filled:
    """``function``, called with its arguments as ``dynamic`` leaves them.

    Args:
        function: The user's function.
        given: The arguments as they were given.
        static: Positions of those that hold static values; whether integers, or all numbers, are
            among these.
    """

    def __init__(
        self,
        function: Callable[..., object],
        given: Sequence[object],
        static: Mapping[int, bool | Kept],
    ) -> None:
        functools.update_wrapper(self, function)  # name and signature are the user's
        self.function, self.static = function, dict(static)
        self.arguments = tuple(given)

    @property
    def dynamic(self) -> tuple[object, ...]:
        """The arguments without their static values."""
        return tuple(
            split(x, self.static[place]).value if place in self.static else x
            for place, x in enumerate(self.arguments)
        )

    @property
    def given(self) -> dict[int, object]:
        """The arguments that hold static values, by position."""
        return {place: self.arguments[place] for place in self.static}

    def filled(self, args: Sequence[object]) -> list[object]:
        """``args`` with the static values in their places."""
        return filled_in(args, self.arguments, self.static)

    def __call__(self, *args: object) -> object:
        """The function's result at ``args``, which lack what is static."""
        return self.function(*self.filled(args))
