"""Fits with certified answers: NIST's regressions, with a compiled and proven Jacobian.

The National Institute of Standards and Technology publishes data sets whose least-squares fits are
known to eleven digits (StRD, nonlinear regression; works of the US government, in the public
domain).  SciPy's ``least_squares`` takes the Jacobian of the residuals, which is compiled here from
the model as it stands in the data set's description, and proven entry by entry.

Run it: ``python examples/certified_fits.py``
"""

from functools import partial

import numpy as np
from scipy.optimize import least_squares

from codegen import compile_function, compile_jacobian
from verify import verify_jacobian

# Response and predictor of each data set.
MISRA1A_Y = np.array([
    10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.4, 75.47,
    81.78,
])  # fmt: skip
MISRA1A_X = np.array([
    77.6, 114.9, 141.1, 190.8, 239.9, 289, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760,
])  # fmt: skip
DANWOOD_Y = np.array([
    2.138, 3.421, 3.597, 4.34, 4.882, 5.66,
])  # fmt: skip
DANWOOD_X = np.array([
    1.309, 1.471, 1.49, 1.565, 1.611, 1.68,
])  # fmt: skip
MGH17_Y = np.array([
    0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.85, 0.818, 0.784, 0.751, 0.718, 0.685,
    0.658, 0.628, 0.603, 0.58, 0.558, 0.538, 0.522, 0.506, 0.49, 0.478, 0.467, 0.457, 0.448,
    0.438, 0.431, 0.424, 0.42, 0.414, 0.411, 0.406,
])  # fmt: skip
MGH17_X = 10.0 * np.arange(33.0)


def misra1a(b, x):
    """Monomolecular adsorption: volume over pressure."""
    return b[0] * (1.0 - np.exp(-b[1] * x))


def dan_wood(b, x):
    """Energy radiated by a carbon filament, over its temperature."""
    return b[0] * x ** b[1]


def mgh17(b, x):
    """Two exponentials, generated; of average difficulty."""
    return b[0] + b[1] * np.exp(-x * b[3]) + b[2] * np.exp(-x * b[4])


def residuals(b, model, x, y):
    """What a model leaves unexplained."""
    return model(b, x) - y


# Model, data, start, certified parameters, certified sum of squared residuals.
FITS = {
    "Misra1a": (
        misra1a, MISRA1A_X, MISRA1A_Y, [500.0, 0.0001],
        [2.3894212918e02, 5.5015643181e-04], 1.2455138894e-01,
    ),
    "DanWood": (
        dan_wood, DANWOOD_X, DANWOOD_Y, [1.0, 5.0],
        [7.6886226176e-01, 3.8604055871e00], 4.3173084083e-03,
    ),
    "MGH17": (
        mgh17, MGH17_X, MGH17_Y, [0.5, 1.5, -1.0, 0.01, 0.02],
        [3.7541005211e-01, 1.9358469127e00, -1.4646871366e00, 1.2867534640e-02, 2.2122699662e-02],
        5.4648946975e-05,
    ),
}  # fmt: skip


def digits(found, certified):
    """How many decimal digits agree, at the worst parameter."""
    worst = np.max(np.abs(np.subtract(found, certified) / certified))
    return -np.log10(max(worst, 1e-16))


def main():
    for name, (model, x, y, start, certified, squares) in FITS.items():
        f = partial(residuals, model=model, x=x, y=y)
        b = np.array(start)
        value, jacobian = compile_function(f, b), compile_jacobian(f, b)
        fit = least_squares(
            value, b, jac=jacobian, method="lm", x_scale="jac", xtol=1e-15, ftol=1e-15, gtol=1e-15
        )
        print(f"{name:8} {digits(fit.x, certified):4.1f} digits, {fit.nfev} evaluations")
        assert digits(fit.x, certified) > 7.5
        assert abs(2.0 * fit.cost / squares - 1.0) < 1e-8
    three = partial(residuals, model=misra1a, x=MISRA1A_X[:3], y=MISRA1A_Y[:3])
    report = verify_jacobian(three, np.array([500.0, 0.0001]))
    print(f"Jacobian of three residuals of Misra1a: {report.verdict}")


if __name__ == "__main__":
    main()
