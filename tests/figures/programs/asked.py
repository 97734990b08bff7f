"""What is asked of a program: gradients at several points, and other things, each in its way."""

from __future__ import annotations

import ast
import contextlib
import inspect
import math
import pickle
import signal
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import autodiff as ad
import codegen
from tests.figures.programs.itself import Itself, apart, far
from tests.figures.programs.program import Program, fresh
from tests.figures.programs.truth import flat
from tests.modules_by_path import module_at
from verify import verify_gradient

__all__ = ["WAYS", "Difference", "Run", "differences"]

LIMIT = 12.0  # seconds for each thing that is asked
_FIRST, _SECOND = 2e-6, 2e-4  # what differences are trusted to


class Difference(NamedTuple):
    """What is not as it should be: wrong, raw (an exception that is not ours) or refused."""

    kind: str
    way: str
    target: str
    said: str


class Run:
    """A program, its points that run, and what a target makes of it."""

    def __init__(self, program: Program, target: str) -> None:
        self.program, self.target = program, target
        self.function = program.function()
        self.example = fresh(program.points[0])
        self.points: list[Itself] = []
        for point in program.points:
            try:
                self.points.append(Itself(program, point))
            except Exception:  # the program's own
                if point is program.points[0]:
                    return
        self.made: Any = None
        self.found: list[list[float]] = []

    def compiled(self, function: Any = None, **how: Any) -> Any:
        """Value and gradient."""
        how.setdefault("target", self.target)
        how.setdefault("wrt", self.program.wrt)
        how.setdefault("check", False)  # differences judge; the check is asked for by its own way
        return codegen.compile_gradient(function or self.function, *fresh(self.example), **how)

    def numbers(self, made: Any, point: Itself) -> list[float]:
        """Value and gradient at a point."""
        return flat(made(*fresh(point.point)))

    @property
    def flattened(self) -> tuple[Callable[[Any], Any], Callable[[Itself], Any]]:
        """The function of one vector, and the vector of a point; of floats and arrays."""
        shapes = [np.shape(self.example[i]) for i in self.program.wrt]
        fixed, function, wrt = list(self.example), self.function, self.program.wrt

        def of_vector(z: Any) -> Any:
            given, place = list(fixed), 0
            for i, shape in zip(wrt, shapes, strict=True):
                size = math.prod(shape)
                given[i] = z[place : place + size].reshape(shape) if shape else z[place]
                place += size
            return function(*given)

        return of_vector, lambda one: np.array(flat([one.point[i] for i in wrt]))

    @property
    def is_flat(self) -> bool:
        """True of functions of floats and arrays without counts."""
        return all(isinstance(x, (float, np.ndarray)) for x in self.example)


def _gradient(run: Run) -> Iterator[str]:
    """At every point, against the program itself."""
    run.made = run.compiled()
    for one in run.points:
        value, *slopes = run.numbers(run.made, one)
        run.found.append([value, *slopes])
        if not abs(value - one.value) <= 1e-9 * max(1.0, abs(one.value)):
            if math.isfinite(one.value) or not (value == one.value or value != value):
                yield f"value {value!r} for {one.value!r} at {one.point}"
        elif said := far(slopes, one.slopes, _FIRST):
            yield f"{said} at {one.point}"


def _again(run: Run) -> Iterator[str]:
    """A second compile in the process, of a function read anew, with another example."""
    run.function, example = run.program.function(), run.example
    run.example = fresh(run.points[-1].point)
    made = run.compiled()
    run.example = example
    yield from _as_found(run, made)


def _as_found(run: Run, made: Any) -> Iterator[str]:
    for one, found in zip(run.points, run.found, strict=True):
        if said := apart(run.numbers(made, one), found):
            yield f"{said} at {one.point}"


def _pickled(run: Run) -> Iterator[str]:
    yield from _as_found(run, pickle.loads(pickle.dumps(run.made)))


def _saved(run: Run) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "saved_program.py"
        run.made.save(path)
        module = module_at(path)
        parameters = len(inspect.signature(module.value_and_gradient).parameters)

        def call(*given: Any) -> Any:
            if parameters != len(given):  # a text of numbers takes what lists and dicts hold
                given = tuple(flat(given))
            elif run.made.graph.expanded:  # and what an array holds in a row
                given = tuple(np.ravel(x) if isinstance(x, np.ndarray) else x for x in given)
            return module.value_and_gradient(*given)

        yield from _as_found(run, call)


