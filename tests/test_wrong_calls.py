"""Public functions called with wrong types, counts and values: errors of ours, and no others."""

from __future__ import annotations

import inspect
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import pytest
import sympy

import autodiff as ad
import codegen
import verify
from autodiff.nn import MLP
from autodiff.numbers.ieee import PORTABLE
from autodiff.table.primitive import PUBLIC, REGISTRY
from proofgrad import distributed
from verify.beside.accuracy import measure_rows

PACKAGES = {"autodiff": ad, "codegen": codegen, "verify": verify, "distributed": distributed}


def product(x: float = 2.0, y: float = 3.0) -> float:
    """The function under test."""
    return x * y + x


def pair(x: float = 2.0, y: float = 3.0) -> tuple[float, float]:
    """A function with a Jacobian."""
    return x * y, x + y


GRAPH = ad.trace(product)
HOW: dict[str, Any] = {
    "target": "numpy",
    "wrt": 0,
    "batch": True,
    "reduce": "sum",
    "profile": "exact",
    "check": True,
    "comments": False,
    "cache": False,
    "threads": None,
}
ROW = REGISTRY["exp"]
XS, YS = [[1.0, 2.0], [2.0, 1.0]], [1.0, -1.0]


class Object:
    """Something that no function expects."""

    def __repr__(self) -> str:
        return "<object>"


def recheckable() -> tuple[str, str]:
    """The paths of a certificate, and of the text that it is about."""
    folder = Path(tempfile.mkdtemp())
    compiled = codegen.compile_gradient(product)
    compiled.save(folder / "d_product.py")
    verify.verify_gradient(compiled).save(folder / "proof.json")
    return str(folder / "proof.json"), str(folder / "d_product.py")


def half(x: float) -> float:
    """The function of a primitive."""
    return x * 0.5


def registered(*partials: Any, value: Any = half, **options: Any) -> object:
    """``custom``, applied at once, for what is wrong with its options shows then; and undone."""
    tables: tuple[dict[str, Any], ...] = (REGISTRY, PUBLIC, PORTABLE)
    before = [dict(table) for table in tables]
    try:
        return ad.custom(*partials, **options)(value)
    finally:
        for table, kept in zip(tables, before, strict=True):
            for name in table.keys() - kept.keys():
                del table[name]


X, Y = sympy.symbols("x y")


def row(w: float, x: float, y: float) -> float:
    """What one row contributes."""
    return (w * x - y) ** 2


def misfit(w: float, x: float) -> float:
    """The residual of one row."""
    return w * x - 1.0


def training() -> tuple[tuple[Any, ...], dict[str, Any]]:
    """A call of ``train``, which needs collections of Dask."""
    array = pytest.importorskip("dask.array", reason="needs the extra dask")
    total = distributed.distribute(row, 0.0, 0.0, 0.0)
    columns = array.ones(4, chunks=2), array.zeros(4, chunks=2)
    return (total, 0.0, *columns), {"steps": 1, "optimizer": None, "partitions": None}


