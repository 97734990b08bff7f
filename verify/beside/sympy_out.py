"""to_sympy: a graph as expressions of SymPy, from the ``sympy`` column of the table."""

from __future__ import annotations

import math
from types import ModuleType
from typing import TYPE_CHECKING

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from autodiff.graph.tree.leaves import shown
from autodiff.graph.tree.tree import tree_of
from autodiff.run.whole.scalarize import scalarize
from autodiff.table.primitive import Primitive
from verify.numbers.algebra import Algebra

if TYPE_CHECKING:
    from sympy import Basic, Expr

__all__ = ["to_sympy"]


def to_sympy(graph: Graph, shared: bool = False, exact: bool = False) -> Basic:
    """The result of a graph as SymPy expressions of its inputs.

    Inputs are real symbols with the graph's input names (``x``, ``x[0]``).  A value used twice is
    one object used twice, so making the expressions takes time linear in the graph; but what walks
    them as a tree (printing, ``diff``) may take exponentially long.  ``shared`` names such values.

    Args:
        graph: Any graph: traced, or the result of a transform.
        shared: Give ``(replacements, result)``, as ``sympy.cse`` does: pairs of a new symbol and
            what it stands for, each used more than once.
        exact: Write every number as the Rational that the double is; otherwise long fractions are
            SymPy's Floats of 53 bits, which are the same number.

    Raises:
        ArgumentError: if it is given no graph, or a flag that is none.

    Returns:
        An expression; for a structured result a tuple, list or dict of these, for an array a
        ``sympy.Array``.

    >>> import autodiff as ad
    >>> to_sympy(ad.trace(lambda x, y: ad.sin(x) ** 2 / y, 1.0, 1.0))
    sin(x)**2/y
    >>> to_sympy(ad.trace(lambda x: ad.where(x > 1, x, 0.5), 1.0))
    Piecewise((x, x > 1), (1/2, True))
    """
    import sympy

    if not isinstance(graph, Graph):
        raise ArgumentError(
            f"to_sympy: found {shown(graph)}; expected a graph: ad.trace(f, *examples)"
        )
    for name, flag in (("shared", shared), ("exact", exact)):
        if not isinstance(flag, bool):
            raise ArgumentError(f"{name}: found {shown(flag)}; expected True or False")
    graph = scalarize(graph)
    algebra = _Expressions(exact)
    values: list[Basic] = [sympy.Symbol(name, real=True) for name in graph.inputs.names]
    uses = _uses(graph) if shared else []
    taken = {symbol.name for symbol in values}
    replacements: list[tuple[Basic, Basic]] = []
    for index in range(graph.inputs.count, len(graph.nodes)):
        primitive, operands = graph.nodes[index][:2]
        if primitive is None:
            values.append(algebra.literal(graph.constants[index]))
            continue
        found = algebra.node(primitive, [values[i] for i in operands])
        if shared and uses[index] > 1 and not primitive.predicate:
            name = f"v{len(replacements) + 1}"
            while name in taken:
                name += "_"
            symbol = sympy.Symbol(name, real=True)
            replacements.append((symbol, found))
            found = symbol
        values.append(found)
    outputs = [algebra.number(values[i]) for i in graph.outputs]

    def array(leaves: list[object], shape: tuple[int, ...]) -> object:
        return sympy.Array(leaves, shape)

    result = tree_of(graph.result).rebuild(outputs, array)
    return (replacements, result) if shared else result


def _uses(graph: Graph) -> list[int]:
    uses = [0] * len(graph.nodes)
    for _, _, operands in graph.operations():
        for operand in operands:
            uses[operand] += 1
    return uses


class _Expressions(Algebra["Expr"]):
    """Whole expressions, conditions and all."""

    def __init__(self, exact: bool) -> None:
        import sympy

        self._sympy: ModuleType = sympy
        self._exact = exact
        names = ("Piecewise", "Max", "Min", "Abs", "sign", "floor", "ceiling", "And", "Or", "Not",
                 "Eq", "Ne")  # fmt: skip
        compared = {"lt": "Lt", "le": "Le", "gt": "Gt", "ge": "Ge", "eq": "Eq", "ne": "Ne",
                    "mod": "Mod"}  # fmt: skip
        found = {name: getattr(sympy, name) for name in names}
        super().__init__(found | {ours: getattr(sympy, name) for ours, name in compared.items()})

    @property
    def nan(self) -> Expr:
        """SymPy's nan."""
        return self._sympy.nan

    def literal(self, value: float) -> Expr:
        """The number a double is."""
        sympy = self._sympy
        if not math.isfinite(value):
            return sympy.nan if value != value else sympy.oo * int(math.copysign(1.0, value))
        top, bottom = value.as_integer_ratio()
        return sympy.Rational(top, bottom) if self._exact or bottom <= 64 else sympy.Float(value)

    def node(self, primitive: Primitive, operands: list[Basic]) -> Expr:
        """Result of a primitive; an operand is a condition where the row says so."""
        tested = [
            self._condition(x) if place in primitive.conditions else self.number(x)
            for place, x in enumerate(operands)
        ]
        return self._sympy.sympify(self.apply(primitive.sympy, tested))

    def number(self, x: object) -> Expr:
        """A truth value as 1 or 0."""
        if isinstance(x, self._sympy.logic.boolalg.Boolean) and not x.is_Symbol:
            return self._sympy.Piecewise((1, x), (0, True))
        return x

    def _condition(self, x: object) -> Expr:
        truth = isinstance(x, self._sympy.logic.boolalg.Boolean) and not x.is_Symbol
        return x if truth else self._sympy.Ne(x, 0)

    def order(self, x: object, y: object) -> int | None:
        """Never asked: conditions stay in the expression."""
        raise NotImplementedError

    def equal(self, x: object, y: object) -> bool | None:
        """Never asked."""
        raise NotImplementedError

    def floor(self, x: object) -> Expr:
        """SymPy's floor."""
        return self._sympy.floor(x)

    def named(self, name: str) -> Expr:
        """SymPy's function, or an unknown function for a primitive without a SymPy form."""
        if name == "digamma":
            return lambda x: self._sympy.polygamma(0, x)
        return getattr(self._sympy, name, None) or self._sympy.Function(name)
