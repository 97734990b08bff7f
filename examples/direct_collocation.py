"""Optimal control by direct collocation: a swing-up, with the sparse matrices that Newton needs.

A pendulum hangs and is to stand after two seconds, by the least effort of its motor.  State and
torque at the ends of N intervals are the unknowns; the equations of motion hold across each
interval (the trapezoidal rule), so each constraint touches two neighbouring times alone.  Newton's
method on the first-order conditions needs the Hessian of the Lagrangian and the Jacobian of the
constraints::

    | H  J' | | dx     |     | gradient of the Lagrangian |
    | J  0  | | lambda | = - | constraints                |

Both are compiled from the problem as it is written, entries that can differ from zero alone, and
proven; together they are the KKT matrix, whose pattern never changes.

Run it: ``python examples/direct_collocation.py``
"""

import numpy as np
from scipy.sparse import block_array, csc_array
from scipy.sparse.linalg import splu

import codegen
from verify import verify_derivatives

END = 2.0
GRAVITY = 9.81


def motion(angle, speed, torque):
    """How angle and speed change: a point mass of 1 kg on a rod of 1 m, with friction."""
    return speed, torque - 0.1 * speed - GRAVITY * np.sin(angle)


def interval(z):
    """The time between two states."""
    return END / (len(z) // 3 - 1)


def constraints(z):
    """Zero where the equations of motion and the two ends hold; z: angle, speed, torque in turn."""
    angle, speed, torque = z[0::3], z[1::3], z[2::3]
    rates = motion(angle, speed, torque)
    gaps = [
        x[1:] - x[:-1] - 0.5 * interval(z) * (rate[1:] + rate[:-1])
        for x, rate in zip((angle, speed), rates, strict=True)
    ]
    ends = np.stack([angle[0], speed[0], angle[-1] - np.pi, speed[-1]])
    return np.concatenate([*gaps, ends])


def effort(z):
    """The integral of the squared torque, by the trapezoidal rule."""
    square = z[2::3] ** 2
    return 0.5 * interval(z) * np.sum(square[1:] + square[:-1])


def lagrangian(z, multipliers):
    """Effort plus multipliers times constraints."""
    return effort(z) + multipliers @ constraints(z)


def start(count):
    """A straight way up in this many intervals, without torque; no multipliers."""
    z = np.zeros((count + 1, 3))
    z[:, 0] = np.linspace(0.0, np.pi, count + 1)
    z[:, 1] = np.pi / END
    return z.ravel(), np.zeros(2 * count + 4)


def of_the_lagrangian(z, multipliers, target):
    """Gradient and Hessian by the states and torques."""
    return codegen.compile(
        lagrangian, z, multipliers, wrt="z", what=("gradient", "hessian"), sparse=True,
        target=target,
    )  # fmt: skip


def of_the_constraints(z, target):
    """The constraints and their Jacobian."""
    return codegen.compile(constraints, z, what=("value", "jacobian"), sparse=True, target=target)


def kkt_matrix(hessian, jacobian):
    """The matrix of the first-order conditions."""
    return csc_array(block_array([[hessian, jacobian.T], [jacobian, None]]))


def solve(z, multipliers, steps=60):
    """Newton's method, shortened where the first-order conditions do not get better.

    Returns the solution, the KKT matrix there, and how many steps it took.
    """
    second = of_the_lagrangian(z, multipliers, "native")
    first = of_the_constraints(z, "native")

    def conditions(z, multipliers):
        return np.concatenate([second(z, multipliers)[0], first(z)[0]])

    error = conditions(z, multipliers)
    for count in range(steps):
        kkt = kkt_matrix(second(z, multipliers)[1], first(z)[1])
        if np.max(np.abs(error)) < 1e-10:
            return z, kkt, count
        move = -splu(kkt).solve(error)
        length = 1.0
        while True:
            tried = z + length * move[: len(z)], multipliers + length * move[len(z) :]
            found = conditions(*tried)
            if np.linalg.norm(found) < (1.0 - 1e-4 * length) * np.linalg.norm(error):
                break
            length *= 0.5
            assert length > 1e-8
        z, multipliers, error = *tried, found
    raise AssertionError("no optimum found")


def main():
    small = start(4)
    for compiled, point in (
        (of_the_lagrangian(*small, "python"), small),
        (of_the_constraints(small[0], "python"), small[:1]),
    ):
        report = verify_derivatives(compiled, *point)
        print(f"{compiled.__name__}: {report.verdict}, {len(report.entries)} numbers")
    z, multipliers = start(60)
    z, kkt, steps = solve(z, multipliers)
    print(f"effort {effort(z):.9f} after {steps} steps of Newton, {kkt.nnz} entries in the matrix")
    # The optimum is a strict one: as many negative eigenvalues as there are constraints.
    negative = np.sum(np.linalg.eigvalsh(kkt.toarray()) < 0.0)
    assert negative == len(multipliers), negative
    print(
        f"second-order conditions: {negative} negative eigenvalues, {len(multipliers)} constraints"
    )


if __name__ == "__main__":
    main()
