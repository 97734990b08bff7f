"""Functions that are a few steps each: ``copysign``, and of SciPy's those that are so in traces."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence

from autodiff.table import ops
from autodiff.table.primitive import Operand, Primitive
from autodiff.trace.libraries.scipy_functions import SPECIAL_FORMS
from verify.program.language.read_values import COMPLEX, NUMPY, Number, Real
from verify.program.language.refusal import RefusedError
from verify.program.language.scalars.arithmetic import MAY_BE_COMPLEX, Arithmetic
from verify.program.language.scalars.known_rows import SPECIAL
from verify.program.language.scalars.plain_numbers import flags_of, is_not_negative
from verify.program.program import SIGN_OF_ZEROS

__all__ = ["COMPOSED", "composed", "signed"]

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


def signed(arithmetic: Arithmetic, module: str, size: Number, sign: Number) -> Number:
    """``copysign`` of a module: the sign of a zero is an unknown one (opened.py)."""
    if any(flags_of(x) & COMPLEX for x in (size, sign)):
        raise RefusedError(MAY_BE_COMPLEX)
    if not isinstance(sign, Real) and not isinstance(size, Real):
        return math.copysign(size, sign)
    if is_not_negative(size):
        size = arithmetic.as_float(size)
        size = size if isinstance(size, Real) else abs(size)  # of -0.0
    else:
        size = arithmetic.called("abs", module, [size])
    if not isinstance(sign, Real):
        return size if math.copysign(1.0, sign) > 0.0 else arithmetic.unary(ast.USub, size)
    if arithmetic.is_rough(sign):
        raise RefusedError("the sign of a zero decides; write the number")
    flags = NUMPY if module == "numpy" else 0
    signs = Real(arithmetic.builder.apply(SIGN_OF_ZEROS, arithmetic.place(sign)), flags=flags)
    return arithmetic.binary(ast.Mult, size, signs)
