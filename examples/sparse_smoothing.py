"""Smoothing a signal with SciPy's solvers: one derivative in the four forms that they take.

The unknowns are 100 heights: each should be near its noisy measurement, bend little, and a robust
loss lets jumps stand.  The Jacobian of the residuals has 394 entries that can differ from zero, of
19 800::

    least_squares(jac=)           a sparse matrix (``compile_jacobian(sparse=True)``), or an
                                  operator that is never a matrix (``compile_operator``)
    least_squares(jac_sparsity=)  the pattern alone, for differences (``ad.jacobian_pattern``)
    minimize(hess=)               a sparse Hessian, or an operator
    minimize(hessp=)              its product with a vector (``compile_hvp``)

Run it: ``python examples/sparse_smoothing.py``
"""

import numpy as np
from scipy.optimize import NonlinearConstraint, least_squares, minimize
from scipy.sparse import csr_array

import autodiff as ad
from codegen import (
    compile_function,
    compile_gradient,
    compile_hessian,
    compile_hvp,
    compile_jacobian,
    compile_operator,
)

COUNT = 100
DRAW = np.random.default_rng(1)
TRUTH = np.where(np.arange(COUNT) < COUNT // 2, 0.0, 1.0) + np.sin(np.arange(COUNT) / 30.0)
SEEN = TRUTH + 0.1 * DRAW.standard_normal(COUNT)


def residuals(x):
    """Distances from the measurements, and robust bends."""
    bends = x[2:] - 2.0 * x[1:-1] + x[:-2]
    return np.concatenate([x - SEEN, 3.0 * bends / (1.0 + 5.0 * bends**2) ** 0.25])


def energy(x):
    """Half the sum of their squares."""
    error = residuals(x)
    return 0.5 * (error @ error)


def total(x):
    """The sum of squared heights, which a constraint may hold down."""
    return np.stack([x @ x])


def fits():
    """The minimum by least squares: costs by the form of the derivative."""
    f = compile_function(residuals, SEEN, target="native")
    sparse = compile_jacobian(residuals, SEEN, target="native", sparse=True)
    operator = compile_operator(residuals, SEEN, target="native")
    pattern = ad.jacobian_pattern(residuals, SEEN)
    print(repr(pattern))
    kept = csr_array((np.ones(pattern.count), pattern.indices, pattern.starts), pattern.shape)
    options = {"xtol": 1e-12, "ftol": 1e-12, "gtol": 1e-10}
    for name, how in {
        "sparse matrix": {"jac": sparse},
        "operator": {"jac": operator, "tr_solver": "lsmr"},
        "pattern and differences": {"jac": "3-point", "jac_sparsity": kept},
    }.items():
        found = least_squares(f, SEEN, **how, **options)
        print(f"least_squares, {name:23} {found.cost:.9f} after {found.nfev} evaluations")
        yield found.cost


def minima():
    """The minimum by Newton's methods: values by the form of the second derivative."""
    gradient = compile_gradient(energy, SEEN, target="native")
    for name, (method, second) in {
        "product": ("Newton-CG", {"hessp": compile_hvp(energy, SEEN, target="native")}),
        "sparse matrix": (
            "trust-constr", {"hess": compile_hessian(energy, SEEN, target="native", sparse=True)}),
        "operator": (
            "trust-constr", {"hess": compile_operator(energy, SEEN, what="hessian")}),
    }.items():  # fmt: skip
        found = minimize(gradient, SEEN, jac=True, method=method, tol=1e-9, **second)
        print(f"{method:13}, {name:23} {found.fun:.9f} after {found.nit} iterations")
        yield found.fun


def held_down(limit):
    """The minimum where the sum of squares may not exceed a limit: every matrix is sparse."""
    gradient = compile_gradient(energy, SEEN, target="native")
    constraint = NonlinearConstraint(
        compile_function(total, SEEN), -np.inf, limit,
        jac=compile_jacobian(total, SEEN),
        hess=compile_hessian(
            lambda x, v: v @ total(x), SEEN, np.ones(1), wrt="x", sparse=True, target="native"
        ),
    )  # fmt: skip
    return minimize(
        gradient, SEEN, jac=True, method="trust-constr", constraints=[constraint], tol=1e-8,
        hess=compile_hessian(energy, SEEN, target="native", sparse=True),
    )  # fmt: skip


def main():
    found = [*fits(), *minima()]
    assert np.ptp(found) < 1e-6 * found[0], found
    limit = 0.5 * (SEEN @ SEEN)
    held = held_down(limit)
    print(f"held down to {held.x @ held.x:.6f} of {limit:.6f}: {held.fun:.6f}")
    assert held.fun > found[0]
    assert abs(held.x @ held.x / limit - 1.0) < 1e-5


if __name__ == "__main__":
    main()
