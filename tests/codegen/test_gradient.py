from __future__ import annotations

import gc
import math
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import CompiledGradient, compile_gradient, compile_graph
from tests.random_graphs import same


def polynomial(x: float = 2.0, y: float = 3.0) -> float:
    """x y^2 + x: gradient (y^2 + 1, 2 x y)."""
    return x * y * y + x


def of_structures(p, q):
    """A function of a dict and a tuple that holds a list."""
    return np.sum(p["w"] * p["w"]) * q[0] + p["b"] * q[1][0]


STRUCTURES = ({"w": np.array([1.0, 2.0]), "b": 3.0}, (4.0, [5.0]))


def test_value_and_gradient() -> None:
    """df(*args) is (value, gradient): one argument gives its gradient, several a tuple."""
    assert compile_gradient(polynomial, 1.0, 1.0)(2.0, 3.0) == (20.0, (10.0, 12.0))
    assert compile_gradient(lambda x: x**3, 1.0)(2.0) == (8.0, 12.0)


def test_gradients_mirror_the_arguments() -> None:
    """Arrays give arrays, dicts dicts, tuples tuples, lists lists."""
    value, (p_bar, q_bar) = compile_gradient(of_structures, *STRUCTURES)(*STRUCTURES)
    assert value == 35.0
    assert list(p_bar) == ["w", "b"]
    np.testing.assert_array_equal(p_bar["w"], [8.0, 16.0])
    assert p_bar["w"].dtype == np.float64
    assert (p_bar["b"], q_bar) == (5.0, (5.0, [3.0]))


@pytest.mark.parametrize(
    ("example", "gradient"),
    [
        (np.ones(3), np.array([2.0, 2.0, 2.0])),
        (np.ones((2, 2)), np.full((2, 2), 2.0)),
        (np.ones(()), np.array(2.0)),
        (np.ones(0), np.ones(0)),
        (np.ones(1), np.array([2.0])),
    ],
)
def test_one_array(example: Any, gradient: Any) -> None:
    """A single array argument gives an array of its shape, the form SciPy's jac=True wants."""
    value, found = compile_gradient(lambda x: np.sum(x * x), example)(example)
    assert value == example.size
    assert type(value) is float
    assert found.shape == gradient.shape
    np.testing.assert_array_equal(found, gradient)


def test_wrt() -> None:
    """wrt restricts the gradient, and what is emitted for it."""
    assert compile_gradient(polynomial, wrt="y")(2.0, 3.0) == (20.0, 12.0)
    assert compile_gradient(polynomial, wrt=[1, "x"])(2.0, 3.0) == (20.0, (12.0, 10.0))
    assert compile_gradient(polynomial, wrt=[0])(2.0, 3.0) == (20.0, (10.0,))
    assert "y_bar" not in compile_gradient(polynomial, wrt="x").source
    _, bar = compile_gradient(of_structures, *STRUCTURES, wrt=1)(*STRUCTURES)
    assert bar == (5.0, [3.0])
    with pytest.raises(ad.ArgumentError, match="x, y"):
        compile_gradient(polynomial, wrt="z")


def test_forward_and_backward() -> None:
    """forward gives value and residuals, backward the gradient from them, times a cotangent."""
    df = compile_gradient(of_structures, *STRUCTURES)
    value, residuals = df.forward(*STRUCTURES)
    p_bar, q_bar = df.backward(residuals)
    assert value == 35.0
    np.testing.assert_array_equal(p_bar["w"], [8.0, 16.0])
    assert q_bar == (5.0, [3.0])
    p_bar, q_bar = df.backward(residuals, cotangent=2)
    np.testing.assert_array_equal(p_bar["w"], [16.0, 32.0])
    assert q_bar == (10.0, [6.0])
    with pytest.raises(ad.ArgumentError, match="cotangent: found str 'a'"):
        df.backward(residuals, "a")
    with pytest.raises(ad.ArgumentError, match="expected"):
        df.forward(1.0, 2.0)


