"""The native target: the interpreter's bits, every kind of argument, and no crash."""

from __future__ import annotations

import copy
import gc
import itertools
import math
import os
import pickle
import random
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff as ad
import codegen
from autodiff.errors import ArgumentError, EmitError
from autodiff.graph.graph import Builder, Graph, same_bits
from autodiff.graph.structure import SCALAR
from autodiff.graph.tree.tree import leaves_of
from autodiff.numbers.ieee import PORTABLE
from autodiff.table.primitive import REGISTRY
from codegen import compile_gradient, compile_graph
from codegen.native import host as layout
from codegen.native.form.forms import Library
from codegen.native.run import jit
from codegen.native.run import native as native_module
from codegen.native.write import instructions
from codegen.native.write import kernel as ir
from tests.modules_by_path import module_at
from tests.orders import literals_of
from tests.random_graphs import ROWS, SPECIAL, differences, graphs, numbers

pytest.importorskip("llvmlite", reason="the native target needs llvmlite")

# What no C function and no compiled source gives the bits of; they are called in the interpreter.
INTERPRETED = {"hypot"}


def rosenbrock(x: Any) -> Any:
    """A sum over neighbours: many inputs, arithmetic only."""
    total: Any = 0.0
    for here, after in itertools.pairwise(x):
        total = total + 100.0 * (after - here * here) ** 2 + (1.0 - here) ** 2
    return total


def smooth(x: Any, scale: Any, shift: Any) -> Any:
    """An array between two scalars, with calls of C functions."""
    return ad.sin(x[0] * scale) * ad.exp(x[1]) / (x[2] + shift) + ad.tanh(x[0] * x[2])


def native(function: Callable[..., Any], *examples: Any, **options: Any) -> Any:
    """The gradient as machine code."""
    return compile_gradient(function, *examples, target="native", **options)


def alone(row: ad.Primitive, literal: float) -> tuple[Graph, list[int]]:
    """A graph of one primitive, and the positions of its free operands."""
    free = [p for p in range(row.arity) if p not in row.literal]
    builder = Builder(len(free))
    operands = tuple(
        builder.literal(literal) if p in row.literal else free.index(p) for p in range(row.arity)
    )
    names = [(f"x{i}", SCALAR) for i in range(len(free))]
    return builder.graph("f", names, [builder.add(row, operands)], SCALAR), free


# --- bits ------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_primitives_have_the_interpreters_bits(row: ad.Primitive) -> None:
    """A primitive in machine code gives the interpreter's bits, at special and random points."""
    draw = random.Random(row.name)
    for literal in literals_of(row):
        graph, free = alone(row, literal)
        call = compile_graph(graph, "native")
        points = list(itertools.product(SPECIAL, repeat=min(len(free), 2)))
        points = [(*point, *draw.choices(SPECIAL, k=len(free) - len(point))) for point in points]
        points += [
            tuple(draw.uniform(-spread, spread) for _ in free)
            for spread in (1.0, 5.0, 200.0)
            for _ in range(150)
        ]
        for point in points:
            full = [literal if p in row.literal else point[free.index(p)] for p in range(row.arity)]
            expected = float(row.impl(*full))
            assert same_bits(call(*point), expected), (row.name, full, call(*point), expected)


def test_primitives_are_compiled_not_interpreted() -> None:
    """Only the functions with an algorithm of CPython's own are called in the interpreter."""
    library = Library()
    for row in ROWS:
        library.form(row)
    assert set(library.called) <= INTERPRETED


@settings(deadline=None, max_examples=30)
@given(graphs(), st.data())
def test_random_gradients_have_the_interpreters_bits(graph: Graph, data: st.DataObject) -> None:
    """Value and gradient of any graph are those of the interpreter, bit for bit."""
    df = compile_gradient(graph, target="native", check=False)
    for _ in range(3):
        point = [data.draw(numbers) for _ in range(graph.input_count)]
        found, expected = df(*point), ad.backpropagate(graph, *point)
        assert not differences(found, expected), (str(graph), point)


