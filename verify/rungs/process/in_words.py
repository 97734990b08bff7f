"""In words: what a step of the worker process is, for whoever waits."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["in_words"]

_WORDS = {
    "point": "comparing at point",
    "hidden_point": "looking for points that are easily missed",
    "prove": "proving by symbols",
    "compose": "proving by the chain rule",
    "chances": "computing modulo a large prime",
    "identity": "computing modulo a large prime",
    "enclose": "enclosing in balls",
    "meaning": "looking at the example",
    "kinks": "looking for kinks",
    "covered": "looking at each side of the conditions",
    "rounding": "bounding the rounding of constants",
    "folded": "folding constants",
    "border": "looking where the function switches",
    "border_slope": "looking along what the function switches at",
    "undefined": "looking where the function is undefined",
    "raising": "looking where Python raises an exception",
    "raises": "looking whether Python raises an exception",
}


def in_words(call: str, arguments: Sequence[object], names: Sequence[str], points: int) -> str:
    """What a step is, and how far along.

    Args:
        call: The step.
        arguments: Its arguments; the first may be the place of a number.
        names: The numbers under proof.
        points: How many points were compared.
    """
    words = _WORDS.get(call, call)
    if call == "point":
        return f"{words} {points + 1}"
    place = arguments[0] if arguments else None
    if type(place) is not int or not 0 <= place < len(names):
        return words
    return f"{words}, {names[place]} ({place + 1} of {len(names)})"
