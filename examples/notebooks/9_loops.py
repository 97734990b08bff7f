# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 9 · Loops: the gradient of a simulation
#
# A simulation is a loop: from the state now, compute the state a moment later, a thousand times. How does the end depend on a number at the beginning? That is a derivative *through* the loop, and it is how one fits a model to what was measured.

# %%
import math
import time

import numpy as np
from matplotlib import pyplot as plt

import autodiff as ad
from autodiff import Value
from codegen import compile_gradient
from codegen.plot import COLOURS
from verify import verify_gradient

# %% [markdown]
# ## A swing that slows down
#
# A mass on a spring: the spring pulls back with $-k x$, friction with $-c v$. Many small steps of length $h$:
#
# $$v \leftarrow v - h\,(k x + c v), \qquad x \leftarrow x + h\,v$$


# %%
def swing(k, c, steps=60, h=0.1):
    x, v, path = 1.0, 0.0, []
    for _ in range(steps):
        v = v - h * (k * x + c * v)
        x = x + h * v
        path.append(x)
    return path


plt.figure(figsize=(6, 2.5))
plt.plot([0.1 * i for i in range(60)], swing(1.5, 0.2), color=COLOURS[0])
plt.xlabel("time")
plt.ylabel("x")
plt.show()

# %% [markdown]
# ## Backwards through time
#
# Nothing in the loop is new: each step is a few sums and products. `Value`s remember all 60 of them, and `backward()` walks them from the last to the first.

# %%
k, c = Value(1.5, label="k"), Value(0.2, label="c")
end = swing(k, c)[-1]
end.backward()
print("x at the end:", end.data)
print("it moves by", k.grad, "for each unit of k and", c.grad, "for each of c")

# %% [markdown]
# `k` was used in every step, so its gradient is a sum of 60 contributions: a nudge of `k` early on has time to grow, one at the end has none. Three steps of the history, where you can still follow every line:

# %%
short = swing(Value(1.5, label="k"), Value(0.2, label="c"), steps=3)[-1]
short.backward()
short

# %% [markdown]
# ## A loop stays a loop
#
# Written down line by line, 1000 steps are 6000 lines. But they are 1000 times the *same* lines, and the compiler notices: the emitted text has a loop that goes forward and keeps what it passes, and one that goes back.


# %%
def end_of(k, c):
    x, v = 1.0, 0.0
    for _ in range(1000):
        v = v - 0.01 * (k * x + c * v)
        x = x + 0.01 * v
    return x


df = compile_gradient(end_of, 1.5, 0.2, target="numpy")
text = df.source[df.source.index("def forward") :]
print(text)
assert len(text.splitlines()) < 60
print(df(1.5, 0.2))

# %%
start = time.perf_counter()
slow = end_of(a := Value(1.5), b := Value(0.2))
slow.backward()
interpreted = time.perf_counter() - start
start = time.perf_counter()
value, (by_k, by_c) = df(1.5, 0.2)
compiled = time.perf_counter() - start
print(f"Values {interpreted * 1e3:.1f} ms, the two loops {compiled * 1e3:.2f} ms")
assert math.isclose(by_k, a.grad, rel_tol=1e-9)
assert math.isclose(by_c, b.grad, rel_tol=1e-9)

# %% [markdown]
# ## Saying it outright: `ad.scan`
#
# `ad.scan(f, init, xs)` is the loop as a function: `f(carry, x)` gives the next carry and something to keep. It never unrolls, however long it is, and with arrays it is one node of the graph.


# %%
def path_of(k, c):
    def one(state, _):
        x, v = state
        v = v - 0.1 * (k * x + c * v)
        x = x + 0.1 * v
        return (x, v), x

    _, path = ad.scan(one, (1.0, 0.0), length=60)
    return path


graph = ad.trace(lambda k, c: np.sum(path_of(k, c) ** 2), 1.5, 0.2, expand=False)
print(len(graph), "nodes, whatever the length")
graph

# %% [markdown]
# ## Fitting
#
# Somebody measured the swing, with noise. Which `k` and `c` are behind it? Start anywhere, and go downhill on the squared error; every step of the descent differentiates the whole simulation.

# %%
measured = np.array(swing(2.3, 0.35)) + np.random.default_rng(1).normal(scale=0.05, size=60)