def test_backward_zero_cotangent() -> None:
    """A cotangent of zero gives zeros where the local derivatives are finite."""
    df = compile_gradient(polynomial)
    assert df.backward(df.forward(2.0, 3.0)[1], 0.0) == (0.0, 0.0)


def test_constant_unused_and_identity() -> None:
    """A constant, an unused argument and an argument returned as it is have their gradients."""
    for function, result in (
        (lambda x, y: 2.5, (2.5, (0.0, 0.0))),
        (lambda x, y: y, (5.0, (0.0, 1.0))),
        (lambda x, y: x + 0.0 * 1.0, (3.0, (1.0, 0.0))),
        (lambda x, y: x > y, (0.0, (0.0, 0.0))),
    ):
        df = compile_gradient(function, 1.0, 1.0)
        assert same(df(3.0, 5.0), result)
        value, residuals = df.forward(3.0, 5.0)
        assert same((value, df.backward(residuals)), result)


def test_without_examples() -> None:
    """Defaults serve as examples; without them the first call does."""
    assert compile_gradient(polynomial)(2.0, 3.0) == (20.0, (10.0, 12.0))
    df = compile_gradient(lambda x: np.sum(x**2))
    with pytest.raises(AttributeError, match="not compiled yet"):
        _ = df.source
    with pytest.raises(ad.ArgumentError, match="without arguments"):
        df()
    value, gradient = df(np.array([1.0, 2.0]))
    assert value == 5.0
    np.testing.assert_array_equal(gradient, [2.0, 4.0])
    assert "value_and_gradient" in df.source


def test_missing_arguments() -> None:
    """What has no default must be given: a TypeError that says how many are expected."""
    with pytest.raises(TypeError, match=r"'y'|expected 2"):
        compile_gradient(lambda x, y: x * y, 1.0, 1.0)(1.0)


@pytest.mark.parametrize(
    "number", [2, True, np.float64(2.0), np.float32(2.0), np.int64(2), np.array(2.0)], ids=repr
)
def test_numbers_of_other_types(number: Any) -> None:
    """ints, bools and NumPy's numbers are taken for floats, and floats come out."""
    value, gradient = compile_gradient(polynomial)(number, number)
    x = float(number)
    assert (value, gradient) == (x**3 + x, (x * x + 1.0, 2.0 * x * x))
    assert all(type(v) is float for v in (value, *gradient))


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((1.0, 2.0, 3.0), "3 were given|expected 2"),
        ((None, 2.0), "argument x: found NoneType None; expected a float"),
        ((1.0, "a"), "argument y: found str 'a'; expected a float"),
        (([1.0], 2.0), r"argument x: found list \[1.0\]; expected a float"),
        ((1j, 2.0), "argument x: found complex 1j"),
        ((np.ones(2), 2.0), "argument x: found an array of shape"),
        (({}, 2.0), "argument x: found dict"),
    ],
)
def test_wrong_arguments(args: tuple[Any, ...], message: str) -> None:
    """Arguments of the wrong number or type: one TypeError that names the argument."""
    with pytest.raises(TypeError, match=message):
        compile_gradient(polynomial)(*args)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((STRUCTURES[0],), "found 1 argument; expected 2"),
        (({"w": np.ones(3), "b": 1.0}, STRUCTURES[1]), r"argument p\['w'\].*shape \(3,\)|p.w"),
        (({"w": np.ones(2)}, STRUCTURES[1]), "argument p"),
        ((STRUCTURES[0], (1.0, [2.0, 3.0])), r"argument q\[1\]: .*list of 1 items"),
        ((STRUCTURES[0], 1.0), "argument q: .*tuple of 2 items"),
    ],
)
def test_wrong_structures(args: tuple[Any, ...], message: str) -> None:
    """Arguments of another structure: one ArgumentError with the path to the difference."""
    df = compile_gradient(of_structures, *STRUCTURES)
    with pytest.raises(ad.ArgumentError, match=message):
        df(*args)
    with pytest.raises(ad.ArgumentError, match=message):
        df.forward(*args)


