"""The rivals: how other libraries differentiate the traced function.

Each runs the same operations (``plain_function``: the emitted text over its own numbers), the way
its documentation recommends for speed, on one flat array of the inputs.
"""

from __future__ import annotations

import linecache
import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, SupportsFloat

import numpy as np
from numpy.typing import ArrayLike

from autodiff.graph.graph import Graph
from autodiff.graph.structure import SCALAR
from autodiff.table.primitive import REGISTRY, Primitive
from codegen.gradient import compile_graph
from codegen.language.target import PYTHON
from codegen.measure.contest.case import Case, Contender, Prepared, SkipError, plain_function

__all__ = ["RIVALS"]

_SYMPY_INPUTS = 50  # its expressions grow with the number of paths, not of operations


def _library(name: str) -> ModuleType:
    # By name: no rival is a dependency, and mypy need not have seen it.
    return import_module(name)


def _pair(result: tuple[SupportsFloat, ArrayLike]) -> tuple[float, Sequence[float]]:
    value, gradient = result
    return float(value), np.asarray(gradient).reshape(-1).tolist()


def _summed(result: tuple[ArrayLike, ArrayLike]) -> tuple[float, Sequence[float]]:
    """Sums over the points of a batch: every point counts in the comparison."""
    values, gradients = result
    return float(np.sum(np.asarray(values))), np.asarray(gradients).sum(axis=0).tolist()


def _named(library: object, *names: str, **others: str) -> dict[str, object]:
    """Functions of a library by the names emitted text uses; those it lacks are left out."""
    wanted = {name: name for name in names} | others
    found = {ours: getattr(library, theirs, None) for ours, theirs in wanted.items()}
    return {name: function for name, function in found.items() if function is not None}


# --- micrograd -------------------------------------------------------------------------------


def _micrograd(case: Case) -> Prepared:
    value_class = _library("micrograd.engine").Value

    def function(row: Primitive) -> Callable[..., object]:
        """What its users write for an operation it lacks: a node with its own ``_backward``."""

        def apply(*operands: object) -> object:
            nodes = [x if isinstance(x, value_class) else value_class(x) for x in operands]
            data = [node.data for node in nodes]
            out = value_class(row.impl(*data), tuple(nodes), row.name)

            def backward() -> None:
                for node, rule in zip(nodes, row.partials, strict=True):
                    if rule is not None:
                        node.grad += rule(out.grad, out.data, *data) or 0.0

            out._backward = backward
            return out

        return apply

    functions = {
        row.name: function(row)
        for row in REGISTRY.values()
        if not row.conditions and not row.predicate
    }
    value = plain_function(case, functions, target=PYTHON)

    def call() -> tuple[float, list[float]]:
        inputs = [value_class(x) for x in case.inputs]
        out = value(inputs)
        out.backward()
        return out.data, [x.grad for x in inputs]

    return Prepared(call, _pair)


# --- libraries with NumPy's names ------------------------------------------------------------


def _autograd(case: Case) -> Prepared:
    autograd, numpy = _library("autograd"), _library("autograd.numpy")
    special = _library("autograd.scipy.special")
    functions = _named(special, "erf", "erfc", "gamma", "digamma", "i0", "i1", lgamma="gammaln")
    value = plain_function(case, functions, numpy)
    return Prepared((autograd.value_and_grad(value), case.vector), _pair)


def _jax_gradient(case: Case) -> tuple[ModuleType, Callable[..., object]]:
    jax, numpy = _library("jax"), _library("jax.numpy")
    jax.config.update("jax_enable_x64", True)
    special, network = _library("jax.scipy.special"), _library("jax.nn")
    functions = _named(special, "erf", "erfc", "gamma", "digamma", "i0", "i1", "xlogy")
    functions |= _named(special, lgamma="gammaln") | _named(network, "sigmoid", "softplus", "silu")
    value = plain_function(case, functions, numpy)
    return jax, jax.value_and_grad(lambda x: value(list(x)))


def _jax(case: Case, bound: bool) -> Prepared:
    jax, gradient = _jax_gradient(case)
    compiled, x = jax.jit(gradient), jax.numpy.asarray(case.vector) if bound else case.vector
    return Prepared(lambda: jax.block_until_ready(compiled(x)), _pair)