@settings(deadline=None, max_examples=12)
@given(graphs(), st.data())
def test_chunks_change_no_bit(graph: Graph, data: st.DataObject) -> None:
    """Cut into chunks of three operations, every graph gives the same bits."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"WHOLE": 2, "CHUNK": 3, "GROUP": 2, "_STACK": 5}.items():
            for module in (ir, instructions):
                if hasattr(module, name):
                    patch.setattr(module, name, value)
        df = compile_gradient(graph, target="native", check=False)
    point = [data.draw(numbers) for _ in range(graph.input_count)]
    assert not differences(df(*point), ad.backpropagate(graph, *point)), (str(graph), point)


def test_values_used_late_change_no_bit() -> None:
    """A value that is read again from memory, rather than kept in a register, is the same."""
    x = np.random.default_rng(0).normal(size=40)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(instructions, "FAR", 2)
        df = native(rosenbrock, x, check=False)
    value, gradient = compile_gradient(rosenbrock, x)(x)
    assert df(x)[0] == value
    assert np.array_equal(df(x)[1], gradient)


def test_long_lines_have_the_same_bits() -> None:
    """A line of 18 000 operations, in chunks, equals the interpreter."""
    x = np.random.default_rng(0).normal(size=1200)
    df = native(rosenbrock, x, check=False)
    value, gradient = ad.backpropagate(df.graph, x)
    found = df(x)
    assert found[0] == value
    assert np.array_equal(found[1], gradient)


def _register(function: Callable[..., float], name: str) -> ad.Primitive:
    """A primitive of the user's, whose text calls a function of the user's."""
    row = ad.Primitive(name, function, (None,), f"{name}({{0}})", "", "")
    PORTABLE[name] = function
    return row


def table(x: float) -> float:
    """A loop over pairs, nested branches, two results at once, chained comparisons."""
    low, high = 0.0, 1.0
    for a, b in ((0.5, 2.0), (0.25, -1.0)):
        if not low <= x < a or x == b:
            low, high = high, low + a * b
        elif x > 3.0 and low:
            return math.floor(x) % 2 - math.log(x)
    return (high if x > 0.0 else math.exp(low)) + math.pi * x


def loop(x: float) -> float:
    """Loops: nested, left early, never entered; a name that only a loop's body knows."""
    total, k = 0.0, 5.0
    while k > x and total < 50.0:
        step = k
        while step > 1.0:
            step = 0.5 * step
        if step < x:
            return total - step
        total = total + step * k
        k = k - 0.75
    return total


def beyond(x: float) -> float:
    """What the subset lacks: a logarithm to a base, a list."""
    return math.log(abs(x) + 1.0, 2.0) + sum([x, 1.0])


@pytest.mark.parametrize("function", [table, loop, beyond], ids=["table", "loop", "beyond"])
def test_functions_of_the_users_have_the_interpreters_bits(function: Callable[..., float]) -> None:
    """A user's portable function is compiled from its source, or called where that is beyond us."""
    name = f"users_{function.__name__}"
    row = _register(function, name)
    try:
        call = compile_graph(alone(row, 0.0)[0], "native")
        for x in (*np.linspace(-6.0, 6.0, 241).tolist(), 0.0, -0.0, 1e300):
            assert same_bits(call(x), function(x)), x
    finally:
        del REGISTRY[name], PORTABLE[name], ad.PUBLIC[name]


def test_source_that_changed_on_disk_is_not_compiled(tmp_path: Path) -> None:
    """Where a file was edited after its import, the imported function runs, not the file's."""
    file = tmp_path / "edited_module.py"
    file.write_text("def edited(x):\n    return x * 2.0\n")
    module = module_at(file)
    file.write_text("def edited(x):\n    return x * 3.0  # longer than before\n")
    row = _register(module.edited, "edited")
    try:
        assert compile_graph(alone(row, 0.0)[0], "native")(1.0) == 2.0
    finally:
        del REGISTRY["edited"], PORTABLE["edited"], ad.PUBLIC["edited"]


def test_many_arguments() -> None:
    """Hundreds of scalars and arrays, in and out."""
    count = 300
    examples = [np.full(2, float(k)) if k % 2 else float(k) for k in range(count)]

    def function(*args: Any) -> Any:
        return sum((a[0] * a[1] if k % 2 else a * a) for k, a in enumerate(args))

    found, expected = (
        compile_gradient(function, *examples, target=target)(*examples)
        for target in ("native", "python")
    )
    assert found[0] == expected[0]
    assert all(map(np.array_equal, found[1], expected[1]))


