"""A primitive of your own: three lines, proven when they are read, then used like any other.

The function under ``@ad.custom`` is the value.  The decorator holds one rule per argument, ``g``
times the partial derivative, and what the function means in SymPy's words.  A wrong rule does not
register: it raises, with a point where it is wrong.

Run it: ``python examples/custom_primitive.py``
"""

from __future__ import annotations

import math

import autodiff as ad
from codegen import compile_gradient
from verify import VerificationError, verify_gradient


@ad.custom(lambda g, out, x: g / (1.0 + abs(x)) / (1.0 + abs(x)), sympy="x / (1 + Abs(x))")
def softsign(x: float) -> float:
    """x / (1 + |x|): a cheap relative of tanh."""
    return x / (1.0 + abs(x))


@ad.custom(
    lambda g, out, t, a: -(g * a / (t * t) * out),
    lambda g, out, t, a: g / t * out,
    sympy="exp(a / t)",
    domain=[(0.1, 10.0), (-5.0, 5.0)],
)
def boltzmann(t: float, a: float) -> float:
    """exp(a / t)."""
    return math.exp(a / t)


def neuron(w=0.5, x=2.0, temperature=1.5):
    """A function that uses both."""
    return softsign(w * x) * boltzmann(temperature, w)


def main() -> None:
    df = compile_gradient(neuron)
    print(df.source)
    print(df(0.5, 2.0, 1.5))
    print(verify_gradient(df, 0.5, 2.0, 1.5).verdict)
    try:

        @ad.custom(lambda g, out, x: g / (1.0 + abs(x)), sympy="x / (1 + Abs(x))")
        def wrong(x: float) -> float:
            return x / (1.0 + abs(x))

    except VerificationError as error:
        print(error)


if __name__ == "__main__":
    main()
