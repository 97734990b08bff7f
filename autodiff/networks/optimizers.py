"""Optimisers: how far to move each parameter, given the gradient.

``step()`` moves Values, of numbers or arrays, by their ``grad``; ``update(gradient)`` is the same
rule on one flat array, which compiled training uses.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.graph.tree.leaves import Floats, number, shown
from autodiff.run.values.value import Value

__all__ = ["SGD", "Adam", "Optimizer"]


def _values(name: str, parameters: Iterable[Value]) -> Iterable[Value]:
    """The parameters, if they are some.

    Raises:
        ArgumentError: if they are not.
    """
    listed = list(parameters) if isinstance(parameters, Iterable) else [parameters]
    for one in listed:
        if not isinstance(one, Value):
            raise ArgumentError(
                f"{name}: parameters: found {shown(one)}; expected Values, as "
                "network.parameters() gives them"
            )
    return listed


class Optimizer:
    """What all optimisers share: the parameters, the learning rate, the count of steps.

    Args:
        parameters: The Values to move.
        learning_rate: A positive number, or a function from the number of steps taken to one.

    Raises:
        ArgumentError: if there are no parameters, or the learning rate is not positive.
    """

    def __init__(
        self, parameters: Iterable[Value], learning_rate: float | Callable[[int], float]
    ) -> None:
        self.parameters = list(_values(type(self).__name__, parameters))
        self.learning_rate = learning_rate
        self.steps = 0
        if not self.parameters:
            raise ArgumentError(f"{type(self).__name__}: found no parameters; nothing to train")
        self.rate()

    def step(self) -> None:
        """Move every parameter by its ``grad``."""
        if all(type(p) is Value for p in self.parameters):
            gradient = np.array([p.grad for p in self.parameters], dtype=np.float64)
            for p, move in zip(self.parameters, self.update(gradient).tolist(), strict=True):
                p.data += move
            return
        moves = self.update(np.concatenate([np.ravel(p.grad) for p in self.parameters]))
        start = 0
        for p in self.parameters:
            own: Any = moves[start : start + p.size].reshape(p.shape)
            p.data = p.data + (own if p.shape else float(own))
            start += p.size

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to zero."""
        for p in self.parameters:
            p.grad = 0.0

    def update(self, gradient: Floats) -> Floats:
        """What to add to the parameters; counts as a step.

        Args:
            gradient: One number per parameter, flat, in the parameters' order.

        Raises:
            ArgumentError: if the learning rate of this step is not positive.
        """
        raise NotImplementedError

    def rate(self) -> float:
        """The learning rate of the step to come.

        Raises:
            ArgumentError: if it is not a positive number.
        """
        given = self.learning_rate
        rate = float(number(given(self.steps) if callable(given) else given, "learning_rate"))
        if not 0.0 < rate < math.inf:
            raise ArgumentError(
                f"learning_rate: found {rate:g} at step {self.steps}; expected a positive number"
            )
        return rate


class SGD(Optimizer):
    """Gradient descent, with momentum: ``v ← μ v + g``, ``p ← p - learning_rate · v``.

    Source: B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964,
    with the learning rate outside of ``v``, as PyTorch has it.

    Args:
        parameters: The Values to move.
        learning_rate: A positive number, or a function of the step.
        momentum: μ, from 0 (none) to below 1.

    Raises:
        ArgumentError: if there are no parameters, or a number is outside its range.

    >>> x = Value(3.0)
    >>> descent = SGD([x], learning_rate=0.1)
    >>> for _ in range(100):
    ...     descent.zero_grad()
    ...     ((x - 1.0) ** 2).backward()
    ...     descent.step()
    >>> round(x.data, 6)
    1.0
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float | Callable[[int], float] = 0.1,
        momentum: float = 0.0,
    ) -> None:
        super().__init__(parameters, learning_rate)
        self.momentum = _fraction("momentum", momentum)
        self._velocity: Floats | float = 0.0

    def update(self, gradient: Floats) -> Floats:
        """What to add to the parameters; see ``Optimizer.update``."""
        if self.momentum:
            gradient = self._velocity = self.momentum * self._velocity + gradient
        rate = self.rate()
        self.steps += 1
        return -(rate * gradient)


class Adam(Optimizer):
    """Steps of about one learning rate each, whatever the size of the gradient.

    ``m ← β₁ m + (1 - β₁) g``, ``v ← β₂ v + (1 - β₂) g²``, and with both divided by ``1 - βᵗ``,
    ``p ← p - learning_rate · m / (√v + ε)``.

    Source: D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1.

    Args:
        parameters: The Values to move.
        learning_rate: A positive number, or a function of the step.
        beta1: Share of the mean gradient kept at each step.
        beta2: Share of the mean squared gradient kept.
        epsilon: Keeps the quotient finite.

    Raises:
        ArgumentError: if there are no parameters, or a number is outside its range.

    >>> x = Value(3.0)
    >>> adam = Adam([x], learning_rate=0.1)
    >>> ((x - 1.0) ** 2).backward()
    >>> adam.step()
    >>> round(x.data, 6)
    2.9
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float | Callable[[int], float] = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        super().__init__(parameters, learning_rate)
        self.beta1, self.beta2 = _fraction("beta1", beta1), _fraction("beta2", beta2)
        self.epsilon = epsilon
        self._mean: Floats | float = 0.0
        self._square: Floats | float = 0.0

    def update(self, gradient: Floats) -> Floats:
        """What to add to the parameters; see ``Optimizer.update``."""
        rate = self.rate()
        self.steps += 1
        self._mean = self.beta1 * self._mean + (1.0 - self.beta1) * gradient
        self._square = self.beta2 * self._square + (1.0 - self.beta2) * gradient**2
        mean = self._mean / (1.0 - self.beta1**self.steps)
        square = self._square / (1.0 - self.beta2**self.steps)
        moved: Floats = -(rate * mean / (np.sqrt(square) + self.epsilon))
        return moved


def _fraction(name: str, value: float) -> float:
    if not 0.0 <= value < 1.0:
        raise ArgumentError(f"{name}: found {value}; expected a number from 0 to below 1")
    return value
