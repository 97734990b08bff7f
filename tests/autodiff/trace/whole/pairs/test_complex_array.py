"""Complex numbers inside a function of real ones: value and gradient are right on each target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.fft
import scipy.signal

import autodiff as ad
from codegen import compile_gradient, compile_jacobian
from tests.autodiff.trace.libraries.differences import slopes

X = np.array([0.7, 1.3, 0.4, 2.1, 0.9, 1.6])
W = np.linspace(0.1, 2.0, 6)
C = np.exp(1j * W)
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "modulus": lambda x: np.abs(np.exp(1j * x) + 2) @ W,
    "sum": lambda x: np.real(np.sum(C * x)) ** 2 + np.imag(x @ C),
    "root of a quotient": lambda x: np.sum(np.real(np.sqrt(x + 1j * W) / (1j * x + 2))),
    "root on the left": lambda x: np.sum(np.sqrt(-x + 1j * W).imag) + np.sum(
        np.sqrt(-x - 1j * W).imag * W),
    "logarithm": lambda x: np.sum((np.log(x * C) * (2 - 1j)).imag),
    "powers": lambda x: np.angle((x[0] + 1j * x[1]) ** 3) + abs((x[2] - 2j) ** -2)
    + np.abs((x[0] + 1j) ** 0.3),
    "norm": lambda x: np.linalg.norm(x * 1j + 1) ** 2,
    "conjugate": lambda x: np.sum(np.real(1 / (1j * W * x[0] + x[1]) * np.conj(C))),
    "where": lambda x: np.sum(np.where(x > 1, x * 1j, 2.0).real * x),
    "tanh": lambda x: np.sum(abs(np.tanh(x + 1j * W))) + np.sum((np.cos(x * C)).imag),
    "characteristic function": lambda x: np.trapezoid(
        np.real(np.exp(-1j * W * x[0]) * np.exp(x[1] * 1j * W - 0.5 * W**2)), W),
    "products": lambda x: np.real(np.vdot(x * C, C)) + np.sum(np.abs(np.outer(x, C) @ (C * x))),
    "elements": lambda x: sum(abs(z) ** 2 for z in x * C) + (x * C)[1:3].sum().real,
    "number": lambda x: np.real(np.exp(1j * x[0]) * np.exp(-1j * x[1])),
    "loop": lambda x: abs(_impedance(x)),
    "power spectrum": lambda x: np.sum(np.abs(np.fft.rfft(x)) ** 2 * np.arange(4)),
    "filter": lambda x: np.fft.irfft(np.fft.rfft(x) * np.exp(-np.arange(4.0))) @ x,
    "forth and back": lambda x: np.sum(np.abs(np.fft.ifft(np.fft.fft(x) * C)) ** 2),
    "along an axis": lambda x: np.sum(np.abs(np.fft.fft(x.reshape(2, 3), axis=0))),
    "convolved": lambda x: np.sum(
        np.abs(scipy.signal.fftconvolve(x, np.exp(1j * x), mode="same")) ** 2
    ),
    "padded": lambda x: np.sum(np.abs(np.fft.fftshift(np.fft.fft(x, 8, norm="ortho")))[2:5]),
    "scipy": lambda x: np.sum(scipy.fft.ifft(scipy.fft.fft(x) * C).real * W),
}  # fmt: skip


def _impedance(x: Any) -> Any:
    """Of a ladder of resistors and capacitors."""
    z: Any = x[0]
    for r in x[1:]:
        z = r + 1 / (1 / z + 0.3j)
    return z


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
@pytest.mark.parametrize("name", _FUNCTIONS)
def test_a_function_with_complex_numbers_inside(name: str, target: str) -> None:
    """The unchanged function's value, and the slopes that differences show."""
    function = _FUNCTIONS[name]
    value, gradient = compile_gradient(function, X, target=target)(X)
    assert float(value) == pytest.approx(float(function(X)), rel=1e-12, abs=1e-13)
    expected = slopes(function, X)
    assert np.max(np.abs(gradient - expected)) <= 1e-8 * max(1.0, np.max(np.abs(expected)))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: np.sum(np.arctan(x * 1j).real), "atan of complex numbers cannot be traced"),
        (lambda x: np.sort(x * 1j)[0].real, r"np\.sort of complex numbers cannot be traced"),
        (lambda x: np.fft.rfft(x * 1j)[0].real, "takes them"),
    ],
)
def test_what_is_refused_is_named(function: Callable[[Any], Any], message: str) -> None:
    """A function without a rule for complex numbers says so at the user's line."""
    with pytest.raises(ad.TraceError, match=rf"test_complex_array\.py:\d+: .*{message}"):
        ad.trace(function, X, expand=False)


@pytest.mark.parametrize("name", ["det", "cholesky", "pinv"])
def test_what_has_no_rule_is_named_whichever_form_is_tried_last(name: str) -> None:
    """Numbers take no complex ones: what arrays came to says more, and what there is instead."""
    function = getattr(np.linalg, name)
    message = rf"np\.linalg\.{name} of complex numbers cannot be traced; .*np\.linalg\.inv"
    with pytest.raises(ad.TraceError, match=message):
        compile_gradient(lambda x: np.abs(np.sum(function(np.eye(2) + 1j * x))), 0.3)


@pytest.mark.parametrize(
    ("compiling", "function", "message"),
    [
        (compile_gradient, lambda x: np.sum(x * 1j), "returns a complex number; expected real"),
        (compile_gradient, lambda x: np.abs(x * 1j), "ask for its jacobian"),
        (compile_jacobian, lambda x: np.abs(x[0] * 1j), "whose Jacobian is its gradient"),
    ],
)
def test_a_result_without_this_derivative_is_refused(
    compiling: Callable[..., Any], function: Callable[[Any], Any], message: str
) -> None:
    """What is said is of the result, not of the first complex number inside."""
    for x in (X, X[:2]):  # arrays whole, and number by number at first
        with pytest.raises(ad.DifferentiationError, match=message):
            compiling(function, x)
