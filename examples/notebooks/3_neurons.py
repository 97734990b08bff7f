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
# # 3 · Neurons, layers, a network, gradient descent
#
# A network is only a formula with many parameters. Training is: ask for the derivative by each of them, and take a small step downhill.

# %%
import random

from autodiff import Value
from autodiff.losses import mse
from autodiff.nn import MLP, Layer, Neuron
from autodiff.optimizers import SGD, Adam

# %% [markdown]
# ## Downhill with one parameter
#
# Let $\text{loss}(w) = (w - 2)^2$. Its derivative $2(w - 2)$ points uphill, so $w \leftarrow w - \eta\,\frac{d\,\text{loss}}{dw}$ goes down; $\eta$ is the **learning rate**.
# For this loss every step multiplies the distance to 2 by $1 - 2\eta$.

# %%
w = Value(5.0, label="w")
for step in range(8):
    loss = (w - 2.0) ** 2
    w.grad = 0.0
    loss.backward()
    w.data -= 0.3 * w.grad
    print(f"step {step}: loss {loss.data:.6f}, w is now {w.data:.6f}")
assert abs(w.data - 2.0) < 0.01

# %% [markdown]
# `w.grad = 0.0` comes before `backward()`, because gradients add (notebook 2): without it the second step would still carry the first one's slope.
#
# ## Neuron, layer, network
#
# A `Neuron` computes $\text{activation}(w \cdot x + b)$, with weights drawn at random. A `Layer` is several neurons that see the same inputs. An `MLP` feeds one layer's outputs to the next.

# %%
random.seed(4)
neuron = Neuron(2, activation="tanh")
layer = Layer(2, 3, activation="tanh")
network = MLP(3, [4, 4, 1], activation="tanh")
for module in (neuron, layer, network):
    print(len(module.parameters()), "parameters:", module)
print(neuron([1.0, -2.0]))

# %% [markdown]
# Why bend at all? Without an activation, a layer of sums of sums is just another sum: $W_2(W_1 x) = (W_2 W_1)x$. However many layers, the network could only draw straight lines. `relu`, `tanh`, `sigmoid` and the others in `autodiff.nn.ACTIVATIONS` break that.
#
# Four points, and what we want the network to say to each:

# %%
points = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
wanted = [1.0, -1.0, -1.0, 1.0]
[network(point).data for point in points]

# %% [markdown]
# ## The loss: one number for how wrong we are
#
# $$\text{loss} = \frac1N \sum_i (\text{network}(x_i) - y_i)^2$$
#
# The mean squared error `mse`. It is 0 only if every answer is right, and its derivative by an answer, $\frac{2}{N}(\text{answer} - y)$, is larger the more wrong that answer is.


# %%
def total_loss():
    losses = [mse(network(x), y) for x, y in zip(points, wanted, strict=True)]
    return sum(losses) * (1.0 / len(losses))


loss = total_loss()
network.zero_grad()
loss.backward()
first = network.layers[0].neurons[0].w[0]
print(loss)
print("the first weight should go", "up" if first.grad < 0 else "down", "a little:", first)

# %% [markdown]
# One `backward()`, and each of the 41 parameters knows its slope. The same by nudging would take a forward pass per parameter.
#
# ## Training

# %%
for step in range(60):
    loss = total_loss()
    network.zero_grad()
    loss.backward()
    for p in network.parameters():
        p.data -= 0.1 * p.grad
    if step % 10 == 0:
        print(f"step {step:2}: loss {loss.data:.6f}")
print([round(network(point).data, 2) for point in points])
assert total_loss().data < 0.05

# %% [markdown]
# ## Optimisers: the same line, with memory
#
# `SGD` is the loop above; with momentum $\mu$ it keeps a velocity, $v \leftarrow \mu v + g$, and rolls through flat stretches.
# `Adam` also divides by the size of recent gradients, so that each parameter moves at its own pace: $p \leftarrow p - \eta\, m / (\sqrt{v} + \varepsilon)$.


# %%
def steps_until(optimizer_of, goal=0.01, limit=200):
    random.seed(4)
    for layer in network.layers:
        for neuron in layer.neurons:
            for p in neuron.parameters():
                p.data = random.uniform(-1, 1)
    optimizer = optimizer_of(network.parameters())
    for step in range(limit):
        loss = total_loss()
        if loss.data < goal:
            return step
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return limit


for name, make in {
    "SGD": lambda p: SGD(p, 0.1),
    "SGD with momentum": lambda p: SGD(p, 0.1, momentum=0.9),
    "Adam": lambda p: Adam(p, 0.05),
}.items():
    print(f"{name:18} {steps_until(make):3} steps")

# %% [markdown]
# That is one start and one learning rate each, chosen by hand: the order says little about the methods. On four points the plain loop at a good rate is hard to beat; memory pays where slopes differ by orders of magnitude or flip their sign from step to step. Change the rates above by a factor of 3 each way, and the order changes.

# %% [markdown]
# ## What to try
#
# - A learning rate of 3. What happens to the loss, and why? (Look at the factor $1 - 2\eta$ above.)
# - `activation="linear"`. How low can the loss get?
# - Leave out `zero_grad()` in the training loop.
# - Fewer neurons: what is the smallest network that still gets all four answers right?
# - `autodiff.state.save_state(network, "state.json")`, and read the file.