def test_options_that_do_not_exist() -> None:
    """An unknown target is an error that lists the targets."""
    with pytest.raises(ad.EmitError, match="'fortran'; expected one of python, numpy"):
        compile_gradient(polynomial, target="fortran")
    with pytest.raises(ad.EmitError, match="expected one of"):
        compile_graph(ad.trace(polynomial), target="fortran")
    with pytest.raises(ad.DifferentiationError, match="jacobian"):
        compile_gradient(lambda x: (x, x), 1.0)


def test_pickle() -> None:
    """Compiled functions and gradients survive pickling, with graph, wrt and text."""
    df = compile_gradient(of_structures, *STRUCTURES, wrt="q")
    again = pickle.loads(pickle.dumps(df))
    assert again.source == df.source
    assert again.graph == df.graph
    assert again(*STRUCTURES) == df(*STRUCTURES)
    h = compile_graph(ad.hessian(df.graph))
    assert pickle.loads(pickle.dumps(h)).source == h.source
    strange = compile_gradient(lambda p: p['a"\n'] * 2.0, {'a"\n': 1.0})
    assert pickle.loads(pickle.dumps(strange))({'a"\n': 3.0}) == (6.0, {'a"\n': 2.0})


def test_save_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """save replaces the file in one step; if that fails, the old file and no other is there."""
    df = compile_gradient(polynomial)
    path = tmp_path / "df.py"
    df.save(path)
    assert path.read_text() == df.source
    scope: dict[str, Any] = {}
    exec(path.read_text(), scope)
    assert scope["value_and_gradient"](2.0, 3.0) == df(2.0, 3.0)

    def fail(*_: Any) -> None:
        raise OSError("disk full")

    path.write_text("old")
    with monkeypatch.context() as patched:
        patched.setattr("os.replace", fail)
        with pytest.raises(OSError, match="disk full"):
            df.save(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(OSError, match="nowhere"):
        df.save(tmp_path / "nowhere" / "df.py")


def test_compile_graph() -> None:
    """compile_graph runs any graph, with the structure of its result."""
    graph = ad.trace(lambda x, p: {"a": x * p["y"], "b": (p["y"][0], [x])}, 1.0, {"y": np.ones(2)})
    result = compile_graph(graph)(2.0, {"y": [3.0, 4.0]})
    np.testing.assert_array_equal(result["a"], [6.0, 8.0])
    assert result["b"] == (3.0, [2.0])
    hessian = compile_graph(ad.hessian(ad.trace(polynomial)))
    assert hessian(2.0, 3.0) == ((0.0, 6.0), (6.0, 4.0))
    jacobian = compile_graph(ad.jacobian(ad.trace(lambda x: (x, x * x, x > 1.0), 1.0)))
    assert jacobian(3.0) == (1.0, 6.0, 0.0)


def test_truth_values_are_numbers() -> None:
    """Comparisons come out as 1.0 or 0.0 wherever they are used: results, sums, residuals."""

    def f(x, y):
        c = x > y
        return c * x + (c + 1.0) * y + np.where(c & (x > 0.0), c, np.logical_not(c)) * x * y

    df = compile_gradient(f, 1.0, 1.0)
    graph = ad.trace(f, 1.0, 1.0)
    for at in ((3.0, 2.0), (2.0, 3.0), (-1.0, -2.0), (math.nan, 1.0)):
        assert same(df(*at), ad.backpropagate(graph, *at))
        value, residuals = df.forward(*at)
        assert same((value, df.backward(residuals)), ad.backpropagate(graph, *at))
    results = compile_graph(ad.trace(lambda x: (x > 0.0, x != x, ~(x < 1.0)), 1.0))
    assert same(results(2.0), (1.0, 0.0, 1.0))


def test_thread_safety() -> None:
    """Tracing, compiling and calling in many threads gives what one thread gives."""

    def work(n: int) -> tuple[float, float]:
        df = compile_gradient(lambda x: np.sin(n * x) / x, 1.0)
        return df(0.5), df(0.0)[0]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(work, range(1, 60)))
    expected = [work(n) for n in range(1, 60)]
    assert all(same(a, b) for a, b in zip(found, expected, strict=True))


