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
# # 6 · The same network in PyTorch
#
# The same weights, the same points, the same loss in two libraries: the gradients must agree, number by number.
# If PyTorch is not installed, this notebook says so and stops comparing; everything of ours still runs.

# %%
import random

import numpy as np

from autodiff.losses import softmax_cross_entropy
from autodiff.nn import MLP
from codegen import compile_step

try:
    import torch
except ImportError:
    torch = None
    print("PyTorch is not installed: pip install torch, and run this notebook again")

# %% [markdown]
# ## The network and its data
#
# Three classes, so three outputs. **Softmax** turns scores into shares, $p_k = e^{s_k} / \sum_j e^{s_j}$, and **cross-entropy** is $-\log p$ of the right class. Its derivative by the scores is as simple as can be: $p_k - 1$ for the right class and $p_k$ for the others, *what was said minus what is true*.

# %%
random.seed(11)
model = MLP(2, [8, 8, 3], activation="tanh")
source = np.random.default_rng(11)
X = source.normal(size=(30, 2))
y = (np.arctan2(X[:, 1], X[:, 0]) // (2 * np.pi / 3)).astype(int) + 2
y = np.clip(y, 0, 2)

# %% [markdown]
# ## Ours, as Values

# %%
losses = [softmax_cross_entropy(model(list(x)), int(k)) for x, k in zip(X, y, strict=True)]
loss = sum(losses) * (1.0 / len(losses))
model.zero_grad()
loss.backward()
ours = np.array([p.grad for p in model.parameters()])
print(loss.data)

# %% [markdown]
# ## Ours, compiled

# %%
step = compile_step(model, "softmax_cross_entropy", X, y, target="numpy")
value, gradient = step(step.parameters, X, y)
print(value, "largest difference of the gradients:", np.max(np.abs(gradient - ours)))
assert np.allclose(gradient, ours, rtol=1e-10, atol=1e-14)

# %% [markdown]
# ## PyTorch
#
# A layer there is a matrix: row $i$ holds the weights of neuron $i$. So our parameters go over neuron by neuron.


# %%
def in_torch(model):
    layers = []
    for k, layer in enumerate(model.layers):
        linear = torch.nn.Linear(len(layer.neurons[0].w), len(layer.neurons)).double()
        with torch.no_grad():
            linear.weight[:] = torch.tensor([[w.data for w in n.w] for n in layer.neurons])
            linear.bias[:] = torch.tensor([n.b.data for n in layer.neurons])
        layers += [linear] if k == len(model.layers) - 1 else [linear, torch.nn.Tanh()]
    return torch.nn.Sequential(*layers)


def gradients_of(network):
    """In the order of our ``parameters()``: weights and bias of each neuron."""
    numbers = []
    for linear in network:
        if isinstance(linear, torch.nn.Linear):
            for row, bias in zip(linear.weight.grad, linear.bias.grad, strict=True):
                numbers += [*row.tolist(), bias.item()]
    return np.array(numbers)


if torch is not None:
    torch.set_default_dtype(torch.double)
    network = in_torch(model)
    their_loss = torch.nn.functional.cross_entropy(network(torch.tensor(X)), torch.tensor(y))
    their_loss.backward()
    theirs = gradients_of(network)
    print(their_loss.item())

# %% [markdown]
# ## Side by side

# %%
if torch is not None:
    print(f"{'parameter':>9} {'Values':>22} {'compiled':>22} {'PyTorch':>22}")
    for k in range(0, len(ours), 17):
        print(f"{k:9} {ours[k]:22.17f} {gradient[k]:22.17f} {theirs[k]:22.17f}")
    print("largest difference:", np.max(np.abs(ours - theirs)))
    assert np.allclose(ours, theirs, rtol=1e-9, atol=1e-13)

# %% [markdown]
# They agree to the last digits. Those may differ, because sums are taken in another order, and floating-point addition is not associative.
#
# ## What to try
#
# - Remove `.double()` and compare again: PyTorch usually computes with 7 digits.
# - Time `their_loss.backward()` against `step(...)`. For a network this small, most of PyTorch's time is spent *finding out what to do*; a compiled step has nothing to find out.
# - Make it large, `MLP(2, [256, 256, 3])`. Who wins now? (Compiling takes a while; matrices are what PyTorch is made for.)
