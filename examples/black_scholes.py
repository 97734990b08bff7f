"""Black-Scholes: the price of a European call and all its first-order Greeks.

A call on a stock worth S, with strike K, time to maturity T, interest rate r and volatility sigma,
costs ::

    price = S N(d1) - K exp(-r T) N(d2),
    d1 = (log(S / K) + (r + sigma^2 / 2) T) / (sigma sqrt(T)),    d2 = d1 - sigma sqrt(T),

with N the distribution function of the normal distribution, N(x) = (1 + erf(x / sqrt 2)) / 2.

The Greeks are its partial derivatives.  Textbooks derive each of them by hand, helped by the
identity S N'(d1) = K exp(-r T) N'(d2); that is ``price_gradient`` below.  The compiled gradient
gives all five from the price alone.

Run it: ``python examples/black_scholes.py``
"""

import math

import numpy as np

import autodiff as ad
from codegen import compile_gradient

SQRT_HALF = math.sqrt(0.5)
DENSITY_AT_ZERO = 1.0 / math.sqrt(2.0 * math.pi)


def normal_distribution(x):
    """Probability that a standard normal variable is below x."""
    z = x * SQRT_HALF
    return 0.5 * (1.0 + ad.erf(z))


def price(S=100.0, K=110.0, T=1.3, r=0.03, sigma=0.25):
    """Price of a European call."""
    moneyness = S / K
    root = np.sqrt(T)
    deviation = sigma * root
    drift = r + 0.5 * sigma**2
    d1 = (np.log(moneyness) + drift * T) / deviation
    d2 = d1 - deviation
    discount = np.exp(-r * T)
    debt = K * discount
    return S * normal_distribution(d1) - debt * normal_distribution(d2)


def price_gradient(S, K, T, r, sigma):
    """Price and Greeks in closed form, by hand, with every shared value computed once."""
    root = math.sqrt(T)
    deviation = sigma * root
    d1 = (math.log(S / K) + (r + 0.5 * sigma * sigma) * T) / deviation
    n1 = 0.5 * (1.0 + math.erf(d1 * SQRT_HALF))
    n2 = 0.5 * (1.0 + math.erf((d1 - deviation) * SQRT_HALF))
    discount_n2 = math.exp(-r * T) * n2
    debt = K * discount_n2
    density = S * (DENSITY_AT_ZERO * math.exp(-0.5 * d1 * d1))
    by_time = 0.5 * density * sigma / root + r * debt
    return S * n1 - debt, (n1, -discount_n2, by_time, T * debt, density * root)


def main():
    gradient = compile_gradient(price)
    market = {"S": 100.0, "K": 110.0, "T": 1.3, "r": 0.03, "sigma": 0.25}
    value, greeks = gradient(*market.values())
    value_by_hand, greeks_by_hand = price_gradient(*market.values())

    print(f"price {value:.10f}")
    print(f"{'Greek':<8}{'by':<8}{'compiled':>16}{'closed form':>16}")
    names = ("delta", "dual", "theta", "rho", "vega")
    for name, by, compiled, known in zip(names, market, greeks, greeks_by_hand, strict=True):
        print(f"{name:<8}{by:<8}{compiled:>16.10f}{known:>16.10f}")
        assert math.isclose(compiled, known, rel_tol=1e-12)
    assert math.isclose(value, value_by_hand, rel_tol=1e-14)

    # Put-call parity and the heat equation behind the formula: a second check of the Greeks.
    delta, _, theta, _, _ = greeks
    gamma = ad.hessian(ad.trace(price), wrt="S")
    curvature = ad.evaluate(gamma, *market.values())
    S, _, _, r, sigma = market.values()
    residual = -theta + 0.5 * sigma**2 * S**2 * curvature + r * S * delta - r * value
    print(f"Black-Scholes equation: residual {residual:.1e}")
    assert abs(residual) < 1e-12


if __name__ == "__main__":
    main()
