from __future__ import annotations

import math
import pickle
from collections.abc import Callable

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import ArgumentError, UnsupportedError
from autodiff.run.transform import value_and_gradient
from codegen import compile_gradient, compile_hessian, to_c, to_latex
from codegen.asked import compile as compile_derivatives
from codegen.stable.stable_form import joined_outputs
from verify import Verdict, verify_gradient
from verify.beside.true_numbers import true_numbers

Function = Callable[..., object]


def root_step(x: float) -> object:
    """Two roots whose difference cancels."""
    return ad.sqrt(x + 1.0) - ad.sqrt(x)


def log_sum(x: float, y: float) -> object:
    """Overflows at 1000 as it is written."""
    return ad.log(ad.exp(x) + ad.exp(y))


# What people write, where it fails, and every number it has there.
CASES: dict[str, tuple[Function, tuple[float, ...]]] = {
    "log-sum-exp": (log_sum, (1000.0, 999.0)),
    "log-sum-exp below": (log_sum, (-1000.0, -1001.0)),
    "log-sum-exp of three": (
        lambda x, y, z: ad.log(ad.exp(x) + ad.exp(y) + ad.exp(z)),
        (800.0, 799.0, -5.0),
    ),
    "softplus": (lambda x: ad.log(1.0 + ad.exp(x)), (1000.0,)),
    "softplus below": (lambda x: ad.log(1.0 + ad.exp(x)), (-40.0,)),
    "sigmoid": (lambda x: 1.0 / (1.0 + ad.exp(-x)), (-750.0,)),
    "tanh by exp": (lambda x: (ad.exp(x) - ad.exp(-x)) / (ad.exp(x) + ad.exp(-x)), (720.0,)),
    "expm1": (lambda x: ad.exp(x) - 1.0, (1e-12,)),
    "log1p": (lambda x: ad.log(1.0 + x), (1e-14,)),
    "1 - cos": (lambda x: (1.0 - ad.cos(x)) / (x * x), (1e-5,)),
    "root step": (root_step, (1e14,)),
    "reciprocals": (lambda x: 1.0 / (x + 1.0) - 1.0 / x, (1e12,)),
    "length, small": (lambda x, y: ad.sqrt(x * x + y * y), (3e-200, 4e-200)),
    "length, large": (lambda x, y: ad.sqrt(x * x + y * y), (3e200, 4e200)),
    "length of three": (lambda x, y, z: ad.sqrt(x * x + y * y + z * z), (1e200, 2e200, 2e200)),
    "root of square": (lambda x: ad.sqrt(x * x), (1e-170,)),
    "log of exp": (lambda x: ad.log(ad.exp(x)), (800.0,)),
    "cross entropy": (lambda x, y: -ad.log(ad.exp(x) / (ad.exp(x) + ad.exp(y))), (800.0, -10.0)),
    "tangents": (lambda x, y: ad.tan(x + y) - ad.tan(x), (1.0, 1e-12)),
    "angles": (lambda x: ad.atan(x + 1.0) - ad.atan(x), (1e9,)),
    "quadratic": (lambda a, b, c: (-b + ad.sqrt(b * b - 4.0 * a * c)) / (2.0 * a), (1.0, 1e9, 1.0)),
    "squares": (lambda x, y: x * x - y * y, (1.0 + 1e-9, 1.0)),
    "exponentials": (lambda x, y: ad.exp(x) - ad.exp(y), (1.0 + 1e-11, 1.0)),
    "1 - tanh^2": (lambda x: 1.0 - ad.tanh(x) ** 2, (25.0,)),
    "asinh": (lambda x: ad.log(x + ad.sqrt(x * x + 1.0)), (1e200,)),
    "log cosh": (lambda x: ad.log(ad.cosh(x)), (1000.0,)),
    "log erfc": (lambda x: ad.log(ad.erfc(x)), (30.0,)),
    "log of the normal tail": (lambda x: ad.log(0.5 * ad.erfc(x * -0.75)), (-60.0,)),
    "exp times erfc": (lambda x: ad.exp(x * x) * ad.erfc(x), (40.0,)),
    "exp times erfc, scaled": (lambda x: ad.exp(0.5625 * x * x) * ad.erfc(0.75 * x), (60.0,)),
    "Mills ratio": (lambda x: ad.erfc(0.75 * x) / ad.exp(-0.5625 * x * x), (50.0,)),
    "log i0": (lambda x: ad.log(ad.i0(x)), (800.0,)),
    "von Mises": (lambda x, k: k * ad.cos(x) - ad.log(6.25 * ad.i0(k)), (0.5, 800.0)),
    "logit near a half": (lambda p: ad.log(p / (1.0 - p)), (0.5 + 1e-10,)),
    "log of a ratio": (lambda x, y: ad.log(x / y), (1e-200, 1e200)),
    "atanh": (lambda x: 0.5 * ad.log((1.0 + x) / (1.0 - x)), (1e-12,)),
    "root of a product": (lambda x, y: ad.sqrt(x * y), (1e200, 1e200)),
    "leg of a triangle": (lambda c, a: ad.sqrt(c * c - a * a), (5e200, 3e200)),
    "variance by moments": (
        lambda x, y, z: (x * x + y * y + z * z) / 3.0 - ((x + y + z) / 3.0) ** 2,
        (1e8, 1e8 + 1.0, 1e8 + 3.0),
    ),
    "logistic loss of a label": (
        lambda y, z: (
            -y * ad.log(1.0 / (1.0 + ad.exp(-z)))
            - (1.0 - y) * ad.log(1.0 - 1.0 / (1.0 + ad.exp(-z)))
        ),
        (1.0, 50.0),
    ),
    # what is left of a series
    "x - sin(x)": (lambda x: x - ad.sin(x), (1e-5,)),
    "sinh(x) - x": (lambda x: ad.sinh(x) - x, (1e-5,)),
    "tan(x) - sin(x)": (lambda x: ad.tan(x) - ad.sin(x), (1e-6,)),
    "interest": (lambda x: (1.0 + x) ** 50 - 1.0, (1e-12,)),
    "x - tan(x)": (lambda x: ad.tan(x) - x, (1e-4,)),
    "(exp(x) - 1) / x": (lambda x: (ad.exp(x) - 1.0) / x, (1e-8,)),
    "x / (exp(x) - 1)": (lambda x: x / (ad.exp(x) - 1.0), (1e-7,)),
    "exp(x) - 1 - x": (lambda x: ad.exp(x) - 1.0 - x, (1e-6,)),
    "1 / x - 1 / (exp(x) - 1)": (lambda x: 1.0 / x - 1.0 / (ad.exp(x) - 1.0), (1e-5,)),
    "log(1 + x) / x": (lambda x: ad.log(1.0 + x) / x, (1e-8,)),
    "x - log(1 + x)": (lambda x: x - ad.log(1.0 + x), (1e-6,)),
    "sin(x) / x": (lambda x: ad.sin(x) / x, (1e-8,)),
    "log(sin(x) / x)": (lambda x: ad.log(ad.sin(x) / x), (1e-5,)),
    "sinh(x) / x": (lambda x: ad.sinh(x) / x, (1e-6,)),
    "tanh(x) / x": (lambda x: ad.tanh(x) / x, (1e-6,)),
    "Langevin's function": (lambda x: 1.0 / ad.tanh(x) - 1.0 / x, (1e-5,)),
    "log(sinh(x))": (lambda x: ad.log(ad.sinh(x)), (800.0,)),
    "atan(x) / x": (lambda x: ad.atan(x) / x, (1e-6,)),
    "binomial": (lambda n, p: (1.0 + p) ** n - 1.0, (3.5, 1e-14)),
}

