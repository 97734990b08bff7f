"""Expressions: the many forms of one function, equal parts kept once, each with its values.

A form is an index here; forms share what they have in common, and a value at the sample points is
computed when it is first asked for.  So a thousand forms of a function that differ in one place
cost little more than one.

What a rewrite makes is simplified where that is exact over the reals (``made``); what is read from
a graph stays as it is (``placed``).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeAlias

import numpy as np

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.inputs import Inputs
from autodiff.graph.structure import Structure
from autodiff.table.primitive import REGISTRY, Primitive
from autodiff.trace.switching.squares import ROOT, SQRT, root_of

__all__ = ["Column", "Expressions", "Form"]

Column: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.float64]]"


class Form(NamedTuple):
    """What an expression is made of: an input, a number, or a primitive of others."""

    primitive: Primitive | None
    operands: tuple[int, ...]
    number: float | None


def _numbers_of(ufunc: np.ufunc) -> Callable[..., Column]:
    """A truth value as 1.0 or 0.0."""
    return lambda *columns: ufunc(*columns).astype(np.float64)


def _chosen(condition: Column, x: Column, y: Column) -> Column:
    found: Column = np.where(condition != 0.0, x, y)
    return found


# Rows whose values NumPy gives with the interpreter's bits.
_UFUNCS: dict[str, Callable[..., Column]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide,
    "neg": np.negative, "abs": np.abs, "sqrt": np.sqrt, "square": np.square,
    "where": _chosen,
    "lt": _numbers_of(np.less), "le": _numbers_of(np.less_equal), "eq": _numbers_of(np.equal),
    "gt": _numbers_of(np.greater), "ge": _numbers_of(np.greater_equal),
    "ne": _numbers_of(np.not_equal), "logical_not": _numbers_of(np.logical_not),
    "logical_and": _numbers_of(np.logical_and), "logical_or": _numbers_of(np.logical_or),
}  # fmt: skip

_RING: dict[str, Callable[..., Fraction]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv,
    "neg": operator.neg, "square": lambda x: x * x, "reciprocal": lambda x: 1 / x,
}  # fmt: skip


class Expressions:
    """Forms over some inputs.

    Args:
        columns: The values of each input at the sample points.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self.forms: list[Form] = [Form(None, (), None)] * len(columns)
        self._values: list[Column | None] = list(columns)
        self._count = len(columns[0]) if columns else 1
        self._inputs = len(columns)
        self._known: dict[object, int] = {}
        self._cones: dict[int, tuple[int, ...]] = {}
        self.terms: dict[int, list[tuple[int, int]]] = {}  # of sums: ``terms_of`` finds them once
        self._stood: dict[int, int] = {}  # what was made instead of another -> that one

    # --- making ---

    def literal(self, value: float) -> int:
        """The form of a number."""
        key = "number", math.copysign(1.0, value), value
        return self._kept(key, Form(None, (), float(value)))

    def placed(self, primitive: Primitive, operands: tuple[int, ...]) -> int:
        """``primitive(*operands)`` as it is."""
        swapped = primitive.commutative and len(operands) == 2 and operands[1] < operands[0]
        key = primitive, operands[::-1] if swapped else operands
        return self._kept(key, Form(primitive, operands, None))

    def _kept(self, key: object, form: Form) -> int:
        index = self._known.setdefault(key, len(self.forms))
        if index == len(self.forms):
            self.forms.append(form)
            self._values.append(None)
        return index

    def made(self, name: str, *operands: int) -> int:
        """``name(*operands)``, simplified where that is exact."""
        numbers = [self.forms[i].number for i in operands]
        if name in _RING and None not in numbers:
            folded = _folded(name, numbers)  # type: ignore[arg-type]  # none is None
            if folded is not None:
                return self.literal(folded)
        simple = self._simpler(name, operands, numbers)
        return self.placed(REGISTRY[name], operands) if simple is None else simple

    def _simpler(
        self, name: str, operands: Sequence[int], numbers: Sequence[float | None]
    ) -> int | None:
        """What is the same real number with an operation less."""
        rule = _SIMPLER.get(name)
        return None if rule is None else rule(self, *operands, *numbers)

    def named(self, index: int) -> str:
        """Name of the primitive that an expression is of, "" for inputs and numbers."""
        primitive = self.forms[index].primitive
        return "" if primitive is None else primitive.name

    def number(self, index: int) -> float | None:
        """The number that an expression is, if it is one."""
        return self.forms[index].number

    # --- values ---

    def values(self, index: int) -> Column:
        """An expression's values at the sample points, as the interpreter has them."""
        found = self._values[index]
        if found is not None:
            return found
        with np.errstate(all="ignore"):
            for i in self.cone(index):
                if self._values[i] is None:
                    self._values[i] = self._computed(self.forms[i])
        result = self._values[index]
        assert result is not None
        return result

    def _computed(self, form: Form) -> Column:
        if form.primitive is None:
            return np.full(self._count, form.number or 0.0)
        columns = [self._values[i] for i in form.operands]
        ufunc = _UFUNCS.get(form.primitive.name)
        if ufunc is not None:
            return ufunc(*columns)
        impl = form.primitive.impl
        rows = zip(*[c.tolist() for c in columns if c is not None], strict=True)
        return np.array([impl(*row) for row in rows], float)

    # --- walking ---

    def cone(self, index: int) -> tuple[int, ...]:
        """An expression and all it is made of, operands first."""
        known = self._cones.get(index)
        if known is None:
            forms = self.forms
            seen: dict[int, None] = {}
            stack = [index]
            while stack:
                top = stack.pop()
                if top < 0:  # all that it is made of is there
                    seen[~top] = None
                elif top not in seen:
                    stack.append(~top)
                    stack += [i for i in forms[top].operands if i not in seen]
            known = self._cones[index] = tuple(seen)
        return known

    def size(self, index: int) -> int:
        """Operations of an expression, each counted once."""
        forms = self.forms
        return sum([forms[i].primitive is not None for i in self.cone(index)])

    def replaced(self, roots: Sequence[int], change: Mapping[int, int]) -> tuple[int, ...]:
        """``roots`` with some expressions inside them changed."""
        new = dict(change)  # what differs from before, alone
        for root in roots:
            for i in self.cone(root):
                form = self.forms[i]
                if i in new or form.primitive is None or new.keys().isdisjoint(form.operands):
                    continue
                operands = tuple([new.get(o, o) for o in form.operands])
                new[i] = self.placed(form.primitive, operands)
        for i, made in new.items():
            if made != i:
                self._stood.setdefault(made, self.first(i))
        return tuple([new.get(root, root) for root in roots])

    def first(self, index: int) -> int:
        """The expression in whose stead one stands, before all rewrites."""
        return self._stood.get(index, index)

    # --- graphs ---

    def of_graph(self, graph: Graph) -> list[int]:
        """The expression of each node of a graph."""
        found = list(range(graph.inputs.count))
        for node in graph.nodes[len(found) :]:
            if node.primitive is None:
                found.append(self.literal(node.value or 0.0))
            else:
                row = SQRT if node.primitive is ROOT else node.primitive  # forms are those of sqrt
                found.append(self.placed(row, tuple([found[i] for i in node.operands])))
        return found

    def graph(
        self,
        name: str,
        parameters: Sequence[tuple[str, Structure]],
        roots: Iterable[int],
        result: Structure,
        extra: Iterable[int] = (),
        inputs: int | None = None,
    ) -> tuple[Graph, dict[int, int]]:
        """A graph with these outputs, and the node of each expression in it.

        Args:
            name: Of the function.
            parameters: Its arguments.
            roots: The outputs.
            result: Their structure.
            extra: More expressions that it shall hold.
            inputs: How many of the inputs are its own; all by default.
        """
        builder = Builder(Inputs(parameters))
        count = self._inputs if inputs is None else inputs
        node: dict[int, int] = {i: i for i in range(count)}
        roots = list(roots)
        for root in [*roots, *extra]:
            for i in self.cone(root):
                if i in node:
                    continue
                form = self.forms[i]
                if form.primitive is None:
                    node[i] = builder.literal(form.number or 0.0)
                else:
                    operands = tuple([node[o] for o in form.operands])
                    row = form.primitive
                    node[i] = builder.add(
                        root_of(builder, *operands) if row is SQRT else row, operands
                    )
        outputs = [node[root] for root in roots]
        return builder.graph(name, parameters, outputs, result), node


