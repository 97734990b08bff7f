"""Filters, spectra, images and rotations of traced arrays: SciPy's value, and its slopes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import interpolate, linalg, signal
from scipy import ndimage as images
from scipy.spatial.transform import Rotation

import autodiff as ad
from codegen import compile_gradient
from tests.autodiff.trace.libraries.differences import assert_differences_agree, slopes

_DRAW = np.random.default_rng(3)
X = _DRAW.normal(size=12)
_W, _V, _KERNEL = _DRAW.normal(size=12), _DRAW.normal(size=(4, 3)), _DRAW.normal(size=(2, 3))
_OUTSIDE = np.stack([_DRAW.uniform(-1.5, 5.5, 6), _DRAW.uniform(-1.5, 3.5, 6)])
_KNOTS, _GROUPS = np.arange(12.0) ** 1.1, np.arange(12) % 3
_AMONG = np.array([0.7, 4.3, 11.2, 6.0])
_KNOWN = [
    interpolate.interp1d(_KNOTS, _W, kind=kind, fill_value="extrapolate")
    for kind in ("nearest", "previous")
]
_GAIN = np.array([[1.0, 0.0, 0.0, 0.0, 0.1, 0.0]])
_SOS, _TURNED = signal.butter(2, 0.3, output="sos"), Rotation.from_euler("zyx", [0.1, 0.2, 0.3])


def _mixed(*made: Any) -> Any:
    """All numbers with weights."""
    return sum(np.reshape(a, -1) @ np.cos(np.arange(1.0 * np.size(a))) for a in made)


def _image(x: Any) -> Any:
    return np.reshape(x, (4, 3))


def _with_state(x: Any) -> Any:
    return _mixed(*signal.lfilter(x[:3], [2.0, 0.1 * x[1], 0.3], _W, zi=x[5:7]))


def _convolved(x: Any) -> Any:
    modes = ("full", "same", "valid")
    short = [signal.convolve(x[:3], x, mode) for mode in modes]
    flat = [signal.correlate(_image(x), _KERNEL, mode) for mode in modes]
    wrapped = [signal.convolve2d(_image(x), x[:4].reshape(2, 2), m, "wrap") for m in modes]
    return _mixed(*short, *flat, *wrapped, signal.correlate2d(_image(x), _KERNEL, "same", "symm"))


def _spectra(x: Any) -> Any:
    _, density = signal.welch(x, 2.0, "hamming", 6, noverlap=2, nfft=8, detrend="linear")
    _, one = signal.periodogram(_image(x), scaling="spectrum", axis=0)
    _, both = signal.coherence(x, _W, nperseg=5)
    return _mixed(density, one, both)


def _padded(mode: str) -> Callable[[Any], Any]:
    def filtered(x: Any) -> Any:
        image = _image(x)
        return _mixed(
            images.convolve(image, _KERNEL, mode=mode),
            images.gaussian_filter(image, (0.8, 0.5), order=(0, 1), mode=mode),
            images.sobel(image, 0, mode=mode),
        )

    return filtered


def _between(order: int, mode: str) -> Callable[[Any], Any]:
    return lambda x: _mixed(
        images.map_coordinates(_image(x), _OUTSIDE * x[0] * x[0], order=order, mode=mode)
    )


def _angles(x: Any) -> Any:
    turned = Rotation.from_rotvec(x[:3])
    return _mixed(*(turned.as_euler(axes) for axes in ("ZYX", "zxz")))


def _products(x: Any) -> Any:
    one, row = Rotation.from_quat(x[:4]), Rotation.from_rotvec(_V * x[0])
    return _mixed(
        (one * _TURNED).as_matrix(), (_TURNED * one.inv()).as_rotvec(), _TURNED.apply(x[:3]),
        (row * one)[1].as_quat(), (one**0.5).as_mrp(), one.magnitude(), row.apply(_V, inverse=True),
    )  # fmt: skip


def _square(x: Any) -> Any:
    return np.reshape(x[:4], (2, 2)) @ np.reshape(x[:4], (2, 2)).T + 0.3 * np.eye(2)


def _splines(x: Any) -> Any:
    fit = interpolate.splrep(_KNOTS, x)
    known = interpolate.splrep(_KNOTS, _W)
    return _mixed(
        interpolate.splev(_AMONG, fit, der=1), interpolate.splev(_AMONG * 3.0, fit, ext=1),
        interpolate.splev(x, known),
        interpolate.griddata(_KNOTS[:, None], x, _AMONG[:, None], method="nearest"),
    )  # fmt: skip


def _steps(x: Any) -> Any:
    kinds = ("nearest", "previous", "next")
    through = [interpolate.interp1d(_KNOTS, x, kind=kind)(_AMONG) for kind in kinds]
    beyond = interpolate.interp1d(_KNOTS, x, "next", bounds_error=False, fill_value=(3.0, 4.0))
    return _mixed(
        *through,
        *(known(_AMONG + 0.0 * x[:4]) * x[:4] for known in _KNOWN),
        beyond(_AMONG * 2.0) * x[0],
    )


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sqrtm": lambda x: _mixed(linalg.sqrtm(_square(x))),
    "logm": lambda x: _mixed(linalg.logm(_square(x))),
    "splines": _splines,
    "steps": _steps,
    "reduceat": lambda x: _mixed(
        np.add.reduceat(x, [0, 3, 5]), np.add.reduceat(_image(x), [1, 2], axis=1),
        np.maximum.reduceat(x, [0, 4, 2]), np.multiply.reduceat(x, [2, 5]),
    ),
    "lexsort": lambda x: _mixed(x[np.lexsort((x, _GROUPS))], x[np.lexsort((_W, np.round(x)))]),
    "lfilter": lambda x: _mixed(signal.lfilter(x[:3], np.append(2.0, 0.2 * x[3:5]), _W)),
    "its rows": lambda x: _mixed(signal.lfilter([x[0], 0.2], [1.0, -0.1 * x[1]], _image(x))),
    "its state": _with_state,
    "sosfilt": lambda x: _mixed(signal.sosfilt(_SOS, x), signal.sosfilt(_SOS + x[0] * _GAIN, _W)),
    "freqz": lambda x: _mixed(np.abs(signal.freqz(x[:3], [1.0, 0.2 * x[4]], worN=8)[1])),
    "hilbert": lambda x: _mixed(np.abs(signal.hilbert(x)), np.imag(signal.hilbert(_image(x)))),
    "spectra": _spectra,
    "csd": lambda x: _mixed(np.abs(signal.csd(x, _W, nperseg=6)[1]) ** 2),
    "convolve": _convolved,
    **{f"images, {m}": _padded(m) for m in ("reflect", "mirror", "nearest", "constant", "wrap")},
    "other images": lambda x: _mixed(
        images.gaussian_laplace(_image(x), 0.8), images.gaussian_gradient_magnitude(_image(x), 1.0),
        images.uniform_filter(_image(x), (2, 3)), images.laplace(x), images.prewitt(_image(x)),
    ),
    "rotvec": lambda x: _mixed(Rotation.from_rotvec(_image(x)).as_matrix()),
    "no rotation": lambda x: _mixed(Rotation.from_rotvec(x[:3] - X[:3]).apply(_V)),
    "matrix": lambda x: _mixed(*(
        Rotation.from_matrix(Rotation.from_rotvec(k * x[:3]).as_matrix()).as_rotvec()
        for k in (0.3, 1.0, 1.7)
    )),
    "euler": lambda x: _mixed(Rotation.from_euler("ZXZ", _image(x)).as_quat(),
                              Rotation.from_euler("y", x[2], degrees=True).as_matrix()),
    "as euler": _angles,
    "rotations": _products,
}  # fmt: skip


@pytest.mark.parametrize("name", _FUNCTIONS)
def test_a_function_of_scipys(name: str) -> None:
    """The unchanged function's value, and the slopes that differences show."""
    function = _FUNCTIONS[name]
    value, gradient = compile_gradient(function, X, target="numpy")(X)
    assert float(value) == pytest.approx(float(function(X)), rel=1e-10, abs=1e-12)
    expected = slopes(function, X)
    assert np.max(np.abs(gradient - expected)) <= 1e-7 * max(1.0, np.max(np.abs(expected)))


