"""Random functions in NumPy: a few statements, each of which runs where it is written.

A statement is drawn, run with all before it on the first point, and kept where it gives finite real
numbers of everyday size: so shapes need no rules.
"""

from __future__ import annotations

import random
import re
import warnings
from typing import Any

import numpy as np

from tests.figures.programs.grammar import Grammar, indented
from tests.figures.programs.program import Program, fresh

__all__ = ["arrays"]

_HEAD = """
import math
import numpy as np
import scipy.linalg as sla
import scipy.special as sc

C = np.linspace(-0.9, 1.3, 12).reshape(3, 4)
W = np.array([0.4, -0.7, 1.2, 0.3])
SPD = np.array([[2.0, 0.3, 0.1], [0.3, 1.5, 0.2], [0.1, 0.2, 1.8]])
"""

_TRIES = 30
_LARGEST = 120  # elements of an array
_BOUND = 40.0  # of a number

# {a}: an array; {m}: a matrix; {v}: a vector; {i}: whole numbers; {b}: truth values; {s}: a number.
_RULES: dict[str, list[str]] = {
    "axis": ["0", "1", "-1", "0", "-1", "None"],
    "ax": ["0", "-1", "1"],
    "tail": ["", "", ", keepdims=True"],
    "end": ["0", "1", "-1", "2", "-2"],
    "slice": [":", "1:", ":-1", "::-1", "::2", "1:3", "-2:", "1:-1", "0:1", "2:0:-1"],
    "key": [
        "{end}", "{slice}", "{slice}", "{slice}, {end}", "{end}, {slice}", "{slice}, {slice}", "..., {end}",
        "None, {slice}", "{slice}, None", "..., None", "[0, 2]", "[2, 0, 0]", "[[0, 1], [1, 2]]",
        "{slice}, [0, 2]", "[0, 1], [1, 2]", "np.array([True, False, True])", "{slice}, [True, False, True, True]",
        "np.ix_([0, 2], [1, 0])", "{end}, [1, 0, 1]", "[1, 2], {slice}", "np.arange(2)", "np.argsort(W)[:2]",
        "[[0], [1]], [1, 2]", "-1, ...", "(0,)", "{end}, {end}", "slice(0, 2)",
    ],
    "operand": ["{a}", "{a}", "{number}", "{s}", "C", "W", "{v}", "np.sum({a})"],
    "test": ["{a} > {number}", "{a} > {a}", "np.abs({a}) < 0.8", "({a} > {number}) & ({a} < 1.2)",
             "np.isfinite({a})", "~({a} > {number})", "({a} > 0.1) | ({a} < -0.5)", "{a} >= np.mean({a})"],
    "value": [
        "{a}[{key}]", "{a}[{key}]", "{a}[{key}]", "{a}[{key}][{key}]", "{a} + {operand}", "{a} - {operand}",
        "{a} * {operand}", "{a} / (2.0 + {a} ** 2)", "{number} * {a}", "-{a}", "{a} ** 2", "{a} ** 3",
        "np.abs({a}) ** 1.5", "2.0 ** {a}", "{a} % 1.7", "{a} // 0.6 * {a}", "np.sin({a})", "np.tanh({a})",
        "np.exp(-np.abs({a}))", "np.sqrt({a} ** 2 + 0.3)", "np.log1p({a} ** 2)", "np.log(1.5 + np.cos({a}))",
        "np.arctan2({a}, 2.0)", "np.hypot({a}, {operand})", "np.maximum({a}, {operand})", "np.minimum({a}, {operand})",
        "np.fmax({a}, {operand})", "np.clip({a}, -0.5, 0.8)", "np.clip({a}, {number}, None)", "np.abs({a})",
        "np.sign({a}) * {a}", "np.floor({a}) * {a}", "np.logaddexp({a}, {operand})", "np.cbrt(2.5 + np.sin({a}))",
        "np.expm1(0.3 * {a})", "np.arcsinh({a})", "np.sinc({a})", "np.nan_to_num({a})", "np.square({a})",
        "np.reciprocal(2.0 + {a} ** 2)", "np.heaviside({a}, 0.5) * {a}", "np.copysign({a}, {operand})", "np.fmod({a}, 1.3)",
        "np.where({test}, {a}, {operand})", "np.where({a} > {number}, {a} ** 2, np.exp(-{a} ** 2))",
        "np.where({b}, {operand}, {operand})", "np.select([{a} > 0.5, {a} < -0.5], [{a}, -{a}], 0.1)",
        "np.piecewise({a}, [{a} > 0.2], [lambda t: t ** 2, lambda t: 0.5 * t])", "np.choose([0, 1, 0, 1], [{v}, W])",
        "{a}[{test}]", "{a}[{a} > {number}].sum()", "{a}[{b}]", "np.extract({a} > {number}, {a}).sum()",
        "np.sum({a}, axis={axis}{tail})", "{a}.sum(axis={axis})", "{a}.mean({ax}{tail})", "np.mean({a}, axis={axis}{tail})",
        "np.prod(0.5 * {a}, axis={axis}{tail})", "np.max({a}, axis={axis}{tail})", "{a}.min(axis={axis}{tail})",
        "np.ptp({a}, axis={axis})", "np.var({a}, axis={axis}{tail})", "np.std({a}, axis={axis}, ddof=1)",
        "np.std({a}, axis={axis}{tail})", "np.median({a}, axis={axis}{tail})", "np.quantile({a}, 0.3, axis={axis})",
        "np.percentile({a}, [20, 70], axis={axis})", "np.average({a}, axis=-1, weights=[0.1, 0.2, 0.3, 0.4])",
        "np.linalg.norm({a})", "np.linalg.norm({a}, axis={ax}{tail})", "np.linalg.norm({a}, 1, axis={ax})",
        "np.linalg.norm({m}, 'fro')", "np.linalg.norm({m}, 2)", "np.linalg.norm({v}, np.inf)", "np.sum({a} ** 2) ** 0.5",
        "np.sum({a}, axis=0, where={a} > {number})", "np.max({a}, axis=-1, initial=0.2)", "np.nansum({a}, axis={axis})",
        "np.count_nonzero({a} > {number}) * {a}", "np.argmax({a}) * {a}", "np.any({test}) * {a}", "sc.logsumexp({a}, axis={axis}{tail})",
        "{m} @ {a}", "{a} @ {a}", "{a} @ C.T", "{a} @ W", "np.dot({a}, {a})", "np.outer({v}, {v})", "np.inner({a}, {a})",
        "np.einsum('ij,kj->ik', {m}, {m})", "np.einsum('ij->ji', {m})", "np.einsum('ij,j->i', {m}, {v})",
        "np.einsum('ij,ij->', {m}, {m})", "np.einsum('i,j->ij', {v}, {v})", "np.einsum('ii->i', {q})", "np.einsum('...j,j', {a}, {v})",
        "np.tensordot({a}, {a}, 1)", "np.tensordot({m}, {m}, axes=([0], [0]))", "np.tensordot({m}, {m}, axes=2)", "np.kron({a}[:2], {v})",
        "np.vdot({a}, {a})", "np.matmul({a}, {a}.T)", "np.cross({a}[..., :3], {a}[..., 1:4])", "np.trace({m})", "np.diag({v})", "np.diag({m})",
        "np.diagonal({m}, 1)", "np.diagflat({v})", "np.linalg.multi_dot([{m}, {m}.T, {m}])", "np.linalg.matrix_power(0.3 * {q}, 3)",
        "np.triu({m})", "np.tril({m}, -1)", "np.convolve({v}, {v}, 'same')", "np.convolve({v}, [0.5, -0.2])", "np.correlate({v}, {v}, 'full')",
        "np.linalg.solve({q} + 4.0 * np.eye(3), {a}[:3])", "np.linalg.solve(SPD, {a}[:3])", "np.linalg.inv({q} + 4.0 * np.eye(3))",
        "np.linalg.det({q})", "np.linalg.slogdet({q} + 5.0 * np.eye(3))[1]", "np.linalg.cholesky({q} @ {q}.T + SPD)",
        "np.linalg.eigh({q} + {q}.T)[0]", "np.linalg.eigvalsh({q} @ {q}.T)", "np.linalg.svd({m})[1]", "np.linalg.svd({m}, compute_uv=False)",
        "np.linalg.qr({m})[1]", "np.linalg.lstsq(C.T, {v}, rcond=None)[0]", "np.linalg.pinv({m} + C)", "sla.expm(0.3 * {q})",
        "sla.solve_triangular(np.tril(SPD), {a}[:3], lower=True)", "sla.cho_solve(sla.cho_factor(SPD), {a}[:3])",
        "np.linalg.inv(SPD + np.outer({v}[:3], {v}[:3]))", "np.linalg.cond({q} + 4.0 * np.eye(3))", "sla.toeplitz({v})",
        "np.sort({a}, axis={axis})", "np.sort({a})[::-1]", "{a}[np.argsort({v}[:3])]", "{v}[np.argsort({v})]",
        "np.take_along_axis({m}, np.argsort({m}, axis=1), axis=1)", "np.take_along_axis({m}, np.argmax({m}, axis=0)[None], axis=0)",
        "np.partition({v}, 2)", "np.take({a}, [0, 2], axis={ax})", "np.take({a}, [1, 0])", "{v}[np.argmax({v})]", "{a}.take([0, 1])",
        "{m}[np.arange(3), [0, 2, 1]]", "{m}[np.arange(3), np.argmin({m}, axis=1)]", "np.lexsort(({v}, W)) * {v}", "np.compress([True, False, True], {a}, axis=0)",
        "np.searchsorted([-0.5, 0.2, 0.9], {a}) * {a}", "np.digitize({a}, [-0.5, 0.2]) * {a}", "np.delete({a}, 1, axis={axis})", "np.insert({a}, 1, {number}, axis={ax})",
        "np.cumsum({a}, axis={axis})", "np.cumprod(0.6 * {a}, axis={axis})", "np.diff({a}, axis={ax})", "np.diff({a}, 2)", "np.diff({a}, prepend=0.0)", "np.ediff1d({a})",
        "np.maximum.accumulate({a}, axis=0)", "np.minimum.accumulate({a}, axis=-1)", "np.add.reduce({a})", "np.multiply.outer({v}, {v})", "np.add.reduceat({v}, [0, 2])",
        "np.subtract.outer({v}, {v})", "np.gradient({a}, axis={ax})", "np.gradient({v}, 0.5)", "np.trapezoid({a}) if hasattr(np, 'trapezoid') else np.trapz({a})",
        "np.concatenate([{a}, {a}], axis={axis})", "np.concatenate([{v}, {v}[:2]])", "np.stack([{a}, {a}], axis={ax})", "np.vstack([{m}, {v}])", "np.hstack([{a}, {a}])",
        "np.column_stack([{v}, {v}])", "np.block([[{m}, {m}]])", "np.append({a}, {v})", "np.array([{v}[0], {s}, {v}[-1]])", "np.array([{v}, {v} * 2.0])", "np.r_[{v}, 0.5]",
        "np.pad({a}, 1)", "np.pad({a}, 1, mode='edge')", "np.pad({v}, (1, 2), mode='reflect')", "np.pad({v}, 2, mode='wrap')", "np.roll({a}, 1, axis={axis})", "np.roll({a}, -1)",
        "np.tile({a}, 2)", "np.tile({v}, (2, 1))", "np.repeat({a}, 2, axis={axis})", "np.repeat({v}, [1, 0, 2, 1])", "np.flip({a}, axis={axis})", "np.rot90({m})", "np.fliplr({m})",
        "{a}.T", "np.transpose({a})", "{a}.reshape(-1)", "{a}.ravel()", "{m}.reshape(2, -1)", "{a}.flatten()", "np.squeeze({a}[None])", "{a}[None].swapaxes(0, -1)", "np.moveaxis({a}, 0, -1)",
        "np.expand_dims({a}, 0)", "np.broadcast_to({v}, (3, 4))", "np.atleast_2d({v})", "np.split({v}, 2)[1]", "np.array_split({a}, 2)[0]", "{a}.copy()", "np.ascontiguousarray({a})", "{a}.astype(float)",
        "np.full(3, {s})", "np.full_like({a}, {s})", "np.zeros_like({a}) + {operand}", "np.ones((3, 4)) * {operand}", "np.eye(3) * {s}", "np.linspace(0.0, {s}, 4)", "np.linspace({v}[0], 1.0, 5)", "np.arange(4) * {v}",
        "np.meshgrid({v}, W)[0]", "np.vander({v}, 3)", "np.polyval([0.5, -0.2, 0.1], {a})", "np.polyval({v}, 0.7)", "np.interp({a}, [-1.0, 0.0, 1.5], [0.2, -0.4, 0.9])", "np.interp(0.35, [-1.0, 0.0, 1.5, 2.0], {v})",
        "np.interp({v}, [-1.0, 0.0, 0.7, 1.5], {v})", "np.fft.rfft({v}).real", "np.abs(np.fft.fft({v})) ** 2", "np.fft.ifft(np.fft.fft({v}) * np.fft.fft(W)).real", "np.fft.irfft(np.fft.rfft({v}), 4)", "np.real(np.fft.fft2({m}))", "np.fft.fftshift({a})",
        "sc.expit({a})", "sc.erf({a})", "sc.erfc({a})", "sc.softmax({a}, axis={axis})", "sc.log_softmax({a}, axis={axis})", "sc.gammaln(1.5 + {a} ** 2)", "sc.gamma(1.5 + np.sin({a}))", "sc.digamma(1.2 + {a} ** 2)", "sc.xlogy({a}, 1.0 + {a} ** 2)",
        "sc.entr(np.abs({a}) + 0.1)", "sc.ndtr({a})", "sc.log_ndtr({a})", "sc.j0({a})", "sc.i0({a})", "sc.i1({a})", "sc.log1p({a} ** 2)", "sc.huber(0.6, {a})", "sc.logit(sc.expit({a}))", "sc.betaln(1.5, 1.0 + {a} ** 2)", "sc.xlog1py({a}, {a} ** 2)",
        "np.apply_along_axis(lambda r: r * r[0], 0, {m})", "np.vectorize(lambda t: t * t if t > 0.2 else t)({a})", "np.array([t * {number} for t in {v}])", "np.stack([np.sin(r) for r in {m}])", "sum(r * r for r in {m})", "np.array([[p * q for p in {v}] for q in W])",
        "max({v})", "sum({v})", "sorted({v})[1] * {a}", "float({v}[0]) * {a}", "np.real({a})", "np.angle({v} + 1j * W)", "np.abs({v} + 1j * {v})", "np.real(np.exp(1j * {a}))", "np.nanmax({a}, axis={axis})", "np.cov({m})", "np.corrcoef({m} + C)", "np.unwrap({v})", "np.bincount([0, 1, 1, 2], weights={v})",
        "np.lib.stride_tricks.sliding_window_view({v}, 2)", "np.apply_over_axes(np.sum, {m}, [0])", "np.fromiter((t * 2.0 for t in {v}), float)", "np.divide({a}, {operand}, out=np.zeros_like({a}), where={a} > 0.3)", "np.add({a}, {operand})", "np.resize({v}, (2, 3))", "np.rollaxis({m}, 1)", "np.dstack([{m}, {m}])",
    ],
    "statement": [
        "@t = {value}", "@t = {value}", "@t = {value}", "@t = {value}", "@t = {value}", "@t = {value} + {a}", "@t = {value} * {operand}", "@t = np.sin({value})",
        "{a}[{key}] = {operand}", "{a}[{key}] += {operand}", "{a}[{key}] *= {number}", "{a}[{key}] = {value}", "{a}[{key}] -= 0.5 * {value}", "{a}[{test}] = {number}", "{a}[{test}] *= 0.5", "{a}[{a} > {number}] = {s}",
        "{a} += {operand}", "{a} *= 0.7", "{a} -= {value}", "{a} /= 1.5", "np.add.at({a}, [0, 1, 0], {number})", "np.add({a}, {operand}, out={a})", "np.copyto({a}, {operand})", "np.fill_diagonal({m}, {s})", "np.put({a}, [0, 2], {s})", "np.multiply({a}, 0.5, out={a})",
        "{a}.sort()", "{a}.fill({s})", "np.clip({a}, -0.4, 0.9, out={a})", "{a}.flat[1] = {s}", "{m}.T[{key}] = {operand}", "{a}.reshape(-1)[1] += {number}", "{a}[{key}][{key}] = {number}", "np.put_along_axis({m}, np.argmin({m}, axis=1)[:, None], {s}, axis=1)",
        "@t = np.zeros((3, 4))\n@t[{key}] = {operand}", "@t = np.zeros(4)\n@t[1:3] = {operand}", "@t = np.empty_like({a})\n@t[...] = {operand}", "@t = {a}[{key}]\n@t += {operand}", "@t = {a}.T\n@t[{end}] = {operand}", "@b = {test}", "@i = np.argsort({v})", "@i = np.array([2, 0, 1])",
        "@t = {a}[{i}]", "{a}[{i}] = {operand}", "{a}[{i}] += {number}", "@t, @r = {v}[:2], {v}[2:]\n@t[0] = {s}", "@t = np.zeros(4)\nfor k in range(4):\n    @t[k] = {v}[k] * {s} + @t[k - 1]", "for k in range(3):\n    {m}[k] = {m}[k - 1] * 0.5 + {operand}",
        "for k in range(1, 3):\n    {m}[k] += {m}[k - 1] * {number}", "for k in range(13):\n    {a} = 0.9 * {a} + 0.1 * np.sin({a})", "@t = {v}.copy()\nfor k in range(13):\n    @t[k % 4] = 0.5 * @t[(k + 1) % 4] + {s}", "for row in {m}:\n    row[0] = 0.5 * row[1] + {number}",
        "@t = 0.0\nfor row in {m}:\n    @t = np.tanh(@t + row @ W)", "@t = {v}\nfor k in range(12):\n    @t = np.roll(@t, 1) * 0.9 + 0.1 * {operand}", "@r = []\nfor row in {m}:\n    @r.append(np.sum(row ** 2))\n@t = np.array(@r)", "if np.sum({a}) > {number}:\n    @t = {value}\nelse:\n    @t = {value}",
        "if {s} > {number}:\n    {a}[{end}] = {operand}", "@t = {a}\n@t = @t if np.max(@t) > {number} else @t * 2.0", "@t = {v} * 1.0\nfor k in range(13):\n    if @t[k % 4] > 0.2:\n        @t[k % 4] -= 0.3 * {s}\n    else:\n        @t[(k + 2) % 4] += 0.1",
        "@t = np.zeros((4, 4))\nfor p in range(4):\n    for q in range(p + 1):\n        @t[p, q] = {v}[p] * {v}[q] + @t[p - 1, q]", "@t = [{a} * 1.0, {a} + 1.0]\n@t = @t[0] * np.sum(@t[1])", "@t = {m} * 1.0\n@t[1:] += @t[:-1]", "@t = {a} * 1.0\n@t[1:] = @t[:-1]", "@t = {v} * 1.0\n@t[::-1] *= np.arange(4.0)", "@t = {a}\n@t = @t * 2.0",
        "@t = {m} * 1.0\nfor k in range(3):\n    @t[k, k] = {s}\n    @t[:, k] *= 0.8", "@t = {m} * 1.0\n@t[[0, 2]] = @t[[2, 0]]", "@t = {v} * 1.0\n@t[0], @t[1] = @t[1], @t[0]", "k = 0\nwhile np.sum({a} ** 2) > 1.5 and k < 30:\n    {a} *= 0.7\n    k += 1",
    ],
}  # fmt: skip
_KINDS = {
    "a": lambda x: x.dtype == float and x.ndim > 0, "m": lambda x: x.dtype == float and x.ndim == 2,
    "q": lambda x: x.dtype == float and x.shape == (3, 3), "v": lambda x: x.dtype == float and x.shape == (4,),
    "i": lambda x: x.dtype == np.intp and x.ndim == 1, "b": lambda x: x.dtype == bool and x.ndim > 0,
    "s": lambda x: x.dtype == float and x.ndim == 0,
}  # fmt: skip
_BEGIN = [
    "A = X * 1.0",
    "u = v * 0.9",
    "Q = A[:, :3] - 0.2 * A[:, 1:]",
    "r = 1.0 * s",
    "w = X.copy()",
]


