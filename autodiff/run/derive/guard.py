"""Contributions that flow only under conditions: how gradients pass through ``where``.

A cotangent below a branch is *guarded* by the branch's condition.  Multiplying by a 0/1 mask would
let ``0 * inf`` of an untaken branch become nan, so products are computed unmasked and a value is
selected where contributions with different guards meet (``join``), or at the very end
(``unguarded``).  While a guard is closed its value is never looked at.

``join`` gives, bit for bit, what skipping closed contributions one by one would give; the
interpreter does just that.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from autodiff.table import ops
from autodiff.table.primitive import Guarded

__all__ = ["Guard", "Opened", "below", "join", "meet", "unguarded"]


class Guard:
    """A conjunction of conditions: one condition below a parent guard.

    ``jump`` skips to an ancestor (skew-binary), so that finding a common ancestor stays fast in
    deeply nested branches.  Where the guard is closed below its parent, the value ``zeroed`` is 0
    already, and ``neutral`` is -0.0: added to a number, it changes no bit of it.
    """

    __slots__ = ("_combined", "condition", "depth", "jump", "neutral", "parent", "polarity",
                 "zeroed")  # fmt: skip

    def __init__(self, parent: Guard | None, condition: object, polarity: bool) -> None:
        self.parent = parent
        self.condition = condition
        self.polarity = polarity
        self._combined: object = None
        self.zeroed: object = None
        self.neutral: object = None
        self.depth: int = 1 if parent is None else parent.depth + 1
        self.jump: Guard | None = parent
        if parent is not None and parent.jump is not None:
            grand = parent.jump
            if parent.depth - grand.depth == grand.depth - _depth(grand.jump):
                self.jump = grand.jump

    def select(self, value: object, otherwise: object) -> object:
        """``value`` where this guard's own condition holds (its parent's does), else the other."""
        if self.polarity:
            return ops.where(self.condition, value, otherwise)
        return ops.where(self.condition, otherwise, value)

    def holds(self) -> object:
        """The guard's own condition as a truth value."""
        return self.condition if self.polarity else ops.logical_not(self.condition)

    def combined(self) -> object:
        """The conjunction of all conditions from the root down, built once."""
        chain: list[Guard] = []
        guard: Guard | None = self
        while guard is not None and guard._combined is None:
            chain.append(guard)
            guard = guard.parent
        for guard in reversed(chain):
            above = guard.parent._combined if guard.parent is not None else None
            own = guard.holds()
            guard._combined = own if above is None else ops.logical_and(above, own)
        return self._combined


# The guards of one sweep, by what is above them, condition and polarity.
Opened: TypeAlias = dict[tuple[object, object, bool], Guard]


def below(opened: Opened, above: Guard | None, value: Guarded) -> Guard:
    """The guard of ``value`` below ``above``; one object per condition, so that equals meet."""
    key = (above, getattr(value.condition, "index", value.condition), value.polarity)
    guard = opened.get(key)
    if guard is None:
        guard = opened[key] = Guard(above, value.condition, value.polarity)
    return guard


def _depth(guard: Guard | None) -> int:
    return 0 if guard is None else guard.depth


def _common(x: Guard | None, y: Guard | None) -> Guard | None:
    """The deepest guard above both (or one of them); None is the root."""
    if _depth(x) < _depth(y):
        x, y = y, x
    while x is not None and x.depth > _depth(y):
        x = x.jump if _depth(x.jump) >= _depth(y) else x.parent
    while x is not y:
        assert x is not None
        assert y is not None
        if x.jump is y.jump:
            x, y = x.parent, y.parent
        else:
            x, y = x.jump, y.jump
    return x


def _child_of(above: Guard | None, guard: Guard) -> Guard:
    """``guard`` as one condition directly below ``above``, an ancestor of it."""
    if guard.parent is above:
        return guard
    return Guard(above, guard.combined(), True)


def join(
    first: Any, first_guard: Guard | None, second: object, second_guard: Guard | None
) -> tuple[object, Guard | None]:
    """Sum of two guarded contributions, in this order, and the guard of the sum."""
    if first_guard is second_guard:
        return first + second, first_guard
    above = _common(first_guard, second_guard)
    if first_guard is not None and above is second_guard:
        return _child_of(above, first_guard).select(first + second, second), above
    if second_guard is not None and above is first_guard:
        return _child_of(above, second_guard).select(first + second, first), above
    assert first_guard is not None
    assert second_guard is not None
    one, other = _child_of(above, first_guard), _child_of(above, second_guard)
    if _same(one.condition, other.condition) and one.polarity is not other.polarity:
        return one.select(first, second), above
    joined = Guard(above, ops.logical_or(one.holds(), other.holds()), True)
    if _is_number(second) and (_is_number(first) or first is one.zeroed):
        # No sum of numbers other than 0 is -0.0: there a zero of either sign changes no bit.
        start: Any = first if first is one.zeroed else one.select(first, 0.0)
        joined.zeroed = other.select(start + second, start)
        return joined.zeroed, joined
    start = first if first is one.neutral else one.select(first, -0.0)
    joined.neutral = other.select(start + second, start)
    return joined.neutral, joined


def meet(
    first: object, first_guard: Guard | None, second: object, second_guard: Guard | None
) -> tuple[object, Guard | None]:
    """As ``join`` where that takes one selection; unrelated guards end here, each in a zero.

    Forward mode adds up this way: there guards come from all inputs, and joining unrelated ones
    would double the size of a Hessian.
    """
    above = _common(first_guard, second_guard)
    if (
        first_guard is not None
        and second_guard is not None
        and above
        not in (
            first_guard,
            second_guard,
        )
    ):
        one, other = _child_of(above, first_guard), _child_of(above, second_guard)
        if not _same(one.condition, other.condition) or one.polarity is other.polarity:
            return unguarded(first, first_guard) + unguarded(second, second_guard), None
    return join(first, first_guard, second, second_guard)


def _same(x: object, y: object) -> bool:
    return x is y or getattr(x, "index", None) == getattr(y, "index", ())


def _is_number(x: object) -> bool:
    """True of a known number other than zero."""
    return isinstance(x, float) and x != 0.0


def unguarded(value: object, guard: Guard | None) -> Any:
    """``value`` where the guard holds, exactly 0 elsewhere."""
    if guard is None:
        return value
    if value is guard.zeroed:
        return unguarded(value, guard.parent)
    if guard.parent is None:
        return guard.select(value, 0.0)
    return ops.where(guard.combined(), value, 0.0)
