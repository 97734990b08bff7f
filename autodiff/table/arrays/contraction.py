"""Row: the product of two arrays summed over shared axes, ``contract``.

Dot, matrix and outer products, ``tensordot`` and ``einsum`` of two operands are this one row.  Its
parameter is einsum's specification: ``ij,j->i``.  Every letter stands in two of operands and result
at least, so that the transpose in either operand is a contraction again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from autodiff.table.arrays.array_row import ArrayRow, Numbers, Shape, Use, shape_of
from autodiff.table.arrays.reshaping import broadcast_to, reshape, sum_over, transpose
from autodiff.table.primitive import Quantity

__all__ = ["contract", "split_spec"]


@lru_cache(maxsize=1024)
def split_spec(spec: str) -> tuple[str, str, str]:
    """Letters of the two operands and of the result."""
    operands, _, result = spec.partition("->")
    x, _, y = operands.partition(",")
    return x, y, result


@lru_cache(maxsize=1024)
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


class _Plan(NamedTuple):
    """How a contraction becomes one product of matrices.

    Axes of both operands and the result come first, then rows, summed axes and columns.
    """

    orders: tuple[tuple[int, ...] | None, ...]  # of the operands' axes; None: as they are
    ends: tuple[tuple[int, int], tuple[int, int]]  # where their groups end
    result: tuple[int, ...] | None  # order of the product's axes; None: as they are


_MATRICES = ((0, 1), (0, 1))  # where the groups of a plain product of two matrices end


@lru_cache(maxsize=1024)
def _plan(spec: str) -> _Plan:
    one, two, result = split_spec(spec)
    both = [c for c in result if c in one and c in two]
    rows = [c for c in result if c not in two]
    columns = [c for c in result if c not in one]
    inner = [c for c in one if c in two and c not in result]
    orders = (
        tuple(map(one.index, (*both, *rows, *inner))),
        tuple(map(two.index, (*both, *inner, *columns))),
    )
    ends = (len(both), len(both) + len(rows)), (len(both), len(both) + len(inner))
    made = [*both, *rows, *columns]
    return _Plan(tuple(map(_moved, orders)), ends, _moved(tuple(map(made.index, result))))


def _moved(order: tuple[int, ...]) -> tuple[int, ...] | None:
    """An order of axes; None if none is moved."""
    return None if order == tuple(range(len(order))) else order


def _value(x: Numbers, y: Numbers, spec: str) -> Numbers:
    """By one matrix product."""
    plan = _plan(spec)
    first, second = plan.orders
    left = x if first is None else x.transpose(first)
    right = y if second is None else y.transpose(second)
    if left.ndim == right.ndim == 2 and plan.ends == _MATRICES and left.shape[1] == right.shape[0]:
        made = left @ right
    else:
        _sizes(spec, x.shape, y.shape)
        made = _stacked(plan, left, right)
    return made if plan.result is None else made.transpose(plan.result)


def _stacked(plan: _Plan, left: Numbers, right: Numbers) -> Numbers:
    """Groups of axes as one axis each, those of both operands and the result in front."""
    (both, rows), (_, inner) = plan.ends
    shapes = left.shape, right.shape
    products = left.reshape(
        math.prod(shapes[0][:both]), math.prod(shapes[0][both:rows]), math.prod(shapes[0][rows:])
    ) @ right.reshape(
        math.prod(shapes[1][:both]), math.prod(shapes[1][both:inner]), math.prod(shapes[1][inner:])
    )
    return products.reshape(shapes[0][:rows] + shapes[1][inner:])


def _pull(g: Quantity, use: Use) -> object:
    """The transpose; axes along which a lazy cotangent is constant are left out of the product."""
    one, two, result = split_spec(use.params["spec"])
    own, letters = (one, two) if use.position == 0 else (two, one)
    other = use.operands[1 - use.position]
    given = shape_of(g)
    if given == use.shape and given:
        return _oriented(g, result, other, letters, own)
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


def _oriented(g: Quantity, result: str, other: Quantity, letters: str, own: str) -> object:
    """The transpose, with the operands in the order in which people write it: ``A.T @ g``."""
    if own and own[0] in result:
        return contract(f"{result},{letters}->{own}", g, other)
    return contract(f"{letters},{result}->{own}", other, g)


def _reach(g: Quantity, use: Use) -> object:
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


def _spell(params: Mapping[str, object], shapes: tuple[Shape, ...]) -> str:
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


def contract(spec: str, x: Any, y: Any) -> Any:
    """The products of two arrays, summed over the letters that the result lacks.

    Args:
        spec: As einsum has it, each letter at most once in each of the three.
        x: An array.
        y: Another.
    """
    if not shape_of(x) and not shape_of(y):
        return x * y
    read = _read(spec)
    x, y = (
        sum_over(array, lonely) if lonely else array
        for array, lonely in zip((x, y), read.lonely, strict=True)
    )
    one, two, result = read.letters
    if not one or not two:  # a number times an array
        made = x * y
        letters = one or two
        return transpose(made, tuple(map(letters.index, result))) if letters else made
    if set(one) == set(two) == set(result):
        x = transpose(x, tuple(map(one.index, result)))
        return x * transpose(y, tuple(map(two.index, result)))
    return _contract(x, y, spec=read.spec)


class _Read(NamedTuple):
    """A specification without the axes that nothing but one operand has."""

    lonely: tuple[tuple[int, ...], tuple[int, ...]]  # such axes of either operand
    letters: tuple[str, str, str]
    spec: str  # with the letters' usual names


@lru_cache(maxsize=1024)
def _read(spec: str) -> _Read:
    one, two, result = split_spec(spec)
    first, left = _without_lonely(one, two, result)
    second, right = _without_lonely(two, left, result)
    return _Read((first, second), (left, right, result), _renamed(left, right, result))


def _without_lonely(own: str, other: str, result: str) -> tuple[tuple[int, ...], str]:
    """The axes of letters that nothing else has, and the other letters."""
    lonely = tuple(i for i, c in enumerate(own) if c not in other and c not in result)
    return lonely, "".join(c for c in own if c in other or c in result)


def _renamed(one: str, two: str, result: str) -> str:
    """The specification with its letters in order from i on, so that equal ones are equal."""
    letters = "ijklmnopqrstuvwxyzabcdefgh"
    names = dict(zip(dict.fromkeys(one + two), letters, strict=False))
    return "->".join(
        [",".join("".join(names[c] for c in part) for part in (one, two)),
         "".join(names[c] for c in result)]
    )  # fmt: skip
