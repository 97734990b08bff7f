"""Rows, compiled functions and networks called wrongly: errors of ours, and no others.

What the packages export is tried as it is found there, so a new name is tried as well.
"""

from __future__ import annotations

import decimal
import fractions
import inspect
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff import losses, nn, optimizers
from codegen import compile_gradient
from tests.test_wrong_calls import WRONG, product

MORE = WRONG | {
    "a huge int": 10**400,
    "lists of different lengths": [[1.0], [1.0, 2.0]],
    "an array of another shape": np.ones(3),
    "an array of texts": np.array(["a"]),
    "complex numbers": np.array([1j]),
    "a masked array": np.ma.masked_array([1.0, 2.0], [False, True]),
    "a date": np.datetime64("2020-01-01"),
    "a set": {1.0},
    "a generator": (x for x in (1.0,)),
    "a decimal": decimal.Decimal(1),
    "a fraction": fractions.Fraction(1, 3),
}
Attempt = tuple[str, Callable[[], object]]


def rows() -> list[str]:
    """Names of what is exported and takes numbers."""
    return [name for name in ad.__all__ if _takes_numbers(getattr(ad, name))]


def _takes_numbers(thing: Any) -> bool:
    code = getattr(inspect.unwrap(thing), "__code__", None) if inspect.isfunction(thing) else None
    in_table = code is not None and f"autodiff{os.sep}table{os.sep}ops" in code.co_filename
    return isinstance(thing, ad.Primitive) or in_table


def count_of(row: Any) -> int:
    """How many numbers a row takes."""
    if isinstance(row, ad.Primitive):
        return row.arity
    parameters = inspect.signature(row).parameters.values()
    return sum(p.default is p.empty for p in parameters)


def failures(attempts: Iterator[Attempt]) -> list[str]:
    """The attempts that end in an error that is not ours."""
    found = []
    for what, attempt in attempts:
        try:
            attempt()
        except ad.ProofgradError as error:
            if not str(error) or "<locals>" in str(error):
                found.append(f"{what}: {error!r}")
        except Exception as error:
            found.append(f"{what}: {error!r}")
    return found


def wrong_numbers(function: Callable[..., object], bases: tuple[Any, ...]) -> Iterator[Attempt]:
    """Each argument replaced in turn, beside arguments of each kind."""
    for what, value in MORE.items():
        for place in range(len(bases)):
            args = (*bases[:place], value, *bases[place + 1 :])
            yield f"argument {place}: {what}", lambda args=args: function(*args)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", rows())
def test_rows(name: str) -> None:
    """A row that is given what is no number, or no fitting array, says so."""
    row = getattr(ad, name)
    count = count_of(row)

    def attempts() -> Iterator[Attempt]:
        for wrong in (0, count + 1, count + 7):
            yield f"{wrong} arguments", lambda wrong=wrong: row(*[0.5] * wrong)
        yield "an unknown keyword", lambda: row(*[0.5] * count, nonsense=1)
        for base in (0.5, ad.Value(0.5), np.array([0.5, 0.25])):
            for what, attempt in wrong_numbers(row, (base,) * count):
                yield f"{what}, beside {type(base).__name__}", attempt

    assert not failures(attempts())


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
@pytest.mark.parametrize("batch", [None, True])
@pytest.mark.parametrize("arrays", [False, True])
def test_compiled_gradients(target: str, batch: bool | None, arrays: bool, tmp_path: Path) -> None:
    """A call of what was compiled, and its other methods, whatever they are given."""
    if batch and target == "python":
        pytest.skip("no batches there")
    function = (lambda x, y: np.sum(x * y)) if arrays else product
    one = np.array([1.0, 2.0]) if arrays else 1.0
    df = compile_gradient(function, one, one, target=target, batch=batch)
    right = np.stack([one, one]) if batch else one

    def attempts() -> Iterator[Attempt]:
        methods = (df, df.forward, df.at, df.trace_nan)
        for method in methods:
            named = getattr(method, "__name__", "call")
            for what, attempt in wrong_numbers(method, (right, right)):
                yield f"{named}: {what}", attempt
            for count in (0, 1, 3, 9):
                yield f"{named}: {count}", lambda m=method, n=count: m(*[right] * n)
        _, residuals = df.forward(right, right)
        for what, wrong in MORE.items():
            yield f"residuals: {what}", lambda wrong=wrong: df.backward(wrong)
            yield f"cotangent: {what}", lambda wrong=wrong: df.backward(residuals, wrong)
            yield f"out: {what}", lambda wrong=wrong: df(right, right, out=wrong)
            if arrays or target != "python":  # there the function itself is called, by Python
                yield f"threads: {what}", lambda wrong=wrong: df(right, right, threads=wrong)
            yield f"bind: {what}", lambda wrong=wrong: df.bind(right, wrong, out=wrong)
            yield f"bind out: {what}", lambda wrong=wrong: df.bind(right, right, out=wrong)
            if not isinstance(wrong, (str, bytes)) and what != "True":
                yield f"save: {what}", lambda wrong=wrong: df.save(wrong)

    assert not failures(attempts())


MODULES = {"nn": nn, "losses": losses, "optimizers": optimizers}
MADE: dict[str, tuple[Any, ...]] = {
    "nn.Value": (1.0,),
    "nn.Neuron": (2,),
    "nn.Layer": (2, 2),
    "nn.MLP": (2, [2, 1]),
    "losses.mse": (0.5, 1.0),
    "losses.hinge": (0.5, 1.0),
    "losses.binary_cross_entropy": (0.5, 1.0),
    "losses.softmax_cross_entropy": ([0.5, 0.1], 1),
    "losses.mean": ([0.5, 0.1],),
    "optimizers.SGD": ([ad.Value(1.0)], 0.1),
    "optimizers.Adam": ([ad.Value(1.0)], 0.1),
}


@pytest.mark.parametrize("name", MADE)
def test_networks(name: str) -> None:
    """Layers, losses and optimisers that are made wrongly say what they need."""
    package, _, function = name.partition(".")
    made, args = getattr(MODULES[package], function), MADE[name]
    made(*args)

    def attempts() -> Iterator[Attempt]:
        for what, attempt in wrong_numbers(made, args):
            if "a class" not in what and "a function" not in what:  # they may be called
                yield what, attempt
        if inspect.isclass(made):  # Python counts the arguments
            return
        for count in (0, len(args) + 9):
            yield f"{count} arguments", lambda count=count: made(*[*args, *[1.0] * 9][:count])
        yield "an unknown keyword", lambda: made(*args, nonsense=1)

    assert not failures(attempts())
