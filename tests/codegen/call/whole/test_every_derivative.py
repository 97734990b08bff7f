"""Every derivative of whole arrays, on both targets: numbers, verdicts, files, pickles."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import ArgumentError
from autodiff.run.derive.joint import derivatives
from codegen import (
    compile_function,
    compile_hessian,
    compile_hvp,
    compile_jacobian,
    compile_jvp,
    compile_vjp,
)
from codegen.asked import compile as compile_derivatives
from tests.autodiff.trace.whole.test_programs import flat
from tests.modules_by_path import module_at
from verify import Verdict, VerificationError, verify_hessian, verify_jacobian
from verify.ladder.arrays.array_check import check_arrays

_DRAW = np.random.default_rng(5)
A, B = _DRAW.normal(size=(60, 5)), _DRAW.normal(size=60)
_W, _D = _DRAW.normal(size=5), _DRAW.normal(size=5)
_TARGETS = pytest.mark.parametrize("target", ["numpy", "native"])


def logistic(w: Any) -> Any:
    """A loss over closed-over data."""
    return np.mean(np.log1p(np.exp(-B * (A @ w))))


def layer(w: Any, scale: Any) -> Any:
    """An array and a number."""
    z = np.tanh(A @ w) * scale
    return z, np.sum(z * z)


def _whole(compiler: Any, *given: Any, target: str, **options: Any) -> Any:
    return compiler(*given, target=target, expand=False, **options)


def _right(compiled: Any, function: Any, what: tuple[str, ...], *args: Any) -> None:
    """A call gives the scalars' derivatives, and the check at compile certified them."""
    count = len(args) - sum(n in ("jvp", "hvp", "vjp") for n in what[-1:])
    scalars = ad.trace(function, *args[:count])
    wanted = ad.evaluate(derivatives(scalars, what), *args)
    np.testing.assert_allclose(flat(compiled(*args)), flat(wanted), rtol=1e-9, atol=1e-11)
    assert compiled.verdict is Verdict.CERTIFIED
    assert compiled.check.chance < 1e-12


@_TARGETS
def test_products(target: str) -> None:
    """Tangents, cotangents and Hessian-vector products."""
    hvp = _whole(compile_hvp, logistic, _W, target=target)
    _right(hvp, logistic, ("hvp",), _W, _D)
    jvp = _whole(compile_jvp, layer, _W, 0.7, target=target)
    wanted = ad.evaluate(ad.jvp(ad.trace(layer, _W, 0.7)), _W, 0.7, _D, 0.3)
    np.testing.assert_allclose(flat(jvp(_W, 0.7, _D, 0.3)), flat(wanted), rtol=1e-10)
    vjp = _whole(compile_vjp, layer, _W, 0.7, target=target)
    seed = (_DRAW.normal(size=60), 1.5)
    wanted = ad.evaluate(ad.vjp(ad.trace(layer, _W, 0.7)), _W, 0.7, seed)
    np.testing.assert_allclose(flat(vjp(_W, 0.7, seed)), flat(wanted), rtol=1e-10)
    assert {c.verdict for c in (hvp, jvp, vjp)} == {Verdict.CERTIFIED}


@_TARGETS
@pytest.mark.parametrize(
    "what",
    [
        ("gradient",),
        ("hessian",),
        ("value", "gradient", "hessian"),
        ("hessian", "gradient"),
        ("value", "gradient", "hvp"),
    ],
)
def test_several_at_once(target: str, what: tuple[str, ...]) -> None:
    """Any of them in one call, in any order."""
    compiled = _whole(compile_derivatives, logistic, _W, target=target, what=what)
    _right(compiled, logistic, what, *((_W, _D) if "hvp" in what else (_W,)))


@_TARGETS
def test_jacobians(target: str) -> None:
    """Of an array and a number by an array and a number."""
    _right(_whole(compile_jacobian, layer, _W, 0.7, target=target), layer, ("jacobian",), _W, 0.7)
    one = _whole(compile_jacobian, layer, _W, 0.7, target=target, wrt="scale")
    wanted = ad.evaluate(ad.jacobian(ad.trace(layer, _W, 0.7), "scale"), _W, 0.7)
    np.testing.assert_allclose(flat(one(_W, 0.7)), flat(wanted), rtol=1e-10)


