"""Each form of each function that emitted files copy is within 4 ulp over its whole domain."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

import autodiff as ad
from codegen import compile_graph
from codegen.language.numpy.vectorized import VECTORIZED
from verify.beside.bodies import FORMS, Fault, faults, rows_with_bodies

pytest.importorskip("flint", reason="the true numbers are balls of python-flint")

ROWS = rows_with_bodies()


def native(row: ad.Primitive, points: Sequence[Sequence[float]]) -> list[float]:
    """The machine code, one call a point; the literals are in the graph."""
    literals = {position: points[0][position] for position in row.literal}

    def one(*free: float) -> object:
        rest = iter(free)
        return row(*(literals[p] if p in literals else next(rest) for p in range(row.arity)))

    free = [[x for p, x in enumerate(point) if p not in literals] for point in points]
    call = compile_graph(ad.trace(one, *free[0]), target="native")
    return [float(call(*xs)) for xs in free]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_bodies_are_within_the_bar(row: ad.Primitive) -> None:
    """Scalar function, array form and machine code agree with balls, edges included."""
    forms = dict(FORMS)
    if pytest.importorskip("llvmlite"):
        forms["native"] = native
    assert faults([row], count=12, drawn=2, forms=forms) == []


def test_every_copied_function_is_measured() -> None:
    """No array form is left out: each is called by a row that is measured, or by such a form."""
    measured = {name for row in ROWS for name in VECTORIZED if name in row.numpy}
    assert {"gaussian", "polygamma", "iv", "spherical_jn", "erf", "xlogy"} <= measured
    inner = {"horner", "rational", "power_over", "iv_series"}
    inner |= {"bessel_downwards", "bessel_steps", "bessel_upwards", "second_kind"}
    assert measured | inner == set(VECTORIZED)


def clamped(row: ad.Primitive, points: Sequence[Sequence[float]]) -> list[float]:
    """A gaussian that cuts its operand off at 39, which is far out for a scale of 1 only."""
    return [row.impl(x if x != x else max(-39.0, min(39.0, x)), s) for x, s in points]


def test_a_body_that_is_wrong_for_one_literal_is_found() -> None:
    """A form right at the usual scales and wrong at a small one has faults at the small one."""
    found = faults([ad.REGISTRY["gaussian"]], count=20, drawn=0, forms={"clamped": clamped})
    assert found
    assert all(isinstance(fault, Fault) and fault.point[1] < 0.5 for fault in found)


def test_a_wrong_limit_is_found() -> None:
    """A scalar function that is wrong at an infinity alone is found, though it is the reference."""
    right = ad.REGISTRY["erf"].impl
    row = ad.Primitive(
        "erf_unbounded", lambda x: x if math.isinf(x) else right(x), (lambda g, out, x: g,),
        "erf({0})", "erf({0})", "erf({0})",
    )  # fmt: skip
    try:
        found = faults([row], count=2, forms={})
    finally:
        del ad.REGISTRY["erf_unbounded"]
        ad.primitive.PUBLIC.pop("erf_unbounded", None)
    assert {(fault.form, fault.point) for fault in found} == {
        ("limit", (math.inf,)),
        ("limit", (-math.inf,)),
    }


@pytest.mark.parametrize("scale", [0.001, 0.3, 2.0, 1e-12, 1e9])
@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_gaussian_of_any_scale(scale: float, target: str) -> None:
    """Every target gives exp(-scale x x), in its tails and at the infinities, too."""
    if target == "native":
        pytest.importorskip("llvmlite")
    call = compile_graph(ad.trace(lambda x: ad.gaussian(x, scale), 1.0), target=target)
    for exponent in (0.5, 2.5, 30.0, 700.0):
        x = math.sqrt(exponent / scale)
        assert math.isclose(float(call(x)), math.exp(-scale * x * x), rel_tol=1e-12)
    assert float(call(math.inf)) == float(call(-math.inf)) == 0.0
    assert math.isnan(float(call(math.nan)))


@pytest.mark.parametrize("x", [-2.0000000000000004, -2.9999999999999996, -3.0000000000000004])
def test_polygamma_is_a_number_up_to_its_overflow(x: float) -> None:
    """The largest finite values next to a pole are found, whatever their terms grow to."""
    value = ad.polygamma(18, x)
    assert math.isfinite(value)
    assert abs(value) > 1e307


@pytest.mark.parametrize("x", [1e-200, 1e-12, 9.611118831699911e-11, 5e-324])
@pytest.mark.parametrize("n", [1, 2, 28, 29, 100])
def test_polygamma_overflows_to_an_infinity(n: int, x: float) -> None:
    """Next to its pole at zero it is an infinity of the right sign or a number, and never nan."""
    for side in (x, -x):
        value = ad.polygamma(n, side)
        assert value == value
        assert math.copysign(1.0, value) == (1.0 if n % 2 else -math.copysign(1.0, side))
