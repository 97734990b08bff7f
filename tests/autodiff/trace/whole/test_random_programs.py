"""Random programs over arrays: views and updates as NumPy's, derivatives as the scalars'."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff as ad
from autodiff.errors import TraceError
from autodiff.run.whole.scalarize import scalarize

_X = np.random.default_rng(0).uniform(0.2, 1.5, size=(3, 4))
_C = np.random.default_rng(1).uniform(-1.0, 1.0, size=(3, 4))


def _key(draw: random.Random, shape: tuple[int, ...]) -> Any:
    """A random basic index, or one with an array of integers or a mask."""
    kind = draw.random()
    if shape and kind < 0.15:
        return np.array([draw.randrange(-shape[0], shape[0]) for _ in range(2)])
    if shape and kind < 0.25:
        return np.array([draw.random() < 0.6 for _ in range(shape[0])])
    parts: list[Any] = []
    for n in shape[: draw.randint(1, max(len(shape), 1))]:
        if draw.random() < 0.3:
            parts.append(draw.randrange(-n, n))
        else:
            parts.append(slice(*draw.choice([(None,), (1, None), (None, -1), (None, None, -1),
                                              (None, None, 2), (0, n, 1)])))  # fmt: skip
    if draw.random() < 0.15:
        parts.insert(draw.randint(0, len(parts)), None)
    if draw.random() < 0.15 and len(parts) <= len(shape):
        parts.append(...)
    return tuple(parts)


def _program(seed: int) -> Any:
    """A function of an array: a list of arrays that grows, some of which are changed in place."""

    def f(x: Any) -> Any:
        draw = random.Random(seed)
        made = [x * 1.0, np.zeros((3, 4)), x.copy()]
        for _ in range(draw.randint(4, 12)):
            one, other = draw.choice(made), draw.choice(made)
            step = draw.random()
            if step < 0.35:  # a part, which may be a view
                if one.ndim and 0 not in one.shape:
                    made.append(one[_key(draw, one.shape)])
            elif step < 0.45:
                made.append(one.T if draw.random() < 0.5 else one.reshape(-1))
            elif step < 0.6:  # written through views
                if one.ndim and 0 not in one.shape:
                    key = _key(draw, one.shape)
                    one[key] = draw.uniform(-1.0, 1.0) * np.sum(np.sin(other))
            elif step < 0.7:
                if one.ndim:
                    one += 0.5 if draw.random() < 0.5 else np.cos(np.sum(other))
            elif step < 0.8:
                made.append(np.sin(one) + np.mean(other))
            elif step < 0.9:
                made.append(np.where(one > 0.3, one * one, np.exp(-one)))
            elif one.ndim == 2 and one.shape == (3, 4):
                made.append(one @ _C.T)
            else:
                made.append(np.tanh(one) * np.sum(_C))
        return sum(np.sum(np.sin(1.1 * one)) * (i + 1.0) for i, one in enumerate(made))

    return f


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_value_as_numpys_and_gradient_as_the_scalars(seed: int) -> None:
    """Value as NumPy's own, gradient and Hessian-vector product as those of the scalars."""
    f = _program(seed)
    try:
        graph = ad.trace(f, _X, expand=False)
    except TraceError as error:
        if "how NumPy lays it out" in str(error):
            return  # a view or a copy: refused, never guessed
        raise
    ad.check(graph)
    assert ad.parse(str(graph)) == graph
    value, slope = ad.backpropagate(graph, _X)
    np.testing.assert_allclose(value, f(_X.copy()), rtol=1e-10, atol=1e-10)
    scalars = scalarize(graph)
    expected = ad.backpropagate(scalars, _X)
    np.testing.assert_allclose(value, expected[0], rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(slope, expected[1], rtol=1e-8, atol=1e-9)
    twice = ad.evaluate(ad.hvp(graph), _X, _C)
    np.testing.assert_allclose(twice, ad.evaluate(ad.hvp(scalars), _X, _C), rtol=1e-7, atol=1e-8)