def test_garbage_is_looked_for_once_at_most() -> None:
    """A graph is many objects that stay: a compile is one pause, whatever it tries on its way."""
    thresholds, begun = gc.get_threshold(), []

    def noted(phase: str, info: dict[str, int]) -> None:
        begun.append(phase == "start")

    def steps(x: Any) -> Any:
        for k in range(400):  # too many to stay lines, and nothing of it is a loop
            x = x * x - ad.sin(x + k * k) if k % 3 else x / (1.0 + x * x)
        return x

    gc.callbacks.append(noted)
    gc.set_threshold(700, 10, 10)
    try:
        compile_gradient(steps, 0.5)
        assert sum(begun) <= 2  # when it ends, and by what it does then
    finally:
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(noted)


def test_residuals_are_not_shared() -> None:
    """backward may be called late and often: emitted functions keep no state."""
    df = compile_gradient(polynomial)
    first, second = df.forward(2.0, 3.0)[1], df.forward(5.0, 7.0)[1]
    assert df.backward(first) == (10.0, 12.0)
    assert df.backward(second) == (50.0, 70.0)
    assert df.backward(first) == (10.0, 12.0)


def test_repr_and_types() -> None:
    """A compiled gradient says what it is."""
    df = compile_gradient(polynomial)
    assert isinstance(df, CompiledGradient)
    assert "polynomial" in repr(df)
    assert "python" in repr(df)


def test_backward_lines_are_marked_and_named() -> None:
    """The text has a forward and a backward section, and cotangents are named after arguments."""
    source = compile_gradient(lambda rate, p: np.exp(-rate) * p[1], 1.0, np.ones(2)).source
    for text in (
        "# forward",
        "# backward",
        "rate_bar",
        "p_1",
        "def forward(rate: float, p: list[float])",
        "residuals: tuple[float, ...], cotangent: float = 1.0",
        "def value_and_gradient(\n    rate: float, p: list[float]\n)",
    ):
        assert text in source
    assert "1.0 *" not in source
    assert max(map(len, source.splitlines())) <= 88


def root_by_bisection(a: float, start: float = 2.0) -> float:
    """The cube root of a: a decides only which half is kept."""
    low, high = 0.0, start
    for _ in range(40):
        middle = 0.5 * (low + high)
        if middle**3 > a:
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
@pytest.mark.parametrize(
    ("function", "examples"),
    [
        (root_by_bisection, (3.0,)),
        (lambda a: np.sum(np.floor(a) + np.sign(a)), (np.array([0.5, 1.5]),)),
        (lambda a, b: np.where(a > 1.0, b, 2.0), (0.5, 3)),
    ],
)
def test_what_is_zero_everywhere_is_said(function: Any, examples: Any, target: str) -> None:
    """A gradient that is 0 wherever there is one is no mistake, and nobody's wish."""
    wrt = 0
    with pytest.warns(UserWarning, match="depends on a through comparisons and rounding alone"):
        df = compile_gradient(function, *examples, target=target, wrt=wrt)
    assert np.all(np.asarray(df(*examples)[1]) == 0.0)


@pytest.mark.filterwarnings("error")
def test_zeros_that_are_meant_are_not_said() -> None:
    """A constant, and a search whose range is an argument: something flows, or nothing should."""
    compile_gradient(lambda x: 3.0, 1.0)
    value, (by_a, by_start) = compile_gradient(root_by_bisection, 3.0, 2.0)(3.0, 2.0)
    assert abs(value - 3.0 ** (1 / 3)) < 1e-11
    assert by_a == 0.0
    assert by_start != 0.0
