"""Text of operations that never raise: ``_div({0}, {1})`` where the column says ``{0} / {1}``.

The functions behind it are those of ``total.py``, each with a ``_`` before its name; those
of custom primitives are the user's, rewritten the same way.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from autodiff.numbers.ieee import PORTABLE
from autodiff.numbers.total import TOTAL
from autodiff.table.primitive import REGISTRY
from codegen.language.target import PYTHON, helper_source

__all__ = ["PYTHON_TOTAL", "raises", "total_functions", "total_source"]

_OPERATORS: dict[type[ast.operator], str] = {ast.Div: "_div", ast.Mod: "_mod", ast.Pow: "_pow"}


def raises(name: str) -> bool:
    """True if the emitted function of this name can raise."""
    return name in TOTAL or hasattr(PORTABLE.get(name), "__source__")  # or custom


class _Totalled(ast.NodeTransformer):
    """Puts a total function in place of every operation that can raise."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        name = _OPERATORS.get(type(node.op))
        return ast.Call(ast.Name(name), [node.left, node.right], []) if name else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else ""
        name = called.id if isinstance(called, ast.Name) else name
        if raises(name):
            node.func = ast.Name(f"_{name}")
        return node


@cache
def _total_text(text: str) -> str:
    """A ``python`` column in which nothing raises; "" stays "", which no target can write."""
    if not text:
        return ""
    tree = ast.parse(re.sub(r"\{(\d+)\}", r"_hole\1", text), mode="eval")
    before = ast.unparse(tree)
    after = ast.unparse(_Totalled().visit(tree))
    return text if after == before else re.sub(r"_hole(\d+)", r"{\1}", after)


@cache
def total_source(name: str) -> str:
    """Source of the total function ``_name``; empty if there is none of this name."""
    bare = name.removeprefix("_")
    if bare == name or not raises(bare):
        return ""
    if bare in TOTAL:
        return helper_source(TOTAL[bare], name)
    tree = ast.parse(helper_source(PORTABLE[bare], name))
    return ast.unparse(ast.fix_missing_locations(_Totalled().visit(tree))) + "\n"


def total_functions(calls: Iterable[str]) -> list[str]:
    """Total functions among ``calls`` and all they need, in a fixed order."""
    needed: set[str] = set()
    queue = [name for name in calls if total_source(name)]
    while queue:
        name = queue.pop()
        if name not in needed:
            needed.add(name)
            queue += [n for n in re.findall(r"\b_\w+(?=\()", total_source(name)) if total_source(n)]
    rows = dict.fromkeys([*TOTAL, *REGISTRY])
    return [f"_{row}" for row in rows if f"_{row}" in needed]


# The same steps with operations that never raise: what emitted functions fall back to.
PYTHON_TOTAL = replace(PYTHON, column=lambda primitive: _total_text(primitive.python))
