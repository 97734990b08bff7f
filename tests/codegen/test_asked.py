"""compile and its siblings: any derivative, on any target, alone and together."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
import codegen
from autodiff.graph.tree.tree import leaves_of
from autodiff.run.derive.joint import derivatives
from codegen import CompiledFunction, CompiledGradient, compile_gradient
from codegen.passes import run_passes
from tests.modules_by_path import module_at
from verify import Verdict

TARGETS = ("python", "numpy", "native")
X, Y = np.array([0.7, -0.4, 1.3]), 0.6
DIRECTIONS = np.array([1.0, -2.0, 0.5]), 3.0
COTANGENT = np.array([1.0, 2.0, -1.0, 0.25])


def scalar(x: Any, y: Any) -> Any:
    """Of an array and a float, with a branch."""
    return np.sum(x * x * np.exp(y * x)) + np.where(x[0] > 0.0, x[0] * x[1], y) / (1.0 + y * y)


def vector(x: Any, y: Any) -> Any:
    """An array from an array and a float."""
    return np.stack([x[0] * y, np.sin(x[1]) * x[2], np.maximum(x[0], y), y * y])


KINDS: dict[str, tuple[Callable[..., Any], Any, tuple[Any, ...]]] = {
    "function": (vector, "value", ()),
    "gradient": (scalar, "gradient", ()),
    "jacobian": (vector, "jacobian", ()),
    "hessian": (scalar, "hessian", ()),
    "jvp": (vector, ("value", "jvp"), DIRECTIONS),
    "vjp": (vector, ("value", "vjp"), (COTANGENT,)),
    "hvp": (scalar, "hvp", DIRECTIONS),
    "all of a float": (scalar, ("value", "gradient", "hessian", "hvp", "jvp"), DIRECTIONS),
    "all of an array": (vector, ("value", "jacobian", "jvp", "vjp"), (*DIRECTIONS, COTANGENT)),
}


def needs(target: str) -> None:
    """Skip where a target cannot run."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="machine code needs llvmlite")


def made(name: str, target: str = "python", **options: Any) -> CompiledFunction:
    """One of ``KINDS``."""
    needs(target)
    function, what, _ = KINDS[name]
    return codegen.compile(function, X, Y, what=what, target=target, **options)


def arguments(name: str) -> tuple[Any, ...]:
    """Arguments of a call."""
    return (X.copy(), Y, *KINDS[name][2])


def flat(value: Any) -> np.ndarray:
    """All numbers of a result."""
    return np.array([float(x) for x in leaves_of(value)])


def wanted(name: str, *args: Any) -> Any:
    """What the transforms give in the interpreter."""
    function, what, _ = KINDS[name]
    names = [what] if isinstance(what, str) else what
    return ad.evaluate(derivatives(ad.trace(function, X, Y), names), *(args or arguments(name)))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", KINDS)
def test_every_kind_on_every_target(name: str, target: str) -> None:
    """Numbers and structure are the transform's, and the check at compile certifies them."""
    compiled = made(name, target)
    found, expected = compiled(*arguments(name)), wanted(name)
    assert repr(type(found)) == repr(type(expected))
    if target == "numpy":
        assert np.allclose(flat(found), flat(expected), rtol=1e-14)
    else:
        assert np.array_equal(flat(found), flat(expected))
    assert compiled.verdict is Verdict.CERTIFIED


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", KINDS)
def test_pickles(name: str, target: str) -> None:
    """A pickle gives the same numbers, text, verdict and kind."""
    compiled = made(name, target)
    again = pickle.loads(pickle.dumps(compiled))
    assert np.array_equal(flat(again(*arguments(name))), flat(compiled(*arguments(name))))
    assert (again.source, again.verdict, again.what) == (
        compiled.source,
        compiled.verdict,
        compiled.what,
    )


@pytest.mark.parametrize("name", KINDS)
def test_saved_files_stand_alone(name: str, tmp_path: Path) -> None:
    """A saved file is a module with one public function, which gives the numbers."""
    compiled = made(name)
    compiled.save(tmp_path / "saved.py")
    module = module_at(tmp_path / "saved.py")
    flattened = [x.tolist() if isinstance(x, np.ndarray) else x for x in arguments(name)]
    found = getattr(module, compiled.entry)(*flattened)
    assert np.array_equal(flat(found), flat(compiled(*arguments(name))))


