from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff import Value
from autodiff.networks.optimizers import SGD, Adam, Optimizer


def trajectory(make: Any, steps: int = 20) -> list[tuple[float, float]]:
    """Points visited on (x - 1)² + 10 (x y)², from (3, -2)."""
    x, y = Value(3.0), Value(-2.0)
    optimizer = make([x, y])
    seen = []
    for _ in range(steps):
        optimizer.zero_grad()
        ((x - 1.0) ** 2 + 10.0 * (x * y) ** 2).backward()
        optimizer.step()
        seen.append((x.data, y.data))
    return seen


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda p: SGD(p, 0.001), ("SGD", {"lr": 0.001})),
        (lambda p: SGD(p, 0.001, momentum=0.9), ("SGD", {"lr": 0.001, "momentum": 0.9})),
        (Adam, ("Adam", {"lr": 0.001})),
        (lambda p: Adam(p, 0.3, 0.8, 0.99, 1e-6),
         ("Adam", {"lr": 0.3, "betas": (0.8, 0.99), "eps": 1e-6})),
    ],
)  # fmt: skip
def test_side_by_side_with_torch(ours: Any, theirs: tuple[str, dict[str, Any]]) -> None:
    """The points visited are those of PyTorch's optimiser of the same name."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    x = torch.tensor(3.0, dtype=torch.double, requires_grad=True)
    y = torch.tensor(-2.0, dtype=torch.double, requires_grad=True)
    optimizer = getattr(torch.optim, theirs[0])([x, y], **theirs[1])
    seen = []
    for _ in range(20):
        optimizer.zero_grad()
        ((x - 1.0) ** 2 + 10.0 * (x * y) ** 2).backward()
        optimizer.step()
        seen.append((x.item(), y.item()))
    np.testing.assert_allclose(trajectory(ours), seen, rtol=1e-12)


def test_sgd_is_micrograds_line() -> None:
    """Without momentum a step is ``p.data -= learning_rate * p.grad``, to the last bit."""
    p = Value(0.1)
    p.grad = 0.3
    SGD([p], 0.7).step()
    assert p.data == 0.1 - 0.7 * 0.3


def test_adams_first_steps_by_hand() -> None:
    """The first step is the learning rate against the sign of the gradient; the second by hand."""
    p = Value(1.0)
    adam = Adam([p], 0.5, 0.9, 0.99, epsilon=0.0)
    p.grad = 4.0
    adam.step()
    assert p.data == pytest.approx(0.5, rel=1e-12)
    p.grad = -2.0
    adam.step()
    mean = (0.9 * 0.1 * 4.0 + 0.1 * -2.0) / (1.0 - 0.9**2)
    square = (0.99 * 0.01 * 16.0 + 0.01 * 4.0) / (1.0 - 0.99**2)
    assert p.data == pytest.approx(0.5 - 0.5 * mean / square**0.5, rel=1e-12)


def test_momentum_by_hand() -> None:
    """The velocity keeps its share of what was before."""
    p = Value(0.0)
    sgd = SGD([p], 0.1, momentum=0.5)
    for gradient, place in ((1.0, -0.1), (1.0, -0.25), (0.0, -0.325)):
        p.grad = gradient
        sgd.step()
        assert p.data == pytest.approx(place, rel=1e-14)


def test_a_learning_rate_that_depends_on_the_step() -> None:
    """A function of the number of steps taken is asked before each."""
    p = Value(0.0)
    sgd = SGD([p], lambda k: 1.0 / (k + 1))
    places = []
    for _ in range(3):
        p.grad = -6.0
        sgd.step()
        places.append(p.data)
    assert places == [6.0, 9.0, 11.0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: SGD([]), "SGD: found no parameters"),
        (lambda p: SGD(p, 0.0), "learning_rate: found 0 at step 0; expected a positive number"),
        (lambda p: SGD(p, float("nan")), "learning_rate: found nan"),
        (lambda p: SGD(p, lambda k: -1.0), "learning_rate: found -1 at step 0"),
        (lambda p: SGD(p, 0.1, momentum=1.0), "momentum: found 1.0; expected a number from 0 to"),
        (lambda p: Adam(p, beta2=-0.1), "beta2: found -0.1"),
    ],
)
def test_mistakes(make: Any, message: str) -> None:
    """Options out of range are refused when the optimiser is made."""
    with pytest.raises(ad.ArgumentError, match=message):
        make([Value(1.0)])


def test_the_base_class_has_no_rule() -> None:
    """Optimizer leaves update() to its subclasses."""
    with pytest.raises(NotImplementedError):
        Optimizer([Value(1.0)], 0.1).step()
