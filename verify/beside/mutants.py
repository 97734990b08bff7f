"""Mutants: an emitted gradient with one thing wrong, the way people and generators get it wrong.

The text is changed in its syntax tree, one node at a time, so that it stays readable::

    dropped term, doubled term   a contribution is not accumulated, or twice
    dropped factor               a local derivative is forgotten
    wrong operation, wrong sign, swapped operands
    stale name, wrong operand    the value before, or any other one
    wrong cotangent              another gradient that is at hand
    constant, x1.0003            a number that is off, by much or by little
    inverted mask, missing mask, doubled mask, dropped condition
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, NamedTuple, Protocol, TypeVar

__all__ = ["ENTRY", "WHOLE", "Change", "Mutant", "drawn", "inverted", "mutants", "of_operation"]

ENTRY = "value_and_gradient"
_WRONG: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.Mod: ast.Add,
}  # fmt: skip
_INVERTED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A changed text.

    Args:
        kind: What sort of mistake it is.
        line: Line of the change, in the text it was made from.
        change: The expression before and after.
        text: The whole changed text.
    """

    kind: str
    line: int
    change: str
    text: str


# Of a node of the type that the caller has looked at.
Change = Callable[[Any], ast.expr]


@dataclass(frozen=True)
class _Place:
    """A change to be made: the how-manieth node, and what becomes of it."""

    number: int
    kind: str
    change: Change


def mutants(source: str, count: int, seed: int = 0) -> list[Mutant]:
    """Different mutants of a text's ``value_and_gradient``, drawn at random.

    Args:
        source: What ``compile_gradient`` emitted.
        count: How many at most; kinds of mistakes are drawn evenly.
        seed: Of the draw.

    >>> source = "def value_and_gradient(x):\\n    v1 = x * x\\n    return v1, 2.0 * x\\n"
    >>> for mutant in mutants(source, 3):
    ...     print(mutant.line, mutant.kind, mutant.change, sep=": ")
    2: wrong sign: x * x -> -(x * x)
    3: constant: 2.0 -> 3.0
    3: wrong operation: 2.0 * x -> 2.0 + x
    """
    draw = random.Random(seed)
    return drawn(_places(ast.parse(source), draw), partial(_mutant, source), count, draw)


class _OfAKind(Protocol):
    """A place at which a mistake of some kind can be made."""

    @property
    def kind(self) -> str: ...


_PlaceT = TypeVar("_PlaceT", bound=_OfAKind)


def drawn(
    places: Iterable[_PlaceT],
    mutant_at: Callable[[_PlaceT], Mutant],
    count: int,
    draw: random.Random,
) -> list[Mutant]:
    """Different mutants, by line; kinds of mistakes are drawn evenly.

    Args:
        places: Where a mistake can be made.
        mutant_at: Makes the one of a place.
        count: How many at most.
        draw: What draws.
    """
    kinds: dict[str, list[_PlaceT]] = {}
    for place in places:
        kinds.setdefault(place.kind, []).append(place)
    for of_kind in kinds.values():
        draw.shuffle(of_kind)
    found: dict[str, Mutant] = {}
    while kinds and len(found) < count:
        kind = draw.choice(list(kinds))
        mutant = mutant_at(kinds[kind].pop())
        found.setdefault(mutant.text, mutant)
        if not kinds[kind]:
            del kinds[kind]
    return sorted(found.values(), key=lambda m: (m.line, m.kind, m.change))


class _Split(NamedTuple):
    """A file in three: what stands before the function that is changed, it, and what follows."""

    before: str
    entry: str
    first: int  # its first line
    after: str


@lru_cache(maxsize=1)
def _split(source: str) -> _Split:
    """The rest of a file is the same in every mutant: it is read and written once."""
    tree = ast.parse(source)
    place = next(i for i, node in enumerate(tree.body) if _is_entry(node))
    entry = tree.body[place]
    text = ast.get_source_segment(source, entry)
    assert text is not None
    before, after = (
        ast.unparse(ast.Module(body, [])) for body in (tree.body[:place], tree.body[place + 1 :])
    )
    return _Split(before, text, entry.lineno, after)


def _mutant(source: str, place: _Place) -> Mutant:
    split = _split(source)
    tree = ast.parse(split.entry)
    found = _nodes(tree)[0][place.number]
    old, slot = found.node, getattr(found.owner, found.field)
    before, line = ast.unparse(old), old.lineno + split.first - 1
    new = place.change(old)
    if isinstance(slot, list):
        slot[next(i for i, item in enumerate(slot) if item is old)] = new
    else:
        setattr(found.owner, found.field, new)
    changed = ast.unparse(ast.fix_missing_locations(tree))
    text = "\n\n".join(filter(None, (split.before, changed, split.after))) + "\n"
    return Mutant(place.kind, line, f"{before} -> {ast.unparse(new)}", text)


