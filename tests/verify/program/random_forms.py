"""More forms of the language of gradients, for random programs: what is written less often.

Symbols in braces are those of random_programs.py.  What is put in order is plain numbers:
NumPy has an order of its own for nan.
"""

from __future__ import annotations

__all__ = ["BLOCKS", "FORMS", "STATEMENTS"]

FORMS: dict[str, tuple[str, ...]] = {
    "n": (
        "max(*{l})", "min(*{l}, {n})", "{h}(*[{n}, {n}])", "sum([u * v for u in {l} for v in {s}])",
        "[u - v for u in {s} for v in [{n}, 2.0]][1]", "[[u, {n}] for u in {s}][-1][0]",
        "sum(u * {n} for u in {s})", "max(v + {n} for v in {s})", "[*{l}, {n}][-1]",
        "({n}, *{s})[1]", "{l}[::2][0]", "{l}[::-1][0]", "np.abs({a})[::2].sum()",
        "np.cumsum({a})[2::-1][1]", "(-{a})[-2:].max()", "({a} + {n})[:-1].min()", "len({s})",
        "sum({s}, {n})", "(5 // 2 * {n})",
        "math.trunc(min(max({n}, -9.0), 9.0))", "math.ceil(min(max({n}, -9.0), 9.0))",
        "np.trunc({n} * 1.0)", "np.ceil({n} * 1.0)", "math.fabs({n})",
        "np.sign({n} * 1.0)", "np.square({n} * 1.0)",
        "math.hypot({n}, {n})", "np.hypot({n}, {n})", "math.prod({l})", "math.prod([{n}, {n}])",
        "np.polyval([{n}, {n}, 1.0], {n})", "np.median([0.5, {i}, 2.0])",
        "np.sort([{i}, 1.0, {i}])[1]", "{a}[np.argmax([{i}, 1.5, 0.5])]", "np.vdot({a}, {a})",
        "np.einsum('i,i->', {a}, {a})",
        "np.interp({n}, [0.0, 1.0, 4.0], [{n}, 2.0, {n}])", "{'a': {n}, 'b': {n}}['b']",
        "list(zip({s}, {s}))[0][1]", "list(enumerate({s}))[1][1]", "list(reversed({l}))[0]",
        "tuple({s})[-1]", "np.float64({n})", "math.copysign({n}, -1.0)",
        "np.full((2, 2), {n} * 1.0)[1, 0]",
    ),
    "l": (
        "[u + v for u in {l} for v in [{n}]]", "[*{s}][:2]", "{l}[::-1]", "list({s})[:2]",
        "[max(u, v) for u, v in zip({s}, {s})][:2]", "[{l}[0], *{l}[1:]]", "list(reversed({l}))",
        "[w * 1.0 for w in {s}][:2]",
    ),
    "a": (
        "np.array([u * {n} for u in {a}])", "np.array([*{a}])", "np.square({a})",
        "np.trunc({a})", "np.sort([{i}, 1.5, -0.5])", "{a}[[0, 2, 1]][::-1]", "np.hypot({a}, {n})",
        "np.einsum('i,j->ij', {a}, {a})[1]", "np.array([{n}, *list({a})[1:]])",
        "(np.abs({a})[::-1] + {a})",
        "np.outer({a}, {a})[:, 1]", "np.outer({a}, {a})[::2].sum(axis=0)", "np.sign({a})",
        "np.outer({a}, {a})[::-1][0]",
    ),
}  # fmt: skip
STATEMENTS = (
    "{k}[0], {k}[1] = {k}[1], {n}", "{b}[::2] = {n}", "{b}[::-1] = [{n}, {n}, 1.0]",
    "{b}[1:] *= {n}", "{b}[:-1] -= {n}", "({m}, {m}), {m} = ({n}, {n}), {n}",
    "{b}[0], {b}[2] = {b}[2], {n}",
)  # fmt: skip
BLOCKS = (
    ("for i in range(0, 5, 2):",), ("for i in range(3, 0, -1):",),
    ("for i, (u, v) in enumerate(zip(l, [2.0, x])):",), ("for v in a:",),
)  # fmt: skip
