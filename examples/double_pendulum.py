"""A double pendulum simulated from its Lagrangian alone.

Two rods of lengths l1, l2 with masses m1, m2 at their ends hang from each other.  With angles q and
velocities v the Lagrangian, kinetic minus potential energy, is ::

    L = (m1 + m2) l1^2 v1^2 / 2 + m2 l2^2 v2^2 / 2 + m2 l1 l2 v1 v2 cos(q1 - q2)
        + (m1 + m2) g l1 cos q1 + m2 g l2 cos q2,

and the motion follows Lagrange's equations d/dt (dL/dv) = dL/dq.  Written out, with a = dv/dt::

    (d2L / dv dv) a = dL/dq - (d2L / dv dq) v.

So the accelerations need one gradient and two blocks of the Hessian of L, and nothing is derived
by hand.  The energy v . dL/dv - L is conserved: the simulation checks itself.

Run it: ``python examples/double_pendulum.py``
"""

import numpy as np

import autodiff as ad
from codegen import compile_gradient, compile_graph

M1, M2, L1, L2, G = 1.0, 0.7, 1.2, 0.9, 9.81


def lagrangian(q, v):
    """Kinetic minus potential energy at angles q and velocities v."""
    kinetic = (
        0.5 * (M1 + M2) * (L1 * v[0]) ** 2
        + 0.5 * M2 * (L2 * v[1]) ** 2
        + M2 * L1 * L2 * v[0] * v[1] * np.cos(q[0] - q[1])
    )
    potential = -(M1 + M2) * G * L1 * np.cos(q[0]) - M2 * G * L2 * np.cos(q[1])
    return kinetic - potential


graph = ad.trace(lagrangian, np.zeros(2), np.zeros(2))
gradient = compile_gradient(graph)
hessian = compile_graph(ad.hessian(graph))


def acceleration(q, v):
    """Accelerations that solve Lagrange's equations."""
    _, (by_q, _) = gradient(q, v)
    _, (mixed, mass) = hessian(q, v)
    return np.linalg.solve(mass, by_q - mixed @ v)


def energy(q, v):
    """The conserved energy, v . dL/dv - L."""
    value, (_, momentum) = gradient(q, v)
    return v @ momentum - value


def step(q, v, h):
    """One step of the classical Runge-Kutta method."""
    k1 = v, acceleration(q, v)
    k2 = v + 0.5 * h * k1[1], acceleration(q + 0.5 * h * k1[0], v + 0.5 * h * k1[1])
    k3 = v + 0.5 * h * k2[1], acceleration(q + 0.5 * h * k2[0], v + 0.5 * h * k2[1])
    k4 = v + h * k3[1], acceleration(q + h * k3[0], v + h * k3[1])
    dq, dv = ((a + 2.0 * b + 2.0 * c + d) / 6.0 for a, b, c, d in zip(k1, k2, k3, k4, strict=True))
    return q + h * dq, v + h * dv


def main():
    q, v = np.array([1.9, -0.4]), np.array([0.0, 0.5])
    start, h = energy(q, v), 0.001
    print(f"{'time':>6}{'angle 1':>12}{'angle 2':>12}{'energy':>18}")
    for n in range(2001):
        if n % 500 == 0:
            print(f"{n * h:>6.2f}{q[0]:>12.6f}{q[1]:>12.6f}{energy(q, v):>18.12f}")
        q, v = step(q, v, h)
    drift = abs(energy(q, v) - start)
    print(f"energy drift {drift:.1e}")
    assert drift < 1e-8

    # At rest and hanging almost straight down, the motion is the linear one of the textbook:
    # the accelerations are -g times the inverse of the matrix of the small oscillations.
    small = 1e-6 * np.array([1.0, 2.0])
    mass = np.array([[(M1 + M2) * L1**2, M2 * L1 * L2], [M2 * L1 * L2, M2 * L2**2]])
    stiffness = G * np.diag([(M1 + M2) * L1, M2 * L2])
    expected = -np.linalg.solve(mass, stiffness @ small)
    assert np.allclose(acceleration(small, np.zeros(2)), expected, rtol=1e-9)


if __name__ == "__main__":
    main()
