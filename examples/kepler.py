"""Kepler's equation by Newton's method, differentiated through its iterations.

A planet on an orbit of eccentricity e has, at mean anomaly M (time, as an angle), the eccentric
anomaly E that solves ::

    E - e sin E = M.

There is no closed form; six steps of Newton's method from E = M + e sin M reach the last digit for
e up to 0.9.  A loop of a fixed length is straight-line code once it is traced, so its derivatives
are those of the computed number.  The implicit function theorem gives the same in closed form::

    dE/dM = 1 / (1 - e cos E),    dE/de = sin E / (1 - e cos E).

Run it: ``python examples/kepler.py``
"""

import math

import numpy as np

from codegen import compile_gradient

STEPS = 6


def eccentric_anomaly(M=0.8, e=0.3):
    """Eccentric anomaly at mean anomaly M on an orbit of eccentricity e."""
    E = M + e * np.sin(M)
    for _ in range(STEPS):
        E = E - (E - e * np.sin(E) - M) / (1.0 - e * np.cos(E))
    return E


def main():
    gradient = compile_gradient(eccentric_anomaly)
    print(f"{'M':>6}{'e':>8}{'E':>16}{'dE/dM':>16}{'dE/de':>16}{'error':>10}")
    for M, e in ((0.8, 0.3), (2.5, 0.6), (0.1, 0.9), (3.1, 0.0167)):
        E, (by_M, by_e) = gradient(M, e)
        slope = 1.0 / (1.0 - e * math.cos(E))
        error = max(abs(by_M - slope), abs(by_e - math.sin(E) * slope))
        print(f"{M:>6}{e:>8}{E:>16.12f}{by_M:>16.10f}{by_e:>16.10f}{error:>10.0e}")
        assert abs(E - e * math.sin(E) - M) < 1e-14
        assert error < 1e-12


if __name__ == "__main__":
    main()
