"""Texts, members of enums and None that a loop chooses: all that a variable may be is carried.

Before the loop ``state`` is ``"off"``, behind the body ``"off"`` or ``"on"``: the repetition is
recorded again, with one of the two to begin with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autodiff.trace.branching.objects.alternatives import (
    Alternatives,
    alternatives_of,
    is_alternative,
    together,
)
from autodiff.trace.branching.objects.users_objects import fields_of, is_record, with_fields
from autodiff.trace.capture.uncapturable import UncapturableError

__all__ = ["all_conformed", "conformed", "widened"]


def widened(
    before: object, begun: object, left: object, nothing: Callable[[object], object]
) -> object:
    """What the loop has to begin with so that it can leave what it left; ``before`` if it can.

    Args:
        before: What the variable was.
        begun: What stood for it in the repetition.
        left: What the repetition left.
        nothing: Numbers that nobody reads, in place of some.
    """

    def wider(own: object, now: object) -> object:
        known = own if isinstance(own, Alternatives) else now
        if not isinstance(known, Alternatives) or not _may_be(own) or not _may_be(now):
            return own
        one, other = (alternatives_of(x, known.before) for x in (own, now))
        values = together(one.values, other.values)
        if isinstance(own, Alternatives) and values == own.values:
            return own
        made = one.as_one_of(values)
        missing = one.held is None and other.held is not None
        return made.like(made.code, nothing(other.held)) if missing else made

    found = _parted(begun, left, wider)
    if found is begun:
        return before
    # The same change, of what it was: placeholders are those of the repetition.
    return _parted(before, found, wider)


def conformed(begun: object, left: object) -> object:
    """What a repetition left, as one of the values that it began with one of."""

    def as_begun(own: object, now: object) -> object:
        if not isinstance(own, Alternatives) or own is now:
            return now
        made = alternatives_of(now, own.before).as_one_of(own.values)
        return made if made.held is not None else made.like(made.code, own.held)

    return _parted(left, begun, lambda now, own: as_begun(own, now))


def all_conformed(begun: Sequence[object], left: Sequence[object]) -> list[object]:
    """``conformed`` of what an object held and holds.

    Raises:
        UncapturableError: if it holds more than it did, or less.
    """
    if len(begun) != len(left):
        raise UncapturableError
    return [*map(conformed, begun, left)]


def _may_be(x: object) -> bool:
    return is_alternative(x) or isinstance(x, (int, float, tuple)) or hasattr(x, "builder")


def _parted(one: Any, other: Any, leaf: Callable[[object, object], object]) -> Any:
    """``one`` with something else for what it is made of; itself if nothing of it changes."""
    if (
        isinstance(one, Alternatives)
        or isinstance(other, Alternatives)
        or type(one) is not type(other)
    ):
        return leaf(one, other)
    if isinstance(one, (list, tuple)) and one is not other and len(one) == len(other):
        parts = [_parted(x, y, leaf) for x, y in zip(one, other, strict=True)]
        if all(x is y for x, y in zip(parts, one, strict=True)):
            return one
        return type(one)(*parts) if hasattr(one, "_fields") else type(one)(parts)
    if type(one) is dict and one.keys() == other.keys():
        fields = {key: _parted(x, other[key], leaf) for key, x in one.items()}
        return one if all(fields[key] is x for key, x in one.items()) else fields
    if is_record(one) and one is not other and fields_of(one).keys() == fields_of(other).keys():
        theirs = fields_of(other)
        fields = {key: _parted(x, theirs[key], leaf) for key, x in fields_of(one).items()}
        same = all(fields[key] is x for key, x in fields_of(one).items())
        return one if same else with_fields(one, fields)
    return leaf(one, other)
