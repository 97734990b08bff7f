"""Functions as values: those of the text by name, inner ones and ``lambda`` with what is around."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from verify.program.language.python.local_names import Scope
from verify.program.language.read_values import Value
from verify.program.language.refusal import RefusedError

__all__ = ["Closure", "Named", "bound", "check_inner"]


@dataclass(frozen=True, eq=False)
class Named:
    """A function of the top level, of Python or of a library.

    Args:
        name: Its name in the text, or its full name.
        own: True for one of the text.
    """

    name: str
    own: bool


@dataclass(frozen=True, eq=False)
class Closure:
    """A function that was defined in another one.

    Args:
        tree: Its definition.
        scope: The call that it was defined in: what is around has the value of the moment it is
            called at, as in Python.
        defaults: What the last of its parameters are where they are left out.
        of_names: The same of those that are given by name alone.
    """

    tree: ast.FunctionDef
    scope: Scope
    defaults: Sequence[Value]
    of_names: Mapping[str, Value]


def bound(
    head: ast.arguments,
    defaults: Sequence[Value],
    of_names: Mapping[str, Value],
    arguments: Sequence[Value],
    named: Mapping[str, Value],
) -> dict[str, Value]:
    """What each parameter of a function is in a call.

    Raises:
        RefusedError: if Python would not call it so.
    """
    if head.kwarg:
        raise RefusedError("a function that takes **; write its parameters")
    places = [a.arg for a in (*head.posonlyargs, *head.args)]
    if len(arguments) > len(places) and not head.vararg:
        raise RefusedError(f"takes {len(places)} arguments ({', '.join(places)})")
    local = dict(zip(places, arguments, strict=False))
    allowed = {a.arg for a in (*head.args, *head.kwonlyargs)} - local.keys()
    if not named.keys() <= allowed:
        raise RefusedError(f"takes no arguments {', '.join(sorted(named.keys() - allowed))} here")
    local |= named
    if defaults:
        for place, value in zip(places[-len(defaults) :], defaults, strict=True):
            local.setdefault(place, value)
    for place, value in of_names.items():
        local.setdefault(place, value)
    missing = [p for p in (*places, *(a.arg for a in head.kwonlyargs)) if p not in local]
    if missing:
        raise RefusedError(f"takes {len(places)} arguments ({', '.join(places)})")
    if head.vararg:
        local[head.vararg.arg] = tuple(arguments[len(places) :])
    return local


def check_inner(tree: ast.FunctionDef) -> None:
    """Make sure that nothing but their definition runs where inner functions are defined.

    Raises:
        RefusedError: if something does.
    """
    for node in ast.walk(tree):
        decorated = isinstance(node, ast.FunctionDef) and (
            node.decorator_list or getattr(node, "type_params", None)
        )
        if decorated and node is not tree:
            raise RefusedError("a decorator can do anything; write a plain function")
