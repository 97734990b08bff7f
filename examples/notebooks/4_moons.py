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
# # 4 · Two moons: a decision boundary, and then the same network compiled
#
# micrograd's classic: 100 points in two interleaved half moons, 337 parameters, 100 steps.
# First as `Value`s, where every number remembers its history; then the *same* network compiled. How many times as fast that is on your machine, a cell below measures; with machine code (`target="native"`) it is faster still.

# %%
import math
import random
import time

import numpy as np
from matplotlib import pyplot as plt

from autodiff.nn import MLP
from autodiff.optimizers import SGD
from codegen import compile_step, predict, train
from codegen.plot import COLOURS, decision_boundary, loss_curve

# %% [markdown]
# ## The data
#
# The upper moon is the half circle $(\cos t, \sin t)$, the lower one $(1 - \cos t,\; \tfrac12 - \sin t)$, for $t$ from 0 to $\pi$; then some noise. No straight line separates them.


# %%
def moons(count, noise=0.1, seed=0):
    source = np.random.default_rng(seed)
    t = np.linspace(0.0, math.pi, count // 2)
    upper = np.stack([np.cos(t), np.sin(t)], axis=1)
    lower = np.stack([1.0 - np.cos(t), 0.5 - np.sin(t)], axis=1)
    points = np.concatenate([upper, lower]) + source.normal(scale=noise, size=(2 * len(t), 2))
    return points, np.repeat([-1, 1], count // 2)


X, y = moons(100)
plt.figure(figsize=(4, 4))
plt.scatter(*X.T, c=np.where(y > 0, COLOURS[1], COLOURS[0]))
plt.gca().set_aspect("equal")
plt.show()

# %% [markdown]
# ## The loss
#
# The network gives a score $s$; its sign is the answer. The **hinge** loss $\max(0, 1 - y s)$ is zero once the score is on the right side by a margin of 1, and otherwise pulls with slope $-y$.
# A second term, $\alpha \sum p^2$, keeps the parameters small: of two boundaries that fit equally, the smoother wins. Its derivative, $2 \alpha p$, pulls every parameter gently towards zero.

# %%
ALPHA = 1e-4


def loss_of(model):
    scores = [model(list(point)) for point in X]
    hinges = [(1 - int(label) * score).relu() for label, score in zip(y, scores, strict=True)]
    return sum(hinges) * (1.0 / len(hinges)) + ALPHA * sum(p * p for p in model.parameters())


def rate(step):
    return 1.0 - 0.9 * step / 100


random.seed(1337)
model = MLP(2, [16, 16, 1])
print(len(model.parameters()), "parameters")

# %% [markdown]
# ## As Values
#
# Three steps, to see how long one takes. Each builds a history of some 65 000 Values and walks back through it.

# %%
interpreted, seconds = [], []
for step in range(3):
    start = time.perf_counter()
    loss = loss_of(model)
    model.zero_grad()
    loss.backward()
    for p in model.parameters():
        p.data -= rate(step) * p.grad
    seconds.append(time.perf_counter() - start)
    interpreted.append(loss.data)
print(interpreted, f"{min(seconds):.2f} s a step")

# %% [markdown]
# ## Compiled
#
# Every step computes the same formula with other numbers. So `compile_step` looks at the formula *once*: it writes each layer as a product of matrices (notebook 8 says how), takes the gradient, and writes it all down as lines over whole arrays of points.
# Here is the half that goes back. A line is a step of the chain rule; what is used once and stays short is folded into its use:

# %%
random.seed(1337)
model = MLP(2, [16, 16, 1])
step = compile_step(model, "hinge", X, y, l2=ALPHA, target="numpy")
lines = step.compiled.source.splitlines()
print(len(lines), "lines, among them")
last = max(i for i, line in enumerate(lines) if line.strip() == "# backward")
print("\n".join(lines[last : last + 9]))

# %%
parameters = step.parameters
value, gradient = step(parameters, X, y)
start = time.perf_counter()
for _ in range(20):
    step(parameters, X, y)
compiled_seconds = (time.perf_counter() - start) / 20
print(
    f"{compiled_seconds * 1e3:.2f} ms a step: {min(seconds) / compiled_seconds:.0f} times as fast"
)

# %% [markdown]
# The numbers are the same, step by step:

# %%
history = train(
    model, "hinge", X, y, optimizer=SGD(model.parameters(), rate), l2=ALPHA, target="numpy"
)
for interpreted_loss, compiled_loss in zip(interpreted, history.losses, strict=False):
    print(f"{interpreted_loss:.15f}  {compiled_loss:.15f}")
    assert abs(interpreted_loss - compiled_loss) < 1e-9

# %% [markdown]
# ## What it learned

# %%
accuracy = np.mean(np.sign(predict(model, X)) == y)
print(f"loss {history.losses[-1]:.4f}, accuracy {accuracy:.0%}")
assert accuracy == 1.0
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
loss_curve(history, axes=left)
decision_boundary(model, X, y, axes=right)
plt.show()

# %% [markdown]
# ## What to try
#
# - More noise: `moons(100, noise=0.3)`. Is 100 % still a good sign? Draw the boundary.
# - `MLP(2, [4, 1])`, `MLP(2, [2, 1])`: how many neurons does a moon need?
# - `"binary_cross_entropy"` with labels `(y + 1) / 2`, and `activation="tanh"`: the boundary gets round.
# - A learning rate of `1e6`. Read the error: it names where the first bad number came from, and the model is still the last good one.
# - `ALPHA = 0.1`.
