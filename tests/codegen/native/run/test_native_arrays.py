"""Machine code over whole arrays: numbers, sizes, calls, and what ties it to the text."""

from __future__ import annotations

import itertools
import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff as ad
from autodiff.errors import ArgumentError, TraceError, UnsupportedError
from autodiff.run.transform import value_and_gradient
from codegen import CompiledGradient, compile_gradient, compile_graph
from tests.at_once import at_once
from tests.autodiff.trace.whole.test_functions import _FUNCTIONS, _X, _loss
from tests.autodiff.trace.whole.test_programs import _GOLDEN, assert_golden, flat, program
from tests.autodiff.trace.whole.test_random_programs import _program
from verify import Verdict, verify_gradient
from verify.answer.report import VerificationError
from verify.ladder.arrays import array_execution
from verify.ladder.arrays.array_check import check_arrays
from verify.ladder.arrays.array_execution import execute_beside_text

pytest.importorskip("llvmlite", reason="machine code needs llvmlite")

_DRAW = np.random.default_rng(1)
A, B = _DRAW.normal(size=(200, 5)), _DRAW.normal(size=200)
_W = _DRAW.normal(size=5)
SIZES = (0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 1000)
_SLOW = {"cartpole", "seir_rk4", "garch", "sabr", "lstm"}  # thousands of statements


def least_squares(w: Any) -> Any:
    """A loss over closed-over data."""
    residual = A @ w - B
    return np.sum(residual * residual)


def _compiled(function: Any, *examples: Any, **options: Any) -> CompiledGradient:
    return compile_gradient(function, *examples, target="native", expand=False, **options)


def _agrees(df: CompiledGradient, *arguments: Any, relative: float = 1e-10) -> None:
    """The call gives what the interpreter gives."""
    value, slope = df(*arguments)
    expected = ad.backpropagate(df.graph, *arguments)
    np.testing.assert_allclose(value, expected[0], rtol=relative, atol=1e-12)
    np.testing.assert_allclose(flat(slope), flat(expected[1]), rtol=relative, atol=1e-12)


@pytest.mark.usefixtures("made_as_for_users")
@pytest.mark.parametrize("name", _FUNCTIONS)
def test_the_code_computes_the_graph(name: str) -> None:
    """For every function of NumPy: machine code gives what the interpreter and the text give.

    The text is that of the NumPy target, which ``test_in_arrays.py`` has certified; how it comes
    about does not depend on the function, so every fifth is compared.
    """
    graph = ad.trace(_loss(_FUNCTIONS[name]), _X, expand=False)
    df = compile_gradient(graph, target="native")
    _agrees(df, _X)
    if name in [*_FUNCTIONS][::5]:
        assert df.source == compile_gradient(graph, target="numpy").source
    assert execute_beside_text(df, [[_X], [_X + 0.1]]) == 2


@pytest.mark.parametrize("name", sorted(set(_GOLDEN) - _SLOW))
def test_programs(name: str) -> None:
    """Real programs, unchanged: golden gradients from machine code."""
    module, golden = program(name), _GOLDEN[name]
    examples = module.examples(golden["size"])
    df = _compiled(module.f, *examples, wrt=0)
    assert_golden(golden, *df(*examples))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**9))
def test_random_programs(seed: int) -> None:
    """Views, updates in place and index maps: machine code, interpreter and text agree."""
    try:
        df = _compiled(_program(seed), _X, check=False)
    except TraceError:
        return  # a view or a copy: refused
    x = np.random.default_rng(seed).uniform(0.2, 1.5, size=_X.shape)
    expected = ad.backpropagate(df.graph, x)
    value, slope = df(x)
    np.testing.assert_allclose(value, expected[0], rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(slope, expected[1], rtol=1e-8, atol=1e-9)


# --- sizes -------------------------------------------------------------------------------------


def _rowwise(x: Any, y: Any) -> Any:
    """Elementwise, sums along both axes, broadcasts, extremes."""
    centred = x - np.mean(x, axis=0) * 0.5
    scaled = np.tanh(centred) * y / (1.0 + np.sum(x * x, axis=1))[:, None]
    return np.sum(scaled) + np.sum(np.exp(-centred) @ y)


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 8, 9, 17, 1000])
@pytest.mark.parametrize("columns", [1, 3, 8, 9, 40])
def test_every_size(rows: int, columns: int) -> None:
    """Blocks of lanes and what is left over: the numbers are the interpreter's for every size."""
    draw = np.random.default_rng(rows * 100 + columns)
    x, y = draw.normal(size=(rows, columns)), draw.normal(size=columns)
    df = _compiled(_rowwise, x, y, check=False)
    _agrees(df, x, y)


