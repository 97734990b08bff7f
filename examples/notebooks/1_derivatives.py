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
# # 1 · Derivatives, and a number that remembers
#
# A derivative answers one question: *if I nudge the input a little, how much does the output move?*
# Everything else in these notebooks, training a network included, is that question asked many times at once.
#
# You need basic Python, and to have met $f'(x)$ before.

# %%
import numpy as np

import autodiff as ad
from autodiff import Value

# %% [markdown]
# ## The slope of a function
#
# For $f(x) = 3x^2 - 4x + 5$ the definition is
#
# $$f'(x) = \lim_{h \to 0} \frac{f(x + h) - f(x)}{h}.$$
#
# Take a small $h$ and compute it. The rules of calculus say $f'(x) = 6x - 4$, so at $x = 3$ we expect 14.


# %%
def f(x):
    return 3 * x**2 - 4 * x + 5


for h in (1e-1, 1e-4, 1e-8, 1e-12, 1e-15):
    print(f"h = {h:.0e}: slope {(f(3.0 + h) - f(3.0)) / h:.12f}")

# %% [markdown]
# Smaller is better, until it is not: with $h = 10^{-15}$ the answer is plainly wrong.
# A computer keeps about 16 digits of `f(3 + h)` and of `f(3)`; the digits they share cancel, and what is left is noise.
# No choice of $h$ gives all the digits. That is why we do not divide differences: we apply the *rules* of calculus, step by step, which costs no digits at all.

# %% [markdown]
# ## Rules, one operation at a time
#
# Every formula is built from few operations, and for each one somebody has worked out the derivative once and for all:
#
# | operation | derivative by its operands |
# |---|---|
# | $a + b$ | $1$ and $1$ |
# | $a \cdot b$ | $b$ and $a$ |
# | $a^n$ | $n\,a^{n-1}$ |
# | $\tanh a$ | $1 - \tanh^2 a$ (as a formula; notebook 5 shows why the code writes it otherwise) |
#
# and the **chain rule** puts them together: if $y$ depends on $u$ and $u$ on $x$, then $\dfrac{dy}{dx} = \dfrac{dy}{du} \cdot \dfrac{du}{dx}$.
# Nudge $x$ by a little: $u$ moves $\frac{du}{dx}$ times as much, and $y$ moves $\frac{dy}{du}$ times as much as $u$.

# %% [markdown]
# ## `Value`: a number that remembers where it came from
#
# A `Value` behaves like a float. But it also keeps which operation made it, and from what.

# %%
a = Value(2.0, label="a")
b = Value(-3.0, label="b")
c = Value(10.0, label="c")
e = a * b
e.label = "e"
d = e + c
d.label = "d"
d

# %% [markdown]
# (In a notebook a `Value` shows its history as a picture; `print(d)` shows the number.)
#
# `_op` and `_prev` are what the picture is drawn from:

# %%
print(d, "made by", d._op, "from", sorted(v.label for v in d._prev))

# %% [markdown]
# ## `backward()`: all derivatives at once
#
# `d.backward()` walks this history from the end to the beginning and applies the chain rule at every node.
# Afterwards each Value has in `grad` the answer to our question: the derivative of `d` by it.
#
# By hand: $d = ab + c$, so $\partial d/\partial a = b = -3$, $\partial d/\partial b = a = 2$, $\partial d/\partial c = 1$.

# %%
d.backward()
print(a.grad, b.grad, c.grad)
assert (a.grad, b.grad, c.grad) == (-3.0, 2.0, 1.0)
d

# %% [markdown]
# Our first function needs no limit any more, and every digit is right:

# %%
x = Value(3.0, label="x")
y = f(x)
y.backward()
print(x.grad)
assert x.grad == 14.0

# %% [markdown]
# ## What `grad` means, tested by nudging
#
# Believe no derivative that you have not nudged once. Move each input by $h$ and compare:


# %%
def g(a, b):
    return np.tanh(a * b) + a**2 / b


at = (0.7, -1.3)
values = [Value(number) for number in at]
g(*values).backward()
h = 1e-6
for i, value in enumerate(values):
    up = [x + h * (i == k) for k, x in enumerate(at)]
    down = [x - h * (i == k) for k, x in enumerate(at)]
    nudged = (g(*up) - g(*down)) / (2 * h)
    print(f"by rule {value.grad:.10f}   by nudging {nudged:.10f}")
    assert abs(value.grad - nudged) < 1e-8

# %% [markdown]
# ## The same without Values
#
# If you only want the numbers, `ad.grad` takes a function and returns its derivative, and that can be done twice:

# %%
first = ad.grad(f)
second = ad.grad(ad.grad(f))
print(first(3.0), second(3.0))
assert (first(3.0), second(3.0)) == (14.0, 6.0)

# %% [markdown]
# ## What to try
#
# - Change `f` to `x**3`, and predict `x.grad` at 3 before you run it.
# - Use one Value twice, as in `b = a + a`. What should `a.grad` be, and why?
# - Call `d.backward()` a second time and look at `a.grad`. Gradients are *added*; notebook 2 says why that is right, and notebook 3 why training sets them to zero.
# - Find the $h$ for which the difference quotient of `f` at 3 is most accurate. Is it the same for `np.exp` at 10?
