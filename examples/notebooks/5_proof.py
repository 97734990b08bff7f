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
# # 5 · From a function to its code, and to a proof of that code
#
# So far we *computed* gradients. Here we *write them down*, as a program you can read, and have the text of that program proven.

# %%
import numpy as np

import autodiff as ad
from codegen import compile_gradient
from verify import verify_gradient

# %% [markdown]
# ## The function
#
# One neuron and its squared error. Nothing about it is special: operators and NumPy.
#
# $$\text{loss}(w, b, x, y) = (\tanh(w x + b) - y)^2$$


# %%
def loss(w=0.5, b=-0.25, x=2.0, y=1.0):
    output = np.tanh(w * x + b)
    error = output - y
    return error**2


# %% [markdown]
# ## Trace: what does it do?
#
# `trace` runs the function once, on placeholders instead of numbers, and writes down every operation. The result is a **graph**: a list in which each line uses only earlier ones.

# %%
graph = ad.trace(loss)
print(graph)
graph

# %% [markdown]
# With numbers it is micrograd's picture again, `data` and `grad` in every box:

# %%
ad.draw(graph, at=(0.5, -0.25, 2.0, 1.0))

# %% [markdown]
# ## Gradient: a graph becomes a larger graph
#
# For each node, from the last to the first, `gradient` adds the nodes of its derivative rule. Forward values are used again where a rule needs them, so the whole gradient costs only a few times the function, *however many inputs there are*.
#
# ## Code
#
# `compile_gradient` writes that graph as Python. Read `value_and_gradient` from top to bottom: first the function, then the chain rule, one line each; `w_bar` is $\partial\,\text{loss}/\partial w$.

# %%
df = compile_gradient(loss)
start = df.source.index("def value_and_gradient")
print(df.source[start:].split("\n\n\n")[0])

# %%
# df.source is the whole file: forward and backward alone, and the same steps for infinities.
value, gradient = df(0.5, -0.25, 2.0, 1.0)
print(value, gradient)
assert (value, gradient) == ad.backpropagate(graph, 0.5, -0.25, 2.0, 1.0)

# %% [markdown]
# The derivative of $\tanh$ is not written as $1 - \tanh^2$. The two are equal, but for large $n$ the difference $1 - 0.99999\ldots$ keeps few digits:

# %%
n = 15.0
print("1 - tanh²: ", 1 - np.tanh(n) ** 2)
print("ours:      ", ad.grad(ad.tanh)(n))

# %% [markdown]
# ## Proof
#
# Is the text right? Trying points proves nothing about other points. `verify_gradient` reads the emitted *text*, line by line, turns it into formulas, has SymPy differentiate the original function, and shows that for each input the difference is identically zero.

# %%
report = verify_gradient(loss)
print(report)
assert str(report.verdict) == "PROVED"

# %% [markdown]
# And it says no where no is the answer. Here is a gradient written by hand, with a mistake that is easily made: the factor 2 is missing.


# %%
def by_hand(w, b, x, y):
    output = np.tanh(w * x + b)
    slope = (output - y) * (1 - output**2)
    return slope * x, slope, slope * w, -(output - y)


report = verify_gradient(loss, gradient=by_hand)
print(report)
assert str(report.verdict) == "REFUTED"

# %% [markdown]
# ## What to try
#
# - Repair `by_hand`, and have it proven.
# - Break it in a way that a test at one point would miss: add `1e-9 * w`.
# - Use `np.where(error > 0, error, 0.1 * error)` in the loss. What does the emitted code look like at the kink?
# - Call `df.save("d_loss.py")`, and run the file on its own: it needs nothing of ours.
# - `ad.hessian(graph)`: second derivatives are a graph like any other; `codegen.compile_graph` writes it as code.
