"""exp, tanh, log and log1p for eight lanes, written where they are used.

A call saves every register that is alive and forgets what it worked out; these lines do neither,
and the derivative of tanh, which needs ``exp(-2|x|)`` beside ``tanh(x)``, finds most of it done:
the code generator sees that both reduce the same number.

The first two are made of ``exp(y) - 1 = 2**k * p + (2**k - 1)``, where ``y = k*log(2) + r``,
``|r| <= log(2)/2``, and ``p = exp(r) - 1`` is a polynomial (relative error 2**-58).  The others are
``k*log(2) + log(1 + f)``, where ``2**k * (1 + f)`` is the argument, or one more than it, and f is
rounded once at most; ``log(1 + f)`` is a series in ``s = f/(2 + f)`` (relative error 2**-57).
Within 4 ulp, as libmvec's: exp and the logarithms within 1.5, tanh within 3.
"""

from __future__ import annotations

from collections.abc import Callable

from codegen.native.form import vector_math
from codegen.subset.to_llvm import number

__all__ = ["DECLARED", "INTRINSICS", "inlined"]

_WIDE = "<8 x double>"
_PER_LOG, _LOG_HIGH, _LOG_LOW = 1.4426950408889634, 0.6931471805599453, 2.3190468138462996e-17
_LARGEST, _SMALLEST = 710.0, -750.0  # beyond, exp is inf or zero
# (exp(r) - 1 - r) / r**2, by interpolation between Chebyshev's points.
_POLYNOMIAL = (
    0.5, 0.16666666666666669, 0.041666666666666664, 0.008333333333330051, 0.0013888888888886545,
    0.00019841269863105968, 2.4801587317181886e-05, 2.7557268378684192e-06, 2.755728291148268e-07,
    2.5100424157005067e-08, 2.0911264239196083e-09,
)  # fmt: skip
_ROOT = 1.4142135623730951  # of two: 1 + f lies between half of it and it
# (log(1 + f) - 2*s) / s**3 in powers of s**2, by interpolation between Chebyshev's points.
_SERIES = (
    0.666666666666667, 0.39999999999899505, 0.28571428625975487, 0.2222221113479508,
    0.18182889125261723, 0.15331721600556042, 0.14616449685043406,
)  # fmt: skip
_SCALE = "@llvm.x86.avx512.mask.scalef.pd.512"
_EXPONENT = "@llvm.x86.avx512.mask.getexp.pd.512"
_FIX = "@llvm.x86.avx512.mask.fixupimm.pd.512"
# Of a logarithm at nan twice: nan; at 0: -inf, 1: as it is, -inf: nan, inf: inf, below 0: nan.
_ENDS = 0x03530422
# What the lines call: three of the processor's own, and LLVM's functions with their arities.
DECLARED = f"""declare {_WIDE} {_SCALE}({_WIDE}, {_WIDE}, {_WIDE}, i8, i32)
declare {_WIDE} {_FIX}({_WIDE}, {_WIDE}, <8 x i64>, i32, i8, i32)
declare {_WIDE} {_EXPONENT}({_WIDE}, {_WIDE}, i8, i32)"""
INTRINSICS = {"rint": 1, "fabs": 1, "copysign": 2, "fma": 3}


class _Lines:
    """Lines that compute values whose names begin with that of the result."""

    def __init__(self, result: str) -> None:
        self.lines: list[str] = []
        self._result = result

    def new(self, instruction: str, name: str = "") -> str:
        """One more value; the last one is the result itself."""
        name = name or f"{self._result}.{len(self.lines)}"
        self.lines.append(f"{name} = {instruction}")
        return name

    def fma(self, x: str, y: str, z: str) -> str:
        """``x*y + z``, rounded once."""
        return self.new(f"call {_WIDE} @llvm.fma.v8f64({_WIDE} {x}, {_WIDE} {y}, {_WIDE} {z})")

    def one(self, function: str, x: str) -> str:
        """A function of LLVM's."""
        return self.new(f"call {_WIDE} @llvm.{function}.v8f64({_WIDE} {x})")

    def scaled(self, x: str, k: str, name: str = "") -> str:
        """``x * 2**k``, rounded once, whatever k is."""
        taken = f"{_WIDE} {x}, {_WIDE} {k}, {_WIDE} poison, i8 -1, i32 4"
        return self.new(f"call {_WIDE} {_SCALE}({taken})", name)

    def exponent(self, x: str) -> str:
        """The power of two that is the largest in x."""
        return self.new(f"call {_WIDE} {_EXPONENT}({_WIDE} {x}, {_WIDE} poison, i8 -1, i32 4)")

    def polynomial(self, x: str, coefficients: tuple[float, ...]) -> str:
        """By pairs of terms, then pairs of pairs: one after the other, each would have to wait."""
        terms = list(map(_splat, coefficients))
        while len(terms) > 1:
            last = terms[len(terms) & ~1 :]
            terms = [self.fma(b, x, a) for a, b in zip(terms[::2], terms[1::2], strict=False)]
            terms += last
            x = self.new(f"fmul {_WIDE} {x}, {x}") if len(terms) > 1 else x
        return terms[0]

    def bounded(self, x: str) -> str:
        """What exp can tell apart; nan stays nan."""
        for limit, test in ((_splat(_LARGEST), "olt"), (_splat(_SMALLEST), "ogt")):
            beyond = self.new(f"fcmp {test} {_WIDE} {limit}, {x}")
            x = self.new(f"select <8 x i1> {beyond}, {_WIDE} {limit}, {_WIDE} {x}")
        return x

    def reduced(self, y: str) -> tuple[str, str]:
        """``k`` and ``p``."""
        y = self.bounded(y)
        k = self.one("rint", self.new(f"fmul {_WIDE} {y}, {_splat(_PER_LOG)}"))
        r = self.fma(k, _splat(-_LOG_LOW), self.fma(k, _splat(-_LOG_HIGH), y))
        q = self.polynomial(r, _POLYNOMIAL)
        return k, self.fma(self.new(f"fmul {_WIDE} {r}, {r}"), q, r)

    def logarithm(self, x: str, k: str, f: str, name: str = "") -> str:
        """``k*log(2) + log(1 + f)``; at the ends what the logarithm of x is."""
        s = self.new(f"fdiv {_WIDE} {f}, {self.new(f'fadd {_WIDE} {f}, {_splat(2.0)}')}")
        z = self.new(f"fmul {_WIDE} {s}, {s}")
        rest = self.new(f"fmul {_WIDE} {z}, {self.polynomial(z, _SERIES)}")
        less = self.new(f"fneg {_WIDE} {self.new(f'fsub {_WIDE} {f}, {rest}')}")
        small = self.fma(s, less, self.new(f"fmul {_WIDE} {k}, {_splat(_LOG_LOW)}"))
        made = self.fma(k, _splat(_LOG_HIGH), self.new(f"fadd {_WIDE} {f}, {small}"))
        taken = f"{_WIDE} {made}, {_WIDE} {x}, <8 x i64> splat (i64 {_ENDS}), i32 0, i8 -1, i32 4"
        return self.new(f"call {_WIDE} {_FIX}({taken})", name)