# A call of each public function that succeeds, and of rows: its arguments by position and by name.
RIGHT: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "autodiff.custom": (
        (lambda g, out, x: 0.5 * g,),
        {
            "value": half,
            "name": "half",
            "sympy": "x / 2",
            "domain": (0.0, 1.0),
            "kinks": [("x = 0", "0.5")],
            "numpy": "0.5 * {0}",
            "prove": True,
        },
    ),
    "autodiff.backpropagate": ((GRAPH, 1.0, 2.0), {"wrt": 0}),
    "autodiff.check": ((GRAPH,), {}),
    "autodiff.draw": ((GRAPH,), {"at": (1.0, 2.0), "format": "svg", "limit": 250}),
    "autodiff.evaluate": ((GRAPH, 1.0, 2.0), {}),
    "autodiff.grad": ((product,), {"wrt": 0}),
    **{
        f"autodiff.{name}": ((product, 1.0, 2.0), {"wrt": 0})
        for name in ("gradient", "hessian", "hvp", "jacobian", "vjp")
    },
    "autodiff.jvp": ((product, 1.0, 2.0), {}),
    "autodiff.parse": ((str(GRAPH),), {}),
    "autodiff.atan2": ((0.5, 1.0), {}),
    "autodiff.clip": ((0.5, 0.0, 1.0), {}),
    "autodiff.elu": ((0.5, 1.0), {}),
    "autodiff.iv": ((2, 0.5), {}),
    "autodiff.leaky_relu": ((0.5, 0.1), {}),
    "autodiff.maximum": ((0.5, 1.0), {}),
    "autodiff.minimum": ((0.5, 1.0), {}),
    "autodiff.polygamma": ((1, 0.5), {}),
    "autodiff.pow": ((0.5, 2.0), {}),
    "autodiff.power": ((0.5, 2.0), {}),
    "autodiff.cond": ((True, lambda x: x, lambda x: x, 1.0), {}),
    "autodiff.while_loop": ((lambda x: False, lambda x: x, 1.0), {"most": 9}),
    "autodiff.root": ((lambda x: x * x - 2.0, 1.0), {"most": 20}),
    "autodiff.fixed_point": ((lambda x: 0.5 * x + 1.0, 1.0), {"most": 90}),
    "autodiff.scan": ((lambda c, x: (c, x), 0.0, np.ones(3)), {"length": 3, "reverse": True}),
    "autodiff.sin": ((0.5,), {}),
    "autodiff.spherical_jn": ((2, 0.5), {}),
    "autodiff.where": ((True, 0.5, 1.0), {}),
    "autodiff.trace": ((product, 1.0, 2.0), {}),
    "autodiff.trace_nan": ((product, 1.0, 2.0), {"wrt": 0}),
    "autodiff.value_and_grad": ((product,), {"wrt": 0}),
    "codegen.bench": ((product, 1.0, 2.0), {"wrt": 0, "rounds": 1}),
    "codegen.compile": ((product, 1.0, 2.0), {"what": ("value", "hessian"), **HOW}),
    "codegen.compile_jacobian": ((pair, 1.0, 2.0), HOW),
    **{
        f"codegen.compile_{name}": ((product, 1.0, 2.0), HOW)
        for name in ("function", "gradient", "hessian", "hvp", "jvp", "vjp")
    },
    "codegen.compile_graph": ((GRAPH, "python"), {"check": True, "batch": None, "threads": None}),
    "codegen.compile_operator": ((product, 1.0, 2.0), {"what": "hessian", "target": "python"}),
    "codegen.compile_step": ((MLP(2, [1]), "mse", XS, YS), {"target": "numpy", "l2": 0.0}),
    "codegen.measure": (({"one": (math.sin, 1.0)},), {"rounds": 1}),
    "codegen.predict": ((MLP(2, [1]), XS), {}),
    "codegen.to_c": (
        (product, 1.0, 2.0),
        {"wrt": 0, "profile": "exact", "what": "hessian", "sparse": "coo"},
    ),
    "codegen.to_latex": (
        (product, 1.0, 2.0),
        {"wrt": 0, "profile": "exact", "what": "hvp", "sparse": False},
    ),
    "codegen.train": (
        (MLP(2, [1]), "mse", XS, YS),
        {"steps": 2, "batch_size": 1, "l2": 0.0, "target": "numpy", "seed": 0, "progress": False},
    ),
    "distributed.distribute": ((row, 0.0, 0.0, 0.0), {"wrt": 0, "target": "numpy", "on": "dask"}),
    "distributed.normal_equations": ((misfit, 0.0, 0.0), {"target": "numpy", "on": "dask"}),
    "verify.accuracy_table": ((measure_rows([ROW], 3), 3), {}),
    "verify.domain_report": ((product, 1.0, 2.0), {"time_limit": 3.0}),
    "verify.from_sympy": ((X * Y, X, Y), {"name": "f"}),
    "verify.recheck": (recheckable(), {"time_limit": 3.0}),
    "verify.gradient_error": ((product, 1.0, 2.0), {}),
    "verify.measure_rows": (([ROW],), {"count": 3, "seed": 0}),
    "verify.mutate": ((product, 1.0, 2.0), {"count": 1, "seed": 0, "time_limit": 3.0}),
    "verify.prove_rule": ((ROW,), {"position": 0, "time_limit": 3.0}),
    "verify.prove_rules": (([ROW],), {"time_limit": 3.0}),
    "verify.to_sympy": ((GRAPH,), {"shared": False, "exact": False}),
    "verify.verify_gradient": (
        (product, 1.0, 2.0),
        {"gradient": None, "time_limit": 3.0, "seed": 0},
    ),
    "verify.verify_derivatives": (
        (product, 1.0, 2.0),
        {"what": "hvp", "claimed": None, "time_limit": 3.0, "seed": 0, "wrt": None},
    ),
    "verify.verify_hessian": (
        (product, 1.0, 2.0),
        {"hessian": None, "time_limit": 3.0, "seed": 0, "wrt": None},
    ),
    "verify.verify_jacobian": (
        (pair, 1.0, 2.0),
        {"jacobian": None, "time_limit": 3.0, "seed": 0, "wrt": None},
    ),
    "verify.worst_input": ((product, (1.0, 2.0), (1.0, 2.0)), {"tries": 3, "seed": 0}),
}