def _jax_batch(case: Case) -> Prepared:
    jax, gradient = _jax_gradient(case)
    compiled, x = jax.jit(jax.vmap(gradient)), jax.numpy.asarray(case.rows)
    return Prepared(lambda: jax.block_until_ready(compiled(x)), _summed)


def _torch(case: Case) -> Prepared:
    torch = _library("torch")
    torch.set_num_threads(1)

    def of_tensors(function: Callable[..., object]) -> Callable[..., object]:
        """``torch.maximum(0.5, x)`` is an error: numbers become tensors first."""
        return lambda *xs: function(*(torch.as_tensor(x, dtype=torch.float64) for x in xs))

    numpy = SimpleNamespace(**vars(torch))
    for theirs in ("maximum", "minimum", "hypot", "logaddexp", "arctan2", "pow"):
        setattr(numpy, theirs, of_tensors(getattr(torch, theirs)))
    numpy.power, numpy.rint = numpy.pow, torch.round
    functions = _named(torch, "erf", "erfc", "sigmoid", "digamma", "lgamma", "i0", "xlogy")
    functions |= _named(_library("torch.nn.functional"), "softplus", "silu")
    value = plain_function(case, functions, numpy)

    def call() -> tuple[float, object]:
        x = torch.tensor(case.vector, requires_grad=True)
        out = value(x.unbind())
        out.backward()
        return out.item(), x.grad

    return Prepared(call, _pair)


# --- CasADi ----------------------------------------------------------------------------------


def _casadi_function(case: Case) -> Any:
    casadi = _library("casadi")
    x = casadi.SX.sym("x", len(case.inputs))
    numpy = SimpleNamespace(**vars(casadi))
    numpy.where, numpy.maximum, numpy.minimum = casadi.if_else, casadi.fmax, casadi.fmin
    numpy.abs, numpy.arcsin, numpy.arccos = casadi.fabs, casadi.asin, casadi.acos
    numpy.arctan, numpy.arctan2 = casadi.atan, casadi.atan2
    numpy.arcsinh, numpy.arccosh, numpy.arctanh = casadi.asinh, casadi.acosh, casadi.atanh
    y = plain_function(case, _named(casadi, "erf"), numpy)(casadi.vertsplit(x))
    return casadi.Function("gradient", [x], [y, casadi.gradient(y, x)])


def _casadi_bound(case: Case, function: Any, size: int | None) -> Prepared:
    buffer, call = function.buffer()
    x, value, gradient = case.vector.copy(), np.zeros(1), np.zeros(len(case.inputs))
    buffer.set_arg(0, memoryview(x.data))
    buffer.set_res(0, memoryview(value.data))
    buffer.set_res(1, memoryview(gradient.data))
    return Prepared(
        call,
        lambda _: (float(value[0]), gradient.tolist()),
        size,
        keep=(x, buffer, function),  # the call only points to these
    )


def _casadi_called(case: Case, function: object, size: int | None) -> Prepared:
    return Prepared((function, case.vector), _pair, size)


def _casadi(case: Case, prepared: Callable[..., Prepared]) -> Prepared:
    return prepared(case, _casadi_function(case), None)


def _casadi_c(case: Case, prepared: Callable[..., Prepared]) -> Prepared:
    casadi, function = _library("casadi"), _casadi_function(case)
    folder = Path(tempfile.mkdtemp())
    here = Path.cwd()
    try:
        os.chdir(folder)  # CasADi writes beside itself only
        function.generate("gradient.c")
    finally:
        os.chdir(here)
    source, library = folder / "gradient.c", folder / "gradient.so"
    command = ["cc", "-O3", "-march=native", "-shared", "-fPIC", str(source), "-o", str(library)]
    try:
        subprocess.run([*command, "-lm"], check=True, capture_output=True)
    except OSError:
        raise SkipError("there is no C compiler here") from None
    return prepared(case, casadi.external("gradient", str(library)), source.stat().st_size)


# --- ddx-ad ----------------------------------------------------------------------------------


def _ddx_equation(case: Case) -> Any:
    ddx = _library("ddx")
    names = [n for n in dir(ddx) if not n.startswith("_")]
    functions = _named(ddx, *names, where="select", maximum="max", minimum="min")
    functions["log1p"] = lambda x: ddx.log(1.0 + x)
    functions["expm1"] = lambda x: ddx.exp(x) - 1.0
    renamed = {"arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2"}
    renamed |= {"arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh", "power": "pow"}
    numpy = SimpleNamespace(**functions, **_named(ddx, **renamed))
    value = plain_function(case, functions, numpy)
    count = len(case.inputs)
    # Zero-padded: it orders inputs by name.
    return ddx.equation(lambda: value([ddx.var(f"x{i:06d}") for i in range(count)]))


