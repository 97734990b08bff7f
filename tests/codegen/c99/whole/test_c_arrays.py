"""C99 of whole arrays: what the interpreter gives, in text that a strict compiler takes."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import TraceError, UnsupportedError
from codegen.c99 import to_c
from tests.arrays_in_c import BOTH, assert_right, graph_of, normalised
from tests.autodiff.trace.whole.test_functions import _FUNCTIONS, _X, _loss
from tests.autodiff.trace.whole.test_programs import _GOLDEN, assert_golden, flat, program
from tests.autodiff.trace.whole.test_random_programs import _program
from tests.c_compiler import arrays_in_c, compiled, needs_compiler, work_size


@needs_compiler
def test_every_function_of_numpy(tmp_path: Path) -> None:
    """For every function of NumPy: C gives what the interpreter gives."""
    functions = _FUNCTIONS.values()
    graphs = [graph_of(f"f{k}", _loss(one), _X) for k, one in enumerate(functions)]
    sources = [to_c(graph, expand=False) for graph in graphs]
    library = compiled(sources, tmp_path, "-O0")
    for source, graph in zip(sources, graphs, strict=True):
        assert_right(library, source, graph, _X)


@needs_compiler
def test_random_programs(tmp_path: Path) -> None:
    """Views, updates in place and index maps: C and the interpreter agree."""
    graphs = []
    for seed in range(24):
        try:
            graphs.append(graph_of(f"p{seed}", _program(seed), _X))
        except TraceError:
            continue  # a view or a copy: refused
    assert len(graphs) > 12
    sources = [to_c(graph, expand=False) for graph in graphs]
    library = compiled(sources, tmp_path, "-O0")
    draw = np.random.default_rng(5)
    for source, graph in zip(sources, graphs, strict=True):
        assert_right(library, source, graph, draw.uniform(0.2, 1.5, size=_X.shape))


@needs_compiler
@pytest.mark.parametrize("name", ["bundle", "gauss_fit", "kalman", "logistic", "matfac", "nbody"])
def test_programs_as_people_write_them(name: str, tmp_path: Path) -> None:
    """Real programs, unchanged: golden gradients from C."""
    module, golden = program(name), _GOLDEN[name]
    examples = module.examples(golden["size"])
    source = to_c(module.f, *examples, wrt=0, expand=False)
    call = arrays_in_c(compiled([source], tmp_path), source, BOTH, flat(golden["gradient"]).size)
    parts = [part for x in examples for part in (x if isinstance(x, (tuple, list)) else (x,))]
    value, (gradient,) = call(*parts)
    assert_golden(golden, value, gradient)


# --- text ----------------------------------------------------------------------------------------


def least_squares(w: Any, A: Any, b: Any) -> Any:
    """A sum over rows."""
    residual = A @ w - b
    return np.sum(residual * residual)


def _rows(n: int) -> tuple[Any, Any, Any]:
    draw = np.random.default_rng(n)
    return draw.normal(size=10), draw.normal(size=(n, 10)), draw.normal(size=n)


def test_a_sum_over_rows_is_one_loop_over_rows() -> None:
    """The text is what a person would write."""
    source = to_c(least_squares, *_rows(1000), wrt=0).source()
    assert (
        source[source.index("    double *restrict gradient)") :]
        == """\
    double *restrict gradient)
{
    double least_squares = 0.0;
    for (size_t j = 0; j < 10; ++j) {
        gradient[j] = 0.0;
    }
    for (size_t i = 0; i < 1000; ++i) {
        double v1 = 0.0;
        for (size_t j = 0; j < 10; ++j) {
            v1 += A[10 * i + j] * w[j];
        }
        const double residual = v1 - b[i];
        least_squares += residual * residual;
        const double residual_bar = 2.0 * residual;
        for (size_t j = 0; j < 10; ++j) {
            gradient[j] += A[10 * i + j] * residual_bar;
        }
    }
    return least_squares;
}
"""
    )


def test_the_cost_model_chooses() -> None:
    """What is small stays straight lines, to the byte; what is large is loops; both can be said."""
    small, large = _rows(5), _rows(400)
    assert to_c(least_squares, *small) == to_c(least_squares, *small, expand=True)
    assert "for (size_t i" in to_c(least_squares, *small, expand=False).body
    assert to_c(least_squares, *large, wrt=0) == to_c(least_squares, *large, wrt=0, expand=False)
    assert "for (" not in to_c(least_squares, *small, expand=True).body
    graph = ad.trace(least_squares, *large, expand=False)
    assert len(to_c(graph).body.splitlines()) < 100


def test_what_is_said_in_the_header() -> None:
    """Shapes, the order of sums, the workspace, and what ties C to what is proven."""

    source = to_c(normalised, np.ones((100, 50)), np.ones(50))
    for words in (
        "x: an array of 100 by 50 numbers, row by row",
        "gradient[0] to [4999]: derivative by x",
        "gradient[5000] to [5049]: derivative by g",
        "one number after the other, in the order in which the loops stand",
        "work has room for NORMALISED_VALUE_AND_GRADIENT_WORK_SIZE numbers",
        "comes from the same graph and the same rewrites as the NumPy text",
        "The C text itself is not read.",
    ):
        assert words in source.header, words
    assert work_size(source, f"normalised_{BOTH}") >= 100 * 50
    assert "double *work" in source.header
    assert "malloc" not in source.body


# --- bits ----------------------------------------------------------------------------------------


@needs_compiler
@pytest.mark.parametrize("options", [("-O0",), ("-O3",), ("-O3", "-march=native", "-std=gnu11")])
def test_elementwise_numbers_have_the_bits_of_the_scalars(
    options: tuple[str, ...], tmp_path: Path
) -> None:
    """Without sums, loops give what straight lines give, to the bit."""

    def f(x: Any, y: Any) -> Any:
        z = np.where(x > y, np.exp(x) * y, np.sqrt(np.abs(x)) - y / 3.0)
        return np.tanh(z) * (x > 0.2) - np.maximum(x, y) ** 3

    draw = np.random.default_rng(2)
    x, y = draw.normal(size=(9, 7)), draw.normal(size=7)
    sources = [to_c(f, x, y, what="value", expand=expand) for expand in (True, False)]
    found = []
    for source in sources:
        folder = tmp_path / str(len(found))
        folder.mkdir()
        found.append(
            arrays_in_c(compiled([source], folder, *options), source, "evaluate", 63)(x, y)
        )
    assert found[0][1][0].tobytes() == found[1][1][0].tobytes()


@needs_compiler
def test_sums_are_within_the_bound_that_is_stated(tmp_path: Path) -> None:
    """A sum of n numbers is off by at most n 2^-53 of the sum of magnitudes."""
    source = to_c(np.sum, np.ones(5000), what="value", expand=False)
    call = arrays_in_c(compiled([source], tmp_path, "-O3"), source, "evaluate")
    draw = np.random.default_rng(3)
    for _ in range(5):
        x = draw.normal(size=5000) * 10.0 ** draw.integers(-8, 8, size=5000)
        exact = math.fsum(x)
        assert abs(call(x)[0] - exact) <= 5000 * 2.0**-53 * math.fsum(np.abs(x))


@needs_compiler
@pytest.mark.parametrize("special", [math.inf, -math.inf, math.nan, 1e300, -0.0])
def test_special_numbers_go_through(special: float, tmp_path: Path) -> None:
    """Infinities and nan give what they give in the interpreter."""

    def f(x: Any) -> Any:
        return np.sum(np.exp(-x * x)) + np.max(x) + np.sum(np.min(x * 1.0, axis=0))

    x = np.linspace(-1.0, 1.0, 12).reshape(3, 4)
    source = to_c(f, x, expand=False)
    call = arrays_in_c(compiled([source], tmp_path), source, BOTH, 12)
    x[1, 2] = special
    graph = ad.trace(f, x, expand=False)
    expected = ad.backpropagate(graph, x)
    value, (gradient,) = call(x)
    np.testing.assert_allclose(value, expected[0], rtol=1e-12, equal_nan=True)
    np.testing.assert_allclose(gradient, np.ravel(expected[1]), rtol=1e-12, equal_nan=True)


@needs_compiler
@pytest.mark.parametrize("shape", [(1,), (2,), (700,), (40, 30), (1, 400), (300, 1)])
def test_running_sums_are_loops_in_order(shape: tuple[int, ...], tmp_path: Path) -> None:
    """Along either axis, forwards and, in the gradient, backwards."""

    def f(x: Any) -> Any:
        along = [np.cumsum(x * x, axis=k) for k in range(x.ndim)]
        return sum(np.sum(np.sin(one) * x) for one in along)

    x = np.random.default_rng(1).normal(size=shape) / 10.0
    graph = graph_of("f", f, x)
    source = to_c(graph, expand=False)
    assert len(source.body.splitlines()) < 160
    assert_right(compiled([source], tmp_path, "-O2"), source, graph, x)


@needs_compiler
def test_jacobians_of_elementwise_maps_are_diagonals(tmp_path: Path) -> None:
    """A matrix of zeros, and a loop over its diagonal."""

    def f(x: Any) -> Any:
        return np.tanh(x) * x[::-1]

    x = np.linspace(-1.0, 1.0, 40)
    source = to_c(f, x, what="jacobian", expand=False)
    call = arrays_in_c(compiled([source], tmp_path), source, "jacobian", 1600)
    expected = np.diag(x[::-1] / np.cosh(x) ** 2) + np.diag(np.tanh(x))[:, ::-1]
    np.testing.assert_allclose(call(x)[1][0].reshape(40, 40), expected, rtol=1e-13, atol=1e-15)


@needs_compiler
def test_nothing_less_a_truth_value_is_nothing(tmp_path: Path) -> None:
    """0.0 - (x > 0.0) is 0.0 where x is not, with the sign of 0.0, straight and in loops."""

    def f(x: Any) -> Any:
        return 0.0 - (x > 0.0)

    for k, expand in enumerate((True, False)):
        folder = tmp_path / str(k)
        folder.mkdir()
        source = to_c(f, np.ones(3), what="value", expand=expand)
        call = arrays_in_c(compiled([source], folder, "-O3"), source, "evaluate", 3)
        found = call(np.array([-1.0, 2.0, 0.0]))[1][0]
        assert found.tolist() == [0.0, -1.0, 0.0]
        assert np.copysign(1.0, found).tolist() == [1.0, -1.0, 1.0]


# --- names ---------------------------------------------------------------------------------------


@needs_compiler
@pytest.mark.parametrize(
    "names",
    [
        ("i", "j"), ("work", "gradient"), ("total", "value"), ("size_t", "memcpy"),
        ("wrong", "restrict"), ("fabs", "exp"), ("f_data", "f_value"), ("double", "main"),
        ("proofgrad_largest", "libm_exp"), ("v1", "v2"), ("NAN", "INFINITY"), ("t", "k"),
    ],
)  # fmt: skip
def test_arguments_of_any_name(names: tuple[str, str], tmp_path: Path) -> None:
    """No name of an argument meets one of C's, or of ours."""

    def f(x: Any, y: Any) -> Any:
        rows = np.exp(x * np.array([0.5, 1.5, 2.5]) + y) + np.abs(x)
        return np.sum(rows @ np.ones((3, 80))) + np.sum(np.max(rows, axis=1))

    x, y = np.linspace(0.1, 1.0, 30).reshape(10, 3), np.array([0.1, 0.2, 0.3])
    graph = ad.trace(f, x, y, expand=False)
    parameters = tuple(zip(names, (s for _, s in graph.parameters), strict=True))
    graph = replace(graph, name="f", parameters=parameters)
    source = to_c(graph, expand=False)
    assert_right(compiled([source], tmp_path), source, graph, x, y)


