"""Custom primitives: checked, proven, and at home in every reader of primitives."""

from __future__ import annotations

import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import ArgumentError, EmitError, IRError
from autodiff.table.primitive import REGISTRY
from codegen import compile_gradient, compile_graph, to_c
from tests.c_compiler import compiled, in_c, needs_compiler
from tests.random_graphs import same
from verify import Verdict, VerificationError, verify_gradient

HALF = 0.5


def logit() -> ad.Primitive:
    """The example of most tests, registered anew."""

    @ad.custom(lambda g, out, x: g / (x * (1 - x)), sympy="log(x / (1 - x))", domain=(0, 1))
    def log_odds(x: float) -> float:
        """Logarithm of the odds."""
        return math.log(x / (1.0 - x))

    return log_odds


def opaque() -> ad.Primitive:
    """Nothing is known about it but what its author says."""

    @ad.custom(
        lambda g, out, x, y: g * y * ad.cos(x * y), lambda g, out, x, y: g * x * ad.cos(x * y)
    )
    def black_box(x: float, y: float) -> float:
        return math.sin(x * y)

    return black_box


def test_values_are_ieee_and_never_raise() -> None:
    """Where ``math`` raises, the function's own lines run again on IEEE numbers."""
    f = logit()
    assert [f(x) for x in (0.5, 0.0, 1.0)] == [0.0, -math.inf, math.inf]
    assert math.isnan(f(2.0))
    assert math.isnan(f(math.nan))
    assert np.array_equal(f(np.array([0.5, 1.0])), [0.0, math.inf])


def test_every_reader_knows_it() -> None:
    """Value, interpreter, transforms, printer and parser treat it as a row of the table."""
    f = logit()
    x = ad.Value(0.25)
    f(x).backward()
    assert x.grad == 1.0 / (0.25 * 0.75)
    graph = ad.trace(lambda x: np.sum(f(x) * x), np.array([0.2, 0.7]))
    assert "log_odds" in str(graph)
    point = np.array([0.3, 0.6])
    step = 1e-6
    hessian = ad.evaluate(ad.hessian(graph), point)
    gradient = ad.gradient(graph)
    slope = (
        ad.evaluate(gradient, point + np.array([step, 0.0])) - ad.evaluate(gradient, point)
    ) / step
    assert hessian[0] == pytest.approx(slope, rel=1e-4, abs=1e-6)
    assert pickle.loads(pickle.dumps(f)) is f


def test_compiled_code_copies_it() -> None:
    """The emitted file stands alone, has the interpreter's bits, and is proven."""
    f = logit()

    def entropy(x: Any, y: Any) -> Any:
        return f(x) * y - f(x * y)

    df = compile_gradient(entropy, 0.5, 0.5)
    assert "def log_odds(x" in df.source
    graph = ad.trace(entropy, 0.5, 0.5)
    for point in ((0.3, 0.8), (1.0, 0.5), (-1.0, 0.5), (0.0, 0.0)):
        assert same(df(*point), ad.backpropagate(graph, *point))
        assert same(pickle.loads(pickle.dumps(df))(*point), df(*point))
    alone: dict[str, Any] = {}
    exec(df.source, alone)
    assert alone["value_and_gradient"](0.3, 0.8) == df(0.3, 0.8)
    assert verify_gradient(df, 0.3, 0.8).verdict is Verdict.PROVED


def test_batches_have_the_same_expression() -> None:
    """A single expression over ``math`` is written over NumPy, too."""
    f = logit()
    df = compile_gradient(lambda x: f(x) * x, 0.5, target="numpy", batch=True)
    values, gradient = df(np.array([0.25, 0.5]))
    assert values == pytest.approx([0.25 * f(0.25), 0.0])
    assert gradient == pytest.approx([f(0.25) + 1 / 0.75, 2.0])