class _Written:
    """The statements so far, and what they leave on a point."""

    def __init__(self, chance: random.Random, point: tuple[Any, ...]) -> None:
        self.lines, self.chance, self.point = list(_BEGIN), chance, point
        self.given: dict[str, Any] = {}
        exec(_HEAD, self.given)
        found = self._left("\n".join(self.lines))
        assert found is not None
        self.values = found
        self.grammar = Grammar(dict(_RULES), chance)

    def _left(self, text: str) -> dict[str, Any] | None:
        """Arrays and numbers after the text; None where it does not run, or gives odd numbers."""
        space = dict(self.given)
        space.update(zip(("X", "v", "s"), fresh(self.point), strict=True))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                exec(text, space)
        except Exception:  # shapes that do not fit, mostly
            return None
        if not all(np.array_equal(space[n], x) for n, x in zip("Xvs", self.point, strict=True)):
            return None  # arguments stay as they are
        own = [
            name for name in space if name not in self.given and name not in ("k", "p", "q", "row")
        ]
        values = {
            name: np.asarray(space[name])
            for name in own
            if isinstance(space[name], (np.ndarray, np.generic, float))
        }
        return values if all(map(_everyday, values.values())) else None

    def add(self) -> None:
        """One more statement, if one is found that runs."""
        for kind, fits in _KINDS.items():
            names = [name for name, value in self.values.items() if fits(value)]
            self.grammar.rules[kind] = names[-4:] + names[:3] or ["missing"]
        for _ in range(_TRIES):
            text = self.grammar.text("statement", 3)
            if "missing" in text:
                continue
            sides = [
                re.sub(r"(?m)^( *)if .*:$", rf"\1if {side}:", text) for side in ("True", "False")
            ]
            after = [
                self._left("\n".join([*self.lines, one])) for one in dict.fromkeys([text, *sides])
            ]
            if all(one is not None for one in after):
                self.lines.append(text)
                self.values = after[0] or {}
                return


