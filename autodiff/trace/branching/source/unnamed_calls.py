"""Source of a function, rewritten so that it finds copies of what only the call itself names.

What a function calls by the name of a global is known before it runs.  ``kernels["rbf"](x)``,
``layer(x)`` of a list, a parameter, a method of some object are not: such a call first asks what
stands for the called.
"""

from __future__ import annotations

import ast
import builtins
import dis
import types
from functools import lru_cache

from autodiff.table.written import codes_within

__all__ = ["CALLED", "Calls", "called_by"]

CALLED = "__called__"  # what rewritten code calls; no name of the user's has this form
# Methods of what no function is kept in under such a name.
_OF_VALUES = frozenset(
    name
    for kind in (list, dict, tuple, set, str, bytes, float, int, complex)
    for name in dir(kind)
    if not name.startswith("__")
)
_LOADS = frozenset({"LOAD_GLOBAL", "LOAD_NAME"})
_ATTRIBUTES = frozenset({"LOAD_ATTR", "LOAD_METHOD"})


class Calls(ast.NodeTransformer):
    """Rewrites calls of what is no builtin."""

    def __init__(self) -> None:
        self.count = 0

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """``f(x)`` as ``called(f)(x)``."""
        self.generic_visit(node)
        if not _is_known(node.func):
            self.count += 1
            asked = ast.Call(ast.Name(CALLED, ast.Load()), [node.func], [])
            node.func = ast.copy_location(asked, node.func)
        return node


def _is_known(function: ast.expr) -> bool:
    """True for what is never a function of the user's: builtins, and what rewriting put there."""
    if isinstance(function, ast.Attribute) and function.attr in _OF_VALUES:
        return True
    while isinstance(function, ast.Attribute):
        function = function.value
    return isinstance(function, ast.Name) and (
        hasattr(builtins, function.id) or function.id.startswith("__")
    )


@lru_cache(maxsize=4096)
def called_by(code: types.CodeType) -> frozenset[str | None]:
    """The globals through which a function, or one inside it, calls; None for anything else.

    ``np.sin(x)`` calls through ``np``; ``self.step(x)`` and ``f(x)`` of a parameter are None.
    """
    found: set[str | None] = set()
    for one in codes_within(code):
        root: str | None = None
        attribute, is_called = "", False
        for step in dis.get_instructions(one):
            if step.opname in _LOADS:
                root, attribute, is_called = step.argval, "", "NULL" in step.argrepr
            elif step.opname in _ATTRIBUTES:
                attribute = step.argval
                is_method = step.opname == "LOAD_METHOD" or "NULL" in step.argrepr
                if (is_method or is_called) and attribute not in _OF_VALUES:
                    found.add(root)
            elif step.opname == "PUSH_NULL":
                found.add(None)
                root, is_called = None, False
            elif step.opname != "CACHE":
                root, is_called = None, False
    return frozenset(found)