@needs_compiler
def test_c_has_it_too(tmp_path: Path) -> None:
    """The function's statements are translated: a loop, branches, several names at once."""

    @ad.custom(lambda g, out, x: g * out, sympy="exp(x)")
    def series(x: float) -> float:
        """exp by its series, where that is short."""
        if not abs(x) < 0.01:
            return math.exp(x)
        total, term, short = 0.0, 1.0, x
        for k in range(1, 9):
            total += term
            term *= short / k
        return total if total > 0.0 else math.nan

    graph = ad.trace(lambda x: series(x) * 2.0, 1.0)
    source = to_c(graph)
    call = in_c(compiled([source], tmp_path), source.name, graph, 1)
    for x in (0.003, -0.009, 2.0, 800.0, math.nan):
        value, gradient = call([x])
        assert same((value, gradient[0]), ad.backpropagate(graph, x))


def test_a_wrong_rule_is_refuted_at_its_registration() -> None:
    """The error holds the point and both numbers, and the name stays free."""
    with pytest.raises(VerificationError, match=r"operand 0 at g = .* found .*, SymPy") as caught:

        @ad.custom(lambda g, out, x: g / (x * (1 + x)), sympy="log(x / (1 - x))", domain=(0, 1))
        def wrong(x: float) -> float:
            return math.log(x / (1.0 - x))

    assert "REFUTED" in str(caught.value)
    assert "wrong" not in REGISTRY


def test_another_function_than_sympys_is_refuted() -> None:
    """The value is compared with the SymPy form at points of the domain."""
    with pytest.raises(VerificationError, match=r"its SymPy form .* gives"):

        @ad.custom(lambda g, out, x: 2.0 * g * x, sympy="x**2")
        def cube(x: float) -> float:
            return x * x * x


def test_sympy_forms() -> None:
    """A text with holes, a text with 1/3, and a function of symbols say the same."""
    rule = lambda g, out, x: g / (3.0 * (out * out))  # noqa: E731
    for number, form in enumerate(
        ("{0}**(1/3)", "x**(1/3)", lambda x: x ** (1 / __import__("sympy").S(3)))
    ):

        def root(x: float) -> float:
            return math.cbrt(x)

        row = ad.custom(rule, sympy=form, domain=(0.0, math.inf), name=f"root{number}")(root)
        assert row.sympy == "{0} ** Rational(1, 3)"


def test_an_opaque_one_is_trusted_and_every_verdict_says_so() -> None:
    """Without a SymPy form nothing is proven about the rule."""
    f = opaque()
    assert f.trusted
    report = verify_gradient(lambda x: f(x, 2.0) + x, 1.0)
    assert report.to_json()["trusts"] == ["black_box"]
    assert "trusts black_box: its rules were given by its author, not proven" in str(report)
    df = compile_gradient(lambda x: f(x, 2.0) + x, 1.0)
    assert "trusts black_box" in str(df.check)
    assert df(1.0) == (math.sin(2.0) + 1.0, 2.0 * math.cos(2.0) + 1.0)


def test_what_cannot_be_copied_is_refused_by_targets_only() -> None:
    """A closure works in the interpreter; a compiled target names what is in the way."""
    scale = HALF

    @ad.custom(lambda g, out, x: g * scale, sympy="x / 2")
    def halved(x: float) -> float:
        return scale * x

    assert ad.grad(halved)(3.0) == 0.5
    renamed = ad.custom(lambda g, out, x: g, sympy="x", name="renamed")(_line)
    with pytest.raises(EmitError, match="its function is called '_line', not 'renamed'"):
        compile_gradient(lambda x: renamed(x) * x, 1.0)
    with pytest.raises(EmitError, match="'halved' has no python text: it uses 'scale'"):
        compile_gradient(halved, 1.0)
    with pytest.raises(EmitError, match="'halved' has no numpy text; give"):
        compile_gradient(halved, 1.0, target="numpy", batch=True)(np.ones(2))
    with pytest.raises(EmitError, match="no c text"):
        to_c(halved, 1.0)


