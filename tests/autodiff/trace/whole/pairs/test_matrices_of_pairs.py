"""Complex matrices, filled and listed, of traced numbers: circuits of gates and of impedances."""

from __future__ import annotations

import cmath
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import linalg

from autodiff.errors import TraceError
from codegen import compile_gradient
from tests.autodiff.trace.libraries.differences import slopes

X = np.random.default_rng(3).normal(size=6)
_SX, _SZ = np.array([[0, 1], [1, 0]], dtype=complex), np.diag([1.0 + 0j, -1.0])
_SY = np.array([[0, -1j], [1j, 0]])


def _filled(x: Any) -> Any:
    gate = np.zeros((2, 2), dtype=complex)
    gate[0, 0] = np.exp(1j * x[0])
    gate[1, 1] = np.exp(-1j * x[0]) * x[1]
    row = gate[0]
    row += x[2]
    other = np.empty_like(x, dtype=complex)
    other[:] = x * 2j
    other[1:] *= gate[0, 0]
    return np.abs(np.trace(gate @ _SY)) ** 2 + np.sum(np.abs(gate) ** 2) + np.abs(other.sum())


def _gates(x: Any) -> Any:
    state = np.array([1, 0, 0, 0], dtype=complex)
    for a, b in x.reshape(-1, 2):
        turn = np.array([[np.cos(a), -1j * np.sin(a)], [-1j * np.sin(a), np.cos(a)]])
        state = np.kron(turn, np.array([[np.exp(-1j * b), 0], [0, np.exp(1j * b)]])) @ state
        state = np.diag([1, 1, 1, -1]) @ state
    return np.real(np.vdot(state, np.kron(_SZ, _SX) @ state)) + np.abs(state[2]) ** 2


def _spectrum(x: Any) -> Any:
    field = x[0] * _SX + x[1] * _SY + x[2] * _SZ
    moved = linalg.expm(-1j * field)
    return np.real(np.trace(moved @ _SX)) + np.linalg.eigvalsh(field + np.eye(2) * x[3])[0]


def _evolution(x: Any) -> Any:
    """Two levels that are equal, and one of them turned into the other."""
    field = np.kron(x[0] * _SX + x[1] * _SY, np.eye(2)) + np.diag([x[2], x[2], x[3], x[4]])
    w, v = np.linalg.eigh(field)
    state = v @ (np.exp(-1j * w) * (v.conj().T @ np.array([1.0, 0.5, 0.0, 0.2])))
    lower = v[:, :2] @ v[:, :2].conj().T
    return np.sum(np.abs(state) ** 4) + np.real(np.trace(lower @ np.diag(np.arange(4.0)))) + w[0]


def _network(x: Any) -> Any:
    nodes = np.array([[1.0 / x[0] ** 2 + 1j * x[1], -1j], [-1j, 1j + 0.5]])
    return np.abs(np.linalg.solve(nodes, np.array([1.0, 0.0]))[1]) ** 2 + np.abs(np.prod(nodes))


def _inverse(x: Any) -> Any:
    return np.sum(np.abs(np.linalg.inv(x[:4].reshape(2, 2) + 1j * _SY)) ** 2)


def _products(x: Any) -> Any:
    a, b = np.exp(1j * x[:4]).reshape(2, 2), np.exp(-1j * x[2:]).reshape(2, 2)
    made = np.einsum("ij,jk->ik", a, b) + np.tensordot(a, _SY, axes=1)
    return np.sum(np.abs(made)) + np.real(np.einsum("ii", np.linalg.matrix_power(a, 3)))


def _numbers(x: Any) -> Any:
    z = complex(x[0], x[1])
    w = cmath.sqrt(z * z + 1j * x[2]) + cmath.exp(1j * x[3]) + cmath.rect(x[4] ** 2, x[5])
    size, angle = cmath.polar(w)
    return size * angle + abs(cmath.log(z)) + cmath.phase(w) + abs(cmath.sqrt(-1.0))


@pytest.mark.parametrize("target", ["numpy", "native"])
@pytest.mark.parametrize(
    "function", [_filled, _gates, _spectrum, _evolution, _network, _inverse, _products, _numbers]
)
def test_real_functions_of_complex_matrices(function: Callable[[Any], Any], target: str) -> None:
    """The unchanged function's value, and the slopes that differences show."""
    value, gradient = compile_gradient(function, X, target=target)(X)
    assert float(value) == pytest.approx(float(function(X)), rel=1e-12)
    expected = slopes(function, X)
    assert np.max(np.abs(gradient - expected)) <= 1e-7 * max(1.0, np.max(np.abs(expected)))


def test_what_depends_on_a_phase_is_refused() -> None:
    """Phases of eigenvectors are LAPACK's choice."""

    def f(x: Any) -> Any:
        return np.real(np.linalg.eigh(x[0] * _SX + x[1] * _SY + x[2] * _SZ)[1][0, 0])

    with pytest.raises(TraceError, match=r"phases .* LAPACK.*abs\(v\)"):
        compile_gradient(f, X, target="numpy")