# --- what is refused -----------------------------------------------------------------------------


def test_the_stable_form_is_scalars() -> None:
    """The error names both ways out."""
    with pytest.raises(UnsupportedError, match="expand=True or profile='exact'"):
        to_c(least_squares, *_rows(5), expand=False, profile="stable")


def test_too_many_constants_are_to_be_arguments() -> None:
    """A million numbers that are closed over are not text."""
    data = np.arange(1_000_001.0)
    with pytest.raises(UnsupportedError, match="pass these arrays as arguments"):
        to_c(lambda x: np.sum(np.sin(x * data)), np.float64(2.0), expand=False)


# --- other kinds ---------------------------------------------------------------------------------


@needs_compiler
def test_the_other_kinds(tmp_path: Path) -> None:
    """Hessians, tangents and products keep their arrays, too."""
    w, A, b = _rows(300)

    def loss(w: Any) -> Any:
        return np.sum(np.log1p(np.exp(A @ w))) + w @ w - b[0]

    graph = ad.trace(loss, w, expand=False)
    hessian = to_c(graph, what="hessian")
    hvp = to_c(graph, what=("value", "hvp"))
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    _, (matrix,) = arrays_in_c(compiled([hessian], folders[0]), hessian, "hessian", 100)(w)
    value, (product,) = arrays_in_c(compiled([hvp], folders[1]), hvp, "value_and_hvp", 10)(
        w, b[:10]
    )
    p = 1.0 / (1.0 + np.exp(-A @ w))
    expected = (A.T * (p * (1.0 - p))) @ A + 2.0 * np.eye(10)
    np.testing.assert_allclose(matrix.reshape(10, 10), expected, rtol=1e-11)
    np.testing.assert_allclose(product, expected @ b[:10], rtol=1e-11)
    assert value == pytest.approx(float(loss(w)), rel=1e-13)
    assert all("for (size_t" in source.body for source in (hessian, hvp))


