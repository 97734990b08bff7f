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
# # 8 · The same network, with matrices
#
# In notebook 4 every number of the network was a `Value` of its own: 65 000 of them a step. Nobody writes networks that way, for the formulas are short once they are about whole arrays: $h = \tanh(XW + b)$.
# A `Value` may hold an array. Everything you know stays: `data`, `grad`, `backward()`; only that `grad` now has a shape.

# %%
import random
import time

import numpy as np
from matplotlib import pyplot as plt

import autodiff as ad
from autodiff import Value
from autodiff.losses import hinge, mean
from autodiff.nn import MLP
from autodiff.optimizers import SGD
from codegen import compile_step
from codegen.plot import decision_boundary
from verify import verify_gradient

# %% [markdown]
# ## One matrix, one vector
#
# Three points with two numbers each are the rows of $X$. One neuron's scores for all three are $Xw + b$.

# %%
X = np.array([[1.0, 2.0], [0.5, -1.0], [3.0, 0.25]])
y = np.array([1.0, -1.0, 0.5])

w = Value(np.array([0.5, -0.25]), label="w")
b = Value(0.0, label="b")
scores = X @ w + b
loss = np.mean((scores - y) ** 2)
loss.label = "loss"
loss.backward()

print(w)
print(b)
loss

# %% [markdown]
# Each box is one *array*, with its shape and its numbers, or their range where they are many. The chain rule walks from right to left, as before; four of its steps are worth knowing by heart:
#
# | forward | backward |
# |---|---|
# | $S = XW$ | $\bar W = X^\top \bar S,\quad \bar X = \bar S W^\top$ |
# | $S = T + b$, $b$ repeated for every row | $\bar b = $ the sum of $\bar S$ over rows |
# | $l = \operatorname{sum}(S)$ | every element of $\bar S$ is $\bar l$ |
# | $S = f(T)$, element by element | $\bar T = \bar S \cdot f'(T)$ |
#
# The first looks like a trick and is only bookkeeping: $S_{ij} = \sum_k X_{ik} W_{kj}$, so $W_{kj}$ is used in row $i$ with factor $X_{ik}$, and the contributions add up: $\bar W_{kj} = \sum_i X_{ik} \bar S_{ij}$. That sum *is* $X^\top \bar S$.
# **The shapes tell you where the transpose goes**: $\bar W$ must have the shape of $W$, and there is one way to multiply $X$ and $\bar S$ that gives it.

# %%
error = 2.0 / 3.0 * (scores.data - y)
print("by hand:", X.T @ error, error.sum())
np.testing.assert_allclose(w.grad, X.T @ error)
np.testing.assert_allclose(b.grad, error.sum())

# %% [markdown]
# ## What was repeated gets a sum
#
# `b` is one number, and `X @ w + b` uses it three times. Arrays of different shapes *broadcast*: the smaller one is repeated. Used three times, three contributions (notebook 2), so the gradient is their sum, and has the shape of what was repeated.

# %%
row, column = Value(np.array([1.0, 2.0, 3.0])), Value(np.array([[10.0], [20.0]]))
table = row * column
np.sum(table).backward()
print("table", table.shape, "row", row.grad, "column", column.grad.ravel())
assert row.grad.shape == (3,)
assert column.grad.shape == (2, 1)

# %% [markdown]
# Only a *number* has a gradient. What has a shape needs to be told how much each of its elements counts:

# %%
try:
    table.backward()
except ad.DifferentiationError as error:
    print(error)

# %% [markdown]
# ## The network of notebook 4
#
# `MLP.matrices` draws the same weights from the same seed, and computes the same outputs, for all points at once.

# %%
random.seed(1337)
neurons = MLP(2, [16, 16, 1])
random.seed(1337)
network = MLP.matrices(2, [16, 16, 1])
print(network)
print([f"{p.label} {p.shape}" for p in network.parameters()])

source = np.random.default_rng(0)
t = np.linspace(0.0, np.pi, 50)
upper = np.stack([np.cos(t), np.sin(t)], axis=1)
lower = np.stack([1.0 - np.cos(t), 0.5 - np.sin(t)], axis=1)
X = np.concatenate([upper, lower]) + source.normal(scale=0.1, size=(100, 2))
y = np.repeat([-1.0, 1.0], 50)

one_by_one = [neurons(list(point)).data for point in X]
np.testing.assert_allclose(network(X).data, one_by_one, rtol=1e-12)
network(X).shape

