"""What a tuple or list of an expression holds, a slice of a list item by item."""

from __future__ import annotations

import ast
from typing import TypeGuard

__all__ = ["Items", "word"]


class Items:
    """The numbers in a tuple or list, a slice of a list item by item.

    Args:
        node: The expression.

    Attributes:
        shape: How they stand in it.
        cells: Text of each.
        bases: The lists that items are taken of, once an expression.
    """

    def __init__(self, node: ast.expr) -> None:
        self.shape, self.cells, self.bases = "", list[str](), list[str]()
        self._add(node)

    def _add(self, node: ast.expr) -> None:
        match node:
            case ast.Tuple(elts=items) | ast.List(elts=items):
                self.shape += "(" if isinstance(node, ast.Tuple) else "["
                for item in items:
                    self._add(item.value if _is_part(item) else item)
                self.shape += ")"
                return
            case ast.Subscript(value=value, slice=part) if (found := _run(part)) is not None:
                start, stop, shape = found
                while isinstance(value, ast.Subscript) and (rest := _rest(value.slice)) is not None:
                    value, start, stop = value.value, start + rest, stop + rest
                if isinstance(value, ast.Name):
                    self.bases.append(value.id)
                    self.cells += [f"{value.id}[{k}]" for k in range(start, stop)]
                    self.shape += shape
                    return
        self.shape += "."
        self.cells.append(word(node))


def _is_part(node: ast.expr) -> TypeGuard[ast.Starred]:
    """True of ``*w[2:4]``."""
    match node:
        case ast.Starred(value=ast.Subscript(slice=ast.Slice())):
            return True
    return False


def _run(part: ast.expr) -> tuple[int, int, str] | None:
    """The places that a subscript names, and how they stand in what it gives."""
    match part:
        case ast.Constant(value=int(place)):
            return place, place + 1, "."
        case ast.Slice(lower=None, upper=ast.Constant(value=int(stop)), step=None):
            return 0, stop, f"[{'.' * stop})"
        case ast.Slice(
            lower=ast.Constant(value=int(start)), upper=ast.Constant(value=int(stop)), step=None
        ):
            return start, stop, f"[{'.' * (stop - start)})"
    return None


def _rest(part: ast.expr) -> int | None:
    """The place where a slice begins that goes on to the end."""
    match part:
        case ast.Slice(lower=ast.Constant(value=int(start)), upper=None, step=None):
            return start
    return None


def word(node: ast.expr) -> str:
    """Text of an expression, in one layout."""
    return node.id if isinstance(node, ast.Name) else ast.unparse(node)