@pytest.mark.parametrize("n", SIZES)
def test_every_length(n: int) -> None:
    """A sum counts every element once, whatever is left over; none gives 0."""
    df = _compiled(lambda x: np.sum(x * x) + np.sum(np.sin(x)), np.ones(n), check=False)
    x = np.random.default_rng(n).normal(size=n)
    _agrees(df, x, relative=1e-13)
    large = compile_graph(ad.trace(np.sum, x, expand=False), target="native")
    assert large(np.ones(n)) == float(n)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_empty_arrays(shape: tuple[int, ...]) -> None:
    """Sums over nothing are 0, arrays of nothing stay so."""
    df = _compiled(lambda x: np.sum(np.sum(x, axis=0) ** 2) + np.sum(x @ x.T), np.ones(shape))
    value, slope = df(np.ones(shape))
    assert value == 0.0
    assert slope.shape == shape


def test_sums_are_close_to_exact_ones() -> None:
    """A sum of n numbers is off by less than (n / lanes + lanes) units of the sum of sizes."""
    n = 100_000
    draw = np.random.default_rng(0)
    x = draw.normal(size=n) * 10.0 ** draw.integers(-8, 8, n)
    total = compile_graph(ad.trace(np.sum, x, expand=False), target="native")(x)
    bound = (n / 2 + 8) * 2.0**-53 * float(np.sum(np.abs(x)))
    assert abs(total - math.fsum(x)) <= bound
    again = compile_graph(ad.trace(np.sum, x, expand=False), target="native")
    assert again(x) == total


def test_special_numbers() -> None:
    """nan and infinities go through maps, sums and extremes as in NumPy; a call settles the rest.

    Where an infinity meets a zero, machine code gives nan; a call gives what the scalars give.
    """

    def f(x: Any) -> Any:
        return np.sum(np.max(x, axis=1) * np.min(x, axis=0)[0]) + np.sum(np.sqrt(np.abs(x)))

    df = _compiled(f, np.ones((5, 10)), check=False)
    scalars = compile_gradient(f, np.ones((5, 10)), check=False, expand=True)
    specials = (np.nan, np.inf, -np.inf, 1e308, -0.0, 5e-324)
    for special, place in itertools.product(specials, [(0, 0), (4, 9), (2, 7)]):
        x = np.arange(1.0, 51.0).reshape(5, 10)
        x[place] = special
        with np.errstate(all="ignore"):
            plain = ad.evaluate(value_and_gradient(df.graph), x)
            settled = ad.backpropagate(df.graph, x)
        pairs = (df.executed([x]), plain), (df(x), scalars(x)), (settled, scalars(x))
        for found, wanted in pairs:
            np.testing.assert_allclose(found[0], wanted[0], rtol=1e-12)
            np.testing.assert_allclose(found[1], wanted[1], rtol=1e-12, equal_nan=True)


# --- calls -------------------------------------------------------------------------------------


def test_arguments_in_any_layout() -> None:
    """Strided, reversed, Fortran, float32 and integer arrays and lists give the same."""

    def f(x: Any, c: Any) -> Any:
        return np.sum(np.exp(x) * c)

    x = np.arange(12.0).reshape(3, 4) / 7.0
    df = _compiled(f, x, 2.0)
    expected = df(x, 0.5)[1][0]
    wide = np.zeros((3, 8))
    wide[:, ::2] = x
    for given_x in (
        wide[:, ::2], np.asfortranarray(x), x[::-1][::-1], x.tolist(), np.ma.masked_array(x).data,
    ):  # fmt: skip
        np.testing.assert_array_equal(df(given_x, 0.5)[1][0], expected)
    np.testing.assert_allclose(df(x.astype(np.float32), 0.5)[1][0], expected, rtol=1e-6)
    read_only = x.copy()
    read_only.flags.writeable = False
    np.testing.assert_array_equal(df(read_only, 0.5)[1][0], expected)
    with pytest.raises(ArgumentError, match="argument x"):
        df(np.ones((4, 3)), 0.5)


