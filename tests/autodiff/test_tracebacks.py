"""A traceback of a user's mistake shows the lines of the user alone."""

from __future__ import annotations

import traceback
from collections.abc import Callable

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import ArgumentError, ProofgradError
from autodiff.tracebacks import SHOW_ALL
from codegen import compile_gradient
from verify import verify_gradient

HERE = __file__


@pytest.fixture(autouse=True)
def shortened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tracebacks as users see them; the suite itself shows all frames."""
    monkeypatch.delenv(SHOW_ALL[0], raising=False)


def product(x: float, y: float) -> float:
    """A function of two numbers."""
    return x * y


def length(x: np.ndarray) -> float:
    """A function of an array."""
    return float((x * x).sum())


def without_rank(x: np.ndarray) -> float:
    """A function that cannot be traced."""
    return float(np.linalg.matrix_rank(x))


def _raised(call: Callable[[], object], kind: type[Exception]) -> list[traceback.FrameSummary]:
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return traceback.extract_tb(caught.value.__traceback__)


TARGETS = {
    "python": {},
    "native": {"target": "native"},
    "numpy": {"target": "numpy"},
    "batch": {"target": "numpy", "batch": True},
    "native batch": {"target": "native", "batch": True},
}


@pytest.mark.parametrize("arguments", [(1.0,), ("a", 1.0), (1.0, 2.0, 3.0, 4.0)])
@pytest.mark.parametrize("target", TARGETS)
def test_wrong_calls_of_compiled_functions(target: str, arguments: tuple[object, ...]) -> None:
    """Each target's call ends at the user's line."""
    df = compile_gradient(product, 1.0, 2.0, check=False, **TARGETS[target])
    frames = _raised(lambda: df(*arguments), ArgumentError)
    assert {frame.filename for frame in frames} == {HERE}


@pytest.mark.parametrize("size", [3, 3000])
@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_wrong_arrays(target: str, size: int) -> None:
    """The same of arrays, in scalars and whole."""
    df = compile_gradient(length, np.ones(size), target=target, check=False)
    for call in (lambda: df(np.ones(4)), df, lambda: df.backward(1, 2)):
        assert {frame.filename for frame in _raised(call, ProofgradError)} == {HERE}


_A = ad.Value(2.0)
MISTAKES: dict[str, Callable[[], object]] = {
    "a name": lambda: compile_gradient(product, 1.0, 2.0, traget="native"),  # type: ignore[call-overload]
    "a trace": lambda: ad.grad(without_rank)(np.eye(2)),
    "a compile": lambda: compile_gradient(without_rank, np.eye(2)),
    "a proof": lambda: verify_gradient(without_rank, np.eye(2)),
    "a first call": lambda: compile_gradient(product)("a", 1.0),
    "no compile yet": lambda: compile_gradient(product).source,
    "a text": lambda: ad.parse("graph"),
    "a number": lambda: ad.Value("a"),
    "a sum": lambda: _A + "a",
    "a reflected sum": lambda: "a" - _A,
    "a power": lambda: _A ** "a",
    "a comparison": lambda: _A < "a",
    "a row": lambda: ad.sin(_A, _A),
    "a row of NumPy's": lambda: np.sin(_A, "a"),
    "a sweep": lambda: _A.backward("a"),  # type: ignore[arg-type]
    "a network": lambda: ad.nn.MLP(2, [1, "a"]),
    "its inputs": lambda: ad.nn.MLP(2, [1])(1.0),
    "an optimiser": lambda: ad.optimizers.SGD(3),
    "a loss": lambda: ad.losses.mse("a", 1),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(mistake: str) -> None:
    """So do mistakes in front of public functions, operators and methods."""
    frames = _raised(MISTAKES[mistake], ProofgradError)
    assert {frame.filename for frame in frames} == {HERE}


def test_lines_inside_the_function() -> None:
    """The line of the user's function is shown below the line that called us."""
    frames = _raised(MISTAKES["a trace"], ProofgradError)
    assert [frame.name for frame in frames][-2:] == ["<lambda>", "without_rank"]


def test_errors_of_the_user() -> None:
    """What the user's own function raises comes without our frames as well."""

    def wrong(x: float) -> float:
        return 1 / 0 + x  # type: ignore[no-any-return]

    frames = _raised(lambda: compile_gradient(wrong, 1.0), ZeroDivisionError)
    assert {frame.filename for frame in frames} == {HERE}
    assert frames[-1].name == "wrong"


def test_mistakes_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of another kind that began in our code keeps every frame."""
    monkeypatch.setattr("autodiff.graph.reading.parse._parse_header", {}.__getitem__)
    with pytest.raises(KeyError) as caught:
        ad.parse("graph")
    files = {frame.filename for frame in traceback.extract_tb(caught.value.__traceback__)}
    assert any(file.endswith("parse.py") for file in files)


def test_everything_is_shown_where_one_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the environment's word every frame of ours stands there."""
    monkeypatch.setenv(*SHOW_ALL)
    frames = _raised(MISTAKES["a trace"], ProofgradError)
    assert len({frame.filename for frame in frames}) > 1
