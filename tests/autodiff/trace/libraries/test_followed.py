"""What NumPy and SciPy are asked for is followed, or the call is refused by name."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import scipy.linalg
import scipy.stats

import autodiff as ad

X = np.array([[1.0, 2.0, 0.5], [0.3, 4.0, 2.0]])
SQUARE = np.array([[2.0, 1.0], [1.0, 3.0]])
MASK = np.array([[True, False, True], [False, True, True]])


@pytest.mark.parametrize(
    ("function", "at", "said"),
    [
        (lambda x: np.linalg.pinv(x, rcond=0.5), X, r"np\.linalg\.pinv\(rcond=0\.5\)"),
        (lambda x: np.linalg.pinv(x, hermitian=True), SQUARE, "hermitian=True"),
        (lambda x: np.linalg.svd(x, False, True, True), SQUARE, "hermitian=True"),
        (lambda x: np.linalg.lstsq(x, np.ones(2), rcond=0.1)[0], X, r"np\.linalg\.lstsq\(rcond"),
        (lambda x: np.sum(x, dtype=int), X, r"np\.sum\(dtype"),
        (lambda x: x.sum(axis=0, dtype=np.float32), X, r"np\.sum\(dtype"),
        (lambda x: np.cumprod(x, 0, int), X, r"np\.cumprod\(dtype"),
        (lambda x: np.clip(x, 0.4, 1.0, where=MASK), X, r"np\.clip\(where="),
        (lambda x: np.vecdot(x, x, axis=0), X, r"np\.vecdot\(axis"),
        (lambda x: np.stack([x, x], dtype=np.float32), X, r"np\.stack\(dtype"),
        (lambda x: scipy.linalg.pinv(x, rtol=0.3), X, r"scipy\.linalg\.pinv\(rtol"),
        (lambda x: scipy.linalg.lstsq(x, np.ones(2), 0.3)[0], X, r"scipy\.linalg\.lstsq\(cond"),
        (
            lambda x: scipy.linalg.eigh(x, subset_by_index=(0, 0), eigvals_only=True),
            SQUARE,
            "subset_by_index",
        ),
        (lambda x: scipy.stats.variation(x, nan_policy="omit"), X, "nan_policy='omit'"),
    ],
)
def test_what_would_change_the_numbers_is_refused_by_name(
    function: Callable[..., object], at: np.ndarray, said: str
) -> None:
    """A keyword, or an argument by position, that ours does not follow."""
    with pytest.raises(ad.TraceError, match=said):
        ad.trace(function, at, expand=False)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.linalg.lstsq(x, np.ones(2), rcond=None)[0],
        lambda x: scipy.linalg.inv(x[:, :2], check_finite=False, overwrite_a=True),
        lambda x: np.sum(x, 0, float),
        lambda x: np.sort(x, kind="stable"),
        lambda x: np.einsum("ij->i", x, optimize=True),
        lambda x: np.roll(a=x, shift=1),
        lambda x: np.hsplit(ary=x, indices_or_sections=3)[1],
        lambda x: scipy.stats.variation(x, 0, nan_policy="propagate"),
        lambda x: np.ptp(x, axis=1, keepdims=True),
        lambda x: np.average(x, axis=1, weights=[1.0, 2.0, 3.0], keepdims=True),
        lambda x: np.average(x, axis=1, weights=[1.0, 2.0, 3.0], returned=True)[1],
        lambda x: np.mean(x, axis=1, keepdims=True, where=MASK),
        lambda x: np.float_power.reduce(x, axis=1),
        lambda x: np.subtract.reduce(x, axis=1, initial=2.0),
        lambda x: np.linalg.vector_norm(x[0, :1]),
        lambda x: np.linalg.vector_norm(x, keepdims=True),
        lambda x: scipy.linalg.pinvh(x[:, :2], lower=False),
    ],
)
def test_what_is_followed_gives_the_librarys_numbers(function: Callable[..., object]) -> None:
    """Value and shape, away from the example."""
    at = np.array([[0.7, 1.5, 1.3], [1.5, 0.6, 0.9]])
    graph = ad.trace(function, X, expand=False)
    found = np.asarray(ad.evaluate(graph, at))
    assert found.shape == np.shape(function(at))
    np.testing.assert_allclose(found, function(at), rtol=1e-12)


@pytest.mark.parametrize("expand", [True, False])
@pytest.mark.parametrize(
    ("function", "example", "at"),
    [
        (lambda x: np.interp(x, [0.0, 1.0, 2.0], [1.0, 5.0, 2.0]), 0.5, math.nan),
        (lambda x: np.heaviside(x, 0.5), 0.5, math.nan),
        (lambda x: np.floor_divide(7.5, x), 2.0, 0.0),
        (lambda x: np.floor_divide(-7.5, x), 2.0, 0.0),
        (lambda x: np.floor_divide(-7.5, x), 2.0, math.inf),
        (lambda x: np.floor_divide(7.5, x), 2.0, -math.inf),
        (lambda x: np.sum(x, initial=3.0), 2.0, 4.0),
        (lambda x: np.nanprod(x, initial=3.0), 2.0, 4.0),
        (lambda x: np.std(x, correction=1.5), 2.0, 4.0),
        (lambda x: np.cov(np.stack([x, 2.0 * x]), rowvar=False, ddof=5), 2.0, 4.0),
        (lambda x: 1.0 * np.isreal(x), 2.0, math.inf),
        (lambda x: 1.0 * np.any(np.stack([x])), 1.0, 0.5),
        (lambda x: 1.0 * np.all(x), 1.0, 0.5),
        (lambda x: 1.0 * np.logical_xor.reduce(np.stack([x])), 1.0, 0.5),
        (lambda x: np.sum(np.logical_and.accumulate(np.stack([x, 2.0 * x]))), 1.0, 0.5),
        (lambda x: np.sum(np.logical_or.reduceat(np.stack([x, x]), [1, 0])), 1.0, 0.5),
        (np.imag, 2.0, math.inf),
        (lambda x: np.linspace(x, 3.0, 3)[2], 2.0, math.inf),
        (lambda x: np.nanvar(np.stack([x, 3.0 + 0.0 * x]), ddof=1), 2.0, math.nan),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_numbers_at_the_edge_are_numpys(
    function: Callable[..., object], example: float, at: float, expand: bool
) -> None:
    """nan, divisors of zero, no degrees of freedom, a number instead of an array."""
    found = ad.evaluate(ad.trace(function, example, expand=expand), at)
    np.testing.assert_array_equal(found, function(at))


def test_one_numbers_deviation_has_slope_zero() -> None:
    """The deviation of a number from itself is zero wherever it is."""
    slope = ad.grad(np.nanstd)(np.array([3.0]))
    np.testing.assert_array_equal(slope, [0.0])
