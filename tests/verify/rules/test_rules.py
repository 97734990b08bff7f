"""Every rule of the table is proven; wrong rules are caught by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from autodiff.errors import ArgumentError
from autodiff.table import ops
from autodiff.table.primitive import PUBLIC, REGISTRY, Primitive, unless, when
from verify import Verdict, prove_rule, prove_rules
from verify.answer.report import Entry
from verify.rules import rules

RULES = [
    (row, position)
    for row in REGISTRY.values()
    for position in range(row.arity)
    if position not in row.literal
]


@pytest.fixture
def registry() -> Iterator[None]:
    """The registry, put back after a test that changes rows."""
    rows, public = dict(REGISTRY), dict(PUBLIC)
    yield
    for table, saved in ((REGISTRY, rows), (PUBLIC, public)):
        table.clear()
        table.update(saved)  # type: ignore[arg-type]  # the two tables hold different things


def changed(row: Primitive, position: int, rule: Callable[..., Any] | None) -> Primitive:
    """The row with another rule for one operand."""
    partials = list(row.partials)
    partials[position] = rule
    return replace(row, partials=tuple(partials))


@pytest.mark.parametrize(("row", "position"), RULES, ids=lambda x: getattr(x, "name", str(x)))
def test_every_rule_is_the_derivative(row: Primitive, position: int) -> None:
    """The rule equals sympy.diff of the row's sympy text; None means that the derivative is 0."""
    entry = prove_rule(row, position)
    assert entry.verdict is Verdict.PROVED, entry
    assert "sympy.diff" in entry.method
    assert entry.seconds > 0.0


def test_the_whole_table_is_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    """One report holds what is found of every rule of the table."""
    asked = []

    def found(row: Primitive, position: int, time_limit: float) -> Entry:
        asked.append((row, position))
        return Entry(row.name, Verdict.PROVED if len(asked) > 1 else Verdict.UNDECIDED, "")

    monkeypatch.setattr(rules, "prove_rule", found)
    report = prove_rules()
    assert asked == RULES
    assert [entry.input for entry in report.entries] == [row.name for row, _ in RULES]
    assert report.verdict is Verdict.UNDECIDED


def test_constants_of_rules_are_reported() -> None:
    """A literal read as an irrational number is named."""
    assert "0.6931471805599453 is read as log(2)" in prove_rule(ops.exp2).note


_JN_RULE = REGISTRY["spherical_jn"].partials[1]


def _right_above_order_0(g: Any, out: Any, n: Any, x: Any) -> Any:
    return g * x if isinstance(n, float) else _JN_RULE and _JN_RULE(g, out, n, x)


WRONG: list[tuple[str, int, Callable[..., Any] | None]] = [
    ("cos", 0, lambda g, out, x: g * ops.sin(x)),  # wrong sign
    ("sub", 1, lambda g, out, x, y: g),  # wrong sign
    ("square", 0, lambda g, out, x: g * x),  # missing factor
    ("sqrt", 0, lambda g, out, x: g / out),  # missing factor
    ("log2", 0, lambda g, out, x: g / x),  # missing constant
    ("div", 1, lambda g, out, x, y: -(g * (out / x))),  # swapped operands
    ("atan2", 0, lambda g, out, y, x: g * (y / (x * x + y * y))),  # swapped operands
    ("mul", 0, lambda g, out, x, y: g * x),  # swapped operands
    ("tanh", 0, lambda g, out, x: g * (1.0 - out)),  # missing square
    ("exp", 0, lambda g, out, x: g * x),  # wrong value
    ("sigmoid", 0, lambda g, out, x: 1.0003 * g * out * (1.0 - out)),  # 0.3 per mille off
    ("relu", 0, lambda g, out, x: ops.where(x > 0.0, 0.0, g)),  # swapped branch
    ("where", 1, lambda g, out, c, x, y: unless(c, g)),  # swapped branch
    ("where", 2, lambda g, out, c, x, y: when(c, g)),  # swapped branch
    ("where", 2, None),  # missing
    ("clip", 1, lambda g, out, x, low, high: when(x > low, g)),  # inverted mask
    ("maximum", 0, lambda g, out, x, y: g),  # missing mask
    ("maximum", 1, None),  # missing
    ("abs", 0, lambda g, out, x: g),  # missing sign
    ("log", 0, lambda g, out, x: g * ops.log(x)),  # wrong function
    ("exp", 0, None),  # missing
    ("gaussian", 0, lambda g, out, x, scale: g * (-2.0 * x * out)),  # the literal forgotten
    ("pow_literal", 0, lambda g, out, x, n: float(n) * g * ops.pow(x, float(n))),  # exponent
    ("iv", 1, lambda g, out, n, x: g * REGISTRY["iv"](n + 1.0, x)),  # a neighbour is missing
    ("spherical_jn", 1, _right_above_order_0),  # wrong at the lowest order alone
    ("sinc", 0, lambda g, out, x: -(g * ops.spherical_jn(1.0, math.pi * x))),  # missing pi
]


@pytest.mark.parametrize(("name", "position", "rule"), WRONG)
@pytest.mark.usefixtures("registry")
def test_wrong_rules_are_refuted(name: str, position: int, rule: Callable[..., Any] | None) -> None:
    """A rule with a wrong sign, factor, operand or mask is refuted by name, with a witness."""
    entry = prove_rule(changed(REGISTRY[name], position, rule), position)
    assert entry.verdict is Verdict.REFUTED
    assert entry.input == f"{name}: operand {position}"
    assert entry.witness is not None
    assert not math.isclose(entry.witness.found, entry.witness.expected, rel_tol=1e-9)


@pytest.mark.usefixtures("registry")
def test_a_row_of_the_users_own_is_proven() -> None:
    """A primitive somebody registers needs nothing but its row."""
    row = Primitive(
        "bump",
        lambda x: math.exp(-x * x),
        (lambda g, out, x: g * (-2.0 * x * out),),
        "exp(-{0} * {0})",
        "np.exp(-{0} * {0})",
        "exp(-{0}**2)",
    )
    assert prove_rule(row).verdict is Verdict.PROVED
    assert prove_rules([row]).entries[0].input == "bump: operand 0"


@pytest.mark.parametrize(("row", "position"), [(ops.mul, 2), (ops.pow_literal, 1), (ops.mul, -1)])
def test_operands_without_a_rule_are_named(row: Primitive, position: int) -> None:
    """A literal operand, or one that is not there, is an error that says so."""
    with pytest.raises(ArgumentError, match=f"{row.name}: operand {position}: found no operand"):
        prove_rule(row, position)
