"""Views: an expression as a sum of signed terms, as a product of powers, and back again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from codegen.stable.many_forms import Expressions

__all__ = ["Factors", "Terms", "factors_of", "product", "root_of_square", "terms_of", "total"]

Terms: TypeAlias = list[tuple[int, int]]  # (sign, expression)
Factors: TypeAlias = tuple[int, list[tuple[int, int]]]  # sign, (expression, exponent)


def terms_of(e: Expressions, index: int) -> Terms:
    """The signed terms of a sum, in order; nobody changes the list."""
    known = e.terms.get(index)
    if known is not None:
        return known
    found: Terms = []
    stack = [(1, index)]
    while stack:
        sign, i = stack.pop()
        operands, number = e.forms[i].operands, e.number(i)
        match e.named(i):
            case "add":
                stack += [(sign, operands[1]), (sign, operands[0])]
            case "sub":
                stack += [(-sign, operands[1]), (sign, operands[0])]
            case "neg":
                stack.append((-sign, operands[0]))
            case _ if number is not None and number < 0.0:
                found.append((-sign, e.literal(-number)))
            case _:
                found.append((sign, i))
    e.terms[index] = found
    return found


def total(e: Expressions, terms: Iterable[tuple[int, int]]) -> int:
    """The sum of signed terms, one after the other."""
    ordered = list(terms)
    if ordered and ordered[0][0] < 0:  # -x + y is y - x
        ordered.sort(key=lambda term: -term[0])
    result = e.literal(0.0)
    for sign, i in ordered:
        result = e.made("add" if sign > 0 else "sub", result, i)
    return result


def factors_of(e: Expressions, index: int) -> Factors:
    """The factors of a product with their exponents, equal ones together, in order."""
    sign = 1
    found: dict[int, int] = {}
    stack = [(index, 1)]
    while stack:
        i, n = stack.pop()
        operands, number = e.forms[i].operands, e.number(i)
        match e.named(i):
            case "mul":
                stack += [(operands[1], n), (operands[0], n)]
            case "div":
                stack += [(operands[1], -n), (operands[0], n)]
            case "square":
                stack.append((operands[0], 2 * n))
            case "reciprocal":
                stack.append((operands[0], -n))
            case "neg":
                sign = -sign if n % 2 else sign
                stack.append((operands[0], n))
            case _ if number is not None and abs(number) == 1.0:
                sign = -sign if number < 0.0 and n % 2 else sign
            case _:
                if number is not None and number < 0.0:
                    sign, i = (-sign if n % 2 else sign), e.literal(-number)
                found[i] = found.get(i, 0) + n
    return sign, [(i, n) for i, n in found.items() if n]


def product(e: Expressions, sign: int, factors: Sequence[tuple[int, int]]) -> int:
    """The product of powers: those above in order, by those below."""
    above, below = e.literal(1.0), e.literal(1.0)
    for i, n in factors:
        if n == 0:
            continue
        if n > 0:
            above = e.made("mul", above, _power(e, i, n))
        else:
            below = e.made("mul", below, _power(e, i, -n))
    result = e.made("div", above, below)
    return result if sign > 0 else e.made("neg", result)


def _power(e: Expressions, i: int, n: int) -> int:
    if n == 1:
        return i
    half = e.made("square", _power(e, i, n // 2))
    return e.made("mul", half, i) if n % 2 else half


def root_of_square(e: Expressions, index: int) -> int | None:
    """x where an expression is x * x; None if it is not seen to be a square."""
    number = e.number(index)
    if number is not None:
        root = number**0.5 if number > 0.0 else 0.0
        return e.literal(root) if root and root * root == number and root == int(root) else None
    sign, factors = factors_of(e, index)
    if sign < 0:
        return None
    halves: list[tuple[int, int]] = []
    for i, n in factors:
        if n % 2 == 0:
            halves.append((i, n // 2))
            continue
        if e.named(i) == "exp":
            half = e.made("mul", e.literal(0.5), e.forms[i].operands[0])
            halves.append((e.made("exp", half), n))
            continue
        root = None if e.number(i) is None else root_of_square(e, i)
        if root is None:
            return None
        halves.append((int(root), n))
    return product(e, 1, halves)