def _ddx(case: Case) -> Prepared:
    equation = _ddx_equation(case)
    equation.compile()
    return Prepared((equation.jacobian, case.vector), _pair)


def _ddx_bound(case: Case) -> Prepared:
    equation = _ddx_equation(case)
    equation.compile()
    call = equation.buffer(case.vector.copy())
    return Prepared(call, lambda _: _pair((call.value, call.jacobian)))


def _ddx_batch(case: Case) -> Prepared:
    equation = _ddx_equation(case)
    equation.compile(points=case.points)
    call = equation.buffer(np.ascontiguousarray(case.rows.T))

    return Prepared(call, lambda _: _summed((call.value, np.asarray(call.jacobian).T)))


# --- symbols and source transformation -------------------------------------------------------


def _sympy(case: Case) -> Prepared:
    if len(case.inputs) > _SYMPY_INPUTS:
        raise SkipError(f"more than {_SYMPY_INPUTS} inputs: its formulas would grow for hours")
    sympy = _library("sympy")
    x = sympy.symbols(f"x0:{len(case.inputs)}", real=True)
    functions = _named(sympy, "erf", "erfc", "gamma", "digamma", lgamma="loggamma")
    numpy = SimpleNamespace(**vars(sympy))
    numpy.power, numpy.abs, numpy.maximum, numpy.minimum = pow, abs, sympy.Max, sympy.Min
    numpy.arcsin, numpy.arccos, numpy.arctan = sympy.asin, sympy.acos, sympy.atan
    numpy.arctan2 = sympy.atan2
    numpy.where = lambda c, a, b: sympy.Piecewise((a, c), (b, True))
    y = plain_function(case, functions, numpy)(x)
    outputs = [y, *(sympy.diff(y, symbol) for symbol in x)]
    compiled = sympy.lambdify(x, outputs, modules="math", cse=True)
    size = len(compiled.__doc__ or "")
    return Prepared((compiled, *case.inputs), lambda out: (out[0], out[1:]), size)


def _tangent(case: Case) -> Prepared:
    tangent = _library("tangent")
    graph, count = case.graph, len(case.inputs)
    scalars = tuple((f"x{i}", SCALAR) for i in range(count))
    flat = Graph(graph.name, scalars, graph.nodes, graph.outputs, graph.result)
    text = compile_graph(flat, "numpy", check=False).source
    text = text.replace("return (", "return ").replace(",)\n", "\n")  # it wants one number
    scope: dict[str, object] = {}
    linecache.cache["<tangent>"] = (len(text), None, text.splitlines(True), "<tangent>")
    exec(compile(text, "<tangent>", "exec"), scope)
    gradient = tangent.grad(scope["evaluate"], wrt=tuple(range(count)), preserve_result=True)

    def read(out: Sequence[float]) -> tuple[float, Sequence[float]]:
        return float(out[-1]), [float(x) for x in out[:-1]]

    return Prepared((gradient, *case.inputs), read)


RIVALS = (
    Contender("micrograd", "micrograd", _micrograd),
    Contender("autograd", "autograd", _autograd),
    Contender("PyTorch", "torch", _torch),
    Contender("JAX jit", "jax", partial(_jax, bound=False), _jax_batch),
    Contender("JAX jit, own array", "jax", partial(_jax, bound=True), bound=True),
    Contender("SymPy lambdify", "sympy", _sympy),
    Contender("tangent-ad", "tangent", _tangent),
    Contender("CasADi", "casadi", partial(_casadi, prepared=_casadi_called)),
    Contender("CasADi, bound", "casadi", partial(_casadi, prepared=_casadi_bound), bound=True),
    Contender("CasADi C -O3", "casadi", partial(_casadi_c, prepared=_casadi_called)),
    Contender(
        "CasADi C -O3, bound", "casadi", partial(_casadi_c, prepared=_casadi_bound), bound=True
    ),
    Contender("ddx-ad", "ddx", _ddx, _ddx_batch),
    Contender("ddx-ad, bound", "ddx", _ddx_bound, bound=True),
)
