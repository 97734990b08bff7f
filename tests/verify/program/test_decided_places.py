"""Places and parts that the inputs decide, and systems of equations, in texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff.errors import ArgumentError
from verify import Verdict, verify_gradient

HEAD = "import numpy as np\ndef g(x):\n    g = np.zeros_like(x)\n"
X = np.array([1.0, 2.0, 0.3])
M = np.array([[2.0, 0.3], [0.3, 1.0]])
ROWS = np.array([[1.0, 0.4], [0.2, -1.1], [1.5, 0.3]])


def huber(x: Any) -> Any:
    """Squares near zero, sizes beyond one."""
    return np.sum(np.where(np.abs(x) < 1.0, 0.5 * x * x, np.abs(x) - 0.5))


RIGHT: dict[str, tuple[Callable[..., Any], Any, str]] = {
    "the largest": (np.max, X, "g[np.argmax(x)] = 1.0"),
    "its method": (lambda x: np.min(x) ** 2, X, "i = x.argmin()\n    g[i] = 2*x[i]"),
    "beside another": (
        lambda x: np.max(x[:2]) + np.max(x[2:]), np.array([1.0, 2.0, 0.5, -1.0]),
        "for i in range(2):\n        g[2*i + np.argmax(x[2*i:2*i + 2])] = 1.0"),
    "in the middle": (
        lambda x: np.median(x) ** 2, X,
        "o = np.argsort(x, kind='stable')\n    g[o[1]] = 2*np.median(x)"),
    "what is under a mask": (
        huber, X, "g = x.copy()\n    far = np.abs(x) >= 1.0\n    g[far] = np.sign(x[far])"),
    "added under a mask": (
        lambda x: np.sum(np.maximum(x, 0) ** 2), X, "up = x > 0\n    g[up] += 2*x[up]"),
    "rows under a mask": (
        lambda x: np.sum(np.maximum(ROWS @ x, 0)), np.array([0.5, -0.3]),
        f"A = np.array({ROWS.tolist()})\n    g = A[A @ x > 0].sum(axis=0)"),
    "a determinant": (
        lambda x: np.log(x[0] * x[2] - x[1] ** 2), np.array([2.0, 0.3, 1.0]),
        "P = np.linalg.inv(np.array([[x[0], x[1]], [x[1], x[2]]]))\n"
        "    g = np.array([P[0, 0], 2*P[0, 1], P[1, 1]])"),
    "a solution": (
        lambda x: 0.5 * x @ np.linalg.inv(M) @ x, np.array([0.3, 0.2]),
        f"g = np.linalg.solve(np.array({M.tolist()}), x)"),
}  # fmt: skip


def verdict(name: str, old: str = "", new: str = "") -> Verdict:
    """What is said of a text, changed in one place."""
    function, example, body = RIGHT[name]
    assert old in body
    text = f"{HEAD}    {body.replace(old, new, 1) if old else body}\n    return g\n"
    return verify_gradient(function, example, gradient=text).verdict


@pytest.mark.parametrize("name", RIGHT)
def test_what_numbers_decide_is_read(name: str) -> None:
    """Each choice is a way through the text, and all of them are proven."""
    assert verdict(name) is Verdict.PROVED


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("the largest", "argmax", "argmin"),
        ("in the middle", "o[1]", "o[0]"),
        ("in the middle", "2*np", "3*np"),
        ("what is under a mask", "np.sign(x[far])", "2*np.sign(x[far])"),
        ("added under a mask", "x > 0", "x > 0.001"),
        ("rows under a mask", "> 0", "> 0.01"),
        ("a determinant", "2*P", "-2*P"),
        ("a solution", "1.0]", "1.001]"),
    ],
)
def test_what_is_chosen_wrongly_is_refuted(name: str, old: str, new: str) -> None:
    """The same texts, wrong in one place."""
    assert verdict(name, old, new) is Verdict.REFUTED


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("g[np.argsort(x)[1]] = 1.0", "kind='stable'"),
        ("g[0] = 1.0*np.argmax(x)**-1", "on integers"),
        ("g[x > 0] = np.array([1.0, 2.0])", "of another shape"),
        ("g[0] = np.searchsorted([0.5], 0.7) * 10**18 * 100", "that overflow"),
        ("g[0] = (np.digitize(0.7, [0.5]) + 1)**-1", "on integers"),
        ("g[0] = 2.0 if np.linalg.inv(np.array([[2.0, 0.3], [0.3, 1.0]]))[0, 0] <= "
         "0.5235602094240838 else 3.0", "last digits"),
        ("g[0] = np.linalg.inv(np.array([[1.0, 2.0], [2.0, 4.0]]))[0, 0]", "last digits"),
    ],
)  # fmt: skip
def test_what_another_machine_may_decide_is_refused(body: str, why: str) -> None:
    """The order of equal numbers, the last digits of a library, NumPy's ints."""
    with pytest.raises(ArgumentError, match=why):
        verify_gradient(np.max, X, gradient=f"{HEAD}    {body}\n    return g\n")


@pytest.mark.parametrize(
    "call",
    [
        "np.searchsorted([[0.5, 0.6]], x[0])",
        "np.searchsorted(0.5, x[0])",
        "np.searchsorted([math.nan], x[0])",
        "np.interp(x[0], [[0.5, 0.6]], [[1.0, 2.0]])",
        "np.interp(x[0], [0.5, 0.6], [[1.0, 2.0]])",
        "np.interp(x[0], [0.0, 1.0, 2.0], [1.0, np.inf, 3.0])",
        "np.interp(x[0], [-np.inf, 1.0, 2.0], [1.0, 2.0, 3.0])",
        "scipy.special.softmax([])[:0].sum()",
        "np.sinc(np.inf)",
        "np.sinc([1e308, 1.0])[0]",
        "1.0 / scipy.special.i0(-np.inf)",
    ],
)
def test_what_libraries_have_no_number_for_is_refused(call: str) -> None:
    """They raise, give nan, or have a case of their own, where a limit would be read."""
    text = f"import math, scipy.special\n{HEAD}    g[0] = {call}\n    return g\n"
    with pytest.raises(ArgumentError, match="line 5"):
        verify_gradient(lambda x: 0.0 * np.sum(x), X, gradient=text)
