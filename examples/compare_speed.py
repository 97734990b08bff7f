"""How fast is it?  Emitted code beside hand-written gradients, the interpreter and other libraries.

Two functions, Black-Scholes and a bundle-adjustment reprojection error, value and gradient:
one call at a time, and 100 000 points at once.  micrograd and JAX are measured where they are
installed (``pip install '.[bench]'``).  Medians over interleaved rounds; quote the ratios, these
depend little on the machine.

Run it: ``python examples/compare_speed.py``
"""

import math
import os
import time

os.environ.setdefault(
    "XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
)

import numpy as np  # JAX reads its settings when it is imported

import autodiff as ad
from codegen import compile_gradient, measure

POINTS = 100_000
SIZES = (80, 800, 8000)  # inputs of gradients whose building is timed
SQRT_HALF = math.sqrt(0.5)
MARKET = [100.0, 110.0, 1.3, 0.03, 0.25]
SCENE = [0.13, -0.13, 0.64, 0.10, -0.54, 0.36, 500.0, 3.0, 4.0, 0.01, 0.002, -1.27, -0.62, 8.04]


def price(x, m):
    """Black-Scholes price of a call; ``m`` holds the functions to use."""
    S, K, T, r, v = x
    d1 = (m.log(S / K) + (r + 0.5 * v * v) * T) / (v * m.sqrt(T))
    d2 = d1 - v * m.sqrt(T)
    below1, below2 = (0.5 * (1.0 + m.erf(d * SQRT_HALF)) for d in (d1, d2))
    return S * below1 - K * m.exp(-r * T) * below2


def price_by_hand(S, K, T, r, v):
    """Value and gradient of ``price`` by the chain rule, every value computed once."""
    root = math.sqrt(T)
    deviation = v * root
    ratio = S / K
    drift = r + 0.5 * v * v
    d1 = (math.log(ratio) + drift * T) / deviation
    z1, z2 = d1 * SQRT_HALF, (d1 - deviation) * SQRT_HALF
    below1, below2 = 0.5 * (1.0 + math.erf(z1)), 0.5 * (1.0 + math.erf(z2))
    discount = math.exp(-r * T)
    debt = K * discount
    d1_bar = S * 0.3989422804014327 * math.exp(-z1 * z1)
    d2_bar = -debt * 0.3989422804014327 * math.exp(-z2 * z2)
    both = d1_bar + d2_bar
    deviation_bar = -d2_bar - both * d1 / deviation
    above_bar = both / deviation
    ratio_bar = above_bar / ratio
    drift_bar = above_bar * T
    paid = below2 * debt
    return S * below1 - debt * below2, (
        below1 + ratio_bar / K,
        -below2 * discount - ratio_bar * ratio / K,
        above_bar * drift + paid * r + 0.5 * deviation_bar * v / root,
        drift_bar + paid * T,
        drift_bar * v + deviation_bar * root,
    )


def reprojection(x, m):
    """Squared image error of a point seen by a camera with radial distortion."""
    r, c, focal, p1, p2, k1, k2 = x[0:3], x[3:6], *x[6:11]
    d = [x[11] - c[0], x[12] - c[1], x[13] - c[2]]
    angle = m.sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2])
    cosine, sine = m.cos(angle), m.sin(angle)
    w = [r[0] / angle, r[1] / angle, r[2] / angle]
    n = [w[1] * d[2] - w[2] * d[1], w[2] * d[0] - w[0] * d[2], w[0] * d[1] - w[1] * d[0]]
    along = (w[0] * d[0] + w[1] * d[1] + w[2] * d[2]) * (1.0 - cosine)
    y = [d[i] * cosine + n[i] * sine + w[i] * along for i in range(3)]
    a, b = y[0] / y[2], y[1] / y[2]
    q = a * a + b * b
    bent = 1.0 + k1 * q + k2 * q * q
    e1, e2 = focal * a * bent + p1, focal * b * bent + p2
    return e1 * e1 + e2 * e2


