"""Whether two texts of arrays give the same numbers because they say the same, names apart.

A text that counts ties beside is called in the place of the one that is proven.  Each name stands
for what was assigned to it, down to arguments, constants and calls, none of which writes into
arrays: two results are equal where these expressions are the same trees.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import lru_cache

from codegen.call.code import GradientCode
from codegen.call.compiled import CompiledFunction
from codegen.load.load import Loaded
from verify.field.whole.execute_lists import is_of_lists

__all__ = ["halves_of", "says_the_same", "texts_of"]

_OF_HALVES = re.compile(
    r"def forward\(([\w, ]+)\): .*\n"
    r"def backward\(residuals, cotangent=1\.0\): .*\n"
    r'def value_and_gradient\(\1\): """[^"]*""" '
    r"(\w+), (\w+) = forward\(\1\) return \2, backward\(\3\)"
)


def halves_of(compiled: CompiledFunction) -> Loaded | None:
    """The halves, if the text of value and gradient is a call of these: they say everything then.

    ``backward`` is held to a random cotangent, so its default, 1.0, is one of those.
    """
    if not isinstance(compiled.code, GradientCode) or is_of_lists(compiled.loaded):
        return None
    halves, texts = compiled.code.halves, texts_of(compiled.loaded)
    own = texts_of(halves)
    if compiled.code.watched or any(texts.get(name) != text for name, text in own.items()):
        return None
    words = [" ".join(texts[name].split()) for name in ("forward", "backward", compiled.entry)]
    return halves if _OF_HALVES.fullmatch("\n".join(words)) else None


def texts_of(loaded: Loaded) -> dict[str, str]:
    """The texts of emitted functions, by their names."""
    return {one.name: one.text for one in loaded.module.functions}


@lru_cache(maxsize=1)  # the same two are run at point after point
def says_the_same(one: Loaded, entry: str, other: Loaded, other_entry: str) -> bool:
    """True if the results of the one are the first results of the other; False where none tells.

    Args:
        one: Functions as they were loaded.
        entry: That of them which is called.
        other: As ``one``.
        other_entry: As ``entry``.
    """
    trees = _Trees()
    first, second = trees.results(one, entry), trees.results(other, other_entry)
    return bool(first) and first == second[: len(first)]


class _Trees:
    """Expressions, each distinct one under a number."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], int] = {}

    def results(self, loaded: Loaded, entry: str) -> Sequence[int]:
        """The expressions that a function returns; none if it has other statements."""
        text = next(one.text for one in loaded.module.functions if one.name == entry)
        function = ast.parse(text).body[0]
        assert isinstance(function, ast.FunctionDef)
        data = getattr(loaded.module, "data", ())
        names = {name: self._number("data", one.digest) for name, one in data}
        names |= {a.arg: self._number("argument", k) for k, a in enumerate(function.args.args)}
        for statement in function.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    names[name] = self._of(value, names)
                case ast.Assign(targets=[ast.Tuple(elts=parts)], value=value) if all(
                    isinstance(part, ast.Name) for part in parts
                ):
                    made = self._of(value, names)
                    for k, part in enumerate(parts):
                        names[ast.unparse(part)] = self._number("part", made, k)
                case ast.Return(value=ast.expr() as value):
                    return [self._of(item, names) for item in _items(value)]
                case ast.Expr(value=ast.Constant()):
                    continue
                case _:
                    return ()
        return ()

    def _of(self, node: ast.AST, names: dict[str, int]) -> int:
        if isinstance(node, ast.Name):
            return names[node.id] if node.id in names else self._number("name", node.id)
        if isinstance(node, ast.keyword) and node.arg in (None, "out"):
            return self._number(node)  # it may write into an array: equal to nothing
        said: list[object] = [type(node).__name__]
        for _, field in ast.iter_fields(node):
            for part in field if isinstance(field, list) else [field]:
                said.append(self._of(part, names) if isinstance(part, ast.AST) else repr(part))
            said.append(...)
        return self._number(*said)

    def _number(self, *said: object) -> int:
        return self._known.setdefault(said, len(self._known))


def _items(value: ast.expr) -> list[ast.expr]:
    """The parts of a returned value, in order."""
    items, stack = [], [value]
    while stack:
        top = stack.pop()
        if isinstance(top, ast.Tuple):
            stack += reversed(top.elts)
        else:
            items.append(top)
    return items