def test_fast_profile_is_close() -> None:
    """The fast profile may round differently, and only that."""
    x = np.random.default_rng(1).normal(size=20)
    exact, fast = native(rosenbrock, x), native(rosenbrock, x, profile="fast")
    np.testing.assert_allclose(fast(x)[1], exact(x)[1], rtol=1e-12)
    assert "contract" in fast.llvm
    assert "contract" not in exact.llvm


# --- arguments and results -------------------------------------------------------------------


def test_arguments_of_every_kind() -> None:
    """Floats, ints, NumPy scalars and strided, integer or nested arguments give the same result."""
    x = np.array([0.3, 0.7, 1.1])
    df = native(smooth, x, 1.0, 2.0)
    expected = compile_gradient(smooth, x, 1.0, 2.0)(x, 3.0, 2.0)
    wide = np.zeros(6)
    wide[::2] = x
    for array in (x, wide[::2], list(x), tuple(x), x.astype(">f8"), x[::-1][::-1]):
        for scale, shift in ((3, 2), (3.0, np.float64(2.0)), (np.int32(3), np.float32(2.0))):
            value, (bar, *rest) = df(array, scale, shift)
            assert (value, rest) == (expected[0], [*expected[1][1:]])
            assert np.array_equal(bar, expected[1][0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "found 0 arguments; expected 3"),
        ((1.0, 1.0, 1.0), "argument x"),
        ((np.zeros(2), 1.0, 1.0), "argument x"),
        ((np.zeros((3, 1)), 1.0, 1.0), "argument x"),
        ((np.zeros(3, complex), 1.0, 1.0), "argument x"),
        ((np.zeros(3), "a", 1.0), "argument scale"),
        ((np.zeros(3), 10**400, 1.0), "argument scale"),
        ((np.zeros(3), None, 1.0), "argument scale"),
    ],
)
def test_wrong_arguments_are_explained(arguments: tuple[Any, ...], message: str) -> None:
    """What cannot be converted is an ArgumentError that names the argument."""
    df = native(smooth, np.zeros(3), 1.0, 1.0)
    with pytest.raises(ArgumentError, match=message):
        df(*arguments)


def test_structures_and_results() -> None:
    """Nested arguments, 0-d and 2-d arrays, empty arrays, ``wrt`` and graphs of any result."""
    point = {"w": np.array([[1.0, 2.0]]), "b": (0.5, [np.array(3.0)])}

    def function(p: Any) -> Any:
        return p["w"][0, 0] * p["w"][0, 1] + p["b"][0] * p["b"][1][0]

    value, bar = native(function, point)(point)
    assert (value, bar["b"][0], float(bar["b"][1][0])) == (3.5, 3.0, 0.5)
    assert bar["w"].tolist() == [[2.0, 1.0]]
    assert native(lambda x, y: x * y, 1.0, 1.0, wrt="y")(3.0, 4.0) == (12.0, 3.0)
    assert native(lambda x, e: x * x, 1.0, np.zeros(0))(3.0, np.zeros(0))[1][1].shape == (0,)
    hessian = ad.hessian(ad.trace(lambda x: x[0] * x[0] * x[1], np.ones(2)))
    assert compile_graph(hessian, "native")(np.array([3.0, 5.0])).tolist() == [[10, 6], [6, 0]]
    assert compile_graph(ad.trace(lambda x: [x, x * 2.0], 1.0), "native")(3.0) == [3.0, 6.0]
    assert compile_graph(ad.trace(lambda x: 7.0, 1.0), "native")(3.0) == 7.0


def test_out_and_bind_write_into_the_callers_arrays() -> None:
    """``out=`` fills the given arrays; a bound call reads and fills them anew each time."""
    x, out = np.array([0.3, 0.7, 1.1]), (np.zeros(3), np.zeros(()), np.zeros(()))
    df = native(smooth, x, 1.0, 2.0)
    value, given = df(x, 1.0, 2.0, out=out)
    assert given is out
    expected = df(x, 1.0, 2.0)
    assert (value, [a.tolist() for a in out]) == (
        expected[0],
        [expected[1][0].tolist(), *expected[1][1:]],
    )
    shift = np.array(2.0)
    call = df.bind(x, 1.0, shift, out=out)
    x[1], shift[...] = 2.0, 0.5
    assert call() == df(x, 1.0, 0.5)[0]
    assert out[0].tolist() == df(x, 1.0, 0.5)[1][0].tolist()


