"""Where a function surely has no value: there is nothing that its gradient could be right about.

SymPy tells which steps have none, doubles whether that is what the function gives: ``exp(-1/x**2)``
has a value at 0 for them, and who asks for nan gives something else in its place.
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import sympy

from autodiff.table.primitive import REGISTRY
from verify.program.program import Program
from verify.rungs.doubles import on_doubles
from verify.rungs.kinks.tied_places import replaced

__all__ = ["NOWHERE", "NoValues"]

sp = sympy

NOWHERE = sp.nan, sp.zoo, sp.oo, -sp.oo
_INFINITE = NOWHERE[1:]
_DRAWN, _TRIED = 60, 6  # points, and those of them on the side or the tie
_DECADES = 1.5
_DIV, _MUL, _WHERE = (REGISTRY[name].sympy for name in ("div", "mul", "where"))

_Signs = Mapping[sympy.Basic, int]
_Numbers = Mapping[sympy.Basic, sympy.Basic]


class NoValues:
    """Tells where a function is surely none.

    Args:
        function: The function.
        symbols: Its inputs.
        constants: What symbols of constants stand for.
    """

    def __init__(
        self, function: Program, symbols: Sequence[sympy.Basic], constants: _Numbers
    ) -> None:
        self._function, self._symbols, self._constants = function, symbols, constants

    def on_side(self, values: Sequence[object], signs: _Signs) -> bool:
        """True where some inputs have a sign that makes it none: log(x) below zero.

        Args:
            values: What the steps of the function are on one side of its conditions.
            signs: Of differences that are asked about; those of symbols are looked at.
        """
        known = {x: sign for x in self._symbols if (sign := signs.get(x))}
        names = {x: sign * sp.Symbol(f"p{x.name}", positive=True) for x, sign in known.items()}
        value = sp.sympify(values[self._function.outputs[0]])
        if not known or not any(map(_is_not_real, sp.preorder_traversal(value.subs(names)))):
            return False
        steps = _expressions(values)
        none = {place for place, step in enumerate(steps) if _is_not_real(step.subs(names))}
        return self._is_none_by(none, signs, {})

    def at_tie(self, values: Sequence[object], signs: _Signs, place: _Numbers) -> bool:
        """True where switches tie and it is 0 / 0, or 0 times infinity.

        Args:
            values: What the steps of the function are there.
            signs: Of differences that are asked about.
            place: Inputs, and what they are there; empty if that is not known.
        """
        if not place:
            return False
        there = [replaced(step, place) for step in _expressions(values)]
        none = set[int]()
        for at, step in self._function.computed():
            if isinstance(step, tuple) and step[0] in (_DIV, _MUL):
                x, y = (there[i] for i in step[1])
                zero = {x, y} <= {0} if step[0] == _DIV else 0 in (x, y)
                if zero and (step[0] == _DIV or not {x, y}.isdisjoint(_INFINITE)):
                    none.add(at)
        return self._is_none_by(none, signs, place)

    def _is_none_by(self, steps: Collection[int], signs: _Signs, place: _Numbers) -> bool:
        """True if at all of some points the function is nan because some of its steps are."""
        every = range(self._function.inputs + len(self._function.steps))
        whole, shown = replace(self._function, outputs=tuple(every)), False
        for point in self._points(signs, place) if steps else ():
            values = on_doubles(whole, point)
            if values is None or not _comes_from(self._function, values, steps):
                return False
            shown = True
        return shown

    def _points(self, signs: _Signs, place: _Numbers) -> Iterator[list[float]]:
        """Some points on a side, or at a tie."""
        draw, count = random.Random(0), 0
        for _ in range(_DRAWN):
            point = {x: sp.Float(_drawn(draw, x, signs.get(x, 0))) for x in self._symbols}
            point |= self._constants
            at = {x: replaced(x, place).xreplace(point) for x in self._symbols}
            known = {**point, **at}
            asked = ((_sign(d.xreplace(known)), sign) for d, sign in signs.items() if sign)
            if all(found in (sign, None) for found, sign in asked):
                yield [float(at[x]) for x in self._symbols]
                count += 1
                if count == _TRIED:
                    return


def _expressions(values: Sequence[object]) -> list[sympy.Basic]:
    """Numbers; a truth is one of no interest, and so is what nobody uses."""
    return [x if isinstance(x, sp.Expr) else sp.S.One for x in values]


def _is_not_real(part: sympy.Basic) -> bool:
    return part.is_extended_real is False


def _drawn(draw: random.Random, x: sympy.Basic, sign: int) -> float:
    size = 10.0 ** draw.uniform(-_DECADES, _DECADES)
    either = draw.choice((-1, 1))
    return math.copysign(size, sign or (1 if x.is_positive else -1 if x.is_negative else either))


def _sign(difference: sympy.Basic) -> int | None:
    """The sign of a number; None of what is none."""
    value = difference.evalf()
    return int(sp.sign(value)) if value.is_Float or value.is_Integer else None


def _comes_from(function: Program, values: Sequence[float], steps: Collection[int]) -> bool:
    """True if a nan of some steps is that of the result."""
    waiting, seen = [function.outputs[0]], set[int]()
    while waiting:
        place = waiting.pop()
        if place in seen or not math.isnan(values[place]):
            continue
        if place in steps:
            return True
        seen.add(place)
        step = function.steps[place - function.inputs] if place >= function.inputs else 0.0
        if isinstance(step, tuple):
            text, operands = step
            chosen = operands[1:2] if text == _WHERE and values[operands[0]] else operands[-1:]
            waiting += chosen if text == _WHERE else operands
    return False
