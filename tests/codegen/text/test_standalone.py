from __future__ import annotations

import copy
import inspect
import math
import multiprocessing
import pickle
import struct
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff as ad
from autodiff.numbers import total
from autodiff.table.primitive import REGISTRY
from codegen import compile_gradient, compile_graph
from tests.examples_by_path import example
from verify import Verdict, verify_gradient

SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 1e-320, 1e308, -1e308, 709.9, math.inf, -math.inf, math.nan]


def mixed(x: float = 0.3, y: float = 0.7) -> Any:
    """Every way to raise: poles, domains, overflow; and branches around them."""
    inside = ad.where(x > y, np.log(x) / y, np.exp(y) % x)
    return inside + np.sqrt(x) * np.arccosh(1.0 + y) + x**y / ad.fmod(y, x) + np.sinh(x) ** 3.0


def raising(x: float = 0.3, y: float = 0.7) -> Any:
    """Operations that can raise and that numba knows, and one that Python's math has alone."""
    return np.log(x) / y + np.sqrt(x) * np.exp(y) % x + x**y + np.sinh(x) ** 3.0 * ad.erf(y)


def powers(x: float = 0.3, y: float = 0.7) -> Any:
    """Operations that can raise, where numba takes long for all of these at once."""
    return np.log(x) / y + x % y * x**y


def root(x: float = 0.3, y: float = 0.7) -> Any:
    """An infinite slope, which is settled."""
    return np.sqrt(x) * ad.erf(y)


def ratio(x: Any, scale: Any) -> Any:
    """An array, and operations that can raise."""
    return np.sum(np.log(x) / scale) / np.prod(x)


def bits(value: Any) -> Any:
    """The bytes of every float, all nans alike."""
    if isinstance(value, (tuple, list)):
        return tuple(map(bits, value))
    assert type(value) in (float, bool), type(value)
    return "nan" if value != value else struct.pack("<d", value)


def saved(compiled: Any, folder: Path, name: str = "saved") -> types.ModuleType:
    """The module that ``save`` writes, with no way to reach ours."""
    path = folder / f"{name}.py"
    compiled.save(path)
    module = types.ModuleType(name)
    module.__dict__["__name__"] = name
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), module.__dict__)
    return module


@pytest.mark.parametrize("name", sorted(total.TOTAL))
@settings(max_examples=30, deadline=None)
@given(x=st.floats(), y=st.floats())
def test_total_functions_never_raise(name: str, x: float, y: float) -> None:
    """Each total function gives math's number wherever that gives one, and never raises."""
    function = total.TOTAL[name]
    operands = (x, y)[: len(inspect.signature(function).parameters)]
    plain: Callable[..., float] = {
        "div": lambda a, b: a / b,
        "mod": lambda a, b: a % b,
    }.get(name) or getattr(math, name)
    result = function(*operands)
    try:
        expected = plain(*operands)
    except (ArithmeticError, ValueError):
        assert not math.isfinite(result)
    else:
        assert bits(result) == bits(expected)


@pytest.mark.parametrize("x", SPECIAL)
def test_special_inputs_give_the_same_bits(x: float, tmp_path: Path) -> None:
    """The saved file gives the callable's and the interpreter's bits where Python raises."""
    df = compile_gradient(mixed)
    module = saved(df, tmp_path)
    for y in SPECIAL:
        expected = bits(ad.backpropagate(df.graph, x, y))
        assert bits(df(x, y)) == expected, (x, y)
        assert bits(module.value_and_gradient(x, y)) == expected, (x, y)
        value, residuals = module.forward(x, y)
        assert bits((value, module.backward(residuals))) == expected, (x, y)


def test_integers_and_numpy_scalars_are_floats(tmp_path: Path) -> None:
    """Ints and NumPy scalars give the bits of floats, and results are floats."""
    module = saved(compile_gradient(mixed), tmp_path)
    expected = bits(module.value_and_gradient(2.0, 3.0))
    assert bits(module.value_and_gradient(2, 3)) == expected
    assert bits(module.value_and_gradient(np.float32(2), np.int64(3))) == expected
    with pytest.raises(TypeError):
        module.value_and_gradient([2.0], 3.0)


def test_functions_that_cannot_raise_hold_no_second_form() -> None:
    """Sums and products need no fallback, and the file none of its functions."""
    source = compile_gradient(lambda x, y: x * y + x, 1.0, 1.0).source
    assert "try" not in source
    assert "_ieee" not in source


def test_a_fallback_is_compiled_when_it_is_needed() -> None:
    """The second form of the callable is there after the first exception, not before."""
    df = compile_gradient(mixed)
    assert "fallbacks" not in vars(df.loaded.module)
    df(0.0, 1.0)
    assert "fallbacks" in vars(df.loaded.module)