def test_out_may_overlap_an_argument() -> None:
    """A plain call with ``out`` on top of its argument still reads the old numbers."""
    x = np.array([0.5, 1.5, -0.3])
    df = native(rosenbrock, x)
    expected = df(x)
    value, out = df(x, out=x)
    assert value == expected[0]
    assert out.tolist() == expected[1].tolist()


def _read_only() -> np.ndarray[Any, Any]:
    array = np.zeros(3)
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    ("out", "message"),
    [
        (np.zeros(2), "shape"),
        (np.zeros(3, np.float32), "float64"),
        (np.zeros(3, ">f8"), "float64"),
        (np.zeros(6)[::2], "strided"),
        (np.frombuffer(bytearray(25), np.float64, 3, 1), "misaligned"),
        (_read_only(), "read-only"),
        ([0.0, 0.0, 0.0], "shape"),
        (None, "shape"),
    ],
)
def test_unusable_out_is_refused(out: Any, message: str) -> None:
    """An ``out`` that cannot be written in place is an ArgumentError, in calls and in bind."""
    x = np.zeros(3)
    df = native(rosenbrock, x)
    with pytest.raises(ArgumentError, match=message):
        df.bind(x, out=out)
    if out is not None:
        with pytest.raises(ArgumentError, match=message):
            df(x, out=out)