def _everyday(value: Any) -> bool:
    if value.size > _LARGEST or value.dtype.kind not in "fib":
        return False
    return value.size > 0 and bool(np.all(np.abs(value.astype(float)) < _BOUND))


def _point(chance: random.Random) -> tuple[Any, ...]:
    def numbers(*shape: int) -> Any:
        return np.array([chance.uniform(-1.5, 1.5) for _ in range(int(np.prod(shape)))]).reshape(
            shape
        )

    if chance.random() < 0.1:  # equal numbers, and zeros
        return np.round(numbers(3, 4)), np.round(numbers(4)), 0.5
    return numbers(3, 4), numbers(4), chance.uniform(-1.5, 1.5)


def arrays(seed: int) -> Program:
    """A program, with some points."""
    chance = random.Random(seed)
    points = [_point(chance) for _ in range(4)]
    written = _Written(chance, points[0])
    for _ in range(chance.randint(4, 12)):
        written.add()
    floats = [name for name, value in written.values.items() if value.dtype == float]
    terms = " + ".join(
        f"{0.3 + 0.1 * k:.1f} * np.sum(np.sin({name}))" for k, name in enumerate(floats)
    )
    lines = [line for text in written.lines for line in text.split("\n")]
    body = indented([*lines, f"return {terms}"])
    return Program("\n".join([_HEAD, "def f(X, v, s):", *body, ""]), points, (0, 1, 2))