def test_out_and_bind() -> None:
    """out= and bind fill the caller's arrays, also where they overlap the arguments."""
    df = _compiled(lambda x: np.sum(x * x * x), np.ones(20))
    x = np.arange(20.0)
    out = np.empty(20)
    value, same = df(x, out=out)
    assert same is out
    np.testing.assert_array_equal(out, 3.0 * x * x)
    bound = df.bind(x, out=out)
    x += 1.0
    assert bound() == pytest.approx(np.sum(x**3))
    np.testing.assert_array_equal(out, 3.0 * x * x)
    memory = np.arange(30.0)
    expected = 3.0 * memory[:20] ** 2
    df(memory[:20], out=memory[5:25])
    np.testing.assert_array_equal(memory[5:25], expected)
    with pytest.raises(ArgumentError, match="overlaps"):
        df.bind(memory[:20], out=memory[5:25])
    assert value == np.sum(np.arange(20.0) ** 3)


def test_results_are_the_callers_own() -> None:
    """No result shares memory with an argument, a constant, another result or the next call's."""
    df = _compiled(lambda x, y: np.sum(x * y), _X, _X)
    x, y = _X.copy(), _X.copy() + 1.0
    _, (by_x, by_y) = df(x, y)
    kept = by_x.copy()
    df(x + 1.0, y + 1.0)
    np.testing.assert_array_equal(by_x, kept)
    for array in (by_x, by_y):
        assert array.flags.writeable
        assert not np.shares_memory(array, x)
        assert not np.shares_memory(array, y)


def test_arguments_as_indices() -> None:
    """Indices are checked at every call: nothing outside is ever read, and NumPy's error told."""
    places = np.array([0, 2, 2, 1])
    df = _compiled(lambda w, i: np.sum(w[i] ** 2), np.ones(3), places, wrt=0)
    np.testing.assert_array_equal(df(np.ones(3), np.array([0, 0, -1, 0]))[1], [6.0, 0.0, 2.0])
    for wrong in (3, -4, 10**15, -(10**15)):
        with pytest.raises(ArgumentError, match="out of bounds"):
            df(np.ones(3), np.array([0, 0, wrong, 0]))
    for odd in (0.5, np.nan, np.inf):
        with pytest.raises(ArgumentError, match=r"whole number|argument i"):
            df(np.ones(3), np.array([0.0, 0.0, odd, 1.0]))
    np.testing.assert_array_equal(df(np.ones(3), places)[1], [2.0, 2.0, 4.0])


def test_threads_have_memory_of_their_own() -> None:
    """Calls at the same time do not write into each other's memory."""
    data = np.random.default_rng(0).normal(size=(300, 300))
    df = _compiled(lambda x: np.sum(np.tanh(x @ data) @ data), np.ones((4, 300)), check=False)
    points = [np.random.default_rng(k).normal(size=(4, 300)) for k in range(4)]
    expected = [df(x)[1] for x in points]

    def is_right(k: int) -> bool:
        return all(np.array_equal(df(points[k])[1], expected[k]) for _ in range(20))

    assert all(at_once(is_right, range(4)))


def test_the_other_kinds() -> None:
    """Graphs, and derivatives of graphs, run as machine code, too."""
    graph = ad.trace(least_squares, np.zeros(5), expand=False)
    twice = compile_graph(ad.hvp(graph), target="native")
    np.testing.assert_allclose(twice(_W, _W), 2.0 * A.T @ (A @ _W), rtol=1e-12)
    assert twice.verdict is Verdict.CERTIFIED
    forward = compile_graph(ad.jvp(graph), target="native")
    found = forward(_W, np.eye(5)[0])
    np.testing.assert_allclose(found[1], 2.0 * (A @ _W - B) @ A[:, 0], rtol=1e-12)


# --- text, life, proof -------------------------------------------------------------------------


def test_text_and_life(tmp_path: Path) -> None:
    """source is the NumPy text of the same graph; saved, pickled and halves give the same."""
    df = _compiled(least_squares, np.zeros(5))
    text = compile_gradient(least_squares, np.zeros(5), target="numpy", expand=False)
    assert df.source == text.source
    value, slope = df(_W)
    again = pickle.loads(pickle.dumps(df))
    assert again(_W)[0] == value
    np.testing.assert_array_equal(again(_W)[1], slope)
    assert str(again.check) == str(df.check)
    value, residuals = df.forward(_W)
    np.testing.assert_allclose(df.backward(residuals), slope, rtol=1e-12)
    df.save(tmp_path / "df.py")
    assert (tmp_path / "df.npz").exists()
    assert "define internal i32 @compute" in df.llvm
    assert [line.derivative for line in df.explain().lines if line.function == "backward"]


