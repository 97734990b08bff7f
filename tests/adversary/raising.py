"""Tricks by exceptions: what Python raises at for every number, or beyond a border, used or not."""

from __future__ import annotations

__all__ = ["RAISING"]

# Of plain numbers, so that nothing of them depends on the inputs.
_CONSTANT = [
    "1.0/0.0", "0.0**-1.0", "5 % 0", "5 // 0", "0/0", "10.0**400", "math.log(0.0)",
    "math.log(-1.0)", "math.log(0.0, 2.0)", "math.sqrt(-1.0)", "math.exp(1000.0)",
    "math.acos(2.0)", "math.atanh(1.0)", "math.floor(1e400)", "math.ceil(math.nan)",
    "math.cosh(1e4)", "math.pow(0.0, -1.0)", "math.gamma(-1.0)", "math.fmod(1.0, 0.0)",
    "math.sin(math.inf)", "int(math.inf)", "1.0/(1 - 1)", "1.0/(0.1 + 0.2 - 0.30000000000000004)",
    "math.log(math.sin(0.0))", "1e308*10 % 0.0", "float(10**400)", "10**400*1.0",
]  # fmt: skip
# Of inputs, and the same for all of them, or for most.
_CONSTANT_OF_INPUTS = [
    "1.0/(u - u)", "1.0/(0.0*u)", "math.log(u - u)", "math.sqrt(u - u - 1.0)",
    "math.exp(1000.0 + 0.0*u)", "math.acos(2.0 + 0.0*u)", "(u - u)**-1.0", "u % (u - u)",
    "1.0/((u + 1.0)**2 - u*u - 2.0*u - 1.0)", "math.exp(1e4 - u*1e-9)", "math.cosh(1e6 + u*u)",
]  # fmt: skip
# NumPy's truth values have no difference and no sign; its arrays have no truth, lists no size.
_OF_NUMPY = [
    "-(numpy.float64(2.0)*u > 0)", "+(numpy.abs(u) >= 0)",
    "(numpy.exp(u) > 0) - (numpy.exp(u) > 1)", "True - (numpy.sqrt(abs(u)) >= 0)",
    "-(numpy.array([u])[0] > 0)", "-(u > numpy.array([0.0])[0])", "-(numpy.sum([u]) > 0)",
    "-(numpy.pi*numpy.sin(u) > 0)", "-((numpy.cos(u) > 0) and (numpy.cos(u) < 2))",
    "-max(numpy.abs(u) > -1, numpy.abs(u) > -2)", "-(numpy.max([u, 1.0]) > 0)",
    "-((numpy.abs(u) >= 0)*(numpy.abs(u) >= 0))", "-[numpy.abs(u) >= 0][0]",
    "abs([u])", "numpy.full(3, numpy.array([u, u]))", "1.0 if numpy.array([u, u]) > 0 else 2.0",
    "not numpy.array([u, u])", "numpy.zeros(2) + numpy.zeros(3)", "numpy.array([u])[1]",
    "math.sin(numpy.array([u, u]))", "max(numpy.array([u, u]), 1.0)", "float(numpy.zeros(2))",
    "numpy.dot([u], [u, u])", "numpy.array([[u], [u, u]])", "numpy.zeros(2)[0][0]", "-[u]",
    "[u] - [u]", "numpy.tau", "[u]*2.0", "[u] + (u,)", "sum([[u]])", "numpy.concatenate([u, u])",
]  # fmt: skip
# Where a condition holds, at some of the numbers that are tried.
_UNDER = [
    ("if u > 5.0:", "  t = {}"), ("t = {} if u > 5.0 else 1.0",), ("t = u > 5.0 and {}",),
    ("t = u < 5.0 or {}",), ("for k in range(3):", "  if u > 4.0 + k:", "    t = {}"),
]  # fmt: skip

# Kind, statements before the result, the result, statements before the function.
RAISING: list[tuple[str, tuple[str, ...], str, str]] = [
    *(("always raises", (f"t = {text}",), "d", "") for text in _CONSTANT),
    *(("always raises", (), f"d + 0.0*({text})", "") for text in _CONSTANT),
    *(("raises for all", (f"t = {text}",), "d", "") for text in _CONSTANT_OF_INPUTS),
    *(("of NumPy", (f"t = {text}",), "d", "") for text in _OF_NUMPY),
    *(("raises at import", (), "d", f"K = {text}\n") for text in _CONSTANT[:6]),
    *(
        ("raises at import", (), "k(d)", f"def k(d, s={text}):\n  return d\n")
        for text in _CONSTANT[:3]
    ),
    *(
        ("raises beyond", tuple(line.format(text) for line in lines), "d", "")
        for lines in _UNDER
        for text in _CONSTANT[::4]
    ),
]
