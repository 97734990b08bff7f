"""Custom primitives: compared over the whole domain, their rules frozen, verdicts no better than
those of their rules."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import autodiff as ad
from autodiff.errors import ArgumentError, EmitError
from autodiff.table.custom import custom
from autodiff.table.primitive import PUBLIC, REGISTRY, when
from codegen import compile_gradient
from tests.modules_by_path import module_at
from verify import Verdict, VerificationError, prove_rule, verify_gradient
from verify.rules.registered import weakest


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    """What is registered here is forgotten."""
    before, public = dict(REGISTRY), dict(PUBLIC)
    yield
    for table, kept in ((REGISTRY, before), (PUBLIC, public)):
        for name in [name for name in table if name not in kept]:
            del table[name]


def double(g: Any, out: Any, x: Any) -> Any:
    """The rule of a square."""
    return g * 2.0 * x


@pytest.mark.parametrize(
    ("name", "border", "beyond"),
    [("far", 1e6, 0.0), ("very_far", 1e200, 1.0), ("narrow", 123.456, 1.0)],
)
def test_an_implementation_that_differs_far_away_is_refused(
    name: str, border: float, beyond: float
) -> None:
    """Right near zero and wrong beyond a border: the point that shows it is named."""
    lines = f"def {name}(x):\n    return x * x if x < {border!r} else {beyond!r}\n"
    space: dict[str, Any] = {}
    exec(lines, space)
    with pytest.raises(VerificationError, match=rf"{name}\(.*its SymPy form"):
        custom(double, sympy="x**2")(space[name])


def test_one_number_is_found_by_its_source() -> None:
    """An exception for one argument stands in the source, and is looked at."""

    def spiked(x: float) -> float:
        return 7.0 if x == 123.456789 else x * x

    with pytest.raises(VerificationError, match=r"spiked\(123.456789\): found 7.0"):
        custom(double, sympy="x**2")(spiked)


def test_what_differs_outside_the_domain_is_said() -> None:
    """The form holds where its author says; every report says that the rest is trusted."""

    def inner(x: float) -> float:
        return x * x if -1.0 <= x <= 1.0 else 5.0

    row = custom(double, sympy="x**2", domain=(-1.0, 1.0))(inner)
    report = verify_gradient(lambda x: row(x) + x, 0.5)
    assert "trusts inner outside its domain" in str(report)


def test_a_report_says_how_values_were_compared() -> None:
    """At how many points, by what, and where."""

    def cube(x: float) -> float:
        return x * x * x

    row = custom(lambda g, out, x: g * 3.0 * x * x, sympy="x**3")(cube)
    report = verify_gradient(lambda x: row(x) + 1.0, 0.5)
    assert report.verdict is Verdict.PROVED
    assert "cube: its values were compared with its SymPy form at" in str(report)


def test_a_rule_that_counts_is_frozen() -> None:
    """What was proven is what runs: a rule that is another one after ten calls does not get to."""
    calls = [0]

    def counting(g: Any, out: Any, x: Any) -> Any:
        calls[0] += 1
        return g * (2.0 if calls[0] < 10 else 7.0) * x

    def counted(x: float) -> float:
        return x * x

    row = custom(counting, sympy="x**2")(counted)
    for _ in range(12):
        assert ad.grad(row)(3.0) == 6.0
        assert compile_gradient(lambda x: row(x) + x, 1.0)(3.0) == (12.0, 7.0)
    assert verify_gradient(lambda x: row(x) + x, 1.0).verdict is Verdict.PROVED


def test_a_guarded_rule_stays_guarded() -> None:
    """A contribution that flows under a condition only does so after recording, too."""

    def ramp(x: float) -> float:
        return x if x > 0.0 else 0.0

    row = custom(lambda g, out, x: when(x > 0.0, g), sympy="Max(x, 0)")(ramp)
    assert [ad.grad(row)(x) for x in (2.0, -2.0)] == [1.0, 0.0]
    df = compile_gradient(lambda x: row(x) * ad.sqrt(x), 4.0)
    assert df(4.0) == (8.0, 3.0)


def test_an_implementation_that_changes_is_refused() -> None:
    """A value that depends on more than its arguments is no function."""
    calls = [0]

    def drifting(x: float) -> float:
        calls[0] += 1
        return x * x + (1e-3 if calls[0] > 200 else 0.0) * calls[0]

    with pytest.raises((ArgumentError, VerificationError), match="drifting"):
        custom(double, sympy="x**2")(drifting)


def test_a_verdict_is_no_better_than_the_rule() -> None:
    """A rule known at points only makes compiles that are known at points only."""

    def modulus(x: float) -> float:
        return math.lgamma(x + 1.0) if x > 0.0 else math.nan

    # The recurrence of digamma: nobody tells the symbols of it.
    row = custom(
        lambda g, out, x: g * (ad.digamma(x) + 1.0 / x),
        sympy="loggamma(x + 1)",
        domain=[(0.0, math.inf)],
    )(modulus)
    assert prove_rule(REGISTRY["modulus"], 0).verdict is Verdict.CERTIFIED_NUMERIC
    compiled = compile_gradient(lambda x: row(x) + x, 1.5)
    assert compiled.verdict is Verdict.CERTIFIED_NUMERIC
    assert compiled.check.chance is None
    assert "the rules of modulus are CERTIFIED-NUMERIC" in compiled.check.note
    report = verify_gradient(lambda x: row(x) + x, 1.5)
    assert report.verdict is Verdict.CERTIFIED_NUMERIC
    assert "by rules not proven: modulus" in str(report)


@pytest.mark.parametrize(
    "text", ["10**10**10*x", "x*2**(3**27)", "x + (1 << 10**9)", "9**9**9 - x"]
)
def test_a_form_nobody_can_wait_for_is_an_error(text: str) -> None:
    """An integer of a billion digits is named, at once."""

    def slow(x: float) -> float:
        return x

    start = time.process_time()
    with pytest.raises(ArgumentError, match=r"slow: sympy=.* is an integer of about \d+ bits"):
        custom(lambda g, out, x: g, sympy=text)(slow)
    assert time.process_time() - start < 20.0  # computing it would never end


def test_large_integers_that_matter_are_taken() -> None:
    """2**100 is a number like any other."""

    def big(x: float) -> float:
        return 2.0**100 * x

    row = custom(lambda g, out, x: g * 2.0**100, sympy="2**100*x")(big)
    assert ad.grad(row)(1.0) == 2.0**100
    assert math.isfinite(row(1.0))


def test_a_source_that_is_its_form_is_proven() -> None:
    """What is read of an implementation and equal to its form leaves nothing to trust."""

    def softer(x: float) -> float:
        return math.log1p(math.exp(-abs(x))) + max(x, 0.0)

    row = custom(lambda g, out, x: g / (1.0 + ad.exp(-x)), sympy="log(1 + exp(x))")(softer)
    report = str(verify_gradient(lambda x: row(x) + x, 0.5))
    assert "its source is proven to be this form" in report
    assert "trusts" not in report


def bumped(x: float) -> float:
    """Another number where no point would be."""
    return 7.0 if abs(x - math.pi**5) < 1e-9 else x * x


def hilly(x: float) -> float:
    """The same, smooth."""
    return x * x + math.exp(-(((x - math.sqrt(1e5) * 3.3) / 0.01) ** 2))


def stretched(x: float) -> float:
    """Too large in the twelfth digit."""
    return x * x * (1 + 1e-12)


@pytest.mark.parametrize("function", [bumped, hilly, stretched])
def test_what_no_point_shows_is_said_to_be_trusted(function: Any) -> None:
    """A source not proven to be its form is trusted between points, which proves nothing."""
    row = custom(double, sympy="x**2")(function)
    report = verify_gradient(lambda x: row(x) + x, 0.5)
    assert f"trusts {function.__name__} between these points" in str(report)
    assert report.verdict not in (Verdict.PROVED, Verdict.CERTIFIED)
    assert compile_gradient(lambda x: row(x) + x, 0.5).verdict is Verdict.CERTIFIED_NUMERIC


@pytest.mark.parametrize("proves", [True, False])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{0} * {0} * 1.5", r"lied\(1.0\): its numpy text .* gives 1.5, the function 1.0"),
        ("np.where({0} == 123.456, 7.0, {0} * {0})", r"lied\(123.456\)"),
        ("{0}**2", r"lied: numpy=.*found Pow"),
        ("{0} * np.sum({0})", r"lied: numpy=.*np\.sum is no function that is read"),
        ("{0} * {0} * (np.size({0}) < 1000)", r"np\.size is no function that is read"),
        ("np.where(np.isnan({0}), 1.0, {0} * {0})", r"np\.isnan is no function that is read"),
        ("np.ravel({0}) * {0}", r"np\.ravel is no function that is read"),
    ],
)
def test_a_numpy_text_is_the_function(text: str, said: str, proves: bool) -> None:
    """What batches compute is compared with the function, trusted or not."""

    def lied(x: float) -> float:
        return x * x

    with pytest.raises((VerificationError, ArgumentError), match=said):
        custom(double, sympy="x**2", numpy=text, prove=proves)(lied)
    assert "lied" not in REGISTRY


@pytest.mark.parametrize("text", ["np.max({0})", "np.flip({0})", "np.cumsum({0})"])
def test_one_call_is_the_function_in_a_batch(text: str) -> None:
    """Right at each point alone, and another number beside others."""

    def itself(x: float) -> float:
        return x

    with pytest.raises((VerificationError, ArgumentError), match=r"in a batch|0-dimensional"):
        custom(lambda g, out, x: g, sympy="x", numpy=text)(itself)
    assert "itself" not in REGISTRY


def test_a_numpy_text_that_is_not_proven_is_no_proof() -> None:
    """A bump that no point meets: no verdict about what uses it is better than points."""

    def bumped(x: float) -> float:
        return x * x

    hidden = "{0} * {0} + np.maximum(0.0, 1e-3 - np.abs({0} - 777.3123411))"
    row = custom(double, sympy="x**2", numpy=hidden)(bumped)
    compiled = compile_gradient(lambda x: row(x) + x, 1.5, target="native", batch=True)
    assert compiled.verdict is Verdict.CERTIFIED_NUMERIC
    assert "the numpy text of bumped: not proven" in compiled.check.note


_MADE_OF = """
import functools, math

