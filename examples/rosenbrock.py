"""Rosenbrock's valley, minimised by SciPy with a compiled gradient.

The classical test of optimisers, here in n dimensions::

    f(x) = sum over i of 100 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2,

has its minimum 0 at x = (1, ..., 1), at the end of a long curved valley.  The compiled gradient
takes an array and returns ``(value, array)``, which is just what SciPy asks for with ``jac=True``.

Run it: ``python examples/rosenbrock.py``
"""

import numpy as np
from scipy.optimize import minimize, rosen_der

from codegen import compile_gradient


def rosenbrock(x):
    """Rosenbrock's function of an array."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def main():
    x0 = np.array([-1.2, 1.0, -0.5, 0.8, 1.7, -1.0, 0.3, 1.1])
    df = compile_gradient(rosenbrock, x0)
    value, gradient = df(x0)
    print(f"start: f = {value:.6f}, |gradient| = {np.linalg.norm(gradient):.6f}")
    assert np.allclose(gradient, rosen_der(x0), rtol=1e-13)

    result = minimize(df, x0, jac=True, method="BFGS", options={"gtol": 1e-9})
    error = np.abs(result.x - 1.0).max()
    print(f"end:   f = {result.fun:.1e} after {result.nfev} evaluations, error {error:.0e}")
    assert result.fun < 1e-15
    assert error < 1e-7


if __name__ == "__main__":
    main()