def _interpreted(run: Run) -> Iterator[str]:
    yield from _as_found(run, ad.value_and_grad(run.function, wrt=run.program.wrt))


def _expanded(run: Run) -> Iterator[str]:
    yield from _as_found(run, run.compiled(expand=True))


def _whole(run: Run) -> Iterator[str]:
    if run.target != "python":
        yield from _as_found(run, run.compiled(expand=False))


def _fast(run: Run) -> Iterator[str]:
    yield from _as_found(run, run.compiled(profile="fast"))


def _stable(run: Run) -> Iterator[str]:
    yield from _as_found(run, run.compiled(profile="stable"))


def _first_call(run: Run) -> Iterator[str]:
    made = codegen.compile_gradient(
        run.function, target=run.target, wrt=run.program.wrt, check=False
    )
    yield from _as_found(run, made)


def _halves(run: Run) -> Iterator[str]:
    for one, found in zip(run.points, run.found, strict=True):
        value, kept = run.made.forward(*fresh(one.point))
        if said := apart(
            [value, *flat(run.made.backward(kept, 2.0))], [found[0], *(2.0 * x for x in found[1:])]
        ):
            yield f"{said} at {one.point}"


def _one_argument(run: Run) -> Iterator[str]:
    """By one argument alone: the same numbers."""
    place = 0
    for i, size in zip(run.program.wrt, run.points[0].inputs, strict=True):
        made = run.compiled(wrt=i)
        for one, found in zip(run.points, run.found, strict=True):
            expected = [found[0], *found[1 + place : 1 + place + size]]
            if said := apart(run.numbers(made, one), expected):
                yield f"wrt={i}: {said} at {one.point}"
        place += size


def _batch(run: Run) -> Iterator[str]:
    if run.target == "python" or not run.is_flat:
        return
    made = run.compiled(batch=True)
    given = [np.array([one.point[i] for one in run.points]) for i in range(len(run.example))]
    value, gradient = made(*given)
    for k, (one, found) in enumerate(zip(run.points, run.found, strict=True)):
        parts = gradient if isinstance(gradient, tuple) else (gradient,)
        if said := apart([float(value[k]), *flat([np.asarray(x)[k] for x in parts])], found):
            yield f"{said} at {one.point}"


def _out(run: Run) -> Iterator[str]:
    """Into arrays of the caller, by a call and bound."""
    if run.target == "python" or not run.is_flat:
        return
    out = tuple(np.full(np.shape(run.example[i]), 7.0) for i in run.program.wrt)
    bound = tuple(np.array(x, dtype=float) for x in run.example)
    call = run.made.bind(*bound, out=out) if run.target == "native" else None
    for one, found in zip(run.points, run.found, strict=True):
        value = run.made(*fresh(one.point), out=out)
        value = value[0] if isinstance(value, tuple) else value
        if said := apart([value, *flat(out)], found):
            yield f"out: {said} at {one.point}"
        if call is not None:
            for array, x in zip(bound, one.point, strict=True):
                array[...] = x
            if said := apart([call(), *flat(out)], found):
                yield f"bound: {said} at {one.point}"