def _folded(name: str, numbers: Sequence[float]) -> float | None:
    """The number of an operation on numbers, if a double holds it exactly."""
    if not all(map(math.isfinite, numbers)):
        return None
    if name in ("div", "reciprocal") and numbers[-1] == 0.0:
        return None
    exact = _RING[name](*map(Fraction, numbers))
    try:
        value = exact.numerator / exact.denominator
    except OverflowError:
        return None
    return value if Fraction(value) == exact else None


# --- what is the same real number with an operation less ---


def _add(e: Expressions, x: int, y: int, a: float | None, b: float | None) -> int | None:
    if a == 0.0 or b == 0.0:
        return y if a == 0.0 else x
    if e.named(y) == "neg":
        return e.made("sub", x, e.forms[y].operands[0])
    if e.named(x) == "neg":
        return e.made("sub", y, e.forms[x].operands[0])
    if b is not None and b < 0.0:
        return e.made("sub", x, e.literal(-b))
    return None


def _sub(e: Expressions, x: int, y: int, a: float | None, b: float | None) -> int | None:
    if b == 0.0:
        return x
    if a == 0.0:
        return e.made("neg", y)
    if x == y:
        return e.literal(0.0)
    if e.named(y) == "neg":
        return e.made("add", x, e.forms[y].operands[0])
    if b is not None and b < 0.0:
        return e.made("add", x, e.literal(-b))
    return None