def reprojection_by_hand(r1, r2, r3, c1, c2, c3, focal, p1, p2, k1, k2, x1, x2, x3):
    """Value and gradient of ``reprojection`` by the chain rule, every value computed once."""
    d1, d2, d3 = x1 - c1, x2 - c2, x3 - c3
    angle = math.sqrt(r1 * r1 + r2 * r2 + r3 * r3)
    cosine, sine = math.cos(angle), math.sin(angle)
    w1, w2, w3 = r1 / angle, r2 / angle, r3 / angle
    n1, n2, n3 = w2 * d3 - w3 * d2, w3 * d1 - w1 * d3, w1 * d2 - w2 * d1
    dot, versine = w1 * d1 + w2 * d2 + w3 * d3, 1.0 - cosine
    along = dot * versine
    y1 = d1 * cosine + n1 * sine + w1 * along
    y2 = d2 * cosine + n2 * sine + w2 * along
    y3 = d3 * cosine + n3 * sine + w3 * along
    a, b = y1 / y3, y2 / y3
    q = a * a + b * b
    k2q = k2 * q
    bent = 1.0 + k1 * q + k2q * q
    scale = focal * bent
    e1, e2 = scale * a + p1, scale * b + p2
    g1, g2 = 2.0 * e1, 2.0 * e2
    scale_bar = g1 * a + g2 * b
    bent_bar = scale_bar * focal
    k1_bar = bent_bar * q
    q_bar = 2.0 * bent_bar * (k1 + 2.0 * k2q)
    a_bar, b_bar = g1 * scale + q_bar * a, g2 * scale + q_bar * b
    y1_bar, y2_bar = a_bar / y3, b_bar / y3
    y3_bar = -(y1_bar * a + y2_bar * b)
    along_bar = y1_bar * w1 + y2_bar * w2 + y3_bar * w3
    n1_bar, n2_bar, n3_bar = y1_bar * sine, y2_bar * sine, y3_bar * sine
    dot_bar = along_bar * versine
    sine_bar = y1_bar * n1 + y2_bar * n2 + y3_bar * n3
    cosine_bar = y1_bar * d1 + y2_bar * d2 + y3_bar * d3 - along_bar * dot
    d1_bar = y1_bar * cosine + dot_bar * w1 + n2_bar * w3 - n3_bar * w2
    d2_bar = y2_bar * cosine + dot_bar * w2 + n3_bar * w1 - n1_bar * w3
    d3_bar = y3_bar * cosine + dot_bar * w3 + n1_bar * w2 - n2_bar * w1
    w1_bar = y1_bar * along + dot_bar * d1 + n3_bar * d2 - n2_bar * d3
    w2_bar = y2_bar * along + dot_bar * d2 + n1_bar * d3 - n3_bar * d1
    w3_bar = y3_bar * along + dot_bar * d3 + n2_bar * d1 - n1_bar * d2
    turn = sine_bar * cosine - cosine_bar * sine
    turn = (turn - (w1_bar * w1 + w2_bar * w2 + w3_bar * w3) / angle) / angle
    return e1 * e1 + e2 * e2, (
        w1_bar / angle + turn * r1, w2_bar / angle + turn * r2, w3_bar / angle + turn * r3,
        -d1_bar, -d2_bar, -d3_bar, scale_bar * bent, g1, g2, k1_bar, k1_bar * q,
        d1_bar, d2_bar, d3_bar,
    )  # fmt: skip


class MicrogradMath:
    """Functions micrograd lacks, in its own style."""

    def __init__(self, value_class):
        def function(name, value, slope):
            def apply(x):
                out = value_class(value(x.data), (x,), name)

                def backward():
                    x.grad += slope(x.data, out.data) * out.grad

                out._backward = backward
                return out

            return apply

        self.exp = function("exp", math.exp, lambda x, y: y)
        self.log = function("log", math.log, lambda x, y: 1.0 / x)
        self.sqrt = function("sqrt", math.sqrt, lambda x, y: 0.5 / y)
        self.sin = function("sin", math.sin, lambda x, y: math.cos(x))
        self.cos = function("cos", math.cos, lambda x, y: -math.sin(x))
        slope = 2.0 / math.sqrt(math.pi)
        self.erf = function("erf", math.erf, lambda x, y: slope * math.exp(-x * x))