def test_a_second_registration() -> None:
    """The same source again is the same primitive; another one needs another name."""
    assert logit() is logit()

    def scaled(rule: Any) -> ad.Primitive:
        @ad.custom(rule)
        def scaled_by_two(x: float) -> float:
            return 2.0 * x

        return scaled_by_two

    scaled(lambda g, out, x: 2.0 * g)
    with pytest.raises(ArgumentError, match="scaled_by_two: there is a primitive"):
        scaled(lambda g, out, x: 3.0 * g)  # the same value: the old rule must not be kept silently
    with pytest.raises(ArgumentError, match="log_odds: there is a primitive of this name"):

        @ad.custom(lambda g, out, x: g, name="log_odds")
        def line(x: float) -> float:
            return x


def _line(x: float) -> float:
    return x


RULE = lambda g, out, x: g  # noqa: E731
BAD: dict[str, tuple[Any, str]] = {
    "no function": (lambda: ad.custom(RULE)(3.0), "found float; expected a function"),  # type: ignore[arg-type]
    "a name that our functions call": (
        lambda: ad.custom(RULE, name="power_over")(_line), "power_over: this name has a meaning"),
    "a taken name": (lambda: ad.custom(RULE, name="sin")(_line), "sin: this name has a meaning"),
    "a public name": (lambda: ad.custom(RULE, name="clip")(_line), "clip: this name has a meaning"),
    "a temporary": (lambda: ad.custom(RULE, name="v1")(_line), "v1: this name has a meaning"),
    "no identifier": (lambda: ad.custom(RULE)(lambda x: x), "found the name '<lambda>'"),
    "too few rules": (lambda: ad.custom(RULE)(lambda x, y: x, ), "found the name|found 1 rules"),
    "rules of others": (lambda: ad.custom(lambda g, out: g, name="a")(_line), "rule"),
    "a rule that is none": (lambda: ad.custom(3.0, name="a")(_line), "the rule of x is float"),  # type: ignore[arg-type]
    "two rules": (lambda: ad.custom(RULE, RULE, name="a")(_line), r"found 2 rules.*\(x\)"),
    "an empty domain": (lambda: ad.custom(RULE, name="a", domain=(1, 0))(_line), "one interval"),
    "no SymPy text": (lambda: ad.custom(RULE, name="a", sympy="x +")(_line), "invalid syntax"),
    "a strange form": (lambda: ad.custom(RULE, name="a", sympy=3)(_line), "found sympy=3"),  # type: ignore[arg-type]
    "unknown function": (lambda: ad.custom(RULE, name="a", sympy="foo(x)")(_line), "'foo' is no"),
    "an int": (lambda: ad.custom(RULE, name="a")(lambda x: 0), "found int 0; expected a float"),
    "only errors": (lambda: ad.custom(RULE, name="a")(lambda x: 1.0 / 0.0), "raises everywhere"),
    "no arguments": (lambda: ad.custom(name="a")(lambda: 1.0), "one or more arguments"),
    "no brackets": (lambda: ad.custom(_line), "found the function itself"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_mistakes_have_one_clear_error(case: str) -> None:
    """What was found, what was expected; and nothing stays registered."""
    make, message = BAD[case]
    before = dict(REGISTRY)
    with pytest.raises(ArgumentError, match=message):
        make()
    assert before == REGISTRY


def test_a_graph_of_an_unknown_primitive_says_what_to_do() -> None:
    """Text of a graph is read where the module that registers its primitives was imported."""
    text = str(ad.trace(ad.sin, 1.0)).replace("sin", "my_function")
    with pytest.raises(IRError, match="import"):
        ad.parse(text)


def test_hessians_compile() -> None:
    """Rules are recorded, so every order is there."""
    f = logit()
    h = compile_graph(ad.hessian(ad.trace(f, 0.5)))
    assert h(0.25) == pytest.approx(-(1 - 2 * 0.25) / (0.25 * 0.75) ** 2)