def test_the_text_of_a_hessian_is_short() -> None:
    """Least squares and logistic loss: a line, and seven."""
    squares = _whole(compile_hessian, lambda w: np.sum((A @ w - B) ** 2), _W, target="numpy")
    assert "    hessian = 2.0 * A.T @ A\n    return hessian\n" in squares.source
    curved = _whole(compile_hessian, logistic, _W, target="numpy")
    text = curved.source[curved.source.index("def hessian") :]
    assert len(text.splitlines()) <= 9
    assert text.count("@") == 2


@_TARGETS
def test_a_function_as_it_is(target: str) -> None:
    """compile_function gives what the function gives."""
    compiled = _whole(compile_function, layer, _W, 0.7, target=target)
    for found, wanted in zip(compiled(_W, 0.7), layer(_W, 0.7), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-13)
    assert compiled.verdict is Verdict.CERTIFIED


@_TARGETS
def test_out(target: str) -> None:
    """A call fills the caller's arrays, wherever they lie, and returns a value that leads."""
    hessian = _whole(compile_hessian, logistic, _W, target=target)
    out = np.empty((5, 5))
    assert hessian(_W, out=out) is out
    np.testing.assert_array_equal(out, hessian(_W))
    three = _whole(
        compile_derivatives, logistic, _W, target=target, what=("value", "gradient", "hessian")
    )
    slope = np.empty(5)
    value, given = three(_W, out=(slope, out))
    assert value == three(_W)[0]
    assert given[0] is slope
    np.testing.assert_array_equal(slope, three(_W)[1])
    with pytest.raises(ArgumentError):
        hessian(_W, out=np.empty((5, 4)))
    readonly = np.empty((5, 5))
    readonly.flags.writeable = False
    with pytest.raises(ArgumentError):
        hessian(_W, out=readonly)


@_TARGETS
def test_out_over_the_arguments(target: str) -> None:
    """Results may be written where the arguments lie."""
    x, y = np.arange(4.0), np.ones(4) * 3.0
    df = _whole(compile_derivatives, lambda x, y: np.sum(x * y), x, y, target=target)
    assert df(x, y, out=(x, y))[0] == 18.0
    np.testing.assert_array_equal(x, np.ones(4) * 3.0)
    np.testing.assert_array_equal(y, np.arange(4.0))


def test_bind() -> None:
    """Machine code bound to arrays refills them."""
    w, out = _W.copy(), np.empty((5, 5))
    hessian = _whole(compile_hessian, logistic, _W, target="native")
    call = hessian.bind(w, out=out)
    w[:] = 0.1
    assert call() is out
    np.testing.assert_array_equal(out, hessian(w))


@_TARGETS
def test_pickles_and_files(target: str, tmp_path: Path) -> None:
    """A pickle and a saved file give the same numbers."""
    hessian = _whole(compile_hessian, logistic, _W, target=target)
    again = pickle.loads(pickle.dumps(hessian))
    np.testing.assert_array_equal(again(_W), hessian(_W))
    assert again.verdict is Verdict.CERTIFIED
    path = tmp_path / "curvature.py"
    hessian.save(path)
    module = module_at(path)
    np.testing.assert_allclose(module.hessian(_W), hessian(_W), rtol=1e-12)


@_TARGETS
def test_arguments_of_every_layout(target: str) -> None:
    """Fortran order, strides, whole numbers, read-only and memory-mapped arrays are read."""
    x = _DRAW.normal(size=(4, 6))
    jacobian = _whole(compile_jacobian, lambda x: np.sin(x) @ np.ones(6), x, target=target)
    wanted = jacobian(x)
    wide = np.empty((4, 12))
    wide[:, ::2] = x
    readonly = x.copy()
    readonly.flags.writeable = False
    for given in (np.asfortranarray(x), wide[:, ::2], readonly):
        np.testing.assert_array_equal(jacobian(given), wanted)
    with pytest.raises(ArgumentError, match="x"):
        jacobian(x.T)


@_TARGETS
def test_ties_settle_in_every_derivative(target: str) -> None:
    """Where switches meet or a slope is infinite, products settle as the scalars' do."""

    def folded(x: Any) -> Any:
        return np.sum(np.maximum(x, 0.0) - np.maximum(-x, 0.0)) + np.sum(x * x)

    x, d = np.array([0.0, 1.0, -2.0]), np.array([1.0, 2.0, 3.0])
    slope = _whole(compile_derivatives, folded, x, target=target, what="gradient")
    np.testing.assert_allclose(slope(x), 1.0 + 2.0 * x, rtol=1e-15)
    tangent = _whole(compile_jvp, folded, x, target=target)
    assert tangent(x, d)[1] == pytest.approx(float(np.sum(d * (1.0 + 2.0 * x))))