@pytest.mark.parametrize("name", KINDS)
def test_a_cache_gives_the_same(name: str, tmp_path: Path) -> None:
    """What comes from a store has the numbers, the text, the verdict and a pickle."""
    first, stored = (made(name, cache=tmp_path / "store") for _ in range(2))
    assert type(stored).__name__ in ("CachedFunction", "CachedGradient")
    assert stored.source == first.source
    assert np.array_equal(flat(stored(*arguments(name))), flat(first(*arguments(name))))
    assert stored.verdict is first.verdict
    again = pickle.loads(pickle.dumps(stored))
    assert np.array_equal(flat(again(*arguments(name))), flat(first(*arguments(name))))


def test_kinds_have_entries_of_their_own_in_a_store(tmp_path: Path) -> None:
    """A Hessian is never taken for a gradient of the same function."""
    store = tmp_path / "store"
    for _ in range(2):
        value, _ = compile_gradient(scalar, X, Y, cache=store)(X, Y)
        assert value == codegen.compile_function(scalar, X, Y, cache=store)(X, Y)
        hessian = codegen.compile_hessian(scalar, X, Y, cache=store)(X, Y)
        assert np.array_equal(flat(hessian), flat(wanted("hessian")))


@pytest.mark.parametrize("target", ["numpy", "native"])
@pytest.mark.parametrize("name", ["jacobian", "hessian", "hvp", "all of a float"])
def test_results_go_into_the_callers_arrays(name: str, target: str) -> None:
    """``out=`` mirrors the result, without a float value that comes first."""
    compiled, expected = made(name, target), wanted(name)
    leads = name == "all of a float"
    out = _empty(expected[1:] if leads else expected)
    returned = compiled(*arguments(name), out=out)
    if leads:
        assert returned[0] == pytest.approx(expected[0], rel=1e-14)
        assert returned[1] is out
        expected = expected[1:]
    else:
        assert returned is out
    assert np.allclose(flat(out), flat(expected), rtol=1e-14)


def _empty(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_empty, value))
    return np.full(np.shape(value), np.nan)


@pytest.mark.parametrize("name", ["jacobian", "hessian", "jvp", "all of a float"])
def test_bound_to_arrays(name: str) -> None:
    """A bound call reads its arrays anew, and returns the value or ``out``."""
    needs("native")
    compiled, args = made(name, "native"), arguments(name)
    leads = name == "all of a float"
    whole = wanted(name)
    out = _empty(whole[1:] if leads else whole)
    call = compiled.bind(*args, out=out)
    for shift in (0.0, 0.5):
        args[0][...] = X + shift
        expected = wanted(name, *args)
        returned = call()
        assert returned == expected[0] if leads else returned is out
        assert np.array_equal(flat(out), flat(expected[1:] if leads else expected))


@pytest.mark.parametrize("target", ["numpy", "native"])
@pytest.mark.parametrize("name", KINDS)
def test_batches_are_the_points(name: str, target: str) -> None:
    """Each point of a batch has the numbers of a call at that point."""
    compiled, one = made(name, target, batch=True), made(name, target)
    points = [tuple(x * (1.0 + 0.1 * k) for x in arguments(name)) for k in range(5)]
    found = compiled(*[np.array(each) for each in zip(*points, strict=True)])
    for k, point in enumerate(points):
        here = _at(found, k)
        assert np.allclose(flat(here), flat(one(*point)), rtol=1e-13, atol=1e-15)


def _at(value: Any, k: int) -> Any:
    return tuple(_at(x, k) for x in value) if isinstance(value, tuple) else value[k]


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_sums_over_points(target: str) -> None:
    """Derivatives by shared arguments add up; by batched ones they stay apart."""
    what = "value", "gradient", "hessian"
    needs(target)
    compiled = codegen.compile(
        scalar, X, Y, what=what, target=target, batch=(True, False), reduce="sum"
    )
    points = np.array([X, 2.0 * X, X - 1.0])
    value, (by_x, by_y), ((x_x, x_y), (y_x, y_y)) = compiled(points, Y)
    singles = [ad.evaluate(derivatives(ad.trace(scalar, X, Y), what), p, Y) for p in points]
    assert value == pytest.approx(sum(v for v, _, _ in singles))
    assert np.allclose(by_x, [g[0] for _, g, _ in singles])
    assert by_y == pytest.approx(sum(g[1] for _, g, _ in singles))
    assert np.allclose(x_x, [h[0][0] for _, _, h in singles])
    assert np.allclose(x_y, [h[0][1] for _, _, h in singles])
    assert np.allclose(y_x, [h[1][0] for _, _, h in singles])
    assert y_y == pytest.approx(sum(h[1][1] for _, _, h in singles))