# Second derivatives of functions of one number, where those of the text lose everything.
SECOND: dict[str, tuple[Function, float]] = {
    "(exp(x) - 1) / x": (lambda x: (ad.exp(x) - 1.0) / x, 1e-5),
    "log(1 + x) / x": (lambda x: ad.log(1.0 + x) / x, 1e-5),
    "sin(x) / x": (lambda x: ad.sin(x) / x, 1e-6),
    "sinh(x) / x": (lambda x: ad.sinh(x) / x, 1e-5),
    "tanh(x) / x": (lambda x: ad.tanh(x) / x, 1e-5),
    "(1 - cos(x)) / x^2": (lambda x: (1.0 - ad.cos(x)) / x**2, 1e-4),
}  # fmt: skip


def off(found: float, true: float) -> float:
    """Relative error."""
    return abs(found - true) / abs(true) if true else abs(found)


@pytest.mark.parametrize("name", CASES)
def test_value_and_gradient_are_right_where_the_text_fails(name: str) -> None:
    """Within 1e-13 of the true numbers, which the exact profile is not."""
    function, point = CASES[name]
    graph = ad.trace(function, *point)
    [[_, *true]] = true_numbers(joined_outputs(graph, value_and_gradient(graph)), [list(point)])
    errors = []
    for profile in ("stable", "exact"):
        value, gradient = compile_gradient(function, *point, profile=profile, check=False)(*point)
        numbers = [value, *(gradient if isinstance(gradient, tuple) else (gradient,))]
        lost = [off(a, b) for a, b in zip(numbers, true, strict=True)]
        errors.append(math.inf if any(map(math.isnan, lost)) else max(lost))
    stable, exact = errors
    assert stable < 1e-13, (stable, true)
    assert exact > 10.0 * stable


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_every_target_takes_the_profile(target: str) -> None:
    """Each gives the stable numbers, for one point and for many."""
    df = compile_gradient(log_sum, 1.0, 2.0, target=target, profile="stable")
    assert df(1000.0, 999.0)[0] == pytest.approx(1000.3132616875182, rel=1e-15)
    if target != "python":
        rows = compile_gradient(log_sum, 1.0, 2.0, target=target, profile="stable", batch=True)
        value, _ = rows(np.array([1000.0, 0.0]), np.array([999.0, 0.0]))
        assert value == pytest.approx([1000.3132616875182, math.log(2.0)], rel=1e-15)