def _splat(value: float) -> str:
    return f"splat (double {number(value)})"


def _exp(x: str, result: str) -> list[str]:
    lines = _Lines(result)
    k, p = lines.reduced(x)
    lines.scaled(lines.new(f"fadd {_WIDE} {p}, {_splat(1.0)}"), k, result)
    return lines.lines


def _tanh(x: str, result: str) -> list[str]:
    lines = _Lines(result)
    k, p = lines.reduced(lines.new(f"fmul {_WIDE} {_splat(-2.0)}, {lines.one('fabs', x)}"))
    two = lines.scaled(_splat(1.0), k)
    less = lines.fma(two, p, lines.new(f"fsub {_WIDE} {two}, {_splat(1.0)}"))
    below = lines.new(f"fadd {_WIDE} {less}, {_splat(2.0)}")
    quotient = lines.new(f"fdiv {_WIDE} {less}, {below}")
    lines.new(f"call {_WIDE} @llvm.copysign.v8f64({_WIDE} {quotient}, {_WIDE} {x})", result)
    return lines.lines


def _log(x: str, result: str) -> list[str]:
    lines = _Lines(result)
    least = lines.exponent(x)
    m = lines.scaled(x, lines.new(f"fneg {_WIDE} {least}"))
    far = lines.new(f"fcmp ogt {_WIDE} {m}, {_splat(_ROOT)}")
    half = lines.new(f"fmul {_WIDE} {m}, {_splat(0.5)}")
    more = lines.new(f"fadd {_WIDE} {least}, {_splat(1.0)}")
    k = lines.new(f"select <8 x i1> {far}, {_WIDE} {more}, {_WIDE} {least}")
    m = lines.new(f"select <8 x i1> {far}, {_WIDE} {half}, {_WIDE} {m}")
    lines.logarithm(x, k, lines.new(f"fsub {_WIDE} {m}, {_splat(1.0)}"), result)
    return lines.lines


def _log1p(x: str, result: str) -> list[str]:
    lines = _Lines(result)
    more = lines.new(f"fadd {_WIDE} {x}, {_splat(1.0)}")
    less = lines.exponent(lines.new(f"fmul {_WIDE} {more}, {_splat(0.5 * _ROOT)}"))
    k = lines.new(f"fadd {_WIDE} {less}, {_splat(1.0)}")
    scale = lines.scaled(_splat(1.0), lines.new(f"fneg {_WIDE} {k}"))
    f = lines.fma(x, scale, lines.new(f"fsub {_WIDE} {scale}, {_splat(1.0)}"))
    made = lines.logarithm(more, k, f)
    lines.new(f"call {_WIDE} @llvm.copysign.v8f64({_WIDE} {made}, {_WIDE} {x})", result)
    return lines.lines


_WRITTEN: dict[str, Callable[[str, str], list[str]]] = {
    "exp": _exp, "tanh": _tanh, "log": _log, "log1p": _log1p,
}  # fmt: skip


def inlined(name: str, operand: str, result: str) -> list[str] | None:
    """Lines that compute a function of a register; None if it is to be called.

    Args:
        name: C's name of the function.
        operand: Text of its argument.
        result: Name of its value.
    """
    written = _WRITTEN.get(name)
    if written is None or vector_math.lanes() != 8:  # a register scales by powers of two itself
        return None
    return written(operand, result)