@pytest.mark.parametrize("target", TARGETS)
def test_by_some_arguments(target: str) -> None:
    """``wrt`` says which arguments have rows, columns and directions."""
    needs(target)
    hessian = codegen.compile_hessian(scalar, X, Y, wrt="x", target=target)
    both = wanted("hessian")
    assert np.allclose(hessian(X, Y), both[0][0], rtol=1e-14)
    hvp = codegen.compile_hvp(scalar, X, Y, wrt=[1], target=target)
    assert hvp(X, Y, 2.0)[0] == pytest.approx(2.0 * both[1][1])
    assert list(inspect.signature(hvp).parameters) == ["x", "y", "y_dot"]


def test_value_and_gradient_are_a_gradient() -> None:
    """The pair that ``compile_gradient`` compiles is its, with halves."""
    compiled = codegen.compile(scalar, X, Y)
    assert isinstance(compiled, CompiledGradient)
    value, residuals = compiled.forward(X, Y)
    assert value == compiled(X, Y)[0]
    assert np.array_equal(flat(compiled.backward(residuals)), flat(compiled(X, Y)[1]))


def test_several_share_their_work() -> None:
    """Value, gradient and Hessian together compute less than the three apart."""
    graph, what = ad.trace(scalar, X, Y), ("value", "gradient", "hessian")

    def operations(*names: str) -> int:
        return sum(1 for _ in run_passes(derivatives(graph, names)).operations())

    assert operations(*what) < 0.8 * sum(map(operations, what))


def test_a_hessian_is_symmetric_to_the_last_bit() -> None:
    """One triangle is computed, and mirrored."""
    (x_x, x_y), (y_x, _) = made("hessian")(X, Y)
    assert np.array_equal(x_x, x_x.T)
    assert np.array_equal(x_y, y_x)


def test_static_arguments() -> None:
    """Arguments that are no numbers choose the program, as for gradients."""

    def power(x: Any, n: int, mode: str) -> Any:
        total = x
        for _ in range(n - 1):
            total = total * x
        return total if mode == "plain" else -total

    hessian = codegen.compile_hessian(power, 2.0, 3, "plain", wrt="x")
    assert hessian(2.0, 3, "plain") == 12.0
    assert hessian(2.0, 4, "plain") == 48.0
    assert hessian(2.0, 4, "negative") == -48.0
    hvp = codegen.compile_hvp(power, 2.0, 3, "plain", wrt="x")
    assert hvp(2.0, 5, "plain", 2.0) == 320.0
    again = pickle.loads(pickle.dumps(hvp))
    assert again(2.0, 3, "plain", 1.0) == 12.0
    with pytest.raises(ad.ArgumentError, match="other static arguments"):
        again(2.0, 4, "plain", 1.0)


def test_traced_at_the_first_call() -> None:
    """Without examples the first call's arguments serve; defaults are examples."""
    hessian = codegen.compile_hessian(lambda x: np.sum(x**3))
    assert np.array_equal(hessian(np.array([1.0, 2.0])), np.diag([6.0, 12.0]))

    def f(x: float = 2.0, y: float = 3.0) -> float:
        return x * x * y

    assert codegen.compile_hessian(f)() == ((6.0, 4.0), (4.0, 0.0))


def _accelerations(q: Any, torque: Any) -> Any:
    """A mass matrix that depends on the angles, solved: numbers for which there is no trace."""
    c = np.cos(q[1])
    return np.linalg.solve(np.array([[3.0 + c, 1.0 + c], [1.0 + c, 2.0]]), torque - np.sin(q))


@pytest.mark.parametrize("target", TARGETS)
def test_linear_algebra_in_every_form(target: str) -> None:
    """What is traced with its arrays whole alone can be had sparse, in batches and in numbers."""
    q, torque = np.array([0.3, 0.4]), np.array([1.0, 2.0])
    how: Any = {"target": target, "wrt": "q"}
    wanted = codegen.compile_jacobian(_accelerations, q, torque, **how)(q, torque)
    for more in ({"sparse": True}, {"expand": True}, {"expand": True, "sparse": True}):
        found = codegen.compile_jacobian(_accelerations, q, torque, **more, **how)(q, torque)
        found = found.toarray() if "sparse" in more else found
        np.testing.assert_allclose(found, wanted, rtol=1e-13)
    if target == "python":
        return
    many = codegen.compile_jacobian(_accelerations, q, torque, batch=True, **how)
    found = many(np.stack([q, 2.0 * q]), np.stack([torque, torque]))
    np.testing.assert_allclose(found[0], wanted, rtol=1e-13)


