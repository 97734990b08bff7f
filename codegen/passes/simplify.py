"""simplify: fold literals and drop operations that change no bit.  Licence: exact.

Each rule sees its operands as references: an int is a node of the new graph, a float a literal.
It gives a reference that replaces the node, or None to keep it.  ``x + 0.0`` is not here: it turns
-0.0 into 0.0; neither are ``x * 0.0`` and ``x - x``, which are nan for inf.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.rebuild import Rebuild, Ref, live_nodes, rebuild
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.primitive import REGISTRY, Primitive

__all__ = ["simplify"]


class _Rewriter:
    """The new graph under construction, as rules see it."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.negation: dict[int, Ref] = {}  # node -z -> z
        self._inverted: dict[int, Ref] = {}  # node not z -> z

    def emit(self, name: str, *operands: Ref) -> Ref:
        """Node ``name(*operands)``, simplified in turn."""
        return self.apply(REGISTRY[name], operands)

    def apply(self, primitive: Primitive, operands: Sequence[Ref]) -> Ref:
        """``primitive(*operands)``, folded, replaced by a rule, or kept."""
        for x in operands:
            if type(x) is int:
                break
        else:
            return float(primitive.impl(*operands))
        rule = _RULES.get(primitive)
        if rule is not None:
            replacement = rule(self, *operands)
            if replacement is not None:
                return replacement
        return self.keep(primitive, operands)

    def keep(self, primitive: Primitive, operands: Sequence[Ref]) -> int:
        """Node ``primitive(*operands)`` as it is."""
        builder = self.builder
        for x in operands:
            if type(x) is float:
                operands = [x if type(x) is int else builder.literal(x) for x in operands]
                break
        index = builder.add(primitive, tuple(operands))  # type: ignore[arg-type]  # now all int
        if primitive is _NEG:
            self.negation[index] = operands[0]
        elif primitive is _NOT:
            self._inverted[index] = operands[0]
        return index

    def negated(self, x: Ref) -> Ref | None:
        """z if x is a node -z."""
        return self.negation.get(x) if type(x) is int else None  # 3.0 would find node 3

    def inverted(self, x: Ref) -> Ref | None:
        """z if x is a node not z."""
        return self._inverted.get(x) if type(x) is int else None

    def ref(self, index: int) -> Ref:
        """Reference to a node of the new graph."""
        value = self.builder.value(index)
        return index if value is None else value

    def is_predicate(self, x: Ref) -> bool:
        if type(x) is not int:
            return False
        primitive = self.builder.nodes[x][0]
        return primitive is not None and primitive.predicate


_NEG, _NOT = REGISTRY["neg"], REGISTRY["logical_not"]


def _add(e: _Rewriter, x: Ref, y: Ref) -> Ref | None:
    if not e.negation:
        return None
    if (z := e.negated(y)) is not None:  # x + -z -> x - z
        return e.emit("sub", x, z)
    if (z := e.negated(x)) is not None:  # -z + y -> y - z
        return e.emit("sub", y, z)
    return None


def _sub(e: _Rewriter, x: Ref, y: Ref) -> Ref | None:
    if (z := e.negated(y)) is not None:  # x - -z -> x + z
        return e.emit("add", x, z)
    if type(y) is float and y == 0.0 and str(y) == "0.0":  # x - 0.0 -> x
        return x
    return None


def _mul(e: _Rewriter, x: Ref, y: Ref) -> Ref | None:
    if type(x) is float:
        return _scaled(e, x, y)
    if type(y) is float:
        return _scaled(e, y, x)
    a, b = e.negated(x), e.negated(y)
    if a is None and b is None:
        return None
    if a is not None and b is not None:  # -a * -b -> a * b
        return e.emit("mul", a, b)
    if a is not None:  # -a * y -> -(a * y)
        return e.emit("neg", e.emit("mul", a, y))
    if b is not None:  # x * -b -> -(x * b)
        return e.emit("neg", e.emit("mul", x, b))
    return None


def _scaled(e: _Rewriter, scale: float, x: Ref) -> Ref | None:
    if scale == 1.0:  # x * 1.0 -> x
        return x
    if scale == -1.0:  # x * -1.0 -> -x
        return e.emit("neg", x)
    z = e.negated(x)
    return None if z is None else e.emit("mul", -scale, z)  # c * -z -> -c * z


def _vanishing(e: _Rewriter, x: Ref, y: Ref) -> Ref | None:
    if (type(x) is float and x) or (type(y) is float and math.isfinite(y)):
        return e.emit("mul", x, y)  # of these no product is 0 * inf or 0 * nan
    return None


def _div(e: _Rewriter, x: Ref, y: Ref) -> Ref | None:
    if type(y) is float and y in (1.0, -1.0):  # x / 1.0 -> x
        return x if y == 1.0 else e.emit("neg", x)
    over, under = e.negated(x), e.negated(y)
    if over is not None and under is not None:  # -a / -b -> a / b
        return e.emit("div", over, under)
    if over is not None:  # -a / y -> -(a / y)
        return e.emit("neg", e.emit("div", over, y))
    if under is not None:  # x / -b -> -(x / b)
        return e.emit("neg", e.emit("div", x, under))
    return None