WRONG: dict[str, Any] = {
    "None": None,
    "a text": "x*x",
    "an empty text": "",
    "a null character": "a\0b",
    "bytes": b"1",
    "a negative int": -1,
    "a float": 2.5,
    "nan": math.nan,
    "inf": math.inf,
    "complex": 1j,
    "True": True,
    "a list": [],
    "a dict": {"a": 1.0},
    "a nested list": [[1.0], "a"],
    "an array": np.ones((2, 2)),
    "an object array": np.array([None, "a"], dtype=object),
    "a class": Object,
    "an object": Object(),
    "a function of nothing": lambda: 1.0,
    "a function that raises": lambda *args: args[7],
}


def public() -> Iterator[str]:
    """Names of all public functions."""
    for package, module in PACKAGES.items():
        for name in module.__all__:
            if isinstance(getattr(module, name), FunctionType):
                yield f"{package}.{name}"


def found(name: str) -> Any:
    """The public function of that name; one that does something only where it is applied, so."""
    if name == "autodiff.custom":
        return registered
    package, _, function = name.partition(".")
    return getattr(PACKAGES[package], function)


# What functions mostly take, for those that the table does not have yet.
GUESSES: tuple[tuple[Any, ...], ...] = (
    (product, 1.0, 2.0), (pair, 1.0, 2.0), (GRAPH,), (GRAPH, 1.0, 2.0), (product,),
    (0.5,), (0.5, 1.0), (0.5, 0.25, 1.0), (2, 0.5),
)  # fmt: skip


def right_call(name: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """A call that succeeds: the table's, or the first guess that does."""
    if name == "distributed.train":
        return training()
    if name in RIGHT:
        return RIGHT[name]
    parameters = inspect.signature(found(name)).parameters.values()
    options = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
    for args in GUESSES:
        try:
            found(name)(*args)
        except ad.ProofgradError:
            continue
        return args, {key: value for key, value in options.items() if value is not inspect._empty}
    raise AssertionError(f"{name}: add a call that succeeds to RIGHT")


def test_the_table_knows_no_other_functions() -> None:
    """What the table names is exported."""
    rows = {"autodiff.atan2", "autodiff.sin", "autodiff.where"}
    assert set(RIGHT) - rows <= set(public())


def _fewest(name: str) -> int:
    """0 arguments, or 1 where none at all is right: every row of the table is meant then."""
    parameters = inspect.signature(found(name)).parameters.values()
    return int(all(p.default is not p.empty for p in parameters))


def attempts(name: str) -> Iterator[tuple[str, tuple[Any, ...], dict[str, Any]]]:
    """What is wrong, and the call: each argument replaced in turn, and other numbers of them."""
    args, options = right_call(name)
    for count in range(_fewest(name), len(args)):
        yield f"{count} arguments", args[:count], {}
    yield "ten arguments more", (*args, *[1.0] * 10), options
    yield "an unknown keyword", args, options | {"nonsense": 1}
    parameters = list(inspect.signature(found(name)).parameters.values())
    for what, value in WRONG.items():
        for place in range(len(args)):
            if place < len(parameters) and value is parameters[place].default:
                continue  # None is right there
            replaced = (*args[:place], value, *args[place + 1 :])
            yield f"argument {place}: {what}", replaced, options
        for option in options:
            yield f"{option}={what}", args, options | {option: value}


@pytest.mark.parametrize("name", sorted({*RIGHT, *public()}))
def test_wrong_calls_are_errors_of_ours(name: str) -> None:
    """A wrong argument of a public function is a ProofgradError, or not wrong."""
    if name.startswith("distributed."):
        pytest.importorskip("dask.array", reason="needs the extra dask")
    args, options = right_call(name)
    found(name)(*args, **options)
    function, failures = found(name), []
    for what, wrong, named in attempts(name):
        try:
            function(*wrong, **named)
        except ad.ProofgradError as error:
            if not str(error) or "<locals>" in str(error):
                failures.append(f"{what}: {error!r}")
        except IndexError as error:
            if "function that raises" not in what:
                failures.append(f"{what}: {error!r}")
        except Exception as error:
            failures.append(f"{what}: {error!r}")
    assert not failures, "\n".join(failures)