@pytest.mark.parametrize("whole", [10, 1000])
def test_arrays_that_are_mostly_zero(whole: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cleared by each call, or kept in arrays that nobody else can write: as the text has them."""

    def chain(x: Any, y: float) -> Any:
        return {"links": np.sum(ad.sin(x[1:] * y) * x[:-1] ** 3), "last": x * y}

    monkeypatch.setattr(ir, "WHOLE", whole)  # in chunks, in one function
    size = 12
    x, out = np.linspace(0.5, 1.5, size), {
        "links": (np.full(size, 7.0), np.full((), 7.0)),
        "last": (np.full((size, size), 7.0), np.full(size, 7.0)),
    }  # fmt: skip
    machine = codegen.compile_jacobian(chain, x, 1.0, target="native", check=False)
    text = codegen.compile_jacobian(chain, x, 1.0, check=False)
    bound, own = machine.bind(x, 2.0, out=out), machine.bind(x, 2.0)
    for _ in range(2):
        expected = [part.tobytes() for part in map(np.asarray, leaves_of(text(x, 2.0)))]
        for found in (machine(x, 2.0), bound(), own()):
            assert [np.asarray(part).tobytes() for part in leaves_of(found)] == expected
        x += 0.25
        out["last"][0][...] = 3.0
    with pytest.raises(ValueError, match="read-only"):
        own()["last"][0][0] = 1.0
    with pytest.raises(ArgumentError, match="out"):
        compile_gradient(lambda x: x[0] * x[1], x, target="native", check=False).bind(x)


def test_zeros_are_kept_apart_from_what_settles_ties() -> None:
    """Where switches can tie each call writes every number."""
    x = np.zeros(8)
    hessian = codegen.compile_hessian(lambda x: np.sum(np.abs(x) ** 3), x, target="native")
    own = hessian.bind(x)
    for _ in range(2):
        assert own().tobytes() == hessian(x).tobytes()
        x += 1.0


def test_bind_refuses_what_it_cannot_read_in_place() -> None:
    """Strided, misaligned, converted or overlapping arrays are refused by name."""
    df = native(rosenbrock, np.zeros(3))
    out = np.zeros(6)
    for x, message in (
        (np.zeros(6)[::2], "strided"),
        (np.zeros(3, int), "float64"),
        (np.zeros(4), "shape"),
        (out[:3], "overlaps"),
    ):
        with pytest.raises(ArgumentError, match=message):
            df.bind(x, out=out[2:5])
    two = native(lambda x, y: x[0] * y[0], np.zeros(3), np.zeros(3))
    with pytest.raises(ArgumentError, match="overlap"):
        two.bind(np.zeros(3), np.zeros(3), out=(out[:3], out[2:5]))


def test_random_calls_do_not_crash() -> None:
    """Thousands of calls with arguments of every kind give a result or an ArgumentError."""
    draw = random.Random(3)
    x = np.array([0.3, 0.7, 1.1])
    df = native(smooth, x, 1.0, 2.0)
    kinds: list[Callable[[], Any]] = [
        lambda: x, lambda: 1.5, lambda: 3, lambda: np.zeros(draw.randrange(5)), lambda: None,
        lambda: "x", lambda: x[::-1], lambda: np.zeros((3, 1)), lambda: [1.0, 2.0, 3.0],
        lambda: np.float64(2.5), lambda: True, lambda: 10**400, lambda: x.astype(object),
        lambda: np.array(2.5), lambda: math.nan, dict, lambda: float, lambda: 1j,
        lambda: np.ma.array(x), lambda: x.view(np.int64), lambda: memoryview(x), lambda: b"abc",
    ]  # fmt: skip
    options: list[dict[str, Any]] = [{}, {}, {}, {"out": None}, {"out": x}, {"in": 1}]
    answered = 0
    for _ in range(4000):
        likely = [x, 1.5, 2]
        arguments = [
            likely[k % 3] if draw.random() < 0.7 else draw.choice(kinds)()
            for k in range(draw.choice((3, 3, 3, 3, 2, 4)))
        ]
        try:
            df(*arguments, **draw.choice(options))
            answered += 1
        except (ArgumentError, TypeError):
            pass
    assert 500 < answered < 3500


def test_errors_of_interpreted_functions_arrive() -> None:
    """An exception in a function that native code calls in the interpreter reaches the caller."""
    graph, _ = alone(REGISTRY["hypot"], 0.0)
    call = compile_graph(graph, "native")
    assert call(3.0, 4.0) == 5.0

    def interrupted(x: float, y: float) -> float:
        if x == 3.0:
            raise KeyboardInterrupt
        return y

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("autodiff.numbers.ieee.hypot", interrupted)
        broken = compile_graph(graph, "native")
    with pytest.raises(KeyboardInterrupt):
        broken(3.0, 4.0)


# --- life of the code ------------------------------------------------------------------------


def test_code_is_freed_with_its_last_user() -> None:
    """Machine code lives while a callable needs it, and no longer."""
    x, out = np.zeros(3), np.zeros(3)
    df = native(rosenbrock, x)
    code = weakref.ref(df._runner._program.code)
    array = weakref.ref(out)
    call = df.bind(x, out=out)
    del df, out
    gc.collect()
    assert code() is not None
    assert call() == 2.0
    del call
    gc.collect()
    assert code() is None
    assert array() is None


def test_the_same_text_is_compiled_once() -> None:
    """While somebody holds its machine code; code with pointers of its own is nobody else's."""
    first, again = (native(rosenbrock, np.zeros(3), check=False)._runner._program for _ in range(2))
    assert first.code._main is again.code._main
    other = native(lambda x: np.sum(x * x), np.zeros(3), check=False)._runner._program
    assert other.code._main is not first.code._main
    graph, _ = alone(REGISTRY["hypot"], 0.0)  # it is called through a pointer
    calling = [compile_graph(graph, "native")._runner._program.code for _ in range(2)]
    assert calling[0]._main is not calling[1]._main


def test_code_outlives_a_cycle_of_garbage() -> None:
    """A finalizer in the same cycle of garbage may call the code once more."""
    answers = []

    class Owner:
        def __init__(self) -> None:
            self.self = self
            self.df = native(lambda x: x * x, 1.0, check=False)

        def __del__(self) -> None:
            answers.append(self.df(3.0))

    Owner()
    gc.collect()
    assert answers == [(9.0, 6.0)]


def test_compiling_again_and_again_leaks_nothing() -> None:
    """Memory does not grow with the number of functions compiled and dropped."""

    def resident() -> int:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")

    if not os.path.exists("/proc/self/statm"):
        pytest.skip("no /proc")
    graphs = [ad.trace(lambda x, k=k: x * ad.sin(k * x), 1.0) for k in range(2, 182)]
    for round_ in range(3):
        if round_ == 1:
            before = resident()
        for graph in graphs[60 * round_ : 60 * round_ + 60]:
            df = compile_gradient(graph, target="native", check=False)
            df.bind(1.0, out=np.zeros(()))
            del df
        gc.collect()
    assert resident() - before < 4e6  # code not freed would be 120 * 12 kB and engines besides


def test_pickle_and_deepcopy_emit_again() -> None:
    """A copy computes the same and shares no memory with the original."""
    df = native(lambda x, y: x / y, 1.0, 2.0, wrt="y")
    for other in (pickle.loads(pickle.dumps(df)), copy.deepcopy(df)):
        assert other(1.0, 3.0) == df(1.0, 3.0)
        assert other.llvm == df.llvm
        assert str(other.verdict) == "CERTIFIED"
    call = compile_graph(ad.trace(lambda x: (x, x * x), 1.0), "native")
    assert pickle.loads(pickle.dumps(call))(3.0) == (3.0, 9.0)


def test_threads_compile_and_call_at_once() -> None:
    """Threads that compile and call the same functions get the same results."""
    x = np.linspace(0.5, 1.5, 300)
    expected = native(rosenbrock, x, check=False)(x)
    shared, failed = native(rosenbrock, x, check=False), []

    def work() -> None:
        own = native(rosenbrock, x, check=False)
        for df in (own, shared) * 20:
            value, gradient = df(x)
            if value != expected[0] or not np.array_equal(gradient, expected[1]):
                failed.append(value)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


_SCRIPT = """
import os, signal, sys, threading
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
import autodiff as ad
import codegen
from codegen import compile_gradient
from codegen.native.write import kernel as ir
df = compile_gradient(lambda x: x * ad.sin(x), 1.0, target="native", check=False)
"""


def _run(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT + script], capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_fork() -> None:
    """A forked child calls what its parent compiled, and compiles."""
    script = """
child = os.fork()
if child == 0:
    again = compile_gradient(lambda x: x * x, 1.0, target="native", check=False)
    os._exit(0 if again(3.0) == (9.0, 6.0) and df(0.0) == (0.0, 0.0) else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    assert _run(script).strip() == "0"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.parametrize("busy", ["compile and check", "free"])
def test_fork_while_threads_use_llvm(busy: str) -> None:
    """Children forked at any moment of other threads' compiling, checking, freeing all compile."""
    script = f"""
import time
done = threading.Event()
def work():
    while not done.is_set():
        if {busy == "free"}:  # machine code is freed outside our own lock
            kept = [compile_gradient(lambda x: x, 1.0, target="native", check=False)
                    for _ in range(3)]
            kept.clear()
        else:
            compile_gradient(lambda x: ad.sin(x) * x, 1.0, target="native",
                             check=True)
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
codes = []
for k in range(12):
    time.sleep(0.005 * (k % 4))
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        again = compile_gradient(lambda x: x * x, 1.0, target="native",
                                 check={busy == "compile and check"})
        os._exit(0 if again(3.0) == (9.0, 6.0) and df(0.0) == (0.0, 0.0) else 1)
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    if codes[-1]:
        break
done.set()
for thread in threads:
    thread.join()
print(set(codes))
"""
    assert _run(script).strip() == "{0}"


def test_nobody_sees_a_result_half_made() -> None:
    """A function of the user's that looks at every object finds no tuple with holes in it."""
    script = """
import gc
import numpy as np
from codegen import compile_graph
gc.freeze()  # what is there already has no holes: a walk looks at what comes after
def walk(x):
    for thing in gc.get_objects():
        if type(thing) is tuple:
            [type(item) for item in thing]
    return x * x
g = ad.custom(lambda g, out, x: g * (2.0 * x), sympy="x**2", name="walked")(walk)
how = dict(target="native", check=False)
for call, arguments in (
    (compile_gradient(lambda x, y: g(x) * y, 1.0, 2.0, **how), (3.0, 2.0)),
    (compile_gradient(lambda x, v: g(x) * v[1], 1.0, np.ones(2), **how), (3.0, np.array([1., 2.]))),
    (compile_graph(ad.trace(lambda x: (g(x), (x, (g(2.0 * x), x))), 1.0), **how), (3.0,)),
):
    for _ in range(5):
        answer = call(*arguments)
    print(answer)
"""
    assert _run(script).splitlines() == [
        "(18.0, (12.0, 9.0))",
        "(18.0, (12.0, array([0., 9.])))",
        "(9.0, (3.0, (36.0, 3.0)))",
    ]


@pytest.mark.skipif(os.name != "posix", reason="signals of other systems differ")
def test_interrupted_compile() -> None:
    """Ctrl-C during a long compile is a KeyboardInterrupt, and the next compile works."""
    script = """
graph = ad.trace(lambda x: sum(a * b for a, b in zip(x, x[1:])), [1.0] * 20000)
stopped = threading.Event()
def interrupt():  # again and again: Python drops an interrupt that comes in a callback
    while not stopped.wait(0.5):
        os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt, daemon=True).start()
try:
    while True:
        compile_gradient(graph, target="native", check=False)
except KeyboardInterrupt:
    stopped.set()
    print("stopped", df(0.0))
"""
    assert _run(script).strip() == "stopped (0.0, 0.0)"


# --- the text beside the code, and what is missing -------------------------------------------


def test_source_is_the_verified_text() -> None:
    """``source`` is the Python target's text, its verdict the native function's."""
    df = native(lambda x, y: x * ad.sin(y), 1.0, 2.0)
    assert df.source == compile_gradient(lambda x, y: x * ad.sin(y), 1.0, 2.0).source
    assert str(df.verdict) == "CERTIFIED"
    assert native(lambda x: x, 1.0, check=False).verdict is None
    assert "@compute" in df.llvm
    value, residuals = df.forward(1.0, 2.0)
    assert (value, df.backward(residuals)) == df(1.0, 2.0)


def test_ir_is_the_same_in_every_process() -> None:
    """The IR has no address in it and depends on no hash seed."""
    x = np.zeros(4)
    assert native(rosenbrock, x, check=False).llvm == native(rosenbrock, x, check=False).llvm


def test_missing_llvmlite_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without llvmlite the error says what to install."""
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    jit.llvm.cache_clear()
    try:
        with pytest.raises(EmitError, match=r"pip install 'proofgrad\[native\]'"):
            native(lambda x: x, 1.0)
    finally:
        jit.llvm.cache_clear()


def test_an_old_llvmlite_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where LLVM is too old for what we write, the error names the version that is not."""
    monkeypatch.setattr("llvmlite.binding.llvm_version_info", (15, 0, 7))
    jit.llvm.cache_clear()
    try:
        with pytest.raises(EmitError, match=r"llvmlite 0\.45 or newer; found one of LLVM 15\.0\.7"):
            jit.llvm()
    finally:
        jit.llvm.cache_clear()


def test_another_layout_goes_through_ctypes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where CPython's objects are laid out in another way, calls still give the same results."""
    x = np.array([0.3, 0.7, 1.1])
    expected = native(smooth, x, 1.0, 2.0)(x, 1.0, 2.0)
    monkeypatch.setattr(native_module, "LAYOUT", None)
    df = native(smooth, x, 1.0, 2.0)
    found = df(x, 1.0, 2.0)
    assert (found[0], found[1][1:]) == (expected[0], expected[1][1:])
    out = (np.zeros(3), np.zeros(()), np.zeros(()))
    assert df.bind(x, 1.0, 2.0, out=out)() == expected[0]
    assert np.array_equal(out[0], expected[1][0])


def test_layout_is_verified_not_assumed() -> None:
    """A wrong offset is noticed before anything reads there."""
    found = layout.LAYOUT
    assert found is not None
    assert layout._holds(found)
    fields = ("type", "number", "items", "used", "pointer", "data")
    for name in fields:
        values = {field: getattr(found, field) for field in fields} | {name: 0}
        assert not layout._holds(layout.Layout(**values, array_new=found.array_new)), name


def test_portable_functions_have_no_second_copy() -> None:
    """Every portable function is compiled from the source it has."""
    library = Library()
    for row in ROWS:
        library.form(row)
    text = library.definitions()
    for name in PORTABLE:
        assert f'define internal double @"f.{name}"' in text, name
