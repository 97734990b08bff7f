"""Arrays of residues as polynomials in conditions: what holds for conditions holds for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
import codegen
from autodiff.table.arrays.array_row import ARRAY_ROWS
from autodiff.table.arrays.reshaping import reshape, sum_over
from verify.answer.report import Verdict
from verify.beside.array_mutation import text_of, with_text
from verify.field.whole.array_field import Residues
from verify.field.whole.conditions.parted_field import Parted
from verify.field.whole.repeated.carried_parts import CarriedParts
from verify.field.whole.repeated.larger_of_two import LargerOfTwo
from verify.subjects.array_pairs import pairs_in_field


def numbers(field: CarriedParts, count: int) -> list[Residues]:
    """Unknown numbers."""
    return [field.unknown(()) for _ in range(count)]


def same(x: Any, y: Any) -> bool:
    """True for one element."""
    return bool(np.array_equal(x.v, x.meaning.lift(y).v))


def test_conditions_have_no_squares_and_exclude_each_other() -> None:
    """c * c is c, of two orders one holds at most, and ``and``, ``or``, ``where`` follow."""
    field = CarriedParts()
    a, b, x, y = numbers(field, 4)
    c, d, back = field.less(a, b), field.less(x, y), field.less(b, a)
    assert same(c * c, c)
    assert same(c * back, 0.0)
    assert same(field.where(c, field.where(d, x, y), y), field.where(c * d, x, y))
    assert same(field.truth(field.where(c, field.lift(0.0), d)), (1.0 - c) * d)
    assert not same(field.where(c, x, y), field.where(d, x, y))
    assert not same(c * d, c)
    assert not same(x * x, x)


@pytest.mark.parametrize("asked", ["lem", "lme", "elm", "eml", "mle", "mel"])
def test_one_of_three_orders_holds(asked: str) -> None:
    """Of x < y, x == y and y < x, whichever is asked for first, also where they have moved."""
    field = CarriedParts()
    x, y, z = (field.unknown((3, 4)) for _ in "xyz")
    ways = {"l": lambda: field.less(x, y), "m": lambda: field.less(y, x),
            "e": lambda: field.equal(x, y)}  # fmt: skip
    found = {way: ways[way]() for way in asked}
    assert same(found["l"] + found["e"] + found["m"], np.ones((3, 4)))
    assert same(found["l"] * found["m"], np.zeros((3, 4)))
    assert same(found["e"] * field.where(found["m"], y, z), found["e"] * z)
    assert not same(found["l"] + found["m"], np.ones((3, 4)))
    turned = [way.T for way in found.values()]
    assert same(turned[0] + turned[1] + turned[2], np.ones((4, 3)))
    assert same(field.equal(y.T, x.T), found["e"].T)


def test_a_product_of_arrays_holds_conditions_once() -> None:
    """Rows times columns, where a condition chooses in both."""
    field = CarriedParts()
    a, b, x, y = (field.unknown((5,)) for _ in range(4))
    chosen = field.where(field.less(a, b), x, y)
    assert same(chosen @ chosen, sum_over(chosen * chosen, (0,)))
    square = field.unknown((5, 5))
    picked = field.where(field.less(square, 0.0 * square), square, 1.0 + square)
    assert same(sum_over((picked @ picked) * square, (0, 1)), sum_over(
        (reshape(picked, (5, 5, 1)) * reshape(picked, (1, 5, 5))) * reshape(square, (5, 1, 5)),
        (0, 1, 2)))  # fmt: skip


def test_a_difference_that_is_a_number_is_one() -> None:
    """Where conditions add up to a constant, it is compared as one."""
    field = CarriedParts()
    x, y = field.unknown((3,)), field.unknown((3,))
    c = field.less(x, y)
    count = sum_over(c + field.negation(c), (0,))
    assert field.equal(count, field.lift(0.0)).known is not None
    assert field.less(count, field.lift(4.0)).known == 1.0
    assert field.equal(sum_over(c, (0,)), field.lift(0.0)).known is None


def test_what_a_condition_is_not_is_a_factor() -> None:
    """c and not c exclude each other and are all there is; y < x implies that x < y is not."""
    field = CarriedParts()
    a, b, x, y = numbers(field, 4)
    c, back = field.less(a, b), field.less(b, a)
    other = field.negation(c)
    assert same(c * other, 0.0)
    assert same(c + other, 1.0)
    assert same(field.negation(other), c)
    assert same(back * other, back)
    assert same(other * field.where(c, x, y), other * y)
    assert not same(other * back, other)


def test_conditions_of_arrays_hold_element_by_element() -> None:
    """They have no squares, go where their elements go, and are those of what went there first."""
    field = CarriedParts()
    a, b, x, y = (field.unknown((3, 4)) for _ in range(4))
    c, row = field.less(a, b), field.less(field.unknown((4,)), field.lift(0.5))
    chosen = field.where(c, x, field.where(row, y, field.lift(0.0)))
    assert same(c * chosen, c * x)
    assert same(field.less(b, a) * c, 0.0 * x)
    assert same(c[1:] * field.less(b, a)[1:], 0.0 * x[1:])
    assert same(c[1:] * chosen[1:], field.where(field.less(a[1:], b[1:]), x[1:], 0.0 * x[1:]))
    placed = field.of_row(
        ARRAY_ROWS["place"], (c,), {"key": ((2, 3, 1), (0, 4, 1)), "shape": (5, 4)}
    )
    assert same(placed * placed, placed)
    assert same(field.truth(placed), placed)
    total = sum_over(c * x, (0,))
    assert not same(total * total, sum_over(c * x * x, (0,)))
    assert not same(sum_over(c, (0,)) * sum_over(c, (0,)), sum_over(c, (0,)))
    assert not same(c * row, c)
    assert not same(c * c.T[0, 0], c)


_Y = np.linspace(-0.5, 1.5, 6)
_CHOICES = {
    "branches and limits": lambda x: np.where(x > 1, np.exp(x), x**3) + np.clip(x, 0.5, 1.0),
    "maxima inside limits": lambda x: np.clip(np.maximum(x, _Y) * x, 0.5, 1.0) + np.abs(x),
    "steps that flow": lambda x: np.diff(np.maximum(x, 0.0)) * np.where(x > 0.3, x, 2.0 * x)[1:],
    "places": lambda x: np.minimum(x, 0.7)[[0, 2, 2]] * np.where(x < _Y, x, 1.0)[3:],
    "logarithms of sums": lambda x: np.logaddexp.reduce(x.reshape(3, 2), axis=0),
}


@pytest.mark.parametrize("name", _CHOICES)
def test_elementwise_choices_are_certified(name: str) -> None:
    """Conditions of arrays that overlap take no random sides; a wrong one is seen."""
    compiled = codegen.compile_gradient(
        lambda x: np.sum(np.sin(_CHOICES[name](x))), _Y + 0.2, target="numpy", expand=False
    )
    check = compiled.check
    assert check is not None
    assert check.verdict is Verdict.CERTIFIED, check.method
    text = text_of(compiled)
    at = text.rindex("np.where(")
    changed = text[:at] + text[at:].replace("np.where(", "np.where(1.0 - ", 1)
    pairs = pairs_in_field(with_text(compiled, changed), CarriedParts())
    assert not all(same(x, y) for x, y in pairs)


def test_a_chain_of_branches_has_a_part_for_each() -> None:
    """Loops that each go on or not, one after the other, not two to the number of them."""
    field = CarriedParts()
    tests = [field.less(*numbers(field, 2)) for _ in range(100)]  # some beyond a word of bits
    x, chosen = numbers(field, 2)
    last = chosen
    for test in tests:
        chosen = field.where(test, x, chosen)
    assert isinstance(chosen, Parted)
    assert len(chosen.cubes) == len(tests) + 1
    assert same(tests[99] * chosen, tests[99] * x)
    assert same(
        field.negation(tests[99]) * tests[98] * chosen, tests[98] * x - tests[98] * x * tests[99]
    )
    assert not same(chosen, last)


def test_linear_rows_go_through_parts() -> None:
    """Sums and stacks of numbers under a condition are still under it."""
    field = CarriedParts()
    a, b = numbers(field, 2)
    row, c = field.unknown((3,)), field.less(a, b)
    chosen = field.where(c, row, field.lift(np.zeros(3)))
    assert isinstance(chosen, Parted)
    assert same(c * chosen[1:], chosen[1:])
    assert same(c * (chosen @ np.ones(3)), chosen @ np.ones(3))
    assert not same(c * (chosen + 1.0)[0], (chosen + 1.0)[0])


def test_sums_are_those_of_the_parts() -> None:
    """Along any axes, whatever the parts are, each part on its own."""
    field = CarriedParts()
    a, b = numbers(field, 2)
    c, one, other = field.less(a, b), field.unknown((2, 3)), field.unknown((2, 3))
    chosen = field.where(c, one, other)
    assert isinstance(chosen, Parted)
    for axes in ((0,), (1,), (0, 1)):
        made = sum_over(chosen, axes)
        assert isinstance(made, Parted)
        assert same(made, field.where(c, sum_over(one, axes), sum_over(other, axes)))


def test_what_is_carried_keeps_which_numbers_are_conditions() -> None:
    """A repetition begins with conditions, and with what is zero but for these: no more."""
    field = CarriedParts()
    a, b, x, y = numbers(field, 4)
    both = field.less(a, b) * field.less(x, y)
    flag, under, free = field.carried(both, both * x, x + both)
    assert same(flag, both)
    assert same(flag * flag, flag)
    assert same(flag * under, under)
    assert same(under, both * x)
    assert not same(flag * free, free)
    assert not same(field.carried(x)[0] * flag, x)
    twice = field.carried(both, field.less(x, y) * field.less(a, b), both * x)
    assert same(twice[0], twice[1])
    assert same(twice[2], both * x)


def stepped(k: Any, y: Any, tol: Any) -> Any:
    """A step is accepted or not, and its length is cut and clipped."""
    t, h = 0.0, 0.1
    while t < 2.0:
        h = min(h, 2.0 - t)
        error = abs(h * y * k)
        if error <= tol:
            t = t + h
            y = y + h * np.sin(y * k)
        h = h * min(4.0, max(0.5, tol / error))
    return y


@pytest.fixture(scope="module")
def gradient() -> Any:
    """Its gradient."""
    return codegen.compile_gradient(stepped, 1.2, 0.5, 0.4, target="numpy")


def test_conditions_inside_conditions_are_certified(gradient: Any) -> None:
    """Of a loop that accepts and clips, too."""
    assert gradient.check.verdict is Verdict.CERTIFIED


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("_flows != 0.0", "_flows == 0.0"),
        ("np.sign(", "np.abs("),
        ("np.where(v", "np.where(1.0 - v"),
        ("np.logical_and(", "np.logical_or("),
        ("np.cos(", "np.sin("),
        ("reversed(range(1000))", "range(1000)"),
        ("kept[i] = 1.0", "kept[i] = 0.0"),
        ("= float(0.0)", "= float(1.0)"),
    ],
)
def test_wrong_texts_are_not_the_chain_rule(gradient: Any, right: str, wrong: str) -> None:
    """A guard dropped or turned, a loop the other way round, a carry that begins elsewhere."""
    text = text_of(gradient)
    at = text.index(right, text.index("def backward")) if "kept[i]" not in right else 0
    changed = text[:at] + text[at:].replace(right, wrong, 1)
    pairs = pairs_in_field(with_text(gradient, changed), CarriedParts())
    assert not all(same(x, y) for x, y in pairs)


@pytest.mark.parametrize("shape", [(), (3,)])
def test_the_larger_of_two_is_one_however_it_is_written(shape: tuple[int, ...]) -> None:
    """``y if x < y else x`` is the maximum, also of 0 and x; the other choice is the minimum."""
    field = LargerOfTwo()
    x, y = field.unknown(shape), field.unknown(shape)
    for one, two in ((x, y), (y, x), (x, field.lift(np.zeros(shape)))):
        large, small = field.larger(one, two), field.smaller(one, two)
        assert same(field.where(field.less(one, two), two, one), large)
        assert same(field.where(field.less(two, one), one, two), large)
        assert same(field.where(field.less(one, two), one, two), small)
        assert not same(large, small)
        assert not same(field.where(field.less(one, two), two, one + 1.0), large)
        assert not same(field.where(field.less(one, two), two, -1.0 * one), large)


def ramps(w: Any) -> Any:
    """A loop in whose Python text the larger of two numbers is a conditional expression."""
    total = 0.0
    for i in range(len(w)):
        total = total + ad.maximum(w[i] * 0.7 - 0.2, 0.0) * w[-i]
    return total


def test_loops_of_ramps_are_certified() -> None:
    """A switch in each repetition takes no random sides."""
    compiled = codegen.compile_gradient(ramps, [0.3, 0.9, -0.2] * 10)
    assert "for " in compiled.source
    assert compiled.verdict is Verdict.CERTIFIED
    assert compiled.check is not None
    assert "random sides" not in compiled.check.method
