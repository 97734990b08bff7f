"""Static arguments of compiled gradients: fixed in a program, and traced again when they change."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

import autodiff as ad
from codegen import CompiledGradient, compile_gradient, compile_jacobian
from tests.at_once import at_once
from verify import verify_gradient

X = np.arange(12.0).reshape(4, 3)
W = np.array([1.0, -2.0, 0.5])
TARGETS = ["python", "numpy", "native"]


def loss(w: Any, x: Any, rows: Any, kind: str, weight: Any) -> Any:
    """Needs each of its arguments as what it is."""
    r = (x @ w - 1.0)[rows]
    total = np.sum(r * r) if kind == "l2" else np.sum(np.abs(r))
    return total if weight is None else total * weight


CALLS = [
    (W, X, np.array([0, 2]), "l2", None),
    (W, X, np.array([1, 2, 3]), "l2", None),
    (W, X, [0, 2], "l1", 3.0),
    (W, X, np.array([True, False, False, True]), "l2", None),
    (W, 2.0 * X, np.array([0, 2]), "l2", None),
]


def expected(args: tuple[Any, ...]) -> list[float]:
    """Value and gradient, the other arguments closed over."""
    value, gradient = ad.value_and_grad(lambda w: loss(w, *args[1:]))(args[0])
    return [value, *gradient]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("first", [True, False], ids=["examples", "first call"])
def test_calls_take_other_static_values(target: str, first: bool) -> None:
    """Each call is that of its own static values, by position, by name and in halves."""
    df = compile_gradient(loss, *(CALLS[0] if first else ()), target=target, wrt=0)
    for args in [*CALLS, CALLS[0]]:
        value, gradient = df(*args)
        assert [value, *gradient] == pytest.approx(expected(args), rel=1e-13)
        named = df(args[0], x=args[1], weight=args[4], kind=args[3], rows=args[2])
        assert named[1].tolist() == gradient.tolist()
        half, residuals = df.forward(*args)
        assert half == value
        assert df.backward(residuals).tolist() == gradient.tolist()


def test_scipy_minimises_with_static_args() -> None:
    """``args=(X, rows)`` of minimize reach the function as they are."""
    df = compile_gradient(lambda w, x, rows: np.sum(((x @ w) - 1.0)[rows] ** 2), wrt=0)
    rows = np.array([0, 1, 3])
    found = minimize(df, np.zeros(3), args=(X, rows), jac=True)
    assert (X @ found.x)[rows] == pytest.approx(np.ones(3), abs=1e-5)


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_results_go_into_the_callers_arrays(target: str) -> None:
    """``out=`` serves every program."""
    df = compile_gradient(loss, *CALLS[0], target=target, wrt=0)
    for args in CALLS:
        out = np.empty(3)
        df(*args, out=out)
        assert out.tolist() == pytest.approx(expected(args)[1:], rel=1e-13)


def test_bind_fixes_them() -> None:
    """What is bound runs the program of the static values given to ``bind``."""
    df, out = compile_gradient(loss, *CALLS[0], target="native", wrt=0), np.empty(3)
    for args in (CALLS[0], CALLS[1]):
        call = df.bind(*args, out=out)
        assert [call(), *out] == pytest.approx(expected(args), rel=1e-13)


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_batches_share_static_arguments(target: str) -> None:
    """A shared static argument is fixed; other values get a program of their own."""

    def f(x: Any, kind: str) -> Any:
        return np.sum(x * x) if kind == "square" else np.sum(x)

    df = compile_gradient(f, W, "square", target=target, wrt=0, batch=(True, False))
    points = np.arange(6.0).reshape(2, 3)
    assert df(points, "square")[1].tolist() == (2.0 * points).tolist()
    assert df(points, "sum")[1].tolist() == np.ones((2, 3)).tolist()


def test_batched_integers_stay_numbers() -> None:
    """An argument with a leading axis of points is an input, whatever its dtype."""
    df = compile_gradient(lambda x, y: x * y, 1.0, 1, target="numpy", wrt=0, batch=True)
    assert df(np.ones(2), np.array([3, 4]))[1].tolist() == [3.0, 4.0]


def test_they_are_named(tmp_path: Any) -> None:
    """``repr``, the header and the explanation say which are static, and that header is safe."""
    df = compile_gradient(loss, W, X, np.array([0]), '"""\nimport os', None, wrt=0)
    for text in (repr(df), df.source, str(df.explain())):
        for name in ("rows (array of 1 int64)", "kind", "weight (None)"):
            assert name in " ".join(text.split())
    assert df.source.count('"""') % 2 == 0
    df.save(tmp_path / "df.py")
    space: dict[str, Any] = {}
    exec((tmp_path / "df.py").read_text(), space)
    assert space["value_and_gradient"](W.tolist(), X.ravel().tolist())[0] == pytest.approx(
        df(W, X, np.array([0]), '"""\nimport os', None)[0]
    )


