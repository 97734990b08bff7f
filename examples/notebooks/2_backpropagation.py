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
# # 2 · Backpropagation: by hand, then by `backward()`
#
# We take one neuron apart and compute every derivative ourselves, from the end to the beginning.
# Then one call does the same, and we check that we agree.

# %%
import autodiff as ad
from autodiff import Value

# %% [markdown]
# ## One neuron
#
# A neuron weighs its inputs, adds them up, adds a bias, and bends the result:
#
# $$o = \tanh(x_1 w_1 + x_2 w_2 + b).$$

# %%
x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
b = Value(6.8813735870195432, label="b")

x1w1 = x1 * w1
x1w1.label = "x1 w1"
x2w2 = x2 * w2
x2w2.label = "x2 w2"
total = x1w1 + x2w2
total.label = "sum"
n = total + b
n.label = "n"
o = n.tanh()
o.label = "o"
o

# %% [markdown]
# ## By hand
#
# Write $\bar v$ for $\partial o / \partial v$, the number that goes into `grad`. We start at the end, where it is plain: $\bar o = \partial o/\partial o = 1$.
#
# **tanh.** $\dfrac{d \tanh n}{dn} = 1 - \tanh^2 n = 1 - o^2$, so $\bar n = (1 - o^2)\,\bar o$.

# %%
o.grad = 1.0
n.grad = (1 - o.data**2) * o.grad
n.grad

# %% [markdown]
# **+.** A sum passes on what it gets: $\partial(u + v)/\partial u = 1$. So the sum, the bias, and both products all get $\bar n$.

# %%
total.grad = b.grad = 1.0 * n.grad
x1w1.grad = x2w2.grad = 1.0 * total.grad

# %% [markdown]
# **×.** A product hands each factor the *other* one: $\partial(x w)/\partial w = x$.

# %%
w1.grad = x1.data * x1w1.grad
x1.grad = w1.data * x1w1.grad
w2.grad = x2.data * x2w2.grad
x2.grad = w2.data * x2w2.grad
by_hand = {v.label: v.grad for v in (x1, w1, x2, w2, b)}
by_hand

# %% [markdown]
# Look at `w2`: its gradient is 0, because its input `x2` is 0. Nudging `w2` changes nothing, so nothing is what it should learn from this point.

# %% [markdown]
# ## One node at a time
#
# What we did at each node, `_backward()` does for one node: it adds to the operands' `grad` the local derivative times the node's own `grad`.
# The only thing that matters is the order: a node's turn comes when its own `grad` is complete, that is, after everything computed *from* it.

# %%
for v in (o, n, total, b, x1w1, x2w2, x1, x2, w1, w2):
    v.grad = 0.0
o.grad = 1.0
for v in (o, n, total, x1w1, x2w2):
    v._backward()
print({v.label: v.grad for v in (x1, w1, x2, w2, b)})

# %% [markdown]
# ## `backward()`
#
# It finds that order by itself. Sorting by age is enough: an operand is always older than what is made from it.

# %%
for v in (o, n, total, b, x1w1, x2w2, x1, x2, w1, w2):
    v.grad = 0.0
o.backward()
for v in (x1, w1, x2, w2, b):
    print(f"{v.label:>2}: by hand {by_hand[v.label]:+.9f}   backward() {v.grad:+.9f}")
    assert abs(v.grad - by_hand[v.label]) < 1e-12
o

# %% [markdown]
# ## Why gradients add
#
# If a Value is used twice, the output depends on it along two paths. Nudge it, and both paths move: the effects add. This is the chain rule for several variables,
#
# $$\frac{dy}{da} = \frac{\partial y}{\partial u}\frac{du}{da} + \frac{\partial y}{\partial v}\frac{dv}{da}.$$
#
# So `_backward()` must say `+=`, never `=`.

# %%
a = Value(3.0, label="a")
y = a * a + a
y.backward()
print(a.grad, "= 2 a + 1")
assert a.grad == 7.0

# %% [markdown]
# ## Your own operation
#
# Any function is allowed if you can say its derivative. Suppose `exp` were missing. Make the result, name its operands, and say what flows back; since $\frac{d}{dx}e^x = e^x$, that is `out.data * out.grad`.

# %%
import math


def my_exp(x):
    out = Value(math.exp(x.data), (x,), "my exp")

    def _backward():
        x.grad += out.data * out.grad

    out._backward = _backward
    return out


x = Value(0.5, label="x")
y = my_exp(2 * x) / (my_exp(2 * x) + 1)
y.backward()
exact = ad.grad(lambda x: ad.exp(2 * x) / (ad.exp(2 * x) + 1))(0.5)
print(x.grad, exact)
assert abs(x.grad - exact) < 1e-15
y

# %% [markdown]
# Notebook 7 shows how such a rule is *proven*, not only tried at one point.
#
# ## What to try
#
# - Write $\tanh n$ as $(e^{2n} - 1)/(e^{2n} + 1)$ with `my_exp`. The picture grows; do the gradients change?
# - Write `=` instead of `+=` in `my_exp`, and find an expression that goes wrong.
# - In the loop over `_backward()`, put `total` first. Which gradients are wrong now, and why?
# - Make the mistake of the century: `x.grad += out.grad` (forgetting the factor). Would you have noticed in a network of 300 parameters?