@pytest.mark.parametrize("target", TARGETS)
def test_matrices_without_entries(target: str) -> None:
    """The sparse Hessian of what is linear between its switches has a text like any other."""

    def ranked(x: Any) -> Any:
        return np.sum(np.sort(x) * np.arange(4.0)) + np.median(x)

    found = codegen.compile_hessian(ranked, np.arange(4.0), target=target, sparse=True)
    assert found(np.arange(4.0)).nnz == 0
    assert found.source
    assert found.verdict is Verdict.CERTIFIED


def test_inside_another_trace() -> None:
    """A compiled Hessian differentiates further where it is called with traced values."""
    hessian = codegen.compile_hessian(lambda x: x**4, 1.0)
    third = compile_gradient(hessian, 2.0)
    assert third(2.0) == (48.0, 48.0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: compile_gradient(vector, X, Y), ad.DifferentiationError, "compile_jacobian"),
        (lambda: codegen.compile_hessian(vector, X, Y), ad.DifferentiationError, "one float"),
        (
            lambda: codegen.compile_jacobian(scalar, X, Y),
            ad.DifferentiationError,
            "gradient",
        ),
        (lambda: codegen.compile(scalar, X, Y, what="slope"), ad.ArgumentError, "found 'slope'"),
        (lambda: codegen.compile(scalar, X, Y, what=()), ad.ArgumentError, "found \\(\\)"),
        (lambda: codegen.compile(scalar, X, Y, what=3), ad.ArgumentError, "found 3"),
        (
            lambda: codegen.compile(scalar, X, Y, what=("value", "value")),
            ad.ArgumentError,
            "once",
        ),
        (lambda: codegen.compile_hessian(scalar, X, Y, targt="numpy"), ad.ArgumentError, "targt"),
        (lambda: codegen.compile_hessian(scalar, X, Y, wrt="z"), ad.ArgumentError, "wrt"),
        (lambda: codegen.compile_hessian("x * x"), ad.ArgumentError, "compile_hessian: found"),
        (lambda: codegen.compile_hessian(scalar, X, Y, batch=True), ad.ArgumentError, "batch"),
        (lambda: made("hessian")(X), ad.ArgumentError, "found 1 argument"),
        (lambda: made("hessian")(X[:2], Y), ad.ArgumentError, "argument x"),
        (lambda: made("hvp")(X, Y), ad.ArgumentError, "found 2 arguments"),
        (lambda: made("hessian")(X, Y, out=()), ad.UnsupportedError, "out"),
        (lambda: made("hessian").bind(X, Y), ad.UnsupportedError, "bind"),
        (lambda: made("hessian", "native")(X, Y, out=np.zeros(3)), ad.ArgumentError, "out"),
        (lambda: made("hessian", "numpy")(X, Y, out=np.zeros(3)), ad.ArgumentError, "out"),
    ],
)
def test_wrong_calls(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    """Each says what was found, and what to call instead."""
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("name", KINDS)
def test_explained(name: str) -> None:
    """The lines of a text lead back to the user's."""
    lines = made(name).explain().lines
    assert any("x" in line.code for line in lines)
    assert made(name, comments=True).source.count("#") >= made(name).source.count("#")


def test_matrices_that_are_mostly_zero() -> None:
    """Machine code clears them at once, and a bound call writes every number anew."""
    needs("native")

    def chain(x: Any) -> Any:
        return np.sum((x[1:] - x[:-1] ** 2) ** 2) - 0.0 * x[0]

    x = np.linspace(0.1, 1.0, 40)
    compiled = codegen.compile(chain, x, what=("value", "gradient", "hessian"), target="native")
    expected = ad.evaluate(derivatives(ad.trace(chain, x), compiled.what), x)
    assert "llvm.memset" in compiled.llvm
    assert np.array_equal(flat(compiled(x)), flat(expected))
    out = np.full(40, np.nan), np.full((40, 40), np.nan)
    call = compiled.bind(x, out=out)
    for _ in range(2):
        assert call() == expected[0]
        assert np.array_equal(out[1], expected[2])
        out[1][...] = np.nan