def backpropagated(function, value_class, functions, x):
    """Gradient by Values: arithmetic, then ``backward()``."""

    def run():
        values = [value_class(number) for number in x]
        function(values, functions).backward()
        return [value.grad for value in values]

    return run


def one_call(name, function, by_hand, x):
    """Time of one value and gradient at the point ``x``, given as floats."""
    graph = ad.trace(lambda *values: function(values, ad), *x)
    compiled = compile_gradient(graph)
    calls = {
        "emitted": lambda: compiled(*x),
        "by hand": lambda: by_hand(*x),
        "interpreter": lambda: ad.backpropagate(graph, *x),
        "Value": backpropagated(function, ad.Value, ad, x),
    }
    try:
        from micrograd.engine import Value
    except ImportError:
        print("micrograd is not installed: skipped")
    else:
        calls["micrograd"] = backpropagated(function, Value, MicrogradMath(Value), x)
    expected = compiled(*x)[1]
    for label, call in calls.items():
        result = call()
        found = result[1] if isinstance(result, tuple) else result
        assert np.allclose(found, expected, rtol=1e-9), label
    report(name, measure(calls), 1.0, "ns a call")


def many_points(name, function, x):
    """Time of value and gradient at many points around ``x``."""
    random = np.random.default_rng(0)
    columns = [v * (1.0 + 0.05 * random.standard_normal(POINTS)) for v in x]
    compiled = compile_gradient(
        lambda *values: function(values, ad), *x, target="numpy", batch=True
    )
    alone = {}
    exec(compiled.source, alone)  # the emitted text stands alone: plain NumPy on whole arrays
    whole = alone["value_and_gradient"]
    calls = {"emitted": lambda: compiled(*columns), "plain NumPy": lambda: whole(*columns)}
    try:
        import jax
        import jax.numpy as jnp
        from jax.scipy.special import erf
    except ImportError:
        print("JAX is not installed: skipped")
    else:
        jax.config.update("jax_enable_x64", True)
        jnp.erf = erf
        of_all = jax.value_and_grad(lambda *v: function(v, jnp), argnums=tuple(range(len(x))))
        mapped = jax.jit(jax.vmap(of_all))
        calls["JAX jit(vmap)"] = lambda: mapped(*columns)[0].block_until_ready()
        assert np.allclose(compiled(*columns)[1][0], mapped(*columns)[1][0], rtol=1e-9)
    report(f"{name}, {POINTS} points", measure(calls), POINTS, "ns a point")


def report(title, times, count, unit):
    """Print times and ratios."""
    print(f"\n{title}")
    first = next(iter(times.values()))
    for label, nanoseconds in times.items():
        print(f"  {label:<20}{nanoseconds / count:>12.1f} {unit}{nanoseconds / first:>10.2f}x")


def building():
    """Time to build a gradient, per emitted operation, at growing sizes."""

    def rosenbrock(x):
        total = 0.0
        for i in range(len(x) - 1):
            slope = x[i + 1] - x[i] * x[i]
            total = total + 100.0 * slope * slope + (1.0 - x[i]) * (1.0 - x[i])
        return total

    print("\nBuilding the gradient of Rosenbrock's function")
    for size in SIZES:
        start = time.perf_counter()
        compiled = compile_gradient(rosenbrock, np.ones(size))
        seconds = time.perf_counter() - start
        nodes = len(ad.gradient(compiled.graph).nodes)
        print(f"  {size:>6} inputs, {nodes:>7} nodes: {seconds / nodes * 1e6:.1f} µs a node")


def main():
    """Measure everything."""
    one_call("Black-Scholes", price, price_by_hand, MARKET)
    one_call("Reprojection", reprojection, reprojection_by_hand, SCENE)
    many_points("Black-Scholes", price, MARKET)
    many_points("Reprojection", reprojection, SCENE)
    building()


if __name__ == "__main__":
    main()