def test_c_has_the_stable_form() -> None:
    """C99 calls the function that does not overflow, and says which profile it is."""
    c = to_c(log_sum, 1.0, 2.0, profile="stable")
    assert "logaddexp(x, y)" in c.source()
    assert "Stable profile" in c.header


def test_the_text_is_proven_like_any_other() -> None:
    """The verifier proves the rewritten text against the function as it was written."""
    df = compile_gradient(root_step, 3.0, profile="stable")
    assert df.verdict in (Verdict.PROVED, Verdict.CERTIFIED)
    assert verify_gradient(df).verdict is Verdict.PROVED
    assert "stable profile" in verify_gradient(df).subject


def test_where_nothing_helps_the_text_is_the_exact_one() -> None:
    """A function that loses nothing is compiled as ever, but for the note in its header."""

    def f(x: float, y: float) -> object:
        return ad.sin(x) * y + x

    stable, exact = (compile_gradient(f, 1.0, 2.0, profile=p) for p in ("stable", "exact"))
    assert stable.source.split('"""')[2:] == exact.source.split('"""')[2:]


def test_the_same_form_is_found_again() -> None:
    """Two compiles, and a pickled one, have one text."""
    first, second = (compile_gradient(root_step, 3.0, profile="stable") for _ in range(2))
    assert first.source == second.source == pickle.loads(pickle.dumps(first)).source


def test_a_domain_decides() -> None:
    """Where the function is called near zero only, no form for large numbers is needed."""

    def f(x: float) -> object:
        return 1.0 / (x + 1.0) - 1.0 / x

    df = compile_gradient(f, 0.5, profile="stable", domain={"x": (1e8, 1e12)})
    whole = value_and_gradient(ad.trace(f, 0.5))
    [true] = true_numbers(whole, [[1e10]])
    value, slope = df(1e10)
    assert off(value, true[0]) < 1e-15
    assert off(slope, true[1]) < 1e-15


@pytest.mark.parametrize("what", ["jvp", "vjp", "hvp"])
def test_directions_may_be_anywhere(what: str) -> None:
    """A domain is that of the function's own arguments, or of some of them."""

    def f(x: float, y: float) -> object:
        return x * y + ad.sin(x) * y * y

    made, exact = (
        compile_derivatives(f, 0.3, 0.7, what=what, **options)  # type: ignore[arg-type]
        for options in ({"profile": "stable", "domain": {"x": (0.0, 1.0)}}, {})
    )
    given = (0.3, 0.7, 1.0) if what == "vjp" else (0.3, 0.7, 0.1, 0.2)
    np.testing.assert_allclose(made(*given), exact(*given), rtol=1e-14)


@pytest.mark.parametrize("domain", [{"y": (0.0, 1.0)}, [(1.0, 0.0)], [(0.0, 1.0)] * 2, 3, ["x"]])
def test_a_domain_that_fits_nothing_is_refused(domain: object) -> None:
    """The message says what was found and what was expected."""
    with pytest.raises(ArgumentError, match=r"domain: .*found .*; expected"):
        compile_gradient(root_step, 3.0, profile="stable", domain=domain)  # type: ignore[arg-type]


def test_other_profiles_ask_for_no_domain() -> None:
    """A domain that nothing asks for is refused."""
    with pytest.raises(UnsupportedError, match="profile='stable'"):
        compile_gradient(root_step, 3.0, domain={"x": (1.0, 2.0)})


def test_a_hessian_is_stable_too() -> None:
    """Second derivatives are those of the form without overflow."""
    hessian = compile_hessian(lambda x: ad.log(1.0 + ad.exp(x)), 1.0, profile="stable")
    assert hessian(40.0) == pytest.approx(4.248354255291589e-18, rel=1e-13)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: (x[0] - x[0]) / (1.5 + x[0] * x[0]) + np.tanh(x[1]),
        lambda x: np.log(np.exp(x[0]) + 1.0) * (x[1] - x[1]) + x[1] ** 3,
        lambda x: x[1] + x[1],
    ],
)
def test_a_sparse_hessian_keeps_its_pattern(function: Callable[..., object]) -> None:
    """What cancels in some forms only keeps its place, and a Hessian may have no entry at all."""
    x = np.array([0.3, 0.4])
    exact, stable = (
        compile_hessian(function, x, profile=profile, sparse="coo")(x)
        for profile in ("exact", "stable")
    )
    for one, other in zip(exact, stable, strict=True):  # rows, columns, values
        assert other == pytest.approx(one, rel=1e-12)


