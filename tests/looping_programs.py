"""Programs with loops in every style, which the tracer records as loops.

Each takes an array of three numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["PROGRAMS"]

D = np.sin(np.arange(300.0))
DI = np.arange(300) * 7 % 5
X2 = np.sin(np.arange(600.0)).reshape(300, 2)
N = 60


def pow_(p: Any) -> Any:
    """Powers of the index, and a function of it."""
    s = 0.0
    for i in range(N):
        s = s + p[0] * i**2 * 1e-3 + p[1] * np.sin(0.1 * i)
    return s


def if_index_(p: Any) -> Any:
    """A branch on the index."""
    s = 0.0
    for i in range(N):
        if i % 2 == 0:  # noqa: SIM108
            s = s + p[0] * i
        else:
            s = s - p[1] * s * 0.01
    return s


def if_zero_(p: Any) -> Any:
    """A branch in the first repetition."""
    s = p[0]

    for i in range(N):
        if i == 0:
            s = s * 2
        s = s * 0.99 + p[1]
    return s


def fill_(p: Any) -> Any:
    """An array that is filled."""
    y = np.zeros(N)
    for i in range(N):
        y[i] = p[0] * np.exp(-p[1] * 0.01 * i) + p[2]
    return np.sum((y[1:] - y[:-1]) ** 2) + y[7]


def rec_(p: Any) -> Any:
    """An array that is filled from its last element."""
    y = np.zeros(N)
    y[0] = p[0]
    for i in range(1, N):
        y[i] = 0.9 * y[i - 1] + np.sin(p[1] * y[i - 1]) + p[2]
    return np.sum(y**2)


def rec2_(p: Any) -> Any:
    """The same, from its last two."""
    y = np.zeros(N)
    y[0] = p[0]
    y[1] = p[1]
    for i in range(2, N):
        y[i] = 0.5 * y[i - 1] + 0.3 * y[i - 2] * p[2]
    return np.sum(y**2) + y[-1]


def nested_(p: Any) -> Any:
    """A loop in a loop."""
    s = 0.0
    for i in range(20):
        t = p[0]
        for j in range(20):
            t = t * 0.9 + np.sin(p[1] * i + j * 0.1)
        s = s + t * t
    return s


def matrix_(p: Any) -> Any:
    """Two indices of one array, in both orders."""
    A = np.outer(D[:20], D[20:40])
    s = 0.0
    for i in range(20):
        for j in range(20):
            s = s + A[i, j] * p[0] * np.sin(p[1] * A[j, i])
    return s


def x2_(p: Any) -> Any:
    """Rows of data by index."""
    s = 0.0
    for i in range(N):
        s = s + (X2[i, 0] * p[0] + X2[i, 1] * p[1] - 0.3) ** 2
    return s


def rows_(p: Any) -> Any:
    """Rows of data."""
    s = 0.0
    for r in X2[:N]:
        s = s + (r @ p[:2] - 0.3) ** 2
    return s


def zip_(p: Any) -> Any:
    """Two sequences at once."""
    s = 0.0
    v = p[2]
    for a, b in zip(D, D[1:]):  # noqa: B905, RUF007
        v = v * 0.9 + a * p[0]
        s = s + (v - b) ** 2
    return s


def enum_(p: Any) -> Any:
    """Two sequences, counted."""
    s = 0.0
    v = p[2]
    for k, (a, b) in enumerate(zip(D, D[1:])):  # noqa: B905, RUF007
        v = v * 0.9 + a * p[0] + 0.001 * k
        s = s + (v - b) ** 2
    return s + k


def rev_(p: Any) -> Any:
    """A sequence backwards."""
    s = p[0]
    for a in reversed(D[:N]):
        s = np.sin(s) * p[1] + a
    return s


def revrange_(p: Any) -> Any:
    """A range backwards."""
    s = p[0]
    for a in range(N, 0, -1):
        s = np.sin(s) * p[1] + 0.01 * a
    return s


def branch_(p: Any) -> Any:
    """A branch on a traced value."""
    s = p[0]
    c = 0.0
    for _ in range(N):
        if s > 1.0:
            s = s * 0.5
            c = c + p[1]
        else:
            s = s * 1.3 + p[2] * 0.1
    return s + c


def where_(p: Any) -> Any:
    """A guarded square root."""
    s = 0.0
    for i in range(N):
        x = p[0] - 0.02 * i
        s = s + np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0)
    return s


def guard_(p: Any) -> Any:
    """A guarded value from outside."""
    s = 0.0
    a = np.log(p[0])
    for i in range(N):
        s = s * 0.5 + np.where(p[1] > 10.0 + i, a, p[2])
    return s


def class_(p: Any) -> Any:
    """An object that holds the state."""

    class S:
        def __init__(self):
            self.x = p[0]
            self.v = 0.0

        def step(self, dt):
            a = -p[1] * self.x
            self.v = self.v + dt * a
            self.x = self.x + dt * self.v

    s = S()
    for _ in range(N):
        s.step(0.01)
    return s.x**2 + s.v


def listmut_(p: Any) -> Any:
    """A list that is changed in place."""
    y = [p[0], p[1], 0.0]
    for _ in range(N):
        y[0] = y[0] + 0.01 * y[1]
        y[1] = y[1] - 0.01 * y[0] * p[2]
        y[2] += y[0]
    return y[0] + y[1] + y[2]


def dict_(p: Any) -> Any:
    """A dict in each repetition."""
    st = {"a": p[0], "b": p[1]}
    for _ in range(N):
        st = {"a": st["a"] + 0.01 * st["b"], "b": st["b"] - 0.01 * st["a"]}
    return st["a"] * st["b"]


def vec_(p: Any) -> Any:
    """A vector that is carried."""
    v = p.copy() if hasattr(p, "copy") else p
    A = np.array([[0.9, 0.1, 0], [0, 0.9, 0.1], [0.1, 0, 0.9]])
    for _ in range(N):
        v = A @ v + 0.01 * np.sin(v)
    return np.sum(v)


def vecin_(p: Any) -> Any:
    """A vector that is changed in place."""
    v = np.zeros(3)
    for _ in range(N):
        v += 0.1 * p
        v[0] = v[1] * 0.5
    return np.sum(v * v)


def zero_arr_(p: Any) -> Any:
    """A number that becomes an array."""
    total = 0.0
    for i in range(N):
        total = total + np.sin(p * i * 0.1)
    return np.sum(total)


def alias_(p: Any) -> Any:
    """Two names for one array, one of which goes on."""
    v = p * 1.0
    w = v
    for _ in range(N):
        v = v * 0.9
    return np.sum(v + w)


def alias2_(p: Any) -> Any:
    """Two names for one array, which is changed in place."""
    v = p * 1.0
    w = v
    for _ in range(N):
        v *= 0.9
    return np.sum(v + w)


def swap_(p: Any) -> Any:
    """Variables that change places."""
    a, b = p[0], p[1]
    for _ in range(N):
        a, b = b, a * 0.9 + 0.1 * b
    return a + 2 * b


def lag_(p: Any) -> Any:
    """A value from three repetitions before."""
    a = b = c = p[0]
    for _ in range(N):
        a, b, c = 0.5 * c + p[1], a, b
    return a + b + c


def last_(p: Any) -> Any:
    """What the last repetition leaves behind."""
    for i in range(N):
        t = p[0] * i
        u = t + p[1]
    return u + i


def cont_(p: Any) -> Any:
    """Repetitions that are left out."""
    s = 0.0
    for i in range(N):
        if i % 3 == 0:
            continue
        s = s + p[0] * i
    return s


def listdata_(p: Any) -> Any:
    """A list of numbers."""
    s = 0.0
    data = [0.1 * k for k in range(N)]
    for d in data:
        s = s * 0.9 + p[0] * d
    return s


def listidx_(p: Any) -> Any:
    """A list of values, by index."""
    s = 0.0
    w = [p[0], p[1], p[2]]
    for i in range(N):
        s = s * 0.9 + w[i % 3]
    return s


def obs_(p: Any) -> Any:
    """A list of values, by data."""
    s = 0.0
    w = [p[0], p[1], p[2], p[0] * p[1], 1.0]
    for o in DI[:N]:
        s = np.sin(s) + w[o]
    return s


def hmmnp_(p: Any) -> Any:
    """A hidden Markov model on arrays."""
    A = np.array([[p[0], 1 - p[0]], [1 - p[1], p[1]]])
    B = np.array([[p[2], 1 - p[2]], [1 - p[1], p[1]]])
    a = np.array([0.5, 0.5]) * B[:, DI[0] % 2]
    ll = 0.0
    for o in DI[1:N] % 2:
        a = (a @ A) * B[:, o]
        s = np.sum(a)
        ll = ll + np.log(s)
        a = a / s
    return ll


def stencil_(p: Any) -> Any:
    """Neighbours in an array."""
    u = np.zeros(30)
    u[10:20] = p[0]
    for _ in range(N):
        u[1:-1] = u[1:-1] + 0.1 * p[1] * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def stencil2_(p: Any) -> Any:
    """Neighbours in a list."""
    u = [p[0] * np.sin(0.1 * k) for k in range(12)]
    for _ in range(N):
        u = (
            [u[0]]
            + [u[k] + 0.1 * p[1] * (u[k + 1] - 2 * u[k] + u[k - 1]) for k in range(1, 11)]
            + [u[-1]]
        )
    return sum(x * x for x in u)


def fn_(p: Any) -> Any:
    """A function inside."""

    def f(x, t):
        return -p[0] * x + np.sin(t) * p[1]

    x = p[2]
    t = 0.0
    h = 0.05
    for _ in range(N):
        k1 = f(x, t)
        k2 = f(x + h / 2 * k1, t + h / 2)
        x = x + h * k2
        t = t + h
    return x


def hist_(p: Any) -> Any:
    """Rows that follow from the row before."""
    X = np.zeros((N + 1, 2))
    X[0] = p[:2]
    for t in range(N):
        X[t + 1] = X[t] + 0.01 * np.array([X[t][1], -p[2] * X[t][0]])
    return np.sum(X**2)


def hist2_(p: Any) -> Any:
    """The same, element by element."""
    X = np.zeros((N + 1, 2))
    X[0, 0] = p[0]
    X[0, 1] = p[1]
    for t in range(N):
        X[t + 1, 0] = X[t, 0] + 0.01 * X[t, 1]
        X[t + 1, 1] = X[t, 1] - 0.01 * p[2] * X[t, 0]
    return np.sum(X**2)


def two_(p: Any) -> Any:
    """Two elements in each repetition."""
    y = np.zeros(2 * N)
    for i in range(N):
        y[2 * i] = p[0] * i
        y[2 * i + 1] = p[1]
    return np.sum(y**3) * 1e-5


def addin_(p: Any) -> Any:
    """An array that is added to."""
    y = np.ones(N) * p[1]
    for i in range(N):
        y[i] += p[0] * i
    return np.sum(y**2)


def cumsum_(p: Any) -> Any:
    """A running sum that is kept."""
    y = np.zeros(N)
    s = 0.0
    for i in range(N):
        s = s + p[0] * i
        y[i] = s * p[1]
    return np.sum(y)


def count_(p: Any) -> Any:
    """A counter."""
    s = p[0]
    k = 0
    for _ in range(N):
        k += 1
        s = s + p[1] / k
    return s * k


def flag_(p: Any) -> Any:
    """A flag that the first repetition clears."""
    s = p[0]
    first = True
    for _ in range(N):
        if first:
            s = s * 3
            first = False
        s = s + p[1]
    return s


def none_(p: Any) -> Any:
    """A value that is not there in the first repetition."""
    prev = None
    s = 0.0
    for i in range(N):
        x = p[0] * i
        if prev is not None:
            s = s + (x - prev) ** 2
        prev = x
    return s


def max_(p: Any) -> Any:
    """A largest value."""
    m = p[0]
    for d in D[:N]:
        m = max(m, d * p[1])
    return m


def x_(p: Any) -> Any:
    """An array of NumPy."""
    s = 0.0
    for v in np.linspace(0, 1, N):
        s = s + np.exp(-p[0] * v)
    return s


def neg_(p: Any) -> Any:
    """Indices from the end."""
    y = np.zeros(N)
    for i in range(N):
        y[-1 - i] = p[0] * i
    return np.sum(y * D[:N])


def wrap_(p: Any) -> Any:
    """An index below zero."""
    y = np.array([p[0] * k for k in range(N)])
    s = 0.0
    for i in range(N):
        s = s + (y[i] - y[i - 1]) ** 2
    return s


def settle_(p: Any) -> Any:
    """Elements of an array until they settle: one side of a branch changes them, one leaves."""
    y = np.zeros(4)
    y[1] = 1.6 * p[0]
    for _ in range(N):
        y[2] = np.sin(y[1]) + p[1]
        if np.abs(y[2] - y[1]) > 1e-3:
            y[1] = y[2]
        else:
            break
    return y[1] + y[2]


def both_sides_(p: Any) -> Any:
    """Arrays that both sides of branches change, by elements and slices, one inside another."""
    y, z = np.zeros((3, 3)), p[1] * np.ones(3)
    same = y
    for _ in range(N):
        if y[0, 0] < 1.2:
            y[0, 0] += 0.1 * p[0]
            if y[1, 1] < p[1]:
                y[1] = 0.5 * z + same[0, 0]
            else:
                z[2] = y[1, 1] * p[2]
        else:
            y[:] = 0.9 * same
    return np.sum(y) + np.sum(z**2)


def pairs_(p: Any) -> Any:
    """Over pairs of numbers, with a branch."""
    s = 0.0
    for x, y in [*zip(D[:N].tolist(), D[1 : N + 1].tolist(), strict=True)]:
        r = p[0] * x + p[1] - y
        if abs(r) < p[2]:
            s += 0.5 * r * r
        else:
            s += p[2] * (abs(r) - 0.5 * p[2])
    return s


EVENTS = [("add", 1.0), ("scale", 0.98), ("add", -0.5), ("drift", 0.3)]


def events_(p: Any) -> Any:
    """What a repetition does is said by a word."""
    x = p[0]
    for k in range(N):
        kind, v = EVENTS[k % 4]
        if kind == "add":
            x = x + v * p[1]
        elif kind == "scale":
            x = x * v
        else:
            x = x + 0.01 * v * p[2] * x
    return x + len(kind)


def records_(p: Any) -> Any:
    """Over dicts and lists that hold traced values; the last is the one of the list itself."""
    rows = [{"x": [p[0] * k, 0.5], "y": float(D[k])} for k in range(N)]
    s, scale = 0.0, {"odd": p[1], "even": 2.0}
    for k, row in enumerate(rows):
        x, other = row["x"]
        s = np.sin(s) + x * scale[["even", "odd"][k % 2]] - other * row["y"]
        last = row
    last["y"] = 3.0
    return s * rows[-1]["y"] * p[2] + rows[0]["y"]


def filled_list_(p: Any) -> Any:
    """A list that is filled element by element, with a branch."""
    x = [0.0] * N
    x[0] = p[0]
    for i in range(1, N):
        if x[i - 1] > p[2]:
            x[i] = 0.5 * x[i - 1]
        else:
            x[i] = x[i - 1] + p[1] * (1.0 + D[i])
    return sum(x) + x[-1] * x[7]


def relaxed_(p: Any) -> Any:
    """A list whose elements a loop inside another changes, and what else holds it."""
    x = [p[0] + 0.01 * i for i in range(N)]
    other = x
    for _ in range(15):
        for i in range(N):
            x[i] = x[i] * p[1] + 0.1 * p[2]
    return sum(other) + x[3]


def matched_(p: Any) -> Any:
    """Cases of a number that the index gives, with conditions on values."""
    x = p[0]
    for k in range(N):
        match k % 4:
            case 0 | 1:
                x = x * p[1] + 0.1
            case 2 if x > 0.3:
                x = x + 0.1 * p[2]
            case _ if x < 0.1:
                x = x + 1.0
            case _:
                x = np.tanh(x)
    return x


PROGRAMS: dict[str, Callable[[Any], Any]] = {
    function.__name__.rstrip("_"): function
    for function in [
        pow_,
        if_index_,
        if_zero_,
        fill_,
        rec_,
        rec2_,
        nested_,
        matrix_,
        x2_,
        rows_,
        zip_,
        enum_,
        rev_,
        revrange_,
        branch_,
        where_,
        guard_,
        class_,
        listmut_,
        dict_,
        vec_,
        vecin_,
        zero_arr_,
        alias_,
        alias2_,
        swap_,
        lag_,
        last_,
        cont_,
        listdata_,
        listidx_,
        obs_,
        hmmnp_,
        stencil_,
        stencil2_,
        fn_,
        hist_,
        hist2_,
        two_,
        addin_,
        cumsum_,
        count_,
        flag_,
        none_,
        max_,
        x_,
        neg_,
        wrap_,
        settle_,
        both_sides_,
        pairs_,
        events_,
        records_,
        filled_list_,
        relaxed_,
        matched_,
    ]
}
