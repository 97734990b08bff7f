"""Machine code lives while it is needed, in every thread and process, beside the Python text."""

from __future__ import annotations

import copy
import gc
import os
import pickle
import subprocess
import sys
import weakref
from collections import deque

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import EmitError
from autodiff.numbers.ieee import PORTABLE
from autodiff.table.primitive import REGISTRY
from codegen import compile_gradient, compile_graph
from codegen.native import host as layout
from codegen.native.form.forms import Library
from codegen.native.run import jit
from codegen.native.run import native as native_module
from codegen.native.run.jit import KEPT
from tests.at_once import at_once
from tests.codegen.native.native_cases import alone, native, rosenbrock, smooth
from tests.random_graphs import ROWS

pytest.importorskip("llvmlite", reason="the native target needs llvmlite")


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


def test_objects_are_called_as_functions_are() -> None:
    """One class for all of a kind, whose objects hold their call for as long as they live."""
    df, other = (native(lambda x, k=k: k * x, 1.0) for k in (2.0, 3.0))
    has_vectorcall = 1 << 11  # as CPython numbers it
    assert type(df) is type(other)
    assert type(df).__flags__ & has_vectorcall
    assert df(1.0) == df(x=1.0) == df.__call__(1.0) == (2.0, 2.0) != other(1.0)
    code = weakref.ref(df._runner._program.code)
    df.itself = df
    del df
    gc.collect()
    assert code() is None
    del other._held_call
    with pytest.raises(TypeError, match="not callable"):
        other(1.0)


@pytest.mark.usefixtures("checked_at_once")
@pytest.mark.parametrize("options", [{}, {"expand": False}, {"batch": True}])
def test_code_does_not_wait_for_the_collector(options: dict[str, bool]) -> None:
    """With the last name for a function its machine code is gone, whatever its check looks at."""
    gc.disable()
    try:
        df = compile_gradient(rosenbrock, np.zeros(3), target="native", **options)
        code = weakref.ref(df._runner._program.code)
        assert str(df.verdict) in ("PROVED", "CERTIFIED")
        del df
        assert code() is None
    finally:
        gc.enable()


def test_a_check_outlives_its_function() -> None:
    """What it looks at when somebody asks stays with it."""
    check = compile_gradient(lambda x: x * abs(x), 0.0).check
    gc.collect()
    assert str(check.verdict) == "CERTIFIED"


def test_the_same_text_is_compiled_once() -> None:
    """While somebody holds its machine code; code with pointers of its own is nobody else's."""
    first, again = (native(rosenbrock, np.zeros(3), check=False)._runner._program for _ in range(2))
    assert first.code._main is again.code._main
    other = native(lambda x: np.sum(x * x), np.zeros(3), check=False)._runner._program
    assert other.code._main is not first.code._main
    assert not jit.Source("@kept = internal global i64 0", {}, {}).is_stateless
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


def test_compiling_again_and_again_leaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with the number of functions compiled and dropped."""

    def resident() -> int:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")

    if not os.path.exists("/proc/self/statm"):
        pytest.skip("no /proc")
    monkeypatch.setattr(jit, "_RECENT", deque(maxlen=KEPT))
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
    shared = native(rosenbrock, x, check=False)

    def is_right(_: int) -> bool:
        own = native(rosenbrock, x, check=False)
        found = (df(x) for df in (own, shared) * 20)
        return all(v == expected[0] and np.array_equal(g, expected[1]) for v, g in found)

    assert all(at_once(is_right, range(4)))


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
