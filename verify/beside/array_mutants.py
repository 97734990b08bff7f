"""Mutants of text of whole arrays: the mistakes that people make with axes, shapes and loops.

Beside those of single numbers (mutants.py)::

    wrong axis, wrong reduction, dropped reduction
    transposed operand, missing transposition
    off-by-one slice, wrong element
    swapped arms, missing mask
    missing reshape, missing broadcast, wrong dtype
    wrong equation           the letters of a product of arrays in another order
    one short, one more, reversed order, stale carry, wrong seed, stale buffer, missing copy
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from verify.beside.mutants import WHOLE, Change, Mutant, drawn, inverted, of_operation

__all__ = ["array_mutants"]

_Changes = list[tuple[str, Callable[[Any], ast.AST | None]]]
_REDUCTIONS = {"sum": "max", "max": "min", "min": "max", "cumsum": "sum"}
_TRIANGLES = {"tril": "triu", "triu": "tril"}
_MOVES = {"reshape": "missing reshape", "ravel": "missing reshape"}
_SPREADS = {"broadcast_to": "missing broadcast"}
_AXES = frozenset({"sum", "max", "min", "cumsum", "flip", "concatenate", "stack", "argsort"})


@dataclass(frozen=True)
class _Place:
    """A change to be made: the how-manieth node of the tree, and what becomes of it."""

    number: int
    kind: str
    change: Callable[[Any], ast.AST | None]


def array_mutants(text: str, count: int, seed: int = 0) -> list[Mutant]:
    """Different mutants of the text of functions, drawn at random.

    Args:
        text: Emitted functions over whole arrays.
        count: How many at most; kinds of mistakes are drawn evenly.
        seed: Of the draw.

    >>> text = "def evaluate(x, a):\\n    y = a @ x\\n    return np.sum(y[1:])\\n"
    >>> for mutant in array_mutants(text, 4, 1):
    ...     print(mutant.line, mutant.kind, mutant.change, sep=": ")
    2: swapped operands: a @ x -> x @ a
    2: wrong sign: a @ x -> -(a @ x)
    3: off-by-one slice: 1: -> 2:
    3: wrong dtype: np.sum(y[1:]) -> np.sum(y[1:]).astype(int)
    """
    draw = random.Random(seed)
    return drawn(_places(ast.parse(text), draw), partial(_mutant, text), count, draw)


class _Replaced(ast.NodeTransformer):
    """Puts something else in the place of one node."""

    def __init__(self, old: ast.AST, new: ast.AST | None) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST | None:
        return self._new if node is self._old else self.generic_visit(node)


def _mutant(text: str, place: _Place) -> Mutant:
    tree = ast.parse(text)
    old = list(ast.walk(tree))[place.number]
    before, line = ast.unparse(old), getattr(old, "lineno", 0)
    new = place.change(old)
    after = "" if new is None else ast.unparse(new)
    _Replaced(old, new).visit(tree)
    ast.fix_missing_locations(tree)
    line = line or old.lower.lineno if isinstance(old, ast.Slice) and old.lower else line
    return Mutant(place.kind, line, f"{before} -> {after or 'nothing'}", ast.unparse(tree))


def _places(tree: ast.Module, draw: random.Random) -> Iterator[_Place]:
    """Everything that can go wrong."""
    held = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    within = {id(node): top for top in tree.body for node in ast.walk(top)}
    known = {id(top): _known(top) for top in tree.body}
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in within:
            names, buffers = known[id(within[id(node)])]
            for kind, change in _changes(node, held.get(id(node)), names, buffers, draw):
                yield _Place(number, kind, change)


def _known(function: ast.stmt) -> tuple[list[str], list[str]]:
    """The names that a function assigns, and those of which it takes single elements."""
    nodes = list(ast.walk(function))
    names = [n.id for n in nodes if isinstance(n, ast.Name) and _is_stored(n)]
    elements = [n.value for n in nodes if isinstance(n, ast.Subscript) and _is_element(n)]
    return list(dict.fromkeys(names)), [x.id for x in elements if isinstance(x, ast.Name)]


def _changes(
    node: ast.AST, owner: ast.AST | None, names: Sequence[str], buffers: Sequence[str],
    draw: random.Random,
) -> _Changes:  # fmt: skip
    changes: _Changes = []
    match node:
        case ast.BinOp():
            changes = _of_product(node) if isinstance(node.op, ast.MatMult) else []
            changes += of_operation(node)
        case ast.UnaryOp(op=ast.USub()) if not isinstance(node.operand, ast.Constant):
            changes = [("wrong sign", lambda n: n.operand)]
        case ast.Compare():
            changes = [("inverted mask", inverted)]
        case ast.Constant() if type(node.value) is float:
            changes = [("scaled constant", lambda n: ast.Constant(n.value * 1.0003 + 1e-3))]
        case ast.Slice():
            changes = _of_slice(node)
        case ast.Attribute(attr="T"):
            changes = [("missing transposition", lambda n: n.value)]
        case ast.Call():
            changes = _of_call(node)
        case ast.For():
            changes = _of_loop(node)
        case ast.AugAssign():
            changes = [("wrong sign", _turned), ("dropped term", lambda n: None)]
        case ast.Assign() if isinstance(owner, ast.For) and _hands_on(node):
            changes = [("stale carry", lambda n: None)]
        case ast.Name() if isinstance(node.ctx, ast.Load) and not isinstance(owner, ast.Call):
            changes = _of_name(node, owner, names, buffers, draw)
    if isinstance(owner, ast.Assign) and isinstance(node, ast.expr) and node is owner.value:
        changes = [*changes, *(WHOLE if not isinstance(node, (ast.Compare, ast.List)) else [])]
    return changes


def _is_stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _is_element(node: ast.AST) -> bool:
    return isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name)


def _turned(node: ast.AugAssign) -> ast.AugAssign:
    """``+=`` as ``-=``, and the other way round."""
    op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
    return ast.AugAssign(node.target, op, node.value)


def _hands_on(assignment: ast.Assign) -> bool:
    """True for what only says what goes on as what: ``carry, total = v1, v2``."""
    value = assignment.value
    parts = value.elts if isinstance(value, ast.Tuple) else [value]
    return isinstance(assignment.targets[0], (ast.Name, ast.Tuple)) and all(
        isinstance(part, ast.Name) for part in parts
    )


# --- changes ---------------------------------------------------------------------------------


def _of_product(node: ast.BinOp) -> _Changes:
    def turned(side: str) -> Change:
        def change(n: ast.BinOp) -> ast.expr:
            setattr(n, side, ast.Attribute(getattr(n, side), "T", ast.Load()))
            return n

        return change

    return [
        ("transposed operand", turned("left")),
        ("transposed operand", turned("right")),
        ("swapped operands", lambda n: ast.BinOp(n.right, n.op, n.left)),
    ]


def _of_slice(node: ast.Slice) -> _Changes:
    def moved(bound: str, by: int) -> Callable[[ast.Slice], ast.AST]:
        def change(n: ast.Slice) -> ast.Slice:
            old = getattr(n, bound)
            start = 0 if old is None else ast.literal_eval(old)
            setattr(n, bound, ast.Constant(start + by))
            return n

        return change

    changes: _Changes = [("off-by-one slice", moved("lower", 1))]
    if node.upper is not None:
        changes += [("off-by-one slice", moved("upper", by)) for by in (1, -1)]
    return changes


def _of_call(node: ast.Call) -> _Changes:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    changes: _Changes = []
    if name == "where" and len(node.args) == 3:
        changes = [
            ("swapped arms", lambda n: _with(n, [n.args[0], n.args[2], n.args[1]])),
            ("missing mask", lambda n: n.args[1]),
            ("missing mask", lambda n: n.args[2]),
        ]
    if name == "array" and len(node.args) > 1:
        changes += [("missing copy", lambda n: n.args[0])]
    if name in _REDUCTIONS:
        changes += [("wrong reduction", lambda n: _called(n, _REDUCTIONS[name]))]
        changes += [("dropped reduction", lambda n: n.args[0])]
    if name in _TRIANGLES:
        changes += [("wrong triangle", lambda n: _called(n, _TRIANGLES[name]))]
    if name in _MOVES:
        changes += [(_MOVES[name], lambda n: n.func.value)]
    if name in _SPREADS:
        changes += [(_SPREADS[name], lambda n: n.args[0])]
    if name in _AXES and _axis(node) is not None:
        changes += [("wrong axis", _another_axis)]
    if name == "einsum":
        changes += _of_equation(node)
    if name in ("solve", "outer"):
        changes += [("swapped operands", lambda n: _with(n, [*n.args[::-1]]))]
    if name == "solve":
        changes += [("missing transposition", _turned_first)]
    changes.append(("wrong dtype", _as_integers))
    return changes


def _with(call: ast.Call, arguments: list[ast.expr]) -> ast.Call:
    call.args = arguments
    return call


def _called(call: ast.Call, name: str) -> ast.expr:
    function = call.func
    assert isinstance(function, ast.Attribute)
    function.attr = name
    return call


def _turned_first(call: ast.Call) -> ast.expr:
    return _with(call, [ast.Attribute(call.args[0], "T", ast.Load()), *call.args[1:]])


def _as_integers(call: ast.Call) -> ast.expr:
    return ast.Call(ast.Attribute(call, "astype", ast.Load()), [ast.Name("int", ast.Load())], [])


def _axis(call: ast.Call) -> ast.Constant | None:
    """The one axis of a call, where a number says it."""
    given = [k.value for k in call.keywords if k.arg == "axis"] or call.args[1:2]
    one = given[0] if given else None
    return one if isinstance(one, ast.Constant) and type(one.value) is int else None


def _another_axis(call: ast.Call) -> ast.expr:
    axis = _axis(call)
    if axis is not None:
        axis.value = 0 if axis.value else 1
    return call


def _of_equation(node: ast.Call) -> _Changes:
    spec = node.args[0]
    if not isinstance(spec, ast.Constant) or not isinstance(spec.value, str):
        return []
    operands, _, result = spec.value.partition("->")
    specs = {f"{operands}->{result[::-1]}"}
    first, *rest = operands.split(",")
    specs |= {f"{','.join([first[::-1], *rest])}->{result}"}

    def written(equation: str) -> Change:
        def change(n: ast.Call) -> ast.Call:
            n.args[0] = ast.Constant(equation)
            return n

        return change

    return [("wrong equation", written(one)) for one in sorted(specs - {spec.value})]


def _of_loop(node: ast.For) -> _Changes:
    backwards = ast.unparse(node.iter).startswith("reversed")

    def ranged(by: int, turned: bool) -> Callable[[ast.For], ast.AST]:
        def change(n: ast.For) -> ast.For:
            length = int(re.findall(r"\d+", ast.unparse(n.iter))[0]) + by
            text = f"range({length})"
            n.iter = ast.parse(
                f"reversed({text})" if backwards != turned else text, mode="eval"
            ).body
            return n

        return change

    return [
        ("one short", ranged(-1, False)),
        ("one more", ranged(1, False)),
        ("reversed order", ranged(0, True)),
    ]


def _of_name(
    node: ast.Name, owner: ast.AST | None, names: Sequence[str], buffers: Sequence[str],
    draw: random.Random,
) -> _Changes:  # fmt: skip
    """Another name that is at hand."""
    if isinstance(owner, ast.Subscript) and owner.value is node and _is_element(owner):
        others = [n for n in buffers if n != node.id]
        return [("stale buffer", _named(draw.choice(others)))] if others else []
    others = [n for n in names if n != node.id]
    if node.id not in names or not others:
        return []
    return [("wrong operand", _named(draw.choice(others)))]


def _named(name: str) -> Change:
    return lambda _: ast.Name(name, ast.Load())