def _neg(e: _Rewriter, x: Ref) -> Ref | None:
    if (z := e.negated(x)) is not None:  # --z -> z
        return z
    if type(x) is int:
        primitive, operands = e.builder.nodes[x][:2]
        if primitive is not None and primitive.name in ("mul", "div"):
            scale = e.builder.value(operands[0])
            if scale is not None:  # -(c * z) -> -c * z
                return e.emit(primitive.name, -scale, e.ref(operands[1]))
    return None


def _even(name: str) -> Callable[..., Ref | None]:
    def rule(e: _Rewriter, x: Ref) -> Ref | None:
        z = e.negated(x)  # f(-z) -> f(z)
        return None if z is None else e.emit(name, z)

    return rule


def _where(e: _Rewriter, c: Ref, x: Ref, y: Ref) -> Ref | None:
    if type(c) is float:  # where(1.0, x, y) -> x
        return x if c else y
    if x == y and type(x) is type(y) and (type(x) is int or str(x) == str(y)):
        return x  # where(c, x, x) -> x; 0.0 and -0.0 are two
    if (z := e.inverted(c)) is not None:  # where(not c, x, y) -> where(c, y, x)
        return e.emit("where", z, y, x)
    inner = _branch(e, c, x, True), _branch(e, c, y, False)
    if inner != (None, None):  # where(c, where(c, a, b), y) -> where(c, a, y)
        return e.emit(
            "where", c, x if inner[0] is None else inner[0], y if inner[1] is None else inner[1]
        )
    return None


def _branch(e: _Rewriter, c: Ref, x: Ref, taken: bool) -> Ref | None:
    if type(x) is not int:
        return None
    primitive, operands = e.builder.nodes[x][:2]
    if primitive is None or primitive.name != "where" or operands[0] != c:
        return None
    return e.ref(operands[1 if taken else 2])


def _logical_and(e: _Rewriter, x: Ref, y: Ref) -> Ref | None:
    for one, other in ((x, y), (y, x)):
        if type(one) is float and not one:  # false and y -> false
            return 0.0
        if type(one) is float and e.is_predicate(other):  # true and y -> y
            return other
    return x if x == y and e.is_predicate(x) else None


def _logical_or(e: _Rewriter, x: Ref, y: Ref) -> Ref | None:
    for one, other in ((x, y), (y, x)):
        if type(one) is float and one:  # true or y -> true
            return 1.0
        if type(one) is float and e.is_predicate(other):  # false or y -> y
            return other
    return x if x == y and e.is_predicate(x) else None


def _bounded(e: _Rewriter, x: Ref, bound: Ref) -> Ref | None:
    """A bound that is no number bounds nothing, whatever a target makes of the comparison."""
    return x if isinstance(bound, float) and bound != bound else None


def _logical_not(e: _Rewriter, x: Ref) -> Ref | None:
    z = e.inverted(x)
    return z if z is not None and e.is_predicate(z) else None  # not not z -> z


_BY_NAME: dict[str, Callable[..., Ref | None]] = {
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "div": _div,
    "vanishing": _vanishing,
    "neg": _neg,
    "abs": _even("abs"),
    "square": _even("square"),
    "where": _where,
    "logical_and": _logical_and,
    "logical_or": _logical_or,
    "logical_not": _logical_not,
    "at_least": _bounded,
    "at_most": _bounded,
}
_RULES: dict[Primitive, Callable[..., Ref | None]] = {
    REGISTRY[name]: rule for name, rule in _BY_NAME.items()
}


def simplify(graph: Graph) -> Graph:
    """``graph`` with the rules of this module applied once to every live node, operands first.

    In a graph of arrays they are applied to numbers.
    """
    builder = Builder(graph.inputs.count if graph.expanded else graph.inputs)
    rewriter, rules = _Rewriter(builder), _RULES

    def rule(walk: Rebuild, _: int, primitive: Primitive, operands: tuple[int, ...]) -> Ref | None:
        refs = walk.refs
        if len(operands) == 2:  # the common case, written out
            x, y = refs[operands[0]], refs[operands[1]]
            if type(x) is int or type(y) is int:
                known = rules.get(primitive)
                return None if known is None else known(rewriter, x, y)
        elif len(operands) == 1 and type(refs[operands[0]]) is int and primitive not in rules:
            return None
        return rewriter.apply(primitive, [refs[i] for i in operands])

    def of_numbers(
        walk: Rebuild, index: int, primitive: Primitive, operands: tuple[int, ...]
    ) -> Ref | None:
        """The rules beside arrays, which stay as they are."""
        row = isinstance(primitive, ArrayRow) or graph.nodes[index].shape
        return None if row else rule(walk, index, primitive, operands)

    return rebuild(graph, rule if graph.expanded else of_numbers, live_nodes(graph), into=builder)