@pytest.mark.parametrize("size", [3, (2, 3)])
def test_what_is_chosen_of_each_part(size: Any) -> None:
    """The middle, the largest and the smallest element: the unchanged function's value."""

    def chosen(x: Any) -> Any:
        return _mixed(
            images.median_filter(_image(x), size), images.maximum_filter(_image(x), size),
            images.minimum_filter(_image(x), footprint=[[0, 1, 0], [1, 1, 1]]),
            signal.medfilt(x, 5),
        )  # fmt: skip

    value, gradient = compile_gradient(chosen, X, target="numpy")(X)
    assert float(value) == pytest.approx(chosen(X), rel=1e-13)
    assert float(gradient @ X) == pytest.approx(chosen(X), rel=1e-13)  # of degree 1


@pytest.mark.parametrize("mode", ["constant", "nearest", "mirror", "reflect", "grid-wrap"])
def test_between_the_elements_of_an_image(mode: str) -> None:
    """Splines of both orders, beyond the edges too, by steps too short to reach a kink."""
    for order in (1, 3):
        function, step = _between(order, mode), 1e-6 * np.eye(12)
        value, gradient = compile_gradient(function, X, target="numpy")(X)
        assert float(value) == pytest.approx(function(X), rel=1e-12)
        expected = [(function(X + d) - function(X - d)) / 2e-6 for d in step]
        np.testing.assert_allclose(gradient, expected, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("target", ["native", "python"])
@pytest.mark.parametrize("name", ["its state", "hilbert", "matrix", "rotations"])
def test_other_targets(name: str, target: str) -> None:
    """The numbers of the NumPy target."""
    function = _FUNCTIONS[name]
    wanted, found = (compile_gradient(function, X, target=t)(X) for t in ("numpy", target))
    assert float(found[0]) == pytest.approx(float(wanted[0]), rel=1e-12)
    np.testing.assert_allclose(found[1], wanted[1], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: signal.welch(x, average="median", nperseg=4)[1].sum(), "average='mean'"),
        (lambda x: images.map_coordinates(_image(x), [x[:2], x[:2]], order=2).sum(), "order 2"),
        (lambda x: Rotation.align_vectors(_image(x), _V)[0].magnitude(), "np.linalg.svd"),
    ],
)
def test_what_is_refused_says_the_way_out(function: Callable[[Any], Any], message: str) -> None:
    """By name, at the user's line."""
    with pytest.raises(ad.TraceError, match=message):
        compile_gradient(function, X, target="numpy")


def test_gradients_of_small_arrays_that_a_library_takes_whole() -> None:
    """``ad.grad`` keeps arrays whole where a library raises whatever it likes of others."""
    x = np.array([[2.0, 0.3], [0.1, 1.0]])
    for f in (
        lambda x: np.sum(signal.convolve(x, x)),
        lambda x: np.sum(signal.convolve2d(x, x, mode="same")),
        lambda x: np.sum(signal.correlate(x, x, mode="valid")),
    ):
        value, gradient = ad.value_and_grad(f)(x)
        assert value == pytest.approx(float(f(x)))
        assert_differences_agree(f, x, gradient)
