"""Row: the product of two arrays summed over shared axes, ``contract``.

Dot, matrix and outer products, ``tensordot`` and ``einsum`` of two operands are this one row.  Its
parameter is einsum's specification: ``ij,j->i``.  Every letter stands in two of operands and result
at least, so that the transpose in either operand is a contraction again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from autodiff.table.arrays.array_row import ArrayRow, Shape, Use, shape_of
from autodiff.table.arrays.reshaping import broadcast_to, reshape, sum_over, transpose

__all__ = ["contract", "split_spec"]


def split_spec(spec: str) -> tuple[str, str, str]:
    """Letters of the two operands and of the result."""
    operands, _, result = spec.partition("->")
    x, _, y = operands.partition(",")
    return x, y, result


def _sizes(spec: str, x: Shape, y: Shape) -> dict[str, int]:
    one, two, result = split_spec(spec)
    if (len(one), len(two)) != (len(x), len(y)):
        raise ValueError(f"{spec} does not fit shapes {x} and {y}")
    sizes: dict[str, int] = {}
    for letter, n in zip(one + two, x + y, strict=True):
        if sizes.setdefault(letter, n) != n:
            raise ValueError(f"shapes {x} and {y} do not match: {sizes[letter]} against {n}")
    if set(result) - sizes.keys() or any(
        len(set(part)) != len(part) for part in (one, two, result)
    ):
        raise ValueError(f"{spec} is no contraction of two arrays")
    return sizes


def _infer(x: Shape, y: Shape, *, spec: str) -> Shape:
    sizes = _sizes(spec, x, y)
    return tuple(sizes[letter] for letter in split_spec(spec)[2])


def _value(x: Any, y: Any, spec: str) -> Any:
    """By one matrix product: axes of both and the result first, the summed ones inside."""
    one, two, result = split_spec(spec)
    sizes = _sizes(spec, x.shape, y.shape)
    both = [c for c in result if c in one and c in two]
    rows = [c for c in result if c not in two]
    columns = [c for c in result if c not in one]
    inner = [c for c in one if c in two and c not in result]

    def arranged(array: Any, letters: str, *groups: list[str]) -> Any:
        order = [letters.index(c) for group in groups for c in group]
        shape = [math.prod(sizes[c] for c in group) for group in groups]
        return np.transpose(array, order).reshape(shape)

    left = arranged(x, one, both, rows, inner)
    right = arranged(y, two, both, inner, columns)
    made = (left @ right).reshape([sizes[c] for c in (*both, *rows, *columns)])
    order = [(*both, *rows, *columns).index(c) for c in result]
    return np.transpose(made, order)


def _pull(g: object, use: Use) -> object:
    """The transpose; axes along which a lazy cotangent is constant are left out of the product."""
    one, two, result = split_spec(use.params["spec"])
    own, letters = (one, two) if use.position == 0 else (two, one)
    other = use.operands[1 - use.position]
    given = shape_of(g)
    given = (1,) * (len(use.shape) - len(given)) + given
    is_number = not shape_of(g)
    held = [i for i, n in enumerate(given) if not is_number and (n != 1 or use.shape[i] == 1)]
    if len(held) == len(result):
        return _oriented(g if is_number else reshape(g, given), result, other, letters, own)
    short = "".join(result[i] for i in held)
    g = reshape(g, tuple(given[i] for i in held)) if shape_of(g) else g
    lost = [c for c in result if c not in short and c not in letters]
    target = "".join(c for c in own if c not in lost)
    made = _oriented(g, short, other, letters, target)
    shape = tuple(1 if c in lost else n for c, n in zip(own, use.own, strict=True))
    return reshape(made, shape) if shape_of(made) else made


def _oriented(g: object, result: str, other: object, letters: str, own: str) -> object:
    """The transpose, with the operands in the order in which people write it: ``A.T @ g``."""
    if own and own[0] in result:
        return contract(f"{result},{letters}->{own}", g, other)
    return contract(f"{letters},{result}->{own}", other, g)


def _reach(g: object, use: Use) -> object:
    """Where open places of the result reach: as if the other operand were ones."""
    one, two, result = split_spec(use.params["spec"])
    own = (one, two)[use.position]
    gone = tuple(i for i, c in enumerate(result) if c not in own)
    left = [c for c in result if c in own]
    g = sum_over(g, gone)
    g = transpose(g, tuple(left.index(c) for c in own if c in left))
    return broadcast_to(
        reshape(g, tuple(n if c in left else 1 for c, n in zip(own, use.own, strict=True))),
        use.own,
    )


def _spell(params: Mapping[str, Any], shapes: tuple[Shape, ...]) -> str:
    one, two, result = split_spec(params["spec"])
    inner = [c for c in one if c in two and c not in result]
    if len(inner) == 1 and max(len(one), len(two)) <= 2:
        left = "{0}" if one[-1] == inner[0] else "{0}.T"
        right = "{1}" if two[0] == inner[0] else "{1}.T"
        made = [c for c in one if c != inner[0]] + [c for c in two if c != inner[0]]
        if result == "".join(made):
            return f"{left} @ {right}"
        if result == "".join(made[::-1]):
            left, right = _flipped(right), _flipped(left)
            return f"{left} @ {right}"
    if not inner and len(one) == len(two) == 1:
        return "np.outer({0}, {1})" if result == one + two else "np.outer({1}, {0})"
    return f"np.einsum('{params['spec']}', {{0}}, {{1}}, optimize=True)"


def _flipped(operand: str) -> str:
    return operand[: -len(".T")] if operand.endswith(".T") else f"{operand}.T"


_contract = ArrayRow(
    "contract",
    _value,
    (_pull, _pull),
    "", "", "",
    params=("spec",),
    infer=_infer,
    spell=_spell,
    reaches=(_reach, _reach),
    lazy=True,
)  # fmt: skip


def contract(spec: str, x: Any, y: Any) -> object:
    """The products of two arrays, summed over the letters that the result lacks.

    Args:
        spec: As einsum has it, each letter at most once in each of the three.
        x: An array.
        y: Another.
    """
    one, two, result = split_spec(spec)
    if not shape_of(x) and not shape_of(y):
        return x * y
    x, one = _without_lonely(x, one, two, result)
    y, two = _without_lonely(y, two, one, result)
    if not one or not two:  # a number times an array
        made = x * y
        letters = one or two
        return transpose(made, tuple(letters.index(c) for c in result)) if letters else made
    if set(one) == set(two) == set(result):
        x = transpose(x, tuple(one.index(c) for c in result))
        return x * transpose(y, tuple(two.index(c) for c in result))
    return _contract(x, y, spec=_renamed(one, two, result))


def _without_lonely(x: object, own: str, other: str, result: str) -> tuple[object, str]:
    """``x`` summed over letters that nothing else has."""
    lonely = [i for i, c in enumerate(own) if c not in other and c not in result]
    if not lonely:
        return x, own
    assert len(shape_of(x)) == len(own)
    return sum_over(x, lonely), "".join(c for c in own if c in other or c in result)


def _renamed(one: str, two: str, result: str) -> str:
    """The specification with its letters in order from i on, so that equal ones are equal."""
    letters = "ijklmnopqrstuvwxyzabcdefgh"
    names = dict(zip(dict.fromkeys(one + two), letters, strict=False))
    return "->".join(
        [",".join("".join(names[c] for c in part) for part in (one, two)),
         "".join(names[c] for c in result)]
    )  # fmt: skip
