"""The C99 target: how numbers and primitives are spelled in C."""

from __future__ import annotations

from autodiff.errors import EmitError
from autodiff.table.primitive import Primitive
from codegen.language.target import Target
from codegen.subset.spelling_c import c_literal, c_template
from codegen.subset.template import Template

__all__ = ["C99"]


class _C99(Target):
    """Text of C99, read off the Python column."""

    def template(self, primitive: Primitive) -> Template:
        """Analysed text of a primitive."""
        if not primitive.python:
            raise EmitError(f"primitive {primitive.name!r} has no c text: {primitive.missing}")
        return c_template(primitive.python, primitive.arity)

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