def misfit(k, c):
    x, v, total = 1.0, 0.0, 0.0
    for i in range(60):
        v = v - 0.1 * (k * x + c * v)
        x = x + 0.1 * v
        total = total + (x - measured[i]) ** 2
    return total


slope = compile_gradient(misfit, 1.5, 0.2)
guess = np.array([1.5, 0.2])
for step in range(400):
    loss, gradient = slope(*guess)
    guess = guess - 0.004 * np.array(gradient)
    if step % 100 == 0:
        print(f"step {step:3}: misfit {loss:7.4f}, k {guess[0]:.3f}, c {guess[1]:.3f}")
print("found", guess.round(3), "where 2.3 and 0.35 were put in")
assert abs(guess - [2.3, 0.35]).max() < 0.1

figure, axes = plt.subplots(figsize=(6, 2.5))
times = [0.1 * i for i in range(60)]
axes.plot(times, measured, ".", color=COLOURS[1], label="measured")
axes.plot(times, swing(*guess), color=COLOURS[0], label="fitted")
axes.set_xlabel("time")
axes.legend()
plt.show()

# %% [markdown]
# ## Exercises
#
# Write the derivative of a loop by hand, as a loop. The verifier judges.


# %%
def check(function, answer, *examples):
    """What the verifier says of a gradient written by hand."""
    report = verify_gradient(function, *examples, gradient=answer)
    print(f"{answer.__name__}: {report.verdict}")
    return str(report.verdict)


# %% [markdown]
# **1.** Savings: every year $s \leftarrow s\,(1 + r) + 1$. How does the sum after 10 years depend on the rate $r$? *Forwards*: carry the derivative along with the value.


# %%
def savings(r):
    s = 0.0
    for _ in range(10):
        s = s * (1.0 + r) + 1.0
    return s


def answer_1(r):
    s, s_dot = 0.0, 0.0
    for _ in range(10):
        s, s_dot = s * (1.0 + r) + 1.0, s_dot * (1.0 + r) + s
    return s_dot


assert check(savings, answer_1, 0.05) == "PROVED"

# %% [markdown]
# **2.** The same *backwards*: run forward and keep every $s$, then walk back with $\bar s$. A first try updates $\bar s$ too early:


# %%
def forward_kept(r):
    s, kept = 0.0, []
    for _ in range(10):
        kept.append(s)
        s = s * (1.0 + r) + 1.0
    return kept


def first_try(r):
    s_bar, r_bar = 1.0, 0.0
    for s in reversed(forward_kept(r)):
        s_bar = s_bar * (1.0 + r)
        r_bar = r_bar + s_bar * s
    return r_bar


def answer_2(r):
    s_bar, r_bar = 1.0, 0.0
    for s in reversed(forward_kept(r)):
        r_bar = r_bar + s_bar * s
        s_bar = s_bar * (1.0 + r)
    return r_bar


assert check(savings, first_try, 0.05) == "REFUTED"
assert check(savings, answer_2, 0.05) == "PROVED"

# %% [markdown]
# **3.** Newton's method for $\sqrt a$: $x \leftarrow \frac12 (x + a/x)$, five times from 1. Its derivative, carried along. (At the end it is close to $\frac{1}{2\sqrt a}$; but it is the derivative of *the loop* that is asked for.)


# %%
def newton(a):
    x = 1.0
    for _ in range(5):
        x = 0.5 * (x + a / x)
    return x


def answer_3(a):
    x, x_dot = 1.0, 0.0
    for _ in range(5):
        x, x_dot = 0.5 * (x + a / x), 0.5 * (x_dot + 1.0 / x - a * x_dot / (x * x))
    return x_dot


assert check(newton, answer_3, 2.0) in ("PROVED", "CERTIFIED")
print(answer_3(2.0), "and", 0.5 / math.sqrt(2.0))

# %% [markdown]
# ## What to try
#
# - Savings with a payment that grows, $s \leftarrow s(1 + r) + p\,q^i$: three derivatives, by $r$, $p$ and $q$; let `check` judge.
# - Friction that depends on speed, `c * abs(v) * v`: fit it to the same measurements.
# - 10 000 steps in `end_of`. How many lines has the text now?
# - In `misfit`, start from `k = 8`. Why does it end somewhere else? Draw `misfit` over `k`.
# - `explain` shows what was chosen: `print(slope.explain())`.
