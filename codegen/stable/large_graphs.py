"""Large functions: where a search would take too long, the rewrites that are sure to help.

One walk, operands first: what an expression is when its operands are rewritten is rewritten, too.
Nothing is measured; each of these rewrites is better wherever it changes a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.origins.origin import moved
from codegen.stable.every_rewrite import Rewrites
from codegen.stable.form_search import Step
from codegen.stable.many_forms import Expressions

__all__ = ["LARGE", "LONGEST", "longest_sum", "settled_graph"]

LARGE = 20_000  # nodes of a function up to which its expressions are looked at
LONGEST = 16  # terms of a sum that is looked at
_AGAIN = 8  # rewrites of one expression after each other


def settled_graph(graph: Graph) -> tuple[Graph, tuple[Step, ...]]:
    """The function after all sure rewrites, and each of these with the node it was applied to."""
    e = Expressions([np.zeros(1)] * graph.inputs.count)
    rewrites, terms = Rewrites(e), _Terms(e)
    ids = e.of_graph(graph)
    new: dict[int, int] = {}
    steps: list[Step] = []
    for node, index in enumerate(ids):
        if index in new:
            continue
        found = _with_operands(e, index, new)
        for _ in range(_AGAIN):
            step = None if terms.of(found) > LONGEST else rewrites.sure(found)
            step = step or rewrites.whole_sum(found)
            if step is None:
                break
            found, name = step
            steps.append((name, node))
        new[index] = found
    if not steps:
        return graph, ()
    roots = [new[ids[i]] for i in graph.outputs]
    made, own = e.graph(graph.name, graph.parameters, roots, graph.result)
    return replace(made, origins=moved(graph.origins, _places(ids, new, own))), tuple(steps)


def longest_sum(graph: Graph) -> int:
    """How many terms the longest sum of a function has; a search of its forms grows with them."""
    e = Expressions([np.zeros(1)] * graph.inputs.count)
    terms = _Terms(e)
    return max(map(terms.of, e.of_graph(graph)), default=0)


def _with_operands(e: Expressions, index: int, new: Mapping[int, int]) -> int:
    """An expression with its operands as they are now."""
    form = e.forms[index]
    operands = tuple([new[i] for i in form.operands])
    if form.primitive is None or operands == form.operands:
        return index
    return e.placed(form.primitive, operands)


def _places(ids: Sequence[int], new: Mapping[int, int], own: Mapping[int, int]) -> list[int | None]:
    """Where each node went."""
    return [own.get(new[index]) for index in ids]


class _Terms:
    """How many terms sums have, each counted once."""

    def __init__(self, e: Expressions) -> None:
        self._e = e
        self._known: dict[int, int] = {}

    def of(self, index: int) -> int:
        """The number of terms; 1 for what is no sum."""
        stack = [index]
        while stack:
            top = stack[-1]
            inside = self._e.forms[top].operands
            if self._e.named(top) not in ("add", "sub"):
                self._known[top] = 1
            elif missing := [i for i in inside if i not in self._known]:
                stack += missing
                continue
            else:
                self._known[top] = sum(self._known[i] for i in inside)
            stack.pop()
        return self._known[index]
