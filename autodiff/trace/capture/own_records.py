"""Objects that each repetition makes anew: ``state = step(state)``, with numbers in ``state``.

The repetition that is recorded begins with a copy that holds placeholders; what it leaves is
another object of the same class, whose numbers are carried on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from autodiff.trace.branching.objects.users_objects import fields_of, is_record, with_fields

__all__ = ["OwnRecords"]


class OwnRecords:
    """Objects of users' classes that a variable, or what it holds, is given anew.

    Args:
        originals: Those that the loop began with.
        was_there: True for an object that was there before the repetition.
    """

    def __init__(self, originals: Sequence[object], was_there: Callable[[object], bool]) -> None:
        self._originals = {id(x) for x in originals}
        self._was_there = was_there
        self._copies: dict[int, object] = {}
        self._left: dict[int, object] = {}

    def copied(self, one: object, parts: dict[str, object]) -> object:
        """What a repetition begins with for an original."""
        made = with_fields(one, parts)
        self._copies[id(made)] = made
        return made

    def is_original(self, one: object) -> bool:
        """True for what a repetition does not begin with itself."""
        return id(one) in self._originals

    def is_copy(self, one: object) -> bool:
        """True for what a repetition began with."""
        return id(one) in self._copies

    def is_own(self, one: object) -> bool:
        """True for an object that the repetition made, or began with."""
        return is_record(one) and (self.is_copy(one) or not self._was_there(one))

    def left(self, one: object) -> None:
        """Note an object whose numbers are carried on."""
        self._left[id(one)] = one

    def is_left(self, one: object) -> bool:
        """True for an object whose numbers are carried on."""
        return id(one) in self._left

    def given_anew(self, before: object, after: object) -> Iterator[object]:
        """Originals, inside what a variable began with, that another object took the place of."""
        if before is after:
            return
        if type(before) is not type(after):
            return
        if is_record(before) and not self.is_copy(before):
            yield before
        elif is_record(before):
            one, other = fields_of(before), fields_of(after)
            for name in one.keys() & other.keys():
                yield from self.given_anew(one[name], other[name])
        elif isinstance(before, (list, tuple)) and isinstance(after, (list, tuple)):
            for x, y in zip(before, after, strict=False):
                yield from self.given_anew(x, y)
        elif isinstance(before, dict) and isinstance(after, dict):
            for key in before.keys() & after.keys():
                yield from self.given_anew(before[key], after[key])
