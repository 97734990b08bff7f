"""What the texts of the ``sympy`` column mean, over any kind of numbers.

An Algebra runs Programs.  What needs a decision -- comparisons, ``Piecewise``, ``Max``, ``Abs``,
``sign`` -- is written once here over two questions, ``order(x, y)`` and ``equal(x, y)``; a kind of
numbers answers them and brings its functions.  Truth values are the numbers 1 and 0, as in graphs.

So no algebra ever sees a piecewise expression: it runs one side of every condition at a time, and
the questions asked tell which.  A condition on nan has no answer: what it would choose is nan too,
unless another condition decides first.
"""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import cache
from types import CodeType
from typing import Any, Generic, Protocol, Self, TypeVar

from verify.program.program import Program

__all__ = ["NO_FORM", "Algebra", "NoFormError", "compiled_column"]

NO_FORM = "has no SymPy form"

_NAMED = {
    ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne",
}  # fmt: skip


class _Named(ast.NodeTransformer):
    """Comparisons, ``%`` and decimal numbers as calls, so that an algebra gives their meaning."""

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        return _call(_NAMED[type(node.ops[0])], node.left, node.comparators[0])

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        return _call("mod", node.left, node.right) if isinstance(node.op, ast.Mod) else node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return _call("literal", node) if isinstance(node.value, float) else node


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


@cache
def compiled_column(text: str, arity: int) -> tuple[CodeType, frozenset[str]]:
    """A row's text as a function of its operands, and the names it uses.

    Rows are code somebody wrote into the registry, never text of a user's function.
    """
    holes = [f"x{i}" for i in range(arity)]
    tree = ast.parse(f"lambda {', '.join(holes)}: {text.format(*holes)}", mode="eval")
    tree = ast.fix_missing_locations(_Named().visit(tree))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return compile(tree, "<sympy column>", "eval"), frozenset(names.difference(holes))


class NoFormError(AttributeError):
    """A primitive of which nothing is known but its rules."""


class _Signed(Protocol):
    def __neg__(self) -> Self: ...


Number = TypeVar("Number", bound=_Signed)


class Algebra(ABC, Generic[Number]):
    """Runs Programs over one kind of numbers.

    Args:
        names: What the texts may name, besides what this class defines and ``named`` finds.
    """

    def __init__(self, names: dict[str, object]) -> None:
        self._names = {"__builtins__": {}} | self._decided() | names
        self._functions: dict[tuple[str, int], Callable[..., Number]] = {}

    @property
    @abstractmethod
    def nan(self) -> Number:
        """The result of what has none."""

    @abstractmethod
    def literal(self, value: float) -> Number:
        """The number that stands for a float, exactly."""

    @abstractmethod
    def order(self, x: object, y: object) -> int | None:
        """Sign of x - y; None if one of them is nan."""

    @abstractmethod
    def equal(self, x: object, y: object) -> bool | None:
        """True if x == y; None if one of them is nan."""

    @abstractmethod
    def floor(self, x: object) -> Number:
        """Largest integer not above x."""

    @abstractmethod
    def named(self, name: str) -> object:
        """What SymPy calls ``name``: a function or a constant."""

    def run(self, program: Program, inputs: Sequence[object]) -> list[Number]:
        """The number at every place of ``program`` that matters, None at the others."""
        values: list[Any] = [*inputs, *[None] * len(program.steps)]
        apply = self.apply
        for place, step in program.computed():
            if type(step) is tuple:
                values[place] = apply(step[0], [values[i] for i in step[1]])
            else:
                values[place] = self.literal(step)  # type: ignore[arg-type]  # a float, by its type
        return values

    def apply(self, text: str, operands: Sequence[object]) -> Number:
        """Result of a primitive's text."""
        known = self._functions.get((text, len(operands)))
        return (known or self.function(text, len(operands)))(*operands)

    def function(self, text: str, arity: int) -> Callable[..., Number]:
        """A primitive's text as a function."""
        key = text, arity
        function = self._functions.get(key)
        if function is None:
            code, names = compiled_column(text, arity)
            for name in names.difference(self._names):
                self._names[name] = self.named(name)
            function = self._functions[key] = eval(code, self._names)
        return function

    # --- what needs a decision ---

    def _decided(self) -> dict[str, object]:
        return {
            "literal": self.literal,
            "lt": lambda x, y: self._holds(self.order(x, y), -1),
            "le": lambda x, y: self._holds(self.order(x, y), -1, 0),
            "gt": lambda x, y: self._holds(self.order(x, y), 1),
            "ge": lambda x, y: self._holds(self.order(x, y), 0, 1),
            "eq": lambda x, y: self._holds(self.equal(x, y), True),
            "ne": lambda x, y: self._holds(self.equal(x, y), False),
            "Eq": lambda x, y: self._holds(self.equal(x, y), True),
            "Ne": lambda x, y: self._holds(self.equal(x, y), False),
            "And": lambda x, y: self._logical(x, y, False),
            "Or": lambda x, y: self._logical(x, y, True),
            "Not": lambda x: self._holds(self.truth(x), False),
            "either": lambda x, y: self._decider(x, y, True),
            "both": lambda x, y: self._decider(x, y, False),
            "Piecewise": self._piecewise,
            "Max": lambda x, y: self._chosen(x, y, self.order(x, y)),
            "Min": lambda x, y: self._chosen(y, x, self.order(x, y)),
            "Abs": lambda x: self._chosen(x, -x, self.order(x, 0)),
            "sign": lambda x: self._chosen(1, -1, self.order(x, 0), 0),
            "floor": self.floor,
            "ceiling": lambda x: -self.floor(-x),
            "mod": lambda x, y: x - y * self.floor(x / y),
        }

    def truth(self, x: object) -> bool | None:
        """What a condition sees of a number: true unless zero; None for nan."""
        if x is True:
            return True
        zero = self.equal(x, 0)
        return None if zero is None else not zero

    def _holds(self, answer: int | bool | None, *wanted: int | bool) -> object:
        return self.nan if answer is None else int(answer in wanted)

    def _logical(self, x: object, y: object, decisive: bool) -> object:
        """And, Or: one operand may decide even if the other is nan."""
        truths = self.truth(x), self.truth(y)
        if decisive in truths:
            return int(decisive)
        return self.nan if None in truths else int(not decisive)

    def _decider(self, x: object, y: object, decisive: bool) -> object:
        """Python's ``x or y`` and ``x and y``: the operand that decides."""
        first, second = self.truth(x), self.truth(y)
        if first is None:
            return y if second is decisive else self.nan
        return x if first is decisive else y

    def _chosen(
        self, above: object, below: object, order: int | None, tie: object = None
    ) -> object:
        if order is None:
            return self.nan
        if order == 0:
            return above if tie is None else tie
        return above if order > 0 else below

    def _piecewise(self, *pairs: tuple[object, object]) -> object:
        for value, condition in pairs:
            truth = self.truth(condition)
            if truth is None:
                return self.nan
            if truth:
                return value
        return self.nan
