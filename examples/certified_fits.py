"""Fits with certified answers: NIST's regressions, with a compiled and proven Jacobian.

The National Institute of Standards and Technology publishes data sets whose least-squares fits are
known to eleven digits (StRD, nonlinear regression).  A model below is the formula that stands in
its data set's description, for one observation; its gradient by the parameters is compiled once and
called for all observations together, which gives the rows of the Jacobian that SciPy's
``least_squares`` asks for.  Every gradient is proven first.

Run it: ``python examples/certified_fits.py``
"""

from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

from codegen import compile_gradient
from verify import verify_gradient

FOLDER = Path(__file__).parent / "nist_strd"


def misra1a(b, x):
    """Monomolecular adsorption: volume over pressure."""
    return b[0] * (1.0 - np.exp(-b[1] * x))


def misra1b(b, x):
    """The same data, another model."""
    return b[0] * (1.0 - (1.0 + b[1] * x / 2.0) ** -2)


def misra1c(b, x):
    """A third one."""
    return b[0] * (1.0 - (1.0 + 2.0 * b[1] * x) ** -0.5)


def misra1d(b, x):
    """A fourth one."""
    return b[0] * b[1] * x / (1.0 + b[1] * x)


def dan_wood(b, x):
    """Energy radiated by a carbon filament, over its temperature."""
    return b[0] * x ** b[1]


def chwirut(b, x):
    """Ultrasonic response over distance in metal."""
    return np.exp(-b[0] * x) / (b[1] + b[2] * x)


def gauss(b, x):
    """Two bells on a decaying exponential, generated."""
    first = b[2] * np.exp(-((x - b[3]) ** 2) / b[4] ** 2)
    second = b[5] * np.exp(-((x - b[6]) ** 2) / b[7] ** 2)
    return b[0] * np.exp(-b[1] * x) + first + second


def kirby2(b, x):
    """Line widths in a scanning electron microscope: a quotient of quadratics."""
    return (b[0] + b[1] * x + b[2] * x**2) / (1.0 + b[3] * x + b[4] * x**2)


def lanczos(b, x):
    """Three exponentials, generated."""
    return b[0] * np.exp(-b[1] * x) + b[2] * np.exp(-b[3] * x) + b[4] * np.exp(-b[5] * x)


def mgh17(b, x):
    """Two exponentials, generated."""
    return b[0] + b[1] * np.exp(-x * b[3]) + b[2] * np.exp(-x * b[4])


def roszman1(b, x):
    """Quantum defects in iodine atoms over the energy of an excited state."""
    return b[0] - b[1] * x - np.arctan(b[2] / (x - b[3])) / np.pi


def nelson(b, x):
    """Dielectric breakdown over weeks and temperature; the logarithm of the response."""
    return b[0] - b[1] * x[0] * np.exp(-b[2] * x[1])


MODELS = {
    "Misra1a": misra1a, "Misra1b": misra1b, "Misra1c": misra1c, "Misra1d": misra1d,
    "DanWood": dan_wood, "Chwirut1": chwirut, "Chwirut2": chwirut,
    "Gauss1": gauss, "Gauss2": gauss, "Gauss3": gauss, "Kirby2": kirby2,
    "Lanczos1": lanczos, "Lanczos2": lanczos, "Lanczos3": lanczos,
    "MGH17": mgh17, "Roszman1": roszman1, "Nelson": nelson,
}  # fmt: skip


def read(name):
    """Starts (two), certified parameters, certified sum of squares, response and predictors."""
    lines = (FOLDER / f"{name}.dat").read_text().splitlines()
    rows = [line.partition("=")[2].split() for line in lines if line.strip()[:1] == "b"]
    parameters = np.array([row for row in rows if len(row) == 4], dtype=float)
    squares = next(line for line in lines if line.startswith("Residual Sum of Squares"))
    begin = max(k for k, line in enumerate(lines) if line.startswith("Data:")) + 1
    data = np.array([line.split() for line in lines[begin:] if line.strip()], dtype=float)
    y, x = data[:, 0], data[:, 1] if data.shape[1] == 2 else data[:, 1:]
    y = np.log(y) if name == "Nelson" else y
    return parameters[:, :2].T, parameters[:, 2], float(squares.split()[-1]), y, x


def digits(found, certified):
    """How many decimal digits agree, at the worst parameter."""
    worst = np.max(np.abs(np.subtract(found, certified) / certified))
    return -np.log10(max(worst, 1e-16))


def fit(model, start, y, x):
    """The least-squares fit from a start."""
    points = compile_gradient(
        model, start, x[0], wrt=0, target="numpy", batch=(False, True), cache=False
    )
    return least_squares(
        lambda b: points(b, x)[0] - y, start, jac=lambda b: points(b, x)[1],
        method="lm", x_scale="jac", xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=2000,
    )  # fmt: skip


def main():
    fewest = 17.0
    for name, model in MODELS.items():
        starts, certified, squares, y, x = read(name)
        report = verify_gradient(model, starts[1], x[0], wrt=0)
        fits = [fit(model, start, y, x) for start in starts]
        right = [digits(found.x, certified) for found in fits]
        steps = " and ".join(str(found.nfev) for found in fits)
        print(
            f"{name:8} gradient {report.verdict}; {right[0]:4.1f} and {right[1]:4.1f} digits after "
            f"{steps} evaluations"
        )
        # The sum of squares of Lanczos1 is what rounding left of the data.
        allowed = 1e-2 if name == "Lanczos1" else 1e-8
        assert all(abs(2.0 * found.cost / squares - 1.0) < allowed for found in fits)
        fewest = min(fewest, *right)
    print(f"{len(MODELS)} data sets from both starts: {fewest:.1f} digits or more")
    assert fewest > 6.0


if __name__ == "__main__":
    main()
