"""What is proportional to a cotangent: shown by the degree of every step in it.

``backward(residuals, c)`` has to be c times ``backward(residuals, 1.0)`` for every c.  A step that
does not depend on c has degree 0, c itself 1; products add degrees, sums keep them, a condition
must not ask for c.  Where all outputs have degree 1, or are zero, the proof for one c is a proof
for all.
"""

from __future__ import annotations

from autodiff.table.primitive import REGISTRY
from verify.program.program import Program

__all__ = ["is_proportional"]

_ZERO = -1  # of every degree
_SUMS = frozenset(REGISTRY[name].sympy for name in ("add", "sub"))
_KEEP = frozenset(REGISTRY[name].sympy for name in ("neg",))
_MUL, _DIV, _WHERE, _XLOGY = (REGISTRY[name].sympy for name in ("mul", "div", "where", "xlogy"))


def is_proportional(program: Program, cotangent: int, first: int = 1) -> bool:
    """True if all outputs are a cotangent times what does not depend on it.

    Args:
        program: Arithmetic.
        cotangent: The place of the cotangent.
        first: The first of the outputs that are meant; those before do not depend on it.
    """
    degrees: list[int | None] = [0] * (program.inputs + len(program.steps))
    for place, step in program.computed():
        if type(step) is tuple:
            degrees[place] = _degree(step[0], [degrees[i] for i in step[1]])
        elif place == cotangent:
            degrees[place] = 1
        elif step == 0.0:
            degrees[place] = _ZERO
    found = [degrees[place] for place in program.outputs]
    return all(d in (0, _ZERO) for d in found[:first]) and all(
        d in (1, _ZERO) for d in found[first:]
    )


def _degree(text: str, of: list[int | None]) -> int | None:
    """The degree of a step, None if it has none."""
    if None in of:
        return None
    if all(degree in (0, _ZERO) for degree in of):
        return _ZERO if _ZERO in of and _is_zero(text, of) else 0
    if text in _SUMS:
        return _common(of)
    if text in _KEEP:
        return of[0]
    if text == _MUL:
        return _ZERO if _ZERO in of else _at_most_one(sum(d or 0 for d in of))
    if text in (_DIV, _XLOGY):
        return of[0] if of[1] == 0 else None
    if text == _WHERE:
        return _common(of[1:]) if of[0] in (0, _ZERO) else None
    return None


def _is_zero(text: str, of: list[int | None]) -> bool:
    """True if what is computed with a zero is zero."""
    if text == _MUL:
        return True
    if text == _DIV:
        return of[0] == _ZERO
    if text == _WHERE:
        return of[1] == of[2] == _ZERO
    return text in _SUMS | _KEEP and all(degree == _ZERO for degree in of)


def _common(of: list[int | None]) -> int | None:
    degrees = {degree for degree in of if degree != _ZERO}
    return degrees.pop() if len(degrees) == 1 else _ZERO if not degrees else None


def _at_most_one(degree: int) -> int | None:
    return degree if degree <= 1 else None