def test_what_is_proven_and_what_ties_it() -> None:
    """The report says that the text is read and what ties the machine code to it."""
    df = _compiled(lambda x: np.sum(np.sin(x) * x), np.ones(3))
    assert df.verdict is Verdict.CERTIFIED
    report = verify_gradient(df)
    assert report.verdict is Verdict.PROVED
    assert "NumPy text beside native code" in str(report)
    assert "machine code executed beside it at 4 points" in str(report)
    text = compile_gradient(np.sum, np.ones(3), target="numpy", expand=False)
    with pytest.raises(UnsupportedError, match="no machine code of arrays"):
        text.executed([np.ones(3)])


@pytest.mark.parametrize("by", [1e-6, np.nan, np.inf])
def test_wrong_machine_code_is_refused(by: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """A number that differs from the text's by more than rounding refutes the machine code."""
    df = _compiled(least_squares, np.zeros(5), check=False)
    right = type(df._runner).executed

    def wrong(self: Any, parts: Any) -> Any:
        found = right(self, parts)
        found[1][3] += by * abs(found[1][3])
        return found

    monkeypatch.setattr(type(df._runner), "executed", wrong)
    with pytest.raises(VerificationError, match=r"machine code gives .* at \[3\] of part 1"):
        execute_beside_text(df, [[_W]])


def test_machine_code_that_is_nowhere_held_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    """What rounding may move as far as it likes is no evidence."""
    df = _compiled(least_squares, np.zeros(5), check=False)
    right = type(df._runner).executed
    monkeypatch.setattr(
        type(df._runner), "executed", lambda self, parts: [1.5 * y for y in right(self, parts)]
    )
    monkeypatch.setattr(
        array_execution,
        "moved_by_rounding",
        lambda graph, parts, exact: [np.full_like(y, np.inf) for y in exact],
    )
    check = check_arrays(df, (np.ones(5),))
    assert check.verdict is Verdict.UNDECIDED
    assert "no point was found" in check.note


def test_rounding_alone_is_no_difference() -> None:
    """Where all that is left is rounding, other orders of sums give other numbers, rightly."""
    df = _compiled(lambda x: np.sum(np.exp(x) / np.sum(np.exp(x))), np.ones(50))
    assert df.verdict in (Verdict.CERTIFIED, Verdict.CERTIFIED_NUMERIC)
    np.testing.assert_allclose(df(np.linspace(0.0, 3.0, 50))[1], 0.0, atol=1e-15)


# --- ties --------------------------------------------------------------------------------------

_LABELS = np.sign(A[:, 0])


def _stable_logistic(w: Any) -> Any:
    margin = _LABELS * (A @ w)
    return np.mean(np.maximum(-margin, 0.0) + np.log1p(np.exp(-np.abs(margin))))


@pytest.mark.parametrize(
    ("loss", "at"),
    [
        (_stable_logistic, np.zeros(5)),
        (lambda w: np.sum(w * np.sqrt(w)), np.array([0.0, 1.0, 4.0])),
        (lambda w: np.sum(np.maximum(w, 0.0) - np.maximum(-w, 0.0)), np.array([0.0, 1.0, -1.0])),
        (lambda w: np.linalg.norm(w) ** 2, np.zeros(3)),
    ],
    ids=["logistic", "root", "difference", "norm"],
)
def test_ties_are_settled(loss: Any, at: Any) -> None:
    """Where switches tie or slopes are infinite the gradient is the scalars', by every way."""
    scalars, df = compile_gradient(loss, at), _compiled(loss, at)
    again = pickle.loads(pickle.dumps(df))
    for x in (at, at + 0.3, at):
        expected = scalars(x)[1]
        np.testing.assert_allclose(df(x)[1], expected, rtol=1e-12)
        np.testing.assert_allclose(again(x)[1], expected, rtol=1e-12)
        out = np.empty_like(x)
        df(x, out=out)
        np.testing.assert_allclose(out, expected, rtol=1e-12)
        out[...] = 9.0
        df.bind(x, out=out)()
        np.testing.assert_allclose(out, expected, rtol=1e-12)
        assert df.verdict in (Verdict.CERTIFIED, Verdict.CERTIFIED_NUMERIC)


def test_large_losses_keep_their_arrays_by_default() -> None:
    """Without a word the cost model chooses loops over rows where scalars would be very many."""
    rows = np.random.default_rng(0).normal(size=(5000, 4))
    labels = np.sign(rows[:, 0])

    def loss(w: Any) -> Any:
        return np.mean(np.log1p(np.exp(-labels * (rows @ w))))

    df = compile_gradient(loss, np.zeros(4), target="native")
    assert not df.graph.expanded
    _agrees(df, np.full(4, 0.1))
