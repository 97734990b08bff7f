"""Tricks against this verifier in particular, by somebody who has read how it decides."""

from __future__ import annotations

__all__ = ["INVENTIONS"]

_SECOND = "def k(u, d):\n  t = 1/(u - C)\n  return d\n"

# Kind, statements before the result, the result, statements before the function.
INVENTIONS: list[tuple[str, tuple[str, ...], str, str]] = [
    # What nobody uses is computed all the same, and may raise.
    ("unused", ("t = 1/(u - C)",), "d", ""),
    ("unused", ("t = math.log(u - 5.0)",), "d", ""),
    ("unused", ("t = [d, 1/(u - C)]",), "t[0]", ""),
    ("unused", ("t = u % (u - C)", "t = 0"), "d", ""),
    ("unused", (), "(1/(u - C), d)[1]", ""),
    ("unused", (), "d + 0*len([1/(u - C)])", ""),
    ("unused", ("if u > 0:", "  t = 1/(u - C)"), "d", ""),
    ("unused", ("for q in [C, 9.0]:", "  t = 1/(u - q)"), "d", ""),
    ("unused", ("t = math.acos(u/1e3)",), "d if u < 1e9 else d", ""),
    ("unused", ("t = 1/(u - C)",), "t if u < -1e30 else d", ""),
    ("unused", ("t = 0.0 < abs(u) < 1/(u - C)",), "d", ""),
    ("unused", (), "k(u, d)", _SECOND),
    ("unused", (), "d if not 1/(u - C) > math.nan else d", ""),
    ("unused", ("t = [1/(u - q) for q in (C, 9.0)]",), "d", ""),
    # nan is compared as Python compares it.
    ("nan first", (), "max(math.nan, d)", ""),
    ("nan first", (), "min(math.nan, d)", ""),
    ("nan first", (), "max([math.nan, d])", ""),
    ("nan first", (), "d if math.nan == math.nan else 9.0", ""),
    ("nan first", (), "9.0 if not u > math.nan else d", ""),
    ("nan first", (), "numpy.maximum(d, math.nan)", ""),
    # Constants that cancel, where no point is, or behind a logarithm.
    ("levered", (), "d + 1e16*(max(0.0, 0.1*3*(u - 1e6)) - max(0.0, 0.3*(u - 1e6)))", ""),
    ("levered", (), "d + 1e17*(max(0.0, 0.16666666666666666*(u - 1e6)) - max(0.0, (u - 1e6)/6))",
     ""),
    ("levered", (), "d + 1e16*(0.30000000000000004*u - 0.3*u)*max(0.0, u - 1e6)", ""),
    ("levered", (), "d*math.pow(1.0000000000000002, 1e15)", ""),
    ("levered", (), "d + 1e15*(math.sqrt(2.0)**2 - 2.0)*max(0.0, u - 1e6)", ""),
    ("levered", (), "d + 1e16*(math.pi*0.1*3 - math.pi*0.3)*max(0.0, u - 1e6)", ""),
    ("levered", (), "d + 1e15*(0.1*u*3 - u*0.3)/u*max(0.0, u - 1e6)**2", ""),
    ("levered", (), "d*(1.0 + 1e-7*max(0.0, u - 1e6)/(1.0 + abs(u)))", ""),
    # Needs of one step that look like needs of another.
    ("needs", (), "d*(u - C)/(u - C)*(u - 0.3)/(u - 0.3)", ""),
    ("needs", (), "d + 0.0*math.asin(u/1e6)", ""),
    ("needs", (), "d + 0.0*math.acosh(u + 0.5)", ""),
    ("needs", (), "d + 0.0*(u % (u*u - C*C))", ""),
    ("needs", (), "d + 0.0*math.atanh(u/1e5)", ""),
    ("needs", (), "d + math.sqrt((u - 5.0)**2) - (u - 5.0) + 0.0*math.log(u - 5.0)", ""),
    ("needs", (), "d + abs(u - 5.0) - math.exp(math.log(u - 5.0))", ""),
    ("needs", (), "d*math.sin(u - C)/math.sin(u - C)", ""),
    ("needs", (), "d*math.log(u/C)/math.log(u/C)", ""),
    ("needs", (), "d*math.tan(u - C)/math.tan(u - C)", ""),
    ("needs", (), "d + 0.0/(math.cosh(u) - math.cosh(C))", ""),
    ("needs", (), "d + 0.0/(math.sin(u)**2 - math.sin(C)**2)", ""),
    ("needs", (), "d + 0.0/(1.0 - math.tanh(1e3*u)) if u < 0.1 else d", ""),
    ("needs", (), "d + 0.0*math.log((1.0 - u/1e3)/(u/1e3))", ""),
    ("needs", (), "d + 0.0*math.log(1e3/u - 1.0)", ""),
    # Beside an interval that the function or the text itself is confined to.
    ("confined", (), "d + math.sqrt(u*u) - u + 0.0*math.sqrt(u)", ""),
    ("confined", (), "d + 9.0*(numpy.sign(u) - 1.0) + 0.0*math.log(u)", ""),
    ("confined", (), "d + math.sqrt((u - 1.0)**2) - abs(u - 1.0) + 0.0*math.sqrt(u - 1.0)", ""),
    ("confined", (), "d + math.log(u*u) - 2.0*math.log(abs(u)) + 9.0*(u < -1.0)", ""),
    ("confined", (), "d + (u**2)**0.5 - u", ""),
    # Angles and hyperbolas that agree somewhere.
    ("angles", (), "d + math.cos(u)**2 + math.sin(u)**2 - math.cos(2*u) - 2*math.sin(u)**2 + "
     "1e-3*max(0.0, u - 1e6)", ""),
    ("angles", (), "d + math.tan(u/2) - math.sin(u)/(1.0 + math.cos(u)) + 1e-6", ""),
    ("angles", (), "d + abs(math.sin(u)) - math.sqrt(1.0 - math.cos(u)**2) + 1e-6*(u > 1e6)", ""),
    ("angles", (), "d*(math.sin(u)/math.tan(u))/math.cos(u)", ""),
    # Numbers of which only the last digits tell how they were added up.
    ("order", (), "d if numpy.sum(numpy.array([0.1]*10)) < 1.0 else 9.0", ""),
    ("order", (), "d if numpy.array([0.1]*10).sum() < 1.0 else 9.0", ""),
    ("order", (), "d if numpy.mean(numpy.array([0.1]*10)) < 0.1 else 9.0", ""),
    ("order", (), "d if math.fsum([0.1]*10) < 1.0 else 9.0", ""),
    ("order", (), "d if sum([0.1]*10) == math.fsum([0.1]*10) else 9.0", ""),
    ("order", (), "d + (math.fsum([0.1]*10) - 0.9999999999999999)*9e16", ""),
    ("order", (), "d + (numpy.sum(numpy.array([0.1]*10)) - 0.9999999999999999)*9e16", ""),
    ("order", (), "d + numpy.sum(numpy.array([1e16, -1e16] + [0.0]*6 + [1.0])) - 1.0", ""),
    ("order", (), "d + math.floor(numpy.sum(numpy.array([0.1]*10))) ", ""),
    ("order", (), "d*math.ceil(numpy.sum(numpy.array([0.1]*10)) - 0.9999999999999999)", ""),
    ("order", (), "d if (numpy.array([0.1]*10) @ numpy.array([0.1]*10)) < 0.1 else 9.0", ""),
    ("order", (), "d if numpy.prod(numpy.array([1.1]*9)) == 1.1**9 else 9.0", ""),
    ("order", (), "d if (numpy.array([1.1])**3)[0] == 1.1**3 else 9.0", ""),
    ("order", (), "d + max(0.0, numpy.sum(numpy.array([0.1]*10)) - 0.9999999999999999)*9e16", ""),
    ("order", (), "d if K.sum() < 1.0 else 9.0", "K = numpy.array([0.1]*10)\n"),
    # Arrays and lists of the top level: they exist once.
    ("above", ("K[0] = d",), "K[0]", "K = [0.0]\ndef m(d):\n  K[0] = 9.0\n  return d\n"),
    ("above", ("b = K", "b += d"), "K[0]", "K = numpy.array([0.5])\n"),
    ("above", ("b = K[:]", "b[0] = 9.0"), "d*K[0]", "K = numpy.array([1.0])\n"),
    ("above", (), "d*K[0]", "K = numpy.array([1.0])\nK[0] = 9.0\n"),
    ("above", (), "d*K", "K = abs(-1.0)\nabs = 3\n"),
    ("above", (), "d*K[0]", "from numpy import array as a\nK = a([1.0])\n"
     "from numpy import ones as a\nK = a(3) + K\n"),
    ("above", ("K.append(1.0)",), "d*len(K)", "K = [1.0]\n"),
    # Along other axes, of other lengths.
    ("axes", (), "numpy.array([[d, 0.0], [1.0, 2.0]]).sum(axis=0)[0]", ""),
    ("axes", (), "numpy.roll(numpy.array([d, 1.0, 2.0]), 1)[0]", ""),
    ("axes", (), "d + numpy.var(numpy.array([u, v])) - numpy.var(numpy.array([u, v]), ddof=1)", ""),
    ("axes", (), "d + numpy.convolve([1.0, u], [1.0, 2.0, 3.0], 'same')[0]", ""),
    ("axes", (), "d + numpy.diff(numpy.array([u, v]))[0] - (u - v)", ""),
    ("masks", ("a = numpy.array([d, u])", "a[a == C] = 9.0"), "a[1] - u + d", ""),
    ("masks", ("a = numpy.array([d])", "a[numpy.array([u > -1e9])] *= 2.0"), "a[0]", ""),
    ("masks", ("a = numpy.array([d, d])", "a[[0, 0]] += 1.0"), "a[0] - 1.0 + 1e-3", ""),
]  # fmt: skip
