"""Annotations, which Python evaluates when a text is imported: they name types."""

from __future__ import annotations

import ast
from collections.abc import Callable

from verify.program.language.refusal import unreadable

__all__ = ["check_runs_nothing", "check_type"]

_RUNNING = (
    ast.Call, ast.NamedExpr, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
    ast.Await, ast.Yield, ast.YieldFrom, ast.JoinedStr,
)  # fmt: skip
_GENERIC = frozenset({"dict", "frozenset", "list", "set", "tuple", "numpy.ndarray", "numpy.dtype",
                      "numpy.typing.NDArray"})  # fmt: skip
_TYPES = _GENERIC | {"bool", "complex", "float", "int", "object", "str", "numpy.float64",
                     "numpy.floating", "typing.Any"}  # fmt: skip
# Types of typing, and how many others stand in their brackets; None for any number.
_TYPING: dict[str, int | None] = {
    f"{module}.{name}": count
    for module in ("typing", "collections.abc")
    for name, count in (("Dict", 2), ("Iterable", 1), ("List", 1), ("Mapping", 2),
                        ("Optional", 1), ("Sequence", 1), ("Tuple", None))
}  # fmt: skip


def check_runs_nothing(annotation: ast.expr) -> None:
    """No code runs in an annotation.

    Raises:
        UnreadableError: if some does.
    """
    if any(isinstance(node, _RUNNING) for node in ast.walk(annotation)):
        raise unreadable(annotation, "an annotation that runs code; name a type")


def check_type(node: ast.expr, full_name: Callable[[ast.expr], str]) -> None:
    """Nothing raises where Python evaluates an annotation.

    Raises:
        UnreadableError: if it may.
    """
    match node:
        case ast.Constant():
            return
        case ast.Name() | ast.Attribute() if full_name(node) in _TYPES | _TYPING.keys():
            return
        case ast.Subscript(value=ast.Name() | ast.Attribute() as generic) if (
            full_name(generic) in _TYPING
        ):
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            count = _TYPING[full_name(generic)]
            if count not in (None, len(parts)) or any(isinstance(p, ast.Constant) for p in parts):
                raise unreadable(node, "no types that typing takes here")
            for part in parts:
                check_type(part, full_name)
        case ast.Subscript(value=ast.Name() | ast.Attribute() as generic):
            if full_name(generic) not in _GENERIC:
                raise unreadable(node, f"{ast.unparse(generic)} takes no [...]")
            inner = node.slice
            for part in inner.elts if isinstance(inner, ast.Tuple) else [inner]:
                check_type(part, full_name)
        case ast.BinOp(op=ast.BitOr()):
            sides = [s for s in (node.left, node.right) if not _is_none(s)]
            if not sides or any(isinstance(s, ast.Constant) for s in sides):
                raise unreadable(node, "no type, so | raises an exception")
            for side in sides:
                check_type(side, full_name)
        case _:
            raise unreadable(node, f"{ast.unparse(node)!r} is no type that is known here")


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
