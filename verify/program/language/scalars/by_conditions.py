"""By conditions: numbers that conditions chose among a few plain ones.

``i = 0`` and ``if x > 1: i = 1`` leave a number that is 1 where ``x > 1`` holds, and 0 elsewhere.
What is computed of it alone is as plain in each case: ``i + 1`` is 2 or 1, and ``K[i]`` an item.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import nan

from autodiff.table.primitive import REGISTRY
from verify.program.language.read_values import Number, Real
from verify.program.language.scalars.plain_numbers import exact
from verify.program.program import ProgramBuilder

__all__ = ["ByConditions", "Chosen", "leaves", "wholes"]

_MOST = 64  # cases of a number
_WHERE = REGISTRY["where"].sympy
_MADE: dict[str, Callable[[float, float], float]] = {
    REGISTRY[name].sympy: getattr(operator, name) for name in ("add", "sub", "mul")
}
_COMPARED: dict[str, Callable[[float, float], bool]] = {
    REGISTRY[name].sympy: getattr(operator, name) for name in ("lt", "le", "gt", "ge", "eq", "ne")
}


@dataclass(frozen=True)
class Chosen:
    """A number that a condition chose.

    Args:
        condition: Its place.
        here: The number where it holds, plain or chosen by other conditions.
        there: The number where it does not.
    """

    condition: int
    here: float | Chosen
    there: float | Chosen


_Cases = float | Chosen


def leaves(cases: _Cases) -> Iterator[float]:
    """The plain numbers."""
    if isinstance(cases, Chosen):
        yield from leaves(cases.here)
        yield from leaves(cases.there)
    else:
        yield cases


def _combined(function: Callable[[float, float], _Cases], x: _Cases, y: _Cases) -> _Cases:
    """What a function makes of two numbers, case by case."""
    if isinstance(x, Chosen):
        at = x.condition
        here, there = (_given(y, at, holds) for holds in (True, False))
        return _either(at, _combined(function, x.here, here), _combined(function, x.there, there))
    if isinstance(y, Chosen):
        sides = (_combined(function, x, side) for side in (y.here, y.there))
        return _either(y.condition, *sides)
    return function(x, y)


def _given(cases: _Cases, condition: int, holds: bool) -> _Cases:
    """What is left where a condition holds, or not."""
    if not isinstance(cases, Chosen):
        return cases
    if cases.condition == condition:
        return _given(cases.here if holds else cases.there, condition, holds)
    sides = (_given(side, condition, holds) for side in (cases.here, cases.there))
    return _either(cases.condition, *sides)


def _either(condition: int, x: _Cases, y: _Cases) -> _Cases:
    return x if repr(x) == repr(y) else Chosen(condition, x, y)  # 0.0 is not -0.0


# --- whole numbers ------------------------------------------------------------------------------


def wholes(builder: ProgramBuilder, place: int) -> _Cases | None:
    """The whole numbers that the number at a place can be; None if that is not known, or much.

    >>> builder = ProgramBuilder(1)
    >>> c = builder.apply(REGISTRY["lt"].sympy, 0, builder.literal(2.5))
    >>> some = builder.apply(_WHERE, c, builder.literal(1.0), builder.literal(4.0))
    >>> wholes(builder, some) == Chosen(c, 1, 4)
    True
    """
    known: dict[int, _Cases | None] = {}
    todo = [place]
    while todo:
        at = todo[-1]
        step = builder.steps[at - builder.inputs] if at >= builder.inputs else None
        if isinstance(step, tuple) and (step[0] == _WHERE or step[0] in _MADE | _COMPARED):
            if left := [i for i in step[1] if i not in known]:
                todo += left
                continue
            made = _of_step(at, step, known)
            small = made is not None and sum(1 for _ in leaves(made)) <= _MOST
            known[at] = made if small else None
        else:
            whole = isinstance(step, float) and step == step // 1
            known[at] = int(step) if whole else None  # type: ignore[arg-type]  # a float
        todo.pop()
    return known[place]


def _of_step(
    place: int, step: tuple[str, tuple[int, ...]], known: Mapping[int, _Cases | None]
) -> _Cases | None:
    """What a step makes of what its operands can be; a comparison of anything is a condition."""
    text, operands = step
    *condition, x, y = (known[i] for i in operands)
    if text == _WHERE:
        asked = Chosen(operands[0], True, False) if condition[0] is None else condition[0]
        return None if x is None or y is None else _where(asked, x, y)
    if x is None or y is None:
        return Chosen(place, True, False) if text in _COMPARED else None
    return _combined(_MADE[text] if text in _MADE else _COMPARED[text], x, y)


def _where(condition: _Cases, x: _Cases, y: _Cases) -> _Cases:
    if not isinstance(condition, Chosen):
        return x if condition else y
    at = condition.condition
    sides = (
        _where(side, _given(x, at, holds), _given(y, at, holds))
        for side, holds in ((condition.here, True), (condition.there, False))
    )
    return _either(at, *sides)


# --- floats -------------------------------------------------------------------------------------


class ByConditions:
    """Keeps floats that conditions chose among plain ones as these are."""

    def __init__(self) -> None:
        self._chosen: dict[int, Chosen] = {}  # by their places

    def binary(self, kind: type[ast.operator], x: Number, y: Number) -> Number:
        """``x + y`` and its like."""
        raise NotImplementedError

    def choose(self, condition: Number, x: Number, y: Number) -> Number:
        """``x if condition else y``."""
        raise NotImplementedError

    def note_chosen(self, found: object, condition: int, x: object, y: object) -> None:
        """Note that a condition chose a number of two, if these are plain or chosen likewise."""
        here, there = self._cases(x), self._cases(y)
        if isinstance(found, Real) and here is not None and there is not None:
            self._chosen[found.place] = Chosen(condition, here, there)

    def _cases(self, x: object) -> _Cases | None:
        if isinstance(x, Real):
            return self._chosen.get(x.place)
        return x if isinstance(x, float) else None

    def in_cases(self, kind: type[ast.operator], x: Number, y: Number) -> Number | None:
        """``x + y`` of such floats: as plain in each case.  None of others."""
        some = isinstance(x, Real) or isinstance(y, Real)
        one, other = (self._cases(x), self._cases(y)) if some and self._chosen else (None, None)
        if one is None or other is None:
            return None

        def folded(a: float, b: float) -> float:
            result = exact(kind, a, b)
            return result if isinstance(result, float) and result - result == 0.0 else nan

        if any(z != z for z in leaves(_combined(folded, one, other))):
            return None

        def noted(a: float, b: float) -> float:
            result = self.binary(kind, a, b)
            assert isinstance(result, float)
            return result

        return self._number(_combined(noted, one, other))

    def _number(self, cases: _Cases) -> Number:
        if not isinstance(cases, Chosen):
            return cases
        x, y = self._number(cases.here), self._number(cases.there)
        found = self.choose(Real(cases.condition, "bool"), x, y)
        self.note_chosen(found, cases.condition, x, y)
        return found

    def equals(self, cases: _Cases, number: int) -> Number:
        """Whether a number that conditions chose is this one."""
        if not isinstance(cases, Chosen):
            return cases == number
        sides = (self.equals(side, number) for side in (cases.here, cases.there))
        return self.choose(Real(cases.condition, "bool"), *sides)
