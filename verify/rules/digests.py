"""Digests of the primitive table's rows: a changed rule changes its row's digest.

A rule's digest is that of the graph it records on placeholders, so it depends on what the rule
does and not on how its lines are broken; constants and functions it calls are inside the graph.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import cache

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import graphs_in
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.primitive import Primitive
from verify.answer.certificate import sha256
from verify.rules.rules import rule_graphs

__all__ = ["rule_digests"]


def rule_digests(graph: Graph) -> dict[str, str]:
    """Digest of the row of each primitive of ``graph``, and of those its rules use.

    >>> import autodiff as ad
    >>> list(rule_digests(ad.trace(lambda x: ad.log(x) + 1.0, 1.0)))
    ['add', 'div', 'log']
    """
    rows = _primitives(graph)
    for row in list(rows.values()):
        for rule in _rules(row):
            rows |= _primitives(rule)
    return {name: _digest(rows[name]) for name in sorted(rows)}


def _primitives(graph: Graph) -> dict[str, Primitive]:
    """By name, those inside loops, too."""
    return {row.name: row for one in graphs_in(graph) for _, row, _ in one.operations()}


@cache
def _rules(row: Primitive) -> tuple[Graph, ...]:
    if isinstance(row, ArrayRow):  # its rules are about whole arrays, which no placeholder is
        return ()
    positions = (p for p in range(row.arity) if p not in row.literal)
    return tuple(rule for p in positions for _, _, rule in rule_graphs(row, p))


@cache
def _digest(row: Primitive) -> str:
    return sha256("\n".join(_parts(row)))


def _parts(row: Primitive) -> Iterator[str]:
    yield from (row.name, row.python, row.numpy, row.sympy, row.ufunc)
    yield repr((row.domain, row.predicate, row.conditions, row.literal, row.kinks))
    yield repr([rule is None for rule in row.partials])
    yield _source(row.impl)
    if isinstance(row, ArrayRow):
        functions = (row.infer, row.spell, *row.partials, *(row.pushes or ()))
        yield from (_source(function) for function in functions if function is not None)
    yield from map(str, _rules(row))


def _source(function: Callable[..., object]) -> str:
    """Source of a function; the name of one that has none, such as ``operator.add``."""
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', '')}"