def _mul(e: Expressions, x: int, y: int, a: float | None, b: float | None) -> int | None:
    if b is not None and a is None:
        x, y, a, b = y, x, b, a
    if a is not None and abs(a) in (0.0, 1.0):
        return e.literal(0.0) if a == 0.0 else y if a == 1.0 else e.made("neg", y)
    if x == y:
        return e.made("square", x)
    for one, other in ((x, y), (y, x)):
        if e.named(one) == "neg":
            return e.made("neg", e.made("mul", e.forms[one].operands[0], other))
    return None


def _div(e: Expressions, x: int, y: int, a: float | None, b: float | None) -> int | None:
    if b is not None and abs(b) == 1.0:
        return x if b == 1.0 else e.made("neg", x)
    if a == 0.0 or x == y:
        return e.literal(0.0 if a == 0.0 else 1.0)
    if e.named(x) == "neg":
        return e.made("neg", e.made("div", e.forms[x].operands[0], y))
    if e.named(y) == "neg":
        return e.made("neg", e.made("div", x, e.forms[y].operands[0]))
    if b is not None and math.frexp(b)[0] in (0.5, -0.5) and abs(b) < 1e100:
        return e.made("mul", e.literal(1.0 / b), x)  # a power of two has a reciprocal
    return None


def _neg(e: Expressions, x: int, _: float | None) -> int | None:
    return _negated(e, x)


def _negated(e: Expressions, x: int) -> int | None:
    form = e.forms[x]
    match e.named(x):
        case "neg":
            return form.operands[0]
        case "sub":
            return e.made("sub", form.operands[1], form.operands[0])
    return None


def _square(e: Expressions, x: int, _: float | None) -> int | None:
    match e.named(x):
        case "neg" | "abs":
            return e.made("square", e.forms[x].operands[0])
        case "sqrt":
            return e.forms[x].operands[0]  # equal where the root is real
    return None


def _abs(e: Expressions, x: int, a: float | None) -> int | None:
    if a is not None:
        return e.literal(abs(a))
    if e.named(x) in _NEVER_NEGATIVE:
        return x
    return e.made("abs", e.forms[x].operands[0]) if e.named(x) == "neg" else None


_NEVER_NEGATIVE = {"abs", "square", "sqrt", "exp", "cosh", "hypot", "sigmoid", "softplus"}


def _even(name: str) -> Callable[[Expressions, int, float | None], int | None]:
    def rule(e: Expressions, x: int, _: float | None) -> int | None:
        return e.made(name, e.forms[x].operands[0]) if e.named(x) == "neg" else None

    return rule


def _odd(name: str) -> Callable[[Expressions, int, float | None], int | None]:
    def rule(e: Expressions, x: int, _: float | None) -> int | None:
        if e.named(x) != "neg":
            return None
        return e.made("neg", e.made(name, e.forms[x].operands[0]))

    return rule


def _of_number(name: str) -> Callable[[Expressions, int, float | None], int | None]:
    def rule(e: Expressions, x: int, a: float | None) -> int | None:
        if a is None:
            return None
        value = REGISTRY[name].impl(a)
        exact = name != "sqrt" or (value == int(value) and value * value == a)
        return e.literal(value) if exact else None

    return rule


_SIMPLER: dict[str, Callable[..., int | None]] = {
    "add": _add, "sub": _sub, "mul": _mul, "div": _div, "neg": _neg, "square": _square,
    "abs": _abs,
    **{name: _of_number(name) for name in ("sqrt", "sign")},
    **{name: _even(name) for name in ("cos", "cosh")},
    **{name: _odd(name) for name in ("sin", "tan", "sinh", "tanh", "atan", "asinh", "cbrt")},
}  # fmt: skip
