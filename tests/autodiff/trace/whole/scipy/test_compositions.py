"""SciPy's functions of traced arrays: value and gradient are SciPy's own, on each target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.fft
import scipy.integrate
import scipy.interpolate
import scipy.linalg
import scipy.ndimage
import scipy.signal
import scipy.spatial.distance
import scipy.stats

import autodiff as ad
from codegen import compile_gradient
from tests.autodiff.trace.libraries.differences import slopes

X = np.array([0.71, 1.33, 0.42, 2.13, 0.95, 1.61])
W = np.array([0.3, -1.2, 0.9, 2.1, -0.4, 1.4])
_BANDS = np.array([[0.0, 0.1, 0.2, 0.1, 0.3, 0.1], [2.0] * 6, [0.1, 0.2, 0.1, 0.3, 0.2, 0.0]])
_FAR = np.array([0.2, 0.7, 1.9, 2.4, 4.8])
_FIT = np.arange(1.0, 7.0)  # weights
_PLACES = np.array([0.0, 1.0, 1.5, 3.0, 4.0, 5.0])
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "solve_banded": lambda x: scipy.linalg.solve_banded((1, 1), _BANDS, x) @ W,
    "bands traced": lambda x: scipy.linalg.solve_banded((1, 1), _BANDS * x, W) @ W,
    "solveh_banded": lambda x: scipy.linalg.solveh_banded(_BANDS[:2] * x, W) @ x,
    "solve_toeplitz": lambda x: scipy.linalg.solve_toeplitz((x + 4.0, W), x) @ W,
    "solve_sylvester": lambda x: np.sum(
        scipy.linalg.solve_sylvester(x[:4].reshape(2, 2), np.eye(2), x[2:].reshape(2, 2)) ** 2
    ),
    "solve_discrete_lyapunov": lambda x: np.sum(
        scipy.linalg.solve_discrete_lyapunov(0.3 * x[:4].reshape(2, 2), np.diag(x[4:]))
    ),
    "cdist": lambda x: np.sum(
        scipy.spatial.distance.cdist(x.reshape(3, 2), W.reshape(3, 2)) ** 3
    ),
    "sqeuclidean": lambda x: np.sum(
        np.exp(-scipy.spatial.distance.cdist(x.reshape(3, 2), W.reshape(3, 2), "sqeuclidean"))
    ),
    "pdist": lambda x: scipy.spatial.distance.pdist(x.reshape(3, 2), metric="cityblock") @ W[:3],
    "squareform": lambda x: np.sum(scipy.spatial.distance.squareform(x) @ W[:4]),
    "cosine": lambda x: scipy.spatial.distance.cosine(x, W),
    "of both": lambda x: scipy.spatial.distance.canberra(x, W)
    + scipy.spatial.distance.braycurtis(x, W) * scipy.spatial.distance.correlation(x, W),
    "lfilter": lambda x: scipy.signal.lfilter([1.0, 0.3], [1.0, -0.5], x) @ W,
    "savgol": lambda x: scipy.signal.savgol_filter(x, 5, 2) @ W,
    "convolve": lambda x: scipy.signal.fftconvolve(x, x, mode="same") @ W,
    "convolve2d": lambda x: np.sum(
        scipy.signal.convolve2d(x.reshape(2, 3), W.reshape(3, 2), mode="same") ** 2
    ),
    "detrend": lambda x: np.sum(scipy.signal.detrend(x) ** 2),
    "gaussian_filter": lambda x: np.sum(scipy.ndimage.gaussian_filter(x.reshape(2, 3), 0.7) ** 2),
    "convolve1d": lambda x: scipy.ndimage.convolve1d(x, [1.0, 2.0, 1.0], mode="wrap") @ W,
    "dct": lambda x: np.sum(np.abs(scipy.fft.dct(x, norm="ortho"))),
    "cubic spline": lambda x: np.sum(scipy.interpolate.CubicSpline(_PLACES, x)(_FAR) ** 2),
    "its slope": lambda x: np.sum(scipy.interpolate.CubicSpline(_PLACES, x)(_FAR, 1) ** 2),
    "spline at traced places": lambda x: scipy.interpolate.CubicSpline(
        _PLACES, np.append(x[:5], 1.0), bc_type="natural"
    )(x[0]) * x[1],
    "akima": lambda x: scipy.interpolate.Akima1DInterpolator(_PLACES, x)(_FAR) @ W[:5],
    "makima": lambda x: np.sum(
        scipy.interpolate.Akima1DInterpolator(_PLACES, x, method="makima")(_FAR) ** 2
    ),
    "hermite": lambda x: scipy.interpolate.CubicHermiteSpline(_PLACES, x, x**2)(_FAR) @ W[:5],
    "interpolating spline": lambda x: np.sum(
        scipy.interpolate.make_interp_spline(_PLACES, x, bc_type=([(2, 1.0)], [(2, 0.0)]))(_FAR)
        ** 2
    ),
    "smoothing spline": lambda x: scipy.interpolate.make_smoothing_spline(_PLACES, x, lam=0.1)(
        _FAR
    ) @ W[:5],
    "stft": lambda x: np.sum(np.abs(scipy.signal.stft(x, nperseg=4)[2]) ** 2 @ W[:4]),
    "stft of rows": lambda x: np.sum(
        scipy.signal.stft(
            x.reshape(3, 2).T, 2.0, nperseg=2, axis=1, boundary=None, padded=False, scaling="psd"
        )[2].real ** 2
    ),
    "spectrogram": lambda x: np.sum(scipy.signal.spectrogram(x, nperseg=4)[2] ** 2),
    "periodic": lambda x: np.sum(np.interp(2.0 * x, _PLACES, W, period=2.3) ** 2),
    "periodic values": lambda x: np.sum(np.interp(_FAR, _PLACES, x, period=2.3) ** 2),
    "weighted covariance": lambda x: np.sum(
        np.cov(np.stack([x, W * x**2]), fweights=[1, 2, 1, 3, 1, 2], aweights=W**2) ** 2
    ),
    "weights of a covariance": lambda x: np.cov(x, W, aweights=np.exp(x), ddof=0)[0, 1],
    "interp1d": lambda x: scipy.interpolate.interp1d(_PLACES, x)(_FAR) @ W[:5],
    "beyond": lambda x: scipy.interpolate.interp1d(_PLACES, x, fill_value="extrapolate")(_FAR + 1.0)
    @ W[:5],
    "polyfit": lambda x: np.polyval(np.polyfit(_PLACES, x, 2), _FAR) @ W[:5],
    "polyfit at": lambda x: np.polyval(np.polyfit(x, W, 2, w=_FIT), 0.3),
    "polymul": lambda x: np.polymul(x, x) @ np.arange(11.0),
    "digitize": lambda x: np.digitize(x, [0.5, 1.0, 2.0]) @ x,
    "digitize down": lambda x: np.digitize(x, [2.0, 1.0, 0.5], right=True) @ x,
    "unwrap": lambda x: np.unwrap(4.1 * x) @ W,
    "zscore": lambda x: scipy.stats.zscore(x, ddof=1) @ W,
    "skew": lambda x: scipy.stats.skew(x, bias=False),
    "kurtosis": lambda x: scipy.stats.kurtosis(x, bias=False) + scipy.stats.kurtosis(x),
    "moment": lambda x: scipy.stats.moment(x, 3),
    "variation": lambda x: scipy.stats.variation(x) + scipy.stats.sem(x),
    "entropy": lambda x: scipy.stats.entropy(x) + scipy.stats.entropy(x, W**2, base=2.0),
    "means": lambda x: scipy.stats.gmean(x) + scipy.stats.hmean(x),
    "pearsonr": lambda x: scipy.stats.pearsonr(x, W)[0],
    "iqr": lambda x: scipy.stats.iqr(x) * x[0],
    "simpson": lambda x: scipy.integrate.simpson(x, dx=0.3) * scipy.integrate.simpson(x[1:]),
    "simpson at places": lambda x: scipy.integrate.simpson(x, _PLACES)
    + scipy.integrate.simpson(W[1:] * x[0], np.cumsum(x[1:])) + scipy.integrate.simpson(x[:2]),
    "simpson of rows": lambda x: scipy.integrate.simpson(x.reshape(3, 2), W[:3], axis=0) @ W[:2],
    "cumulative_trapezoid": lambda x: scipy.integrate.cumulative_trapezoid(x, dx=0.3) @ W[1:]
    + scipy.integrate.cumulative_trapezoid(x, np.cumsum(x), initial=0) @ W,
    "trim_mean of nan": lambda x: np.nan_to_num(
        scipy.stats.trim_mean(np.where(x > 2.0, np.nan, x), 0.2), nan=3.0
    ) * x[0],
    "usual keywords": lambda x: scipy.stats.skew(x, nan_policy="propagate", keepdims=False),
    "trim_mean": lambda x: scipy.stats.trim_mean(x, 0.2) + scipy.stats.trim_mean(x, 0.2, None),
    "logarithms": lambda x: scipy.stats.gstd(x) + scipy.stats.gzscore(x, ddof=1) @ W,
    "zmap": lambda x: scipy.stats.zmap(x[:3], x[2:]) @ W[:3],
    "boxcox_llf": lambda x: scipy.stats.boxcox_llf(x[0], x) + scipy.stats.boxcox_llf(0.4, x),
    "distances": lambda x: scipy.stats.wasserstein_distance(x, W[:4])
    + scipy.stats.energy_distance(x[:4], x[3:]),
    "p of pearsonr": lambda x: scipy.stats.pearsonr(x, W).pvalue,
    "linregress": lambda x: sum(scipy.stats.linregress(W, x))
    * scipy.stats.linregress(x, W).intercept_stderr,
    "ttest_1samp": lambda x: sum(scipy.stats.ttest_1samp(x, 0.3)),
    "ttest_rel": lambda x: sum(scipy.stats.ttest_rel(x, W)),
    "ttest_ind": lambda x: sum(scipy.stats.ttest_ind(x[:4], x[3:])),
    "welch": lambda x: sum(scipy.stats.ttest_ind(x[:4], x[3:], equal_var=False)),
}  # fmt: skip


@pytest.mark.parametrize("name", _FUNCTIONS)
def test_a_function_of_scipys(name: str) -> None:
    """The unchanged function's value, and the slopes that differences show; the text is checked.

    Python's text and machine code, which run the same rows, are made of every other.
    """
    function = _FUNCTIONS[name]
    value, slope = float(function(X)), slopes(function, X)
    for target in ("numpy", "native" if name in [*_FUNCTIONS][::2] else "python"):
        compiled = compile_gradient(function, X, target=target)
        found, gradient = compiled(X)
        assert float(found) == pytest.approx(value, rel=1e-10, abs=1e-12), target
        close = 1e-7 * max(1.0, np.max(np.abs(slope)))
        assert np.max(np.abs(gradient - slope)) <= close, target
        if target == "numpy":
            assert compiled.check is not None


def test_polar_parts() -> None:
    """By the singular value decomposition, on either side; they multiply to the matrix."""
    polar = scipy.linalg.polar

    def f(x: Any) -> Any:
        wide = x.reshape(2, 3)
        return np.sum(polar(wide)[0] @ W[:3]) + np.sum(polar(wide, side="left")[1] ** 3)

    value, gradient = compile_gradient(f, X, target="numpy")(X)
    assert value == pytest.approx(float(f(X)), rel=1e-12)
    assert gradient == pytest.approx(slopes(f, X), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: scipy.ndimage.gaussian_filter1d(x, x[0]).sum(), "in its data alone"),
        (lambda x: scipy.interpolate.CubicSpline(x, W)(0.5), "places that are known"),
        (lambda x: scipy.spatial.distance.cosine(x, W) * scipy.spatial.distance.pdist(
            x.reshape(3, 2), "jaccard").sum(), "metric='jaccard'"),
        (lambda x: np.polyfit(x, W, 1, cov=True)[0][0], "without full=, cov="),
        (lambda x: scipy.stats.zscore(x, nan_policy="omit")[0], "zscore.nan_policy='omit'"),
        (lambda x: scipy.stats.iqr(x, scale="normal"), "iqr.scale='normal'"),
        (lambda x: scipy.stats.moment(x, order=2, center=0.0), "moment.center=0.0"),
    ],
)  # fmt: skip
def test_what_is_refused_says_the_way_out(function: Callable[[Any], Any], message: str) -> None:
    """By name, at the user's line."""
    with pytest.raises(ad.TraceError, match=message):
        compile_gradient(function, X, target="numpy")
