"""The C99 target: how numbers and primitives are spelled in C."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from autodiff.errors import EmitError
from autodiff.table.primitive import Primitive
from codegen.language.target import Target
from codegen.subset.spelling_c import DIRECT, c_literal, c_template
from codegen.subset.template import Template

__all__ = ["C99"]


class _C99(Target):
    """Text of C99, read off the Python column."""

    def template(self, primitive: Primitive) -> Template:
        """Analysed text of a primitive."""
        if not primitive.python:
            raise EmitError(f"primitive {primitive.name!r} has no c text: {primitive.missing}")
        plain = c_template(primitive.python, primitive.arity)
        if not self.aliases:
            return plain
        pieces = [p if isinstance(p, int) else self._spelled(p) for p in plain.pieces]
        return replace(plain, text=self._spelled(plain.text), pieces=tuple(pieces))

    def _spelled(self, text: str) -> str:
        return re.sub(r"\b\w+\b", lambda word: self.called(word[0]), text)

    @property
    def functions(self) -> frozenset[str]:
        """Names that emitted lines call and a parameter can hide."""
        return frozenset(DIRECT)

    def _renamed(self, aliases: Mapping[str, str], renamed: Callable[[str], str]) -> Target:
        return replace(self, aliases=aliases)

    def literal(self, value: float, spelled: str = "") -> str:
        """Text of a number; negative ones stand in parentheses."""
        return c_literal(value)


C99 = _C99(
    name="c",
    column=lambda primitive: primitive.python,
    truth_as_number="(double)({0})",
    infinity=("INFINITY", "NAN"),
    module="",
    header="",
    portable={},
)