@pytest.mark.parametrize("name", SECOND)
def test_second_derivatives_near_zero(name: str) -> None:
    """Within 1e-12 of the true number, where what is left of a series was a difference."""
    function, x = SECOND[name]
    found = compile_hessian(function, x, profile="stable", check=False)(x)
    [[true]] = true_numbers(ad.gradient(ad.gradient(ad.trace(function, x))), [[x]])
    assert found == pytest.approx(true, rel=1e-12)


def test_kinks_are_settled_as_in_the_exact_profile() -> None:
    """At a tie the derivative is that of the function as it was written."""
    stable, exact = (
        compile_gradient(lambda x: x * ad.sqrt(x) + root_step(x), 1.0, profile=p)
        for p in ("stable", "exact")
    )
    assert stable(0.0) == exact(0.0)


def test_explain_says_what_was_rewritten_and_where() -> None:
    """Each identity by name, beside the line of the user's that it was applied to."""

    def near(x: float) -> object:
        above = ad.exp(x) - 1.0
        return above / x

    found = compile_gradient(near, 0.5, profile="stable", check=False).explain()
    lines = [line for line in str(found).splitlines() if line.startswith("rewritten: ")]
    assert any(
        "exp(x) - 1  test_stable.py:" in line and "above = ad.exp(x) - 1.0" in line
        for line in lines
    )
    assert any("return above / x" in line for line in lines)
    assert {"name", "line"} == set(found.to_json()["rewrites"][0])  # type: ignore[index]
    assert "rewritten" not in str(compile_gradient(near, 0.5, check=False).explain())


@pytest.mark.parametrize("write", [to_c, to_latex])
def test_other_languages_take_a_domain(write: Callable[..., object]) -> None:
    """Its form is that of the domain; other profiles refuse one, as everywhere."""
    assert write(root_step, 3.0, profile="stable", domain={"x": (1e8, 1e12)})
    with pytest.raises(UnsupportedError, match="profile='stable'"):
        write(root_step, 3.0, domain={"x": (1.0, 2.0)})


def test_what_was_gained_is_reported() -> None:
    """``accuracy`` has the bits lost before and now, and the rewrites by name."""
    accuracy = compile_gradient(root_step, 3.0, profile="stable").accuracy
    assert accuracy.after < 1.0
    assert accuracy.before > 5.0
    assert "sqrt(x) - sqrt(y)" in str(accuracy)
    exact = compile_gradient(root_step, 3.0).accuracy
    assert exact.after == exact.before
    assert exact.rewrites == ()


@pytest.mark.parametrize("count", [2, 3, 5])
def test_the_gradient_of_log_sum_exp_is_softmax(count: int) -> None:
    """Traced at ones, each entry is right at a thousand and at minus a thousand."""
    df = compile_gradient(
        lambda x: np.log(np.sum(np.exp(x))), np.ones(count), profile="stable", check=False
    )
    for base in ([1000.0, 1001.0, 999.0], [1001.0, 1000.0, 999.0], [-1000.0, -1001.0, -999.0]):
        x = np.resize(base, count)
        weights = np.exp(x - x.max())
        _, gradient = df(x)
        assert gradient == pytest.approx(weights / weights.sum(), rel=1e-12, abs=0.0)


@pytest.mark.parametrize(("function", "base"), [(np.log10, 10.0), (np.log2, 2.0)])
def test_logarithms_of_other_bases_near_one(function: Callable[..., float], base: float) -> None:
    """They keep the digits of what is added to 1, and are exact at powers of the base."""
    df = compile_gradient(lambda x: function(1.0 + x), 1e-15, profile="stable")
    assert df(1e-15)[0] == pytest.approx(1e-15 / math.log(base), rel=1e-14)
    assert df(base**3 - 1.0)[0] == 3.0


def test_what_ties_in_a_form_alone_is_no_tie_of_the_function() -> None:
    """A root that is written as ``hypot`` asks for ties no more than it did: its text is read."""

    def function(x: float) -> object:
        return np.sqrt(x * x + 1.0) - 1.0 + abs(x)

    compiled = compile_gradient(function, 1.0, profile="stable")
    assert compiled.verdict is not Verdict.UNDECIDED
    exact = compile_gradient(function, 1.0, check=False)
    for x in (0.0, 0.2, -1.5):
        np.testing.assert_allclose(compiled(x), exact(x), rtol=1e-12)
        halves = compiled.backward(compiled.forward(x)[1])
        np.testing.assert_allclose(halves, exact(x)[1], rtol=1e-12)