@_TARGETS
@pytest.mark.parametrize("form", ["csr", "csc"])
def test_sparse_matrices(target: str, form: str) -> None:
    """A diagonal and a band come as SciPy's matrices, certified with what they do not keep."""
    x = np.linspace(0.1, 1.0, 400)
    diagonal = _whole(compile_jacobian, lambda x: np.sin(x) * x, x, target=target, sparse=form)
    found = diagonal(x)
    assert found.nnz == 400
    np.testing.assert_allclose(found.diagonal(), np.cos(x) * x + np.sin(x), rtol=1e-13)

    def chain(x: Any) -> Any:
        return np.sum((x[1:] - x[:-1] ** 2) ** 2)

    band = _whole(compile_hessian, chain, x[:30], target=target, sparse=form)
    dense = compile_hessian(chain, x[:30])(x[:30])
    np.testing.assert_allclose(band(x[:30]).toarray(), dense, rtol=1e-12)
    assert band(x[:30]).nnz == 88
    assert {diagonal.verdict, band.verdict} == {Verdict.CERTIFIED}


@_TARGETS
def test_hessians_and_products_are_proven(target: str) -> None:
    """At the graph's own shapes every number is proven, data and all."""
    a, b = A[:6, :3], B[:6]
    hessian = _whole(compile_hessian, lambda w: np.sum(np.exp(a @ w) * b), _W[:3], target=target)
    assert verify_hessian(hessian, _W[:3]).verdict is Verdict.PROVED
    jacobian = _whole(compile_jacobian, lambda w: (a @ w) * w[0], _W[:3], target=target)
    assert verify_jacobian(jacobian, _W[:3]).verdict is Verdict.PROVED


def test_a_wrong_hessian_is_refuted() -> None:
    """The check at compile refuses a text that gives a transposed or scaled block."""

    def loss(x: Any, y: Any) -> Any:
        return np.sum(np.outer(np.sin(x), y * y) * np.arange(12.0).reshape(4, 3))

    x, y = _DRAW.normal(size=4), _DRAW.normal(size=3)
    right = _whole(compile_hessian, loss, x, y, target="numpy")
    assert right.verdict is Verdict.CERTIFIED
    for old, new in ((" * ", " * 1.5 * "), (".T", ""), ("np.sin", "np.cos"), ("2.0", "3.0")):
        text = right.loaded.functions["hessian"]
        module = right.loaded.module
        source = module.functions[-1].text
        if old not in source:
            continue
        space = dict(text.__globals__)
        exec(source.replace(old, new, 1), space)
        right.loaded.functions["hessian"] = right._runner._run = space["hessian"]
        try:
            with pytest.raises(VerificationError):
                check_arrays(right, (x, y))
        finally:
            right.loaded.functions["hessian"] = right._runner._run = text


@_TARGETS
def test_halves_settle_ties(target: str) -> None:
    """forward and backward give the settled gradient, times the cotangent, from pickles, too."""

    def folded(x: Any) -> Any:
        return np.sum(np.maximum(x, 0.0) - np.maximum(-x, 0.0)) + np.sum(x * x)

    x = np.array([0.0, 1.0, -2.0])
    df = _whole(compile_derivatives, folded, x, target=target)
    residuals = pickle.loads(pickle.dumps(df.forward(x)[1]))
    np.testing.assert_array_equal(df.backward(residuals, 3.0), 3.0 * df(x)[1])
    np.testing.assert_array_equal(df(x)[1], 1.0 + 2.0 * x)


def test_wrong_halves_are_seen() -> None:
    """The check at compile runs forward and backward: a wrong line there is no certificate."""
    df = _whole(compile_derivatives, logistic, _W, target="numpy")
    assert check_arrays(df, (_W,)).verdict is Verdict.CERTIFIED
    halves = df.code.halves
    for name in ("forward", "backward"):
        right = halves.functions[name]
        text = next(f.text for f in halves.module.functions if f.name == name)
        space = dict(right.__globals__)
        exec(text.replace(" * ", " * 1.5 * ", 1), space)
        halves.functions[name] = space[name]
        assert check_arrays(df, (_W,)).verdict is not Verdict.CERTIFIED
        halves.functions[name] = right