def _threads(run: Run) -> Iterator[str]:
    """Calls at the same time, and compiles."""
    said: list[str] = []

    def work(k: int) -> None:
        try:
            made = run.made if k % 2 else run.compiled()
            for _ in range(20):
                said.extend(_as_found(run, made))
        except BaseException as error:
            said.append(repr(error))

    workers = [threading.Thread(target=work, args=(k,)) for k in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    yield from said[:1]


def _product(run: Run) -> Iterator[str]:
    """A Hessian times a direction, the Hessian in three forms, at two points."""
    if not run.is_flat:
        return
    function, vector = run.flattened
    start = vector(run.points[0])
    made = codegen.compile_hvp(function, start, target=run.target, check=False)
    dense = codegen.compile_hessian(function, start, target=run.target, check=False)
    sparse = codegen.compile_hessian(function, start, target=run.target, sparse=True, check=False)
    several = codegen.compile(
        function, start, target=run.target, check=False, what=("value", "gradient", "hessian")
    )
    draw = np.random.default_rng(len(start))
    for one, found in list(zip(run.points, run.found, strict=True))[:3]:
        direction, at = draw.uniform(-1.0, 1.0, len(start)), vector(one)
        product = flat(made(at, direction))
        smooth = all(x.error < 1e-3 for x in one.slopes)
        if smooth and (said := far(product, one.product(direction), _SECOND)):
            yield f"{said} at {one.point} along {list(direction)}"
        matrix = dense(at)
        value, gradient, third = several(at)
        entries = flat(matrix)
        alike = {
            "gradient": apart([value, *gradient], found),
            "several": apart(flat(third), entries),
            "sparse": apart(flat(sparse(at)), entries),
            "product": apart(product, flat(matrix @ direction)),
        }
        yield from (f"{name}: {said} at {one.point}" for name, said in alike.items() if said)


class _Parts(ast.NodeTransformer):
    """Returns the terms of what was returned."""

    def visit_Return(self, node: ast.Return) -> ast.Return:
        parts: list[ast.expr] = []
        left = node.value
        while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
            parts, left = [left.right, *parts], left.left
        listed = ast.List([left, *parts], ast.Load())
        array = ast.Attribute(ast.Name("np", ast.Load()), "array", ast.Load())
        return ast.Return(ast.Call(array, [listed], []))


def _jacobian(run: Run) -> Iterator[str]:
    """The Jacobian of the terms in two forms, against their sum; and products from both sides."""
    if (
        not run.is_flat
        or "return" in run.program.source.rpartition("\n    return")[0].rpartition("def f(")[2]
    ):
        return  # one return, at the end
    tree = ast.parse(run.program.source)
    tree.body[-1] = _Parts().visit(tree.body[-1])
    source = ast.unparse(ast.fix_missing_locations(tree))
    parts = Run(run.program._replace(source=source), run.target)
    function, vector = parts.flattened
    start = vector(run.points[0])
    dense = codegen.compile_jacobian(function, start, target=run.target, check=False)
    sparse = codegen.compile_jacobian(function, start, target=run.target, sparse=True, check=False)
    back = codegen.compile_vjp(function, start, target=run.target, check=False)
    ahead = codegen.compile_jvp(function, start, target=run.target, check=False)
    draw = np.random.default_rng(len(start))
    for one, found in zip(run.points, run.found, strict=True):
        at = vector(one)
        matrix = dense(at)
        rows, columns = (
            draw.uniform(-1.0, 1.0, matrix.shape[0]),
            draw.uniform(-1.0, 1.0, len(start)),
        )
        alike = {
            "sum": apart(flat(np.sum(matrix, axis=0)), found[1:]),
            "sparse": apart(flat(sparse(at)), flat(matrix)),
            "vjp": apart(flat(back(at, rows)[1]), flat(rows @ matrix)),
            "jvp": apart(flat(ahead(at, columns)[1]), flat(matrix @ columns)),
        }
        yield from (f"{name}: {said} at {one.point}" for name, said in alike.items() if said)


def _checked(run: Run) -> Iterator[str]:
    """With the check at compile, which raises where it refutes."""
    yield from _as_found(run, run.compiled(check=True))


def _verified(run: Run) -> Iterator[str]:
    report = verify_gradient(run.made, *fresh(run.example))
    if str(report.verdict) == "REFUTED":
        yield str(report)[:600]


WAYS: dict[str, Callable[[Run], Iterator[str]]] = {
    "gradient": _gradient, "again": _again, "pickled": _pickled, "saved": _saved,
    "interpreted": _interpreted, "expanded": _expanded, "whole": _whole, "fast": _fast,
    "stable": _stable, "first call": _first_call, "halves": _halves, "one argument": _one_argument,
    "batch": _batch, "out": _out, "threads": _threads, "product": _product, "jacobian": _jacobian,
    "checked": _checked, "verified": _verified,
}  # fmt: skip


class _TooLongError(BaseException):
    """Raised where a program has taken long enough."""


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise _TooLongError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)


def differences(program: Program, target: str, ways: Sequence[str]) -> Iterator[Difference]:
    """What is not as it should be: the gradient first, then what else is asked for."""
    try:
        run = Run(program, target)
    except Exception:  # no program, or none any more
        return
    if not run.points:
        return
    for way in ("gradient", *ways):
        try:
            with warnings.catch_warnings(action="ignore"), _limited():
                said = next(WAYS[way](run), None)
            if said is not None:
                yield Difference("wrong", way, target, said)
                return
        except ad.ProofgradError as error:
            yield Difference("refused", way, target, str(error))
            if way == "gradient":
                return
        except _TooLongError:
            yield Difference("slow", way, target, f"over {LIMIT} s of the processor's time")
            return
        except Exception as error:  # what must not happen
            yield Difference("raw", way, target, f"{type(error).__name__}: {error}")
            return
