"""Where inputs have to be for differences to be zero, as far as that is plain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import sympy

__all__ = ["along", "input_of", "place_of", "replaced"]

sp = sympy


def place_of(
    differences: Iterable[sympy.Basic], symbols: Sequence[sympy.Basic]
) -> dict[sympy.Basic, sympy.Basic]:
    """Inputs, or roots, and what they are where all differences are zero."""
    place: dict[sympy.Basic, sympy.Basic] = {}
    for zero in (zero for difference in differences for zero in _zeros_of(difference)):
        there = replaced(zero, place)
        solved = input_of(there, symbols) or _root_of(there, symbols)
        if solved is not None:
            place[solved[0]] = solved[1]
    return place


def replaced(expression: sympy.Basic, place: Mapping[sympy.Basic, sympy.Basic]) -> sympy.Basic:
    """An expression with inputs replaced, one after the other."""
    for x, there in place.items():
        expression = _rooted(expression, x, there) if x.is_Pow else expression.subs(x, there)
    return expression


def along(
    value: sympy.Basic,
    signs: Mapping[sympy.Basic, int],
    symbols: Sequence[sympy.Basic],
    by: sympy.Basic,
) -> sympy.Basic | None:
    """The derivative of a function along a tie, by an input that does not leave it.

    A tie stays where the other inputs do; however the function jumps beside it, this derivative is
    there.

    Args:
        value: The function at the tie.
        signs: Signs of what the function asks, 0 where that ties; what a text asks besides stands
            in nobody's way.
        symbols: All inputs.
        by: The input.

    Returns:
        None if the input may leave the tie, or the derivative is not found.
    """
    tied = [difference for difference, sign in signs.items() if sign == 0]
    place = place_of(tied, symbols)
    zeros = [replaced(difference, place) for difference in tied]
    moved = {by, *(x for x, there in place.items() if not x.is_Symbol or there.has(by))}
    if not place or moved & place.keys() or not all(z.is_zero for z in zeros):
        return None
    slope = sp.diff(replaced(value, place), by)
    return None if slope.has(sp.Derivative, sp.nan, sp.zoo, sp.oo) else slope


def _rooted(expression: sympy.Basic, root: sympy.Basic, there: sympy.Basic) -> sympy.Basic:
    """An expression with a root replaced, and roots of multiples of what is under it."""
    found = {}
    for power in expression.atoms(sp.Pow):
        if (2 * power.exp).is_Integer and power.base.free_symbols:
            ratio = sp.cancel(power.base / root.base)
            if ratio.is_number and ratio.is_positive:
                found[power] = (sp.sqrt(ratio) * there) ** (2 * power.exp)
    return expression.xreplace(found)


def input_of(
    difference: sympy.Basic, symbols: Sequence[sympy.Basic]
) -> tuple[sympy.Basic, sympy.Basic] | None:
    """An input that a difference is linear in, and what it has to be for it to be zero."""
    difference = sp.expand(difference)
    for x in symbols:
        factor = difference.coeff(x, 1)
        rest = sp.expand(difference - factor * x)
        if factor.is_nonzero and not factor.has(*symbols) and not rest.has(x):
            return x, sp.cancel(-rest / factor)
    return None


def _root_of(
    difference: sympy.Basic, symbols: Sequence[sympy.Basic]
) -> tuple[sympy.Basic, sympy.Basic] | None:
    """A root that a difference is a number more than, or less, and what it has to be."""
    for root in sorted(difference.atoms(sp.Pow), key=sp.default_sort_key):
        factor = difference.coeff(root, 1)
        rest = sp.expand(difference - factor * root)
        numbers = not factor.has(*symbols) and not rest.has(*symbols)
        if root.exp == sp.S.Half and numbers and factor.is_nonzero:
            return root, -rest / factor
    return None


def _zeros_of(difference: sympy.Basic) -> list[sympy.Basic]:
    """What is zero where a difference is: a sum of real squares only where all of them are."""
    inside = difference
    while inside.is_Pow and inside.exp.is_positive:
        inside = inside.base
    terms = [term.as_coeff_Mul() for term in sp.Add.make_args(inside)]
    squares = all(c > 0 and x.is_Pow and x.exp == 2 and x.base.is_real for c, x in terms)
    return [x.base for _, x in terms] if squares and inside != difference else [difference]
