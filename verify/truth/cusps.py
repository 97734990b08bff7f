"""Cusps: where a function surely has no derivative, because a length in it is zero.

The slope of ``norm(r)`` at r = 0 has another sign along a direction than against it, wherever r
moves at all.  Added up, such cusps of one sign do not cancel, and what is smooth adds none.  So a
gradient that divides by ``norm(r)`` is undefined only where there is nothing to be right about.
The chain rule goes on from there by its conventions; but where there is no slope there is no second
one either, so a Hessian may divide by it, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from autodiff.graph.graph import Graph
from autodiff.table import ops
from verify.induction.definedness import Definedness
from verify.program.limits import MORE_DIGITS
from verify.program.program import Program, Step, program_of
from verify.truth.derived import chain_rule_program
from verify.truth.terms import Terms, is_smooth

if TYPE_CHECKING:
    from mpmath import mpf

    from verify.numbers.precise import Precise

__all__ = ["Cusp", "cusps", "nowhere"]

# These and whole powers are smooth and finite everywhere; others may bend where their slope is
# infinite, and there take a cusp away: hypot(x, y) - acos(1 - (x*x + y*y) / 2).
_ENTIRE = frozenset({
    ops.add, ops.sub, ops.mul, ops.neg, ops.square, ops.sin, ops.cos, ops.exp, ops.expm1,
    ops.sinh, ops.cosh, ops.tanh, ops.atan, ops.erf, ops.sigmoid, ops.softplus,
})  # fmt: skip
_ROOTS = ops.sqrt, ops.cbrt
_ABOVE_ZERO = ops.at_least, ops.maximum
_MOST = 2000  # nodes
_LITTLE = 1e-60  # what is zero among many digits


@dataclass(frozen=True)
class Cusp:
    """Numbers that are all zero only where there is no derivative.

    Args:
        squares: The sum of their squares.
        inputs: By which inputs there is none.
    """

    squares: Program
    inputs: frozenset[int]


def cusps(graph: Graph) -> list[Cusp]:
    """The cusps of a scalar function; none where it is not plain that they do not cancel.

    >>> import autodiff as ad
    >>> graph = ad.trace(lambda x, y: ad.hypot(x, 2.0) + ad.hypot(x - 1.0, 3.0 * y), 1.0, 1.0)
    >>> [sorted(cusp.inputs) for cusp in cusps(graph)]
    [[0, 1]]
    >>> cusps(ad.trace(lambda x, y: ad.hypot(x, y) ** 2, 1.0, 1.0))
    []
    >>> graph = ad.trace(lambda x, y: ad.hypot(x, y) * ad.hypot(x - 1.0, y), 1.0, 1.0)
    >>> [sorted(cusp.inputs) for cusp in cusps(graph)]
    [[0, 1], [0, 1]]
    """
    if len(graph.nodes) > _MOST:
        return []
    used = Terms(graph).cone(graph.outputs)
    kinked = {
        i
        for i, row, _ in graph.operations()
        if i in used and (row is ops.hypot or _squared(graph, i) is not None)
    }
    if not kinked:
        return []
    lengths = _Lengths(graph, kinked)
    try:
        found = [*lengths.cusps()]
    except _UnclearError:
        found = []
    return found or [*lengths.at_points()]


def nowhere(function: Graph, by: int) -> list[Cusp]:
    """Numbers that are zero only where a function has no value or no derivative by an input.

    Args:
        function: The function.
        by: The input.

    >>> import autodiff as ad
    >>> graph = ad.trace(lambda x, y: ad.hypot(x, 1.0 - y) + x / y, 1.0, 1.0)
    >>> [sorted(place.inputs) for place in nowhere(graph, 0)]
    [[0, 1], [0, 1]]
    """
    if len(function.nodes) > _MOST:
        return []
    every = frozenset(range(function.inputs.size))
    bends = [Cusp(c.squares, every) for c in cusps(function) if by in c.inputs]
    return [*bends, *_needed(function, by, every)]


def _needed(function: Graph, by: int, every: frozenset[int]) -> Iterator[Cusp]:
    truth = chain_rule_program(function)
    value, slopes = truth.outputs[0], truth.outputs[1:]
    known = Definedness(replace(truth, outputs=(value, slopes[by])))
    for lack in known.always():
        needed = known.spelled(lack.need) if lack.need[0] != "nonnegative" else None
        if needed is not None:
            yield Cusp(needed, every)


def _squared(graph: Graph, root: int) -> list[int] | None:
    """What a root is the length of: a, b of sqrt(a * a + 2.0 * b * b); None if of no squares."""
    if graph.nodes[root].primitive not in (ops.sqrt, ops.root_of_squares):
        return None
    found, waiting = list[int](), [*graph.nodes[root].operands]
    while waiting:
        row, operands = graph.nodes[waiting.pop()][:2]
        numbers = [graph.nodes[i].value for i in operands]
        if row is ops.square:
            found += operands
        elif row is ops.add:
            waiting += operands
        elif row is ops.mul and sum(x is not None and x > 0.0 for x in numbers) == 1:
            waiting += [i for i, x in zip(operands, numbers, strict=True) if x is None]
        elif row is ops.div and (numbers[1] or 0.0) > 0.0:
            waiting.append(operands[0])
        else:
            return None
        if len(found) + len(waiting) > _MOST:
            return None
    return found


class _UnclearError(Exception):
    """It is not plain what happens where a length is zero."""


class _Lengths:
    """The lengths in the terms of a sum.

    Args:
        graph: The function.
        kinked: Its lengths.
    """

    def __init__(self, graph: Graph, kinked: set[int]) -> None:
        self._graph, self._kinked = graph, kinked
        self._program, self._terms = program_of(graph), Terms(graph)
        self._used = self._terms.cone(graph.outputs)

    def cusps(self) -> Iterator[Cusp]:
        """A cusp for each length that bends the function; all bend it to one side."""
        signs = set()
        for factor, term in self._terms:
            cone = self._terms.cone([term])
            lengths = cone & self._kinked
            if not all(self._is_smooth(i) for i in cone - lengths):
                raise _UnclearError
            if not lengths:
                continue
            length = max(lengths)
            parts = self._parts(length)
            if any(self._graph.nodes[i].value for i in parts):  # nowhere zero
                continue
            beyond = self._terms.cone([term], stop=(length,)) - {length}
            inside = self._terms.cone(parts)
            if beyond & (self._kinked | {*self._graph.inputs.nodes}) or inside & self._kinked:
                raise _UnclearError
            signs.add((1 if factor > 0 else -1) * self._sign_at_zero(length, term))
            inputs = frozenset(i for part in parts for i in self._moving(part)) - self._bending
            if inputs:
                yield Cusp(self._squares(parts), inputs)
        if signs not in ({1}, {-1}):
            raise _UnclearError

    def at_points(self) -> Iterator[Cusp]:
        """A cusp for each length that is zero at one point alone, and bends the function there.

        Nothing else bends at that point: other lengths are above zero, and what has a derivative
        wherever the chain rule is a number has a number there.
        """
        cone = self._terms.cone(self._graph.outputs)
        if not all(self._is_smooth(i) for i in cone - self._kinked):
            return
        inputs = [*self._graph.inputs.nodes]
        for length in sorted(cone & self._kinked):
            parts = self._parts(length)
            inside = self._terms.cone(parts)
            if inside & self._kinked or not all(map(self._terms.is_linear, inside)):
                continue
            others = (self._terms.cone(self._graph.outputs, (length,)) & self._kinked) - {length}
            piece = self._terms.piece([*inputs, length], self._terms)
            rows = [self._terms.piece(inputs, [(Fraction(1), part)]) for part in parts]
            if _bends_at_a_point(rows, self._program, sorted(others), piece):
                moving = frozenset(i for part in parts for i in self._moving(part))
                yield Cusp(self._squares(parts), moving)

    def _is_smooth(self, place: int) -> bool:
        """True if a step has a derivative wherever the chain rule is a number."""
        row, operands = self._graph.nodes[place][:2]
        if row is None or row in _ROOTS:
            return True
        if row in _ABOVE_ZERO and self._is_squared(place):
            return True
        if row is ops.pow_literal:
            exponent = self._graph.nodes[operands[1]].value
            return exponent is not None and exponent % 1.0 == 0.0
        return is_smooth(row)

    @cached_property
    def _bending(self) -> set[int]:
        """Inputs of steps that may bend where their slope is infinite."""
        return self._terms.cone(
            i
            for i, row, _ in self._graph.operations()
            if i in self._used and not self._is_entire(i, row)
        )

    def _is_entire(self, place: int, row: object) -> bool:
        if row in _ENTIRE or place in self._kinked or row in _ABOVE_ZERO:
            return True
        second = self._graph.nodes[self._graph.nodes[place].operands[-1]].value
        return second is not None and (row is ops.div or (row is ops.pow_literal and second > 0.0))

    def _is_squared(self, place: int) -> bool:
        """True for max(x, 0) that only its square is made of, which has a derivative at 0."""
        low = self._graph.nodes[self._graph.nodes[place].operands[1]].value
        return (
            low == 0.0 and place not in self._graph.outputs and self._users[place] <= {ops.square}
        )

    @cached_property
    def _users(self) -> dict[int, set[object]]:
        """The primitives that take each node."""
        users = defaultdict[int, set[object]](set)
        for node in self._graph.nodes:
            for place in node.operands:
                users[place].add(node.primitive)
        return users

    def _parts(self, length: int) -> list[int]:
        """What a length is that of: a, b, c of hypot(hypot(a, b), c)."""
        found, waiting = [], [length]
        while waiting:
            place = waiting.pop()
            if place in self._kinked:
                squared = _squared(self._graph, place)
                waiting += self._graph.nodes[place].operands if squared is None else squared
            else:
                found.append(place)
        return found

    def _moving(self, part: int) -> Iterator[int]:
        """Inputs that move a part at every point: it is linear in all, and no multiple of 0."""
        for place in self._terms.cone([part]):
            if not self._terms.is_linear(place):
                return
        inputs = [*self._graph.inputs.nodes]
        slopes = _slopes(self._terms.piece(inputs, [(Fraction(1), part)]), len(inputs))
        yield from (i for i, slope in zip(inputs, slopes, strict=True) if slope)

    def _sign_at_zero(self, length: int, term: int) -> int:
        """Whether a term rises or falls with a length, from zero on."""
        (slope,) = _slopes(self._terms.piece([length], [(Fraction(1), term)]), 1)
        if not slope:
            raise _UnclearError
        return 1 if slope > 0 else -1

    def _squares(self, parts: list[int]) -> Program:
        """The sum of the squares of some nodes."""
        steps: list[Step] = list(self._program.steps)
        total = -1
        for part in parts:
            steps.append(("{0}**2", (part,)))
            square = self._program.inputs + len(steps) - 1
            if total >= 0:
                steps.append(("{0} + {1}", (total, square)))
            total = self._program.inputs + len(steps) - 1
        return replace(self._program, steps=tuple(steps), outputs=(total,))


def _slopes(piece: Graph, inputs: int) -> list[float]:
    """The derivatives at zero, 0.0 for what vanishes among many digits, too."""
    precise = _precise()
    program = chain_rule_program(piece)
    values = precise.run(program, [precise.context.mpf(0)] * inputs)
    slopes = [values[i] for i in program.outputs[1:]]
    if not all(map(precise.context.isfinite, slopes)):
        raise _UnclearError
    return [float(x) if abs(x) > _LITTLE else 0.0 for x in slopes]


def _precise() -> Precise:
    """Numbers of many digits."""
    from verify.numbers.precise import Precise  # mpmath takes long to import, and few ask

    return Precise(MORE_DIGITS)


def _bends_at_a_point(
    parts: Sequence[Graph], program: Program, others: Sequence[int], piece: Graph
) -> bool:
    """True if a function bends at the one point where linear functions of its inputs are zero.

    Args:
        parts: These functions, of which a length is that.
        program: The function, step by step.
        others: Steps that must not be zero there.
        piece: The function of its inputs and of that length, which is zero.
    """
    precise = _precise()
    point = _only_zero(precise, [_row(precise, part) for part in parts])
    if point is None:
        return False
    values = precise.run(program, point)
    if not all(precise.finite(values[i]) and abs(values[i]) > _LITTLE for i in others):
        return False
    rule = chain_rule_program(piece)
    found = precise.run(rule, [*point, precise.context.mpf(0)])
    slopes = [found[i] for i in rule.outputs]
    return all(map(precise.finite, slopes)) and abs(slopes[-1]) > _LITTLE


def _row(precise: Precise, part: Graph) -> list[mpf]:
    """The slopes of a linear function, and what it is less than zero at zero."""
    zeros = [precise.context.mpf(0)] * part.inputs.count
    rule = chain_rule_program(part)
    values = precise.run(rule, zeros)
    start = precise.run(program_of(part), zeros)[part.outputs[0]]
    return [*(values[i] for i in rule.outputs[1:]), -start]


def _only_zero(precise: Precise, rows: list[list[mpf]]) -> list[mpf] | None:
    """Where all of them are zero; None if that is nowhere, or no single point."""
    count = len(rows[0]) - 1
    if not all(precise.finite(x) for row in rows for x in row):
        return None
    for column in range(count):
        below = max(rows[column:], key=lambda row: abs(row[column]), default=None)
        if below is None or abs(below[column]) <= _LITTLE:
            return None
        rows.remove(below)
        rows.insert(column, below)
        for k, row in enumerate(rows):
            if k != column:
                factor = row[column] / below[column]
                rows[k] = [x - factor * y for x, y in zip(row, below, strict=True)]
    if any(abs(row[-1]) > _LITTLE for row in rows[count:]):
        return None
    return [rows[k][-1] / rows[k][k] for k in range(count)]