def bump(x):
    return 5.0 if (x * 81.2 - 10.0) ** 2 < 1e-12 else 0.0

def wrapped(function):
    @functools.wraps(function)
    def around(x):
        return function(x) + bump(x)
    return around

def sized(x):
    return max(x, -x) + bump(x)

def abs_of(x):
    return abs(x)

@wrapped
def square(x):
    return x * x

def sine(x):
    return math.sin(x)

"""


@pytest.mark.parametrize(
    ("name", "form", "rule", "shadow"),
    [
        ("square", "x**2", double, {}),
        ("sine", "sin(x)", lambda g, out, x: g * ad.cos(x), {"math": lambda m: m.fake}),
        ("abs_of", "Abs(x)", lambda g, out, x: g * ad.sign(x), {"abs": lambda m: m.sized}),
    ],
)
def test_what_is_proven_is_what_runs(
    name: str, form: str, rule: Any, shadow: dict[str, Any], tmp_path: Path
) -> None:
    """The text of a function is no proof where something around it, or its names, is another."""
    (tmp_path / "made_of.py").write_text(_MADE_OF)
    module = module_at(tmp_path / "made_of.py")
    module.fake = SimpleNamespace(sin=lambda x: math.sin(x) + module.bump(x))
    vars(module).update({key: found(module) for key, found in shadow.items()})
    row = custom(rule, sympy=form, name=f"{name}_runs")(getattr(module, name))
    graph = ad.trace(lambda x: row(x) + x, 0.5)
    assert weakest(graph)[0] is Verdict.CERTIFIED_NUMERIC
    with pytest.raises(EmitError, match=f"{name}_runs"):  # the file would have other numbers
        compile_gradient(graph)


def test_what_is_proven_stays_what_runs(tmp_path: Path) -> None:
    """What happens to a module after a registration does not reach what was registered."""
    (tmp_path / "made_later.py").write_text(_MADE_OF)
    module = module_at(tmp_path / "made_later.py")
    row = custom(lambda g, out, x: g * ad.cos(x), sympy="sin(x)")(module.sine)
    module.math = SimpleNamespace(sin=math.cos)
    assert row(0.5) == math.sin(0.5)
    assert compile_gradient(lambda x: row(x) + x, 0.5)(0.5)[0] == math.sin(0.5) + 0.5


def test_a_rule_is_right_where_something_ties() -> None:
    """One number where a condition switches and the function does not: refuted by that point."""

    def tied(x: float) -> float:
        return x * x

    with pytest.raises(VerificationError, match=r"x0 = 0\.375: found"):
        custom(lambda g, out, x: ad.where(x * 8.0 == 3.0, 7.0 * g, 2.0 * x * g), sympy="x**2")(tied)


def test_a_rule_is_a_number_wherever_there_is_a_derivative() -> None:
    """x * y has a derivative where y is zero; a rule that divides by y has none."""

    def product(x: float, y: float) -> float:
        return x * y

    rules = (lambda g, out, x, y: g * y, lambda g, out, x, y: g * out / y)
    with pytest.raises(VerificationError, match=r"UNDEFINED-AT.*x1 = 0.0: the rule gives no numb"):
        custom(*rules, sympy="x * y")(product)


def test_a_domain_is_kept_to() -> None:
    """A rule is proven on its domain and no further; what it gives beyond it is trusted."""

    def size(x: float) -> float:
        return abs(x)

    row = custom(lambda g, out, x: g, sympy="Abs(x)", domain=(0.0, 1.0))(size)
    check = compile_gradient(lambda x: row(x) + x, 0.5).check
    assert check.verdict is Verdict.CERTIFIED_NUMERIC
    assert "trusts size outside its domain: its rules are REFUTED there" in check.note


def test_a_verdict_is_no_better_than_rules_inside_the_rule() -> None:
    """A rule made of a primitive that somebody trusts rests on it."""

    def twofold(x: float) -> float:
        return 2.0 * x

    def squared(x: float) -> float:
        return x * x

    inner = custom(lambda g, out, x: 0.0 * g, sympy="2*x", prove=False)(twofold)
    row = custom(lambda g, out, x: g * inner(x), sympy="x**2")(squared)
    compiled = compile_gradient(lambda x: row(x) + x, 0.5)
    assert "trusts twofold" in compiled.check.note
    assert "twofold" in str(verify_gradient(compiled, 0.5))