@pytest.mark.parametrize("target", TARGETS)
def test_an_unpickled_gradient_has_its_own_values_alone(target: str) -> None:
    """It runs for those it was compiled for; others are an error that names them."""
    df: CompiledGradient = pickle.loads(
        pickle.dumps(compile_gradient(loss, *CALLS[0], target=target, wrt=0))
    )
    assert df(*CALLS[0])[0] == pytest.approx(expected(CALLS[0])[0])
    with pytest.raises(ad.ArgumentError, match=r"loss: found other static .*kind \('l1'\).*unpick"):
        df(*CALLS[2])


def test_verdicts_are_about_the_values_given() -> None:
    """verify_gradient proves the program of the static values among its examples."""
    df = compile_gradient(loss, *CALLS[0], wrt=0)
    assert str(df.verdict) == "CERTIFIED"
    assert str(verify_gradient(df, *CALLS[1]).verdict) == "PROVED"
    assert str(verify_gradient(loss, *CALLS[0], wrt=0).verdict) == "PROVED"
    waiting = compile_gradient(loss, wrt=0)
    assert str(verify_gradient(waiting, *CALLS[0]).verdict) == "PROVED"


def test_programs_are_kept_and_bounded() -> None:
    """A value that comes again is not traced again; a thousand values do not fill the memory."""
    traced = []

    def f(x: float, kind: str) -> float:
        traced.append(kind)
        return x * len(kind)

    df = compile_gradient(f, 1.0, "a", wrt=0, check=False)
    count = len(traced)
    df(1.0, "bb"), df(2.0, "bb"), df(2.0, "a")
    assert traced[count:] == ["bb"]
    for k in range(40):
        df(1.0, "c" * k)
    assert len(df._statics._programs) <= 32  # type: ignore[attr-defined]


def test_threads_compile_a_program_once() -> None:
    """Calls with a new value from many threads agree."""
    df = compile_gradient(loss, *CALLS[0], wrt=0)
    found = at_once(lambda _: df(*CALLS[1])[1].tolist(), range(8))
    assert found == [found[0]] * 8


def test_a_wrong_number_of_arguments_is_an_error_of_ours() -> None:
    """Too few, too many and unknown names are ArgumentError, with the list of arguments."""
    df = compile_gradient(loss, *CALLS[0], wrt=0)
    for args, named in ((CALLS[0][:3], {}), ((*CALLS[0], 1.0), {}), (CALLS[0], {"q": 1.0})):
        with pytest.raises(ad.ProofgradError):
            df(*args, **named)
    with pytest.raises(ad.ArgumentError):
        df.at(W)


def in_order(w: Any, x: Any, times: Any) -> Any:
    """Partial likelihood: the order of its data is no operation of scalars."""
    risk = (x @ w)[np.argsort(-times)]
    return np.sum(np.log(np.cumsum(np.exp(risk)))) - np.sum(risk)


def test_data_that_only_numbers_will_do_is_static() -> None:
    """Where neither scalars nor whole arrays go, floats outside ``wrt`` are static."""
    times = np.array([3.0, 1.0, 4.0, 2.0])
    df = compile_gradient(in_order, W, 0.1 * X, times, target="python", wrt=0)
    for own in (times, times[::-1].copy(), times):
        value, gradient = df(W, 0.1 * X, own)
        expected = ad.value_and_grad(lambda w, own=own: in_order(w, 0.1 * X, own))(W)
        assert value == pytest.approx(expected[0], rel=1e-14)
        np.testing.assert_allclose(gradient, expected[1], rtol=1e-13)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("form", ["csr", "csc", "coo"])
def test_each_program_has_a_sparse_structure_of_its_own(target: str, form: str) -> None:
    """A call with other static values gives the matrix of theirs, bound or not."""

    def product(x: Any, k: Any) -> Any:
        return x[k] * x

    x, first, other = np.arange(1.0, 4.0), np.array([1, 1, 1]), np.array([0, 1, 2])
    J = compile_jacobian(product, x, first, wrt=0, sparse=form, target=target)
    for k, entries in ((first, 5), (other, 3), (first, 5)):
        found = J(x, k)
        if form == "coo":
            rows, columns, values = found
            found = np.zeros((3, 3))
            found[rows, columns] = values
        else:
            assert found.nnz == entries
            if target == "native":
                J.bind(x, k, out=found)()
            found = found.toarray()
        expected = np.diag(x[k])
        expected[np.arange(3), k] += x
        assert found.tolist() == expected.tolist()


def test_checked_in_doubles() -> None:
    """The check at compile of what no field decides calls it with the static arguments, too."""
    places = np.array([[i, (i + 1) % 4] for i in range(4)])

    def f(g: Any, places: Any, n: int) -> Any:
        matrix = np.zeros((n, n))
        np.add.at(matrix, (places[:, 0], places[:, 1]), g)
        return np.sum(np.linalg.pinv(matrix))

    df = compile_gradient(f, np.ones(4), places, 4, wrt=0, target="numpy", expand=False)
    value, gradient = df(np.full(4, 2.0), places, 4)
    assert value == pytest.approx(2.0)
    assert gradient == pytest.approx(np.full(4, -0.25))