def test_switches_that_may_meet_are_counted() -> None:
    """Where a convention may be wrong, a function says how many numbers tie."""

    def kinks(x: Any) -> Any:
        return np.sum(np.where(x > 0.0, x, 0.0) - np.where(-x > 0.0, -x, 0.0))

    source = to_c(kinks, np.ones(500), expand=False)
    assert "double kinks_ties(const double *x);" in source.header
    assert "kinks_ties says how many numbers tie" in source.header
    assert "_ties" not in to_c(least_squares, *_rows(500), expand=False).header


COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)]


@pytest.mark.parametrize("compiler", COMPILERS)
def test_bits_are_the_same_at_every_level(compiler: str, tmp_path: Path) -> None:
    """Sums are not reordered, whatever the compiler does."""
    arguments = _rows(333)
    source = to_c(least_squares, *arguments, expand=False)
    found = set()
    for k, options in enumerate((["-O0"], ["-O3"], ["-O3", "-march=native"])):
        folder = tmp_path / str(k)
        folder.mkdir()
        library = compiled([source], folder, *options, compiler=compiler)
        value, (gradient,) = arrays_in_c(library, source, BOTH, 10 + 3330 + 333)(*arguments)
        found.add((value, gradient.tobytes()))
    assert len(found) == 1