# %%
start = time.perf_counter()
loss = mean([hinge(neurons(list(point)), int(label)) for point, label in zip(X, y, strict=True)])
loss.backward()
apart = time.perf_counter() - start

start = time.perf_counter()
whole = mean(hinge(network(X), y))
whole.backward()
together = time.perf_counter() - start

print(f"numbers {apart * 1e3:.0f} ms, matrices {together * 1e3:.1f} ms")
first = np.array([[p.grad for p in neuron.w] for neuron in neurons.layers[0].neurons]).T
np.testing.assert_allclose(network.layers[0].w.grad, first, rtol=1e-9, atol=1e-12)

# %% [markdown]
# The same gradients, to the last digits. What changed is who runs the loops: NumPy, over arrays, instead of Python, over numbers.
#
# ## Training

# %%
optimizer = SGD(network.parameters(), lambda step: 1.0 - 0.9 * step / 100)
for step in range(100):
    loss = mean(hinge(network(X), y)) + 1e-4 * sum(np.sum(p * p) for p in network.parameters())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 25 == 0:
        print(f"step {step:3}: loss {loss.data:.4f}")
accuracy = np.mean(np.sign(network(X).data) == y)
print(f"accuracy {accuracy:.0%}")
assert accuracy == 1.0
decision_boundary(network, X, y)
plt.show()

# %% [markdown]
# ## Compiled
#
# `train` and `compile_step` take networks of matrices as they take neurons. The text is about matrices, and it does not get longer when the network gets wider. Read it next to the table above:

# %%
step = compile_step(network, "hinge", X, y, target="numpy")
text = step.compiled.source
print(text[text.index("    # forward", text.index("def value_and_gradient")) :])

# %% [markdown]
# ## Exercises
#
# An answer is a function; the verifier says PROVED, or shows a point where it is wrong. `check` is all you need.


# %%
def check(function, answer, *examples):
    """What the verifier says of a gradient written by hand."""
    report = verify_gradient(function, *examples, gradient=answer)
    print(f"{answer.__name__}: {report.verdict}")
    return str(report.verdict)


points, labels = np.array([[1.0, 2.0], [0.5, -1.0], [3.0, 0.25]]), np.array([1.0, -1.0, 0.5])
w0, z0, W0 = np.array([0.5, -0.25]), np.array([0.1, -0.4, 0.7]), np.array([[0.3, -0.2], [0.1, 0.4]])

# %% [markdown]
# **1.** Least squares, $\frac13 \sum_i (x_i \cdot w + b - y_i)^2$. A first try forgets something that the table says of $b$:


# %%
def least_squares(w, b):
    return np.mean((points @ w + b - labels) ** 2)


def first_try(w, b):
    error = 2.0 / 3.0 * (points @ w + b - labels)
    return points.T @ error, error[0]


assert check(least_squares, first_try, w0, 0.0) == "REFUTED"

# %% [markdown]
# Mend it. One answer (cover it up first):


# %%
def answer_1(w, b):
    error = 2.0 / 3.0 * (points @ w + b - labels)
    return points.T @ error, np.sum(error)


assert check(least_squares, answer_1, w0, 0.0) == "PROVED"

# %% [markdown]
# **2.** A layer, $\sum \tanh(XW)^2$. Where does the transpose go?


# %%
def layer(W):
    return np.sum(np.tanh(points @ W) ** 2)


def answer_2(W):
    t = np.tanh(points @ W)
    return points.T @ (2.0 * t * (1.0 - t * t))


assert check(layer, answer_2, W0) == "PROVED"

# %% [markdown]
# **3.** $\log \sum_i e^{z_i}$, which turns scores into a loss. Its gradient has a famous name.


# %%
def log_sum_exp(z):
    return np.log(np.sum(np.exp(z)))


def answer_3(z):
    e = np.exp(z)
    return e / np.sum(e)


assert check(log_sum_exp, answer_3, z0) == "PROVED"

# %% [markdown]
# ## What to try
#
# - Write exercise 2 with a bias: `np.tanh(points @ W + b)`, a gradient for each of `W` and `b`, and let `check` judge.
# - `MLP.matrices(2, [64, 64, 1])`: how much longer does a step take? And with 4096 times as many numbers as Values of their own?
# - Give `X @ w` a `w` of the wrong length, and read the error.
# - `train(MLP.matrices(784, [128, 10]), "softmax_cross_entropy", images, digits)`: a network for handwritten digits is four arrays.
# - `neurons.as_matrices()` turns a trained network of numbers into one of matrices.
