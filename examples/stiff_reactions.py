"""Three reactions at speeds nine orders of magnitude apart, solved with a compiled Jacobian.

Robertson's problem is the standard test of stiff solvers: a slow reaction feeds a very fast one.
Implicit methods solve an equation at each step and need the Jacobian of the right-hand side; with
finite differences they guess it.  Here ``compile_jacobian`` makes it from the equations as they
stand, and ``verify_jacobian`` proves each of its nine numbers.

The same reactions in a tube, where the third substance diffuses, are three equations a cell; each
depends on its own cell and on two neighbours, and the compiled Jacobian holds these entries alone.

Run it: ``python examples/stiff_reactions.py``
"""

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import root

from codegen import compile_jacobian
from verify import verify_jacobian

START = np.array([1.0, 0.0, 0.0])
END = 40.0
# Hairer and Wanner, Solving Ordinary Differential Equations II, at t = 40.
KNOWN = np.array([0.7158270688, 9.185534765e-06, 0.2841637457])


def reactions(y):
    """Rates of change of three concentrations."""
    slow, fast, back = 0.04 * y[0], 3e7 * y[1] ** 2, 1e4 * y[1] * y[2]
    return np.stack([back - slow, slow - back - fast, fast])


def steady(y):
    """Zero where the fast reactions balance, with the third concentration given by the total."""
    return np.stack([reactions(y)[1] * 1e3, y[0] + y[1] + y[2] - 1.0, y[0] - KNOWN[0]])


def in_a_tube(y):
    """The reactions in each cell, with diffusion of the third substance between neighbours."""
    cells = y.reshape(3, -1)
    change = reactions(cells)
    flow = 0.1 * (cells[2, 1:] - cells[2, :-1])
    spread = np.concatenate([flow, np.zeros(1)]) - np.concatenate([np.zeros(1), flow])
    return np.concatenate([change[0], change[1], change[2] + spread])


def solve_the_tube(count=100):
    """The tube with all of the first substance in its first half, until END."""
    start = np.zeros((3, count))
    start[0, : count // 2] = 1.0
    y = start.ravel()
    jacobian = compile_jacobian(in_a_tube, y, sparse="csc", target="native")
    solution = solve_ivp(
        lambda _, y: in_a_tube(y), (0.0, END), y, method="BDF", jac=lambda _, y: jacobian(y),
        rtol=1e-6, atol=1e-10,
    )  # fmt: skip
    lost = abs(np.sum(solution.y[:, -1]) / np.sum(y) - 1.0)
    entries = jacobian(y).nnz
    print(f"tube: {entries} of {len(y) ** 2} entries, {solution.njev} Jacobians, {lost:.0e} lost")
    assert solution.success
    assert lost < 1e-9


def main():
    jacobian = compile_jacobian(reactions, START)
    print(jacobian.source.partition("def ")[2].partition("\n\n")[0])
    print(f"proof: {verify_jacobian(reactions, START).verdict}")
    for method in ("Radau", "BDF"):
        solution = solve_ivp(
            lambda _, y: reactions(y), (0.0, END), START, method=method,
            jac=lambda _, y: jacobian(y), rtol=1e-8, atol=1e-12,
        )  # fmt: skip
        error = np.max(np.abs(solution.y[:, -1] / KNOWN - 1.0))
        print(f"{method:5} {solution.nfev} evaluations, {solution.njev} Jacobians, {error:.0e} off")
        assert error < 1e-5
    balance = root(steady, KNOWN * [1.0, 1.1, 1.0], jac=compile_jacobian(steady, KNOWN))
    print(f"quasi-steady state: {balance.success}, y2 = {balance.x[1]:.6e}")
    assert balance.success
    solve_the_tube()


if __name__ == "__main__":
    main()
