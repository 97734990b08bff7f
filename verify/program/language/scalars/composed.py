"""Functions of SciPy's that are a few primitives each: those that they are in a trace."""

from __future__ import annotations

from collections.abc import Sequence

from autodiff.table import ops
from autodiff.table.primitive import Operand, Primitive
from autodiff.trace.libraries.scipy_functions import SPECIAL_FORMS
from verify.program.language.read_values import Number
from verify.program.language.scalars.arithmetic import Arithmetic
from verify.program.language.scalars.known_rows import SPECIAL

__all__ = ["COMPOSED", "composed"]

COMPOSED = {f"{SPECIAL}.{name}": function for name, function in SPECIAL_FORMS.items()} | {
    # A trace has it in two pieces that keep digits.
    f"{SPECIAL}.logit": lambda p: ops.log(p) - ops.log1p(-p)
}


class _Part(Operand):
    """A number of a text inside of such a function."""

    __slots__ = ("_numbers", "number")

    def __init__(self, numbers: Arithmetic, number: Number) -> None:
        self._numbers, self.number = numbers, number

    def bind(self, primitive: Primitive, operands: tuple[object, ...]) -> _Part:
        """The next step."""
        numbers = [x.number if isinstance(x, _Part) else float(x) for x in operands]  # type: ignore[arg-type]  # a number
        return _Part(self._numbers, self._numbers.called(primitive.name, "scipy", numbers))


def composed(name: str, arithmetic: Arithmetic, operands: Sequence[Number]) -> Number:
    """What a function gives for numbers.

    Args:
        name: One of ``COMPOSED``.
        arithmetic: Where its steps are added.
        operands: As many numbers as it takes.
    """
    made = COMPOSED[name](*(_Part(arithmetic, x) for x in operands))
    assert isinstance(made, _Part)
    return made.number
