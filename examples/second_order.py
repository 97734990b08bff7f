"""Newton's methods of SciPy with a compiled Hessian: exact, proven, and in one call with the rest.

``compile_hessian`` gives what ``hess=`` wants, ``compile_hvp`` what ``hessp=`` wants, and
``compile(..., what=("value", "gradient", "hessian"))`` all three from one pass over the function,
for an optimiser of one's own: the few lines of Newton's method below.

Run it: ``python examples/second_order.py``
"""

import numpy as np
from scipy.optimize import minimize, rosen, rosen_hess

import codegen
from codegen import compile_gradient, compile_hessian, compile_hvp
from verify import verify_hessian

START = np.array([1.3, 0.7, 0.8, 1.9])


def rosenbrock(x):
    """Rosenbrock's valley."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def newton(x, steps=50):
    """Newton's method, with the Hessian made positive where it is not."""
    everything = codegen.compile(rosenbrock, x, what=("value", "gradient", "hessian"))
    for step in range(steps):
        value, gradient, hessian = everything(x)
        if np.linalg.norm(gradient) < 1e-10:
            return x, value, step
        sizes, directions = np.linalg.eigh(hessian)
        move = -directions @ ((directions.T @ gradient) / np.abs(sizes))
        while rosen(x + move) > value:
            move = 0.5 * move
        x = x + move
    raise AssertionError("no minimum found")


def main():
    df, hessian = compile_gradient(rosenbrock, START), compile_hessian(rosenbrock, START)
    assert np.allclose(hessian(START), rosen_hess(START), rtol=1e-13)
    report = verify_hessian(rosenbrock, START)
    print(f"Hessian: {report.verdict}, all {len(report.entries)} numbers")
    options = {
        "trust-exact": {"hess": hessian},
        "trust-constr": {"hess": hessian},
        "Newton-CG": {"hessp": compile_hvp(rosenbrock, START)},
        "trust-krylov": {"hessp": compile_hvp(rosenbrock, START)},
    }
    for method, second in options.items():
        found = minimize(df, START, jac=True, method=method, tol=1e-9, **second)
        print(f"{method:12} f = {found.fun:.1e} after {found.nit} iterations")
        assert np.allclose(found.x, 1.0, atol=1e-5)
    x, value, steps = newton(START)
    print(f"our own      f = {value:.1e} after {steps} iterations")
    assert np.allclose(x, 1.0)


if __name__ == "__main__":
    main()