def test_long_functions_fall_back_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function in parts gives IEEE results, as a callable and as a file."""
    monkeypatch.setattr("codegen.call.derivative.LIMIT", 10)
    monkeypatch.setattr("codegen.text.chunks.PART", 5)
    df = compile_gradient(mixed)
    assert df.loaded.module.in_parts
    module = saved(df, tmp_path)
    assert "_part_1_ieee" in df.source
    for at in ((0.3, 0.7), (0.0, 1.0), (math.inf, -0.0), (-1.0, 1e308)):
        expected = bits(ad.backpropagate(df.graph, *at))
        assert bits(df(*at)) == expected
        assert bits(module.value_and_gradient(*at)) == expected
        value, residuals = module.forward(*at)
        assert bits((value, module.backward(residuals))) == expected
    assert verify_gradient(df, 0.3, 0.7).verdict is Verdict.PROVED


FILES = {
    "mixed": lambda: compile_gradient(mixed),
    "raising": lambda: compile_gradient(raising),
    "ratio": lambda: compile_gradient(ratio, np.ones(3), 2.0),
    "black_scholes": lambda: compile_gradient(example("black_scholes").price),
    "reprojection": lambda: compile_gradient(example("reprojection").objective),
    "double_pendulum": lambda: example("double_pendulum").gradient,
    "hessian": lambda: compile_graph(ad.hessian(ad.trace(mixed))),
    "one_letter": lambda: compile_gradient(lambda l, O: l / O, 1.0, 2.0),  # noqa: E741
    "many": lambda: compile_gradient(lambda p, q: np.sum(p / q), np.ones(30), 2.0),
    "nothing": lambda: compile_gradient(lambda x: 3.0 + 0.0 * x, 1.0),
}  # fmt: skip


def every_primitive(folder: Path) -> None:
    """One file for each row of the table."""
    for name, row in REGISTRY.items():
        if not row.python:
            continue
        free = [p for p in range(row.arity) if p not in row.literal]

        def f(*x: Any, row: Any = row, free: list[int] = free) -> Any:
            operands = [2.0] * row.arity
            for place, operand in zip(free, x, strict=True):
                operands[place] = operand
            return row(*operands) * x[0]

        compile_gradient(f, *[0.5] * len(free), check=False).save(folder / f"row_{name}.py")


def test_saved_files_satisfy_ruff_and_mypy(tmp_path: Path) -> None:
    """As they stand, under default rules and --strict; they import math alone, in 88 columns."""
    for name, make in FILES.items():
        make().save(tmp_path / f"{name}.py")
    every_primitive(tmp_path)
    for path in tmp_path.glob("*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        imports = [line for line in lines if line.startswith(("import ", "from "))]
        assert all(line.split()[1] == "math" for line in imports), path.name
        if not path.name.startswith("row_"):
            body = lines[: next((i for i, x in enumerate(lines) if "never raise" in x), None)]
            emitted = [x for x in body if not x.lstrip().startswith('"""')]
            assert max(map(len, emitted)) <= 88, path.name
    for tool in (["ruff", "check", "--isolated", "."], ["mypy", "--strict", "."]):
        done = subprocess.run(
            [sys.executable, "-m", *tool], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_saved_files_run_on_a_bare_python(tmp_path: Path) -> None:
    """Without site-packages, in isolated mode, the file gives the callable's bits."""
    df = compile_gradient(mixed)
    df.save(tmp_path / "mixed_grad.py")
    script = "import sys; sys.path.insert(0, '.'); import mixed_grad; "
    script += "print([mixed_grad.value_and_gradient(*a) for a in ((0.3, 0.7), (0.0, 1.0))])"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str([df(0.3, 0.7), df(0.0, 1.0)])


@pytest.mark.parametrize("name", ["mixed", "ratio", "black_scholes"])
def test_saved_texts_are_proven(name: str) -> None:
    """The verifier reads a saved file, both of its forms, and proves it."""
    df = FILES[name]()
    examples = {"ratio": (np.ones(3), 2.0)}.get(name, ())
    report = verify_gradient(df.graph, *examples, gradient=df.source)
    assert report.verdict is Verdict.PROVED, report


def test_a_wrong_second_form_is_no_proof() -> None:
    """A fallback with other steps than the body it stands in for is found, and told."""
    df = compile_gradient(lambda x, y: np.log(x) / y, 1.0, 2.0)
    tampered = df.source.replace("_log(x), y)", "_log(x), x)")
    assert tampered != df.source
    report = verify_gradient(df.graph, gradient=tampered)
    assert report.verdict is Verdict.UNDECIDED
    assert "after an exception it returns" in str(report)


@pytest.mark.parametrize("name", ["powers", "root", "ratio", "double_pendulum"])
def test_saved_files_run_under_numba(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``numba.njit`` compiles every function of a saved file as it is; results agree."""
    monkeypatch.setenv("NUMBA_OPT", "0")  # read at its import: how quick its code is is not asked
    numba = pytest.importorskip("numba", reason="needs the extra numba")
    functions = {"powers": powers, "root": root}
    made = compile_gradient(functions[name]) if name in functions else FILES[name]()
    module = saved(made, tmp_path)
    points: dict[str, Any] = {
        "powers": [(0.3, 0.7), (0.0, 1.0), (-1.0, 2.0), (2.0, 800.0)],
        "root": [(0.3, 0.7), (0.0, 0.0), (-1.0, 2.0)],
        "ratio": [((0.5, 2.0, 3.0), 0.5), ((0.0, 2.0, 3.0), 0.0)],
        "double_pendulum": [((0.4, -0.3), (1.0, 2.0))],
    }
    expected = [module.value_and_gradient(*at) for at in points[name]]
    for key, function in list(vars(module).items()):
        if inspect.isfunction(function):
            setattr(module, key, numba.njit(function))
    for at, plain in zip(points[name], expected, strict=True):
        found = module.value_and_gradient(*at)
        assert flat(found) == pytest.approx(flat(plain), rel=1e-13, nan_ok=True)


def flat(value: Any) -> list[float]:
    """The floats of a nested result."""
    if isinstance(value, (tuple, list)):
        return [x for item in value for x in flat(item)]
    return [float(value)]


# --- compiled functions as Python objects ----------------------------------------------------


def area(width: float = 2.0, height: float = 3.0) -> Any:
    """A function that other processes can import."""
    return width * height / (width + height)


gradient_of_area = compile_gradient(area)
batched = compile_gradient(area, target="numpy", batch=True)


@compile_gradient
def decorated(x):
    """Squared."""
    return x * x


def test_compiled_functions_look_like_functions() -> None:
    """They have name, docstring, signature, module, and their text as source."""
    df = gradient_of_area
    assert df.__name__ == df.__qualname__ == "area_gradient"
    assert df.__doc__ is not None
    assert df.__doc__.startswith("Value and gradient of area")
    assert str(inspect.signature(df)) == "(width, height)"
    assert df.__module__ == "codegen.call.compiled"
    assert inspect.getsource(df) in df.source
    assert inspect.getsource(df).startswith("def value_and_gradient(")
    assert copy.deepcopy(df) is df
    assert copy.copy(df) is df
    assert inspect.getsource(compile_graph(ad.trace(area))).startswith("def evaluate(")


@pytest.mark.parametrize("df", [gradient_of_area, batched], ids=["python", "numpy"])
def test_pickles_keep_results_and_verdict(df: Any) -> None:
    """A copy through pickle gives the same numbers, text and verdict."""
    again = pickle.loads(pickle.dumps(df))
    arguments = ([2.0, 3.0], [3.0, 4.0]) if df is batched else (2.0, 3.0)
    assert str(again(*arguments)) == str(df(*arguments))
    assert again.source == df.source
    assert again.verdict == df.verdict


def test_decorated_functions_pickle_by_name() -> None:
    """What ``@compile_gradient`` leaves under a name is found again under that name."""
    module = types.ModuleType("holds_decorated")
    module.__dict__["decorated"] = decorated
    decorated.__module__ = module.__name__
    sys.modules[module.__name__] = module
    try:
        assert pickle.loads(pickle.dumps(decorated)) is decorated
        assert decorated(3.0) == (9.0, 6.0)
        assert pickle.loads(pickle.dumps(decorated)) is decorated
    finally:
        del sys.modules[module.__name__]


def test_spawned_processes_get_compiled_functions() -> None:
    """A pool under spawn takes them as they are."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(gradient_of_area, (2.0, 3.0)) == gradient_of_area(2.0, 3.0)


# --- bad folders -----------------------------------------------------------------------------


def test_a_missing_folder_is_one_clear_error(tmp_path: Path) -> None:
    """The error names the file that was asked for, and nothing is left behind."""
    with pytest.raises(OSError, match=r"^\[Errno 2\] No such file or directory: ") as caught:
        gradient_of_area.save(tmp_path / "none" / "grad.py")
    assert caught.value.filename == str(tmp_path / "none" / "grad.py")
    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails half-way changes nothing and leaves nothing."""
    path = tmp_path / "grad.py"
    path.write_text("old", encoding="utf-8")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        gradient_of_area.save(path)
    assert path.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["grad.py"]