def _is_entry(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == ENTRY


# --- places ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Node:
    """An expression, who holds it in which field, and how many names are known there."""

    owner: ast.AST
    field: str
    node: ast.expr
    known: int


def _nodes(tree: ast.Module) -> tuple[list[_Node], list[str]]:
    """All expressions that compute something, in the order of the text, and all names assigned."""
    entry = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == ENTRY)
    found: list[_Node] = []
    known: list[str] = []
    for statement in _statements(entry.body):
        assert statement.value is not None
        waiting: list[tuple[ast.AST, str, ast.expr]] = []
        if not _takes_arguments(statement):
            waiting.append((statement, "value", statement.value))
        while waiting:
            owner, field, node = waiting.pop()
            found.append(_Node(owner, field, node, len(known)))
            for name, value in ast.iter_fields(node):
                if isinstance(node, ast.Call) and name == "func":
                    continue
                inside = value if isinstance(value, list) else [value]
                waiting += [(node, name, x) for x in inside if isinstance(x, ast.expr)]
        if isinstance(statement, ast.Assign):
            names = (n for n in ast.walk(statement.targets[0]) if isinstance(n, ast.Name))
            known += [n.id for n in names if n.id not in known]
    return found, known


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.Assign | ast.Return]:
    for statement in body:
        if isinstance(statement, ast.Try):
            yield from _statements(statement.body)
        elif isinstance(statement, ast.Assign) or (
            isinstance(statement, ast.Return) and statement.value is not None
        ):
            yield statement


def _takes_arguments(statement: ast.Assign | ast.Return) -> bool:
    """True for ``x_0, x_1 = x`` and ``x, y = float(x), float(y)``, and for ``w = [0.0] * 9``."""
    value = statement.value
    if isinstance(value, ast.BinOp) and isinstance(value.left, ast.List):
        return True
    parts = value.elts if isinstance(value, (ast.Tuple, ast.List)) else [value]
    return isinstance(statement, ast.Assign) and all(
        isinstance(part, ast.Name)
        or (isinstance(part, ast.Call) and ast.unparse(part.func) == "float")
        for part in parts
    )


_TRUTH = (ast.Compare, ast.BoolOp)


def _places(tree: ast.Module, draw: random.Random) -> Iterator[_Place]:
    """Everything that can go wrong."""
    nodes, names = _nodes(tree)
    for number, place in enumerate(nodes):
        node = place.node
        changes: Sequence[tuple[str, Change]] = ()
        match node:
            case ast.BinOp():
                changes = of_operation(node)
            case ast.UnaryOp(op=ast.USub()):
                changes = [("wrong sign", lambda n: n.operand)]
            case ast.UnaryOp(op=ast.Not()):
                changes = [("inverted mask", lambda n: n.operand)]
            case ast.IfExp():
                changes = _MASK
            case ast.BoolOp():
                changes = _CONDITIONS
            case ast.Compare() if len(node.ops) == 1:
                changes = [("inverted mask", inverted)]
            case ast.Constant() if isinstance(node.value, float):
                changes = [("constant", lambda n: ast.Constant(n.value + 1.0))]
            case ast.Name():
                changes = _of_name(node, names[: place.known], draw)
        whole = isinstance(place.owner, ast.Assign) and not isinstance(node, _TRUTH)
        if whole and not (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)):
            changes = [*changes, *WHOLE]
        for kind, change in changes:
            yield _Place(number, kind, change)


# --- changes ---------------------------------------------------------------------------------


def _scaled(node: ast.expr) -> ast.expr:
    return ast.BinOp(node, ast.Mult(), ast.Constant(1.0003))


def _negated(node: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.USub(), node)


WHOLE = [("x1.0003", _scaled), ("wrong sign", _negated)]


_MASK: list[tuple[str, Change]] = [
    ("inverted mask", lambda n: ast.IfExp(n.test, n.orelse, n.body)),
    ("missing mask", lambda n: n.body),
    ("missing mask", lambda n: n.orelse),
    ("doubled mask", lambda n: ast.IfExp(n.test, n, n.orelse)),
]
_CONDITIONS: list[tuple[str, Change]] = [
    ("dropped condition", lambda n: n.values[0]),
    ("dropped condition", lambda n: n.values[-1]),
]


def inverted(node: ast.Compare) -> ast.expr:
    """The opposite condition."""
    return ast.Compare(node.left, [_INVERTED[type(node.ops[0])]()], node.comparators)


def of_operation(node: ast.BinOp) -> list[tuple[str, Change]]:
    """What goes wrong with an operation."""
    dropped = "dropped term" if isinstance(node.op, (ast.Add, ast.Sub)) else "dropped factor"
    changes: list[tuple[str, Change]] = [(dropped, lambda n: n.left)]
    if isinstance(node.op, (ast.Add, ast.Mult)):
        changes.append((dropped, lambda n: n.right))
    else:
        changes.append(("swapped operands", lambda n: ast.BinOp(n.right, n.op, n.left)))
    if isinstance(node.op, ast.Add):
        changes.append(("doubled term", lambda n: ast.BinOp(n, ast.Add(), n.right)))
    if type(node.op) in _WRONG:
        wrong = _WRONG[type(node.op)]()
        changes.append(("wrong operation", lambda n: ast.BinOp(n.left, wrong, n.right)))
    return changes


def _of_name(node: ast.Name, known: Sequence[str], draw: random.Random) -> list[tuple[str, Change]]:
    """Other names that are assigned above."""
    if node.id not in known:
        return []
    changes: list[tuple[str, Change]] = []
    before = known.index(node.id) - 1
    if before >= 0:
        changes.append(("stale name", _named(known[before])))
    cotangents = [n for n in known if n != node.id and "_bar" in n]
    others = [n for n in known if n != node.id and "_bar" not in n]
    if others:
        changes.append(("wrong operand", _named(draw.choice(others))))
    if cotangents:
        changes.append(("wrong cotangent", _named(draw.choice(cotangents))))
    return changes


def _named(name: str) -> Change:
    return lambda _: ast.Name(name, ast.Load())
