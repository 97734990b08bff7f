from __future__ import annotations

import contextlib
import functools
import os
import pickle
import random
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient
from codegen.call.cached import CachedGradient, store_for
from codegen.load.fingerprint import UnknownError, fingerprint
from codegen.load.store import Store

ROOT = Path(__file__).parents[3]
SCALE = 2.0
TABLE = np.array([1.0, 2.0])
NESTED = {"a": [1.0, (2.0, 3.0)]}
STATE = random.Random(1)


class Box:
    value = 1.0


BOX = Box()


def scaled(x: Any) -> Any:
    """Reads a global."""
    return SCALE * helper(x)


def helper(x: Any) -> Any:
    """Read by ``scaled``."""
    return np.log(x) + TABLE[0] * x + NESTED["a"][0]  # type: ignore[index]


def test_a_second_compile_is_a_hit_with_equal_results(tmp_path: Path) -> None:
    """A cached gradient gives the bits, text, verdict, halves and graph of the compiled one."""
    first = compile_gradient(scaled, 1.5, cache=tmp_path)
    again = compile_gradient(scaled, 1.5, cache=tmp_path)
    assert not isinstance(first, CachedGradient)
    assert isinstance(again, CachedGradient)
    for x in (1.5, 0.0, -1.0, 3):
        assert repr(again(x)) == repr(first(x))
        value, residuals = again.forward(x)
        assert repr((value, again.backward(residuals))) == repr(first(x))
    assert again.source == first.source
    assert again.verdict == first.verdict
    assert again.graph == first.graph
    assert again.__name__ == first.__name__
    with pytest.raises(ad.ArgumentError, match="argument x"):
        again("one")
    copied = pickle.loads(pickle.dumps(again))
    assert copied.source == first.source
    assert copied(2.0) == first(2.0)


def test_structures_come_back(tmp_path: Path) -> None:
    """Arrays and dicts go in and come out as from the compiled gradient."""

    def f(p: Any, x: Any) -> Any:
        return np.sum(p["w"] * x) / p["b"]

    at = {"w": np.array([1.0, 2.0]), "b": 0.0}, np.array([3.0, 4.0])
    first = compile_gradient(f, *at, cache=tmp_path)(*at)
    again = compile_gradient(f, *at, cache=tmp_path)
    assert isinstance(again, CachedGradient)
    assert repr(again(*at)) == repr(first)


@pytest.mark.parametrize(
    ("what", "name", "value"),
    [
        ("a global number", "SCALE", 3.0),
        ("the sign of a zero", "SCALE", -0.0),
        ("a number's type", "SCALE", 2),
        ("an array read by a helper", "TABLE", np.array([5.0, 2.0])),
        ("a nested list read by a helper", "NESTED", {"a": [9.0, (2.0, 3.0)]}),
        ("the helper itself", "helper", lambda x: x),
    ],
)
def test_whatever_the_function_reads_is_part_of_the_key(
    what: str, name: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another value of anything a trace reads is another key, however far down."""
    before = fingerprint(scaled)
    assert fingerprint(scaled) == before
    monkeypatch.setitem(globals(), name, value)
    assert fingerprint(scaled) != before, what


def test_enclosing_functions_and_defaults_are_part_of_the_key() -> None:
    """Closures, defaults, partial arguments and options tell functions apart."""

    def make(power: Any) -> Callable[..., Any]:
        def f(x: Any, y: float = power) -> Any:
            return x**power + y

        return f

    keys = {fingerprint(make(p)) for p in (1.0, 2.0, 3)}
    keys |= {fingerprint(functools.partial(make(1.0), 1.0)), fingerprint(make(1.0), "fast")}
    assert len(keys) == 5


def _with(**attributes: Any) -> Callable[..., Any]:
    def made(x: Any) -> Any:
        return vars(made)["k"] * x

    made.__dict__.update(attributes)
    made.__module__ = attributes.get("of", made.__module__)
    return made


def _told(k: float) -> Callable[..., Any]:
    """Says that it is ``np.sum``, as wrappers do."""

    @functools.wraps(np.sum)
    def total(x: Any) -> Any:
        return k * x

    return total


def _fake(k: float) -> ModuleType:
    module = ModuleType("math")
    module.__dict__["sin"] = lambda x: k * x
    return module


@pytest.mark.parametrize(
    "make",
    [
        lambda k: _with(k=k),
        lambda k: _with(k=k, of="autodiff"),
        _told,
        lambda k: np.vectorize(lambda x: k * x),
        lambda k: np.frompyfunc(lambda x: k * x, 1, 1),
        lambda k: np.poly1d([k, 1.0]),
        lambda k: np.polynomial.Polynomial([k, 1.0]),
        lambda k: np.ma.array([k]),
        lambda k: np.array([(1.0, 2.0)], dtype=[("a", float), ("b" if k > 2.0 else "c", float)]),
        lambda k: ad.grad(lambda x: k * x * x),
        _fake,
        lambda k: eval("lambda x: abs(x)", {"__builtins__": {"abs": lambda x: k * x}}),
    ],
)
def test_names_are_no_keys(make: Callable[[float], Any]) -> None:
    """Two things of one name, which hold different numbers, never share a key."""

    def reading(held: Any) -> Callable[..., Any]:
        return lambda x: 1.0 * held(x)

    keys = set()
    for k in (2.0, 3.0):
        with contextlib.suppress(UnknownError):
            keys.add(fingerprint(reading(make(k))))
    assert len(keys) in (0, 2)


def reads_a_file(x: Any) -> Any:
    """Not understood."""
    return x * len(open("/dev/null").name)


def imports(x: Any) -> Any:
    """Not understood."""
    import time

    return x * time.time()


def draws(x: Any) -> Any:
    """Not understood."""
    return x * np.random.rand()


def draws_from_a_global(x: Any) -> Any:
    """Not understood."""
    return x * STATE.random()


def reads_an_object(x: Any) -> Any:
    """Not understood."""
    return x * BOX.value


def reads_a_module(x: Any) -> Any:
    """Not understood."""
    return x * len(os.environ)


def counts(x: Any) -> Any:
    """Not understood."""
    global SCALE  # noqa: PLW0603  # what is refused
    SCALE += 1.0
    return x * SCALE


def builds_a_set(x: Any) -> Any:
    """Not understood."""
    return sum(x for _ in {x, 1.0})


def looks_itself_up(x: Any) -> Any:
    """Not understood."""
    return x * globals()["SCALE"]


UNKNOWN = [reads_a_file, imports, draws, draws_from_a_global, reads_an_object, reads_a_module,
           counts, builds_a_set, looks_itself_up]  # fmt: skip


@pytest.mark.parametrize("function", UNKNOWN, ids=lambda f: f.__name__)
def test_what_is_not_understood_is_not_cached(function: Any) -> None:
    """A function whose trace may change without its code changing has no fingerprint."""
    with pytest.raises(UnknownError, match=function.__name__):
        fingerprint(function)


def test_the_reason_is_a_warning(tmp_path: Path) -> None:
    """Who asked for the cache is told why there is none; nothing is written."""
    with pytest.warns(UserWarning, match="not cached: reads_an_object uses"):
        df = compile_gradient(reads_an_object, 2.0, cache=tmp_path)
    assert df(2.0) == (2.0, 1.0)
    assert not list(tmp_path.glob("*.entry"))


def test_the_environment_turns_it_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PROOFGRAD_CACHE is a folder; without it nothing is kept, and no reason is given."""
    compile_gradient(scaled, 1.5)
    assert store_for(None) is None
    monkeypatch.setenv("PROOFGRAD_CACHE", str(tmp_path))
    compile_gradient(scaled, 1.5)
    assert isinstance(compile_gradient(scaled, 1.5), CachedGradient)
    assert not isinstance(compile_gradient(scaled, 1.5, cache=False), CachedGradient)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile_gradient(reads_an_object, 2.0)


SCRIPT = """
import sys, numpy as np
from codegen import compile_gradient
def f(x, y):
    return np.log(x) / y + np.sin(x * y)
df = compile_gradient(f, 1.0, 1.0, cache=sys.argv[1])
print(type(df).__name__, df(0.0, 2.0), df(0.3, 2.0), hash(df.source) and len(df.source), df.verdict)
"""


def processes(folder: Path, count: int) -> list[str]:
    """What several processes at once print."""
    path = folder / "script.py"
    path.write_text(SCRIPT, encoding="utf-8")
    started = [
        subprocess.Popen(
            [sys.executable, str(path), str(folder / "cache")],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": str(i)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for i in range(count)
    ]
    return [process.communicate()[0].strip() for process in started]


def test_processes_share_entries(tmp_path: Path) -> None:
    """Two that write at once agree; a third, under another hash seed, finds the entry."""
    first = processes(tmp_path, 2)
    third = processes(tmp_path, 1)[0]
    assert third.startswith("CachedGradient")
    assert {line.partition(" ")[2] for line in [*first, third]} == {third.partition(" ")[2]}
    assert len(list((tmp_path / "cache").iterdir())) == 1


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "grown", "renamed"])
def test_damaged_entries_are_made_again(tmp_path: Path, damage: str) -> None:
    """An entry that is not what was written is never used, and replaced."""
    expected = repr(compile_gradient(scaled, 1.5, cache=tmp_path)(1.5))
    (entry,) = tmp_path.glob("*.entry")
    whole = entry.read_bytes()
    middle = len(whole) // 2
    entry.write_bytes(
        {
            "cut": whole[:middle],
            "flipped": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
            "empty": b"",
            "grown": whole + b"x",
            "renamed": whole,
        }[damage]
    )
    if damage == "renamed":  # a whole entry, of another key
        other = tmp_path / "other"
        compile_gradient(helper, 1.5, cache=other)
        entry.write_bytes(next(other.glob("*.entry")).read_bytes())
    again = compile_gradient(scaled, 1.5, cache=tmp_path)
    assert not isinstance(again, CachedGradient)
    assert repr(again(1.5)) == expected
    assert isinstance(compile_gradient(scaled, 1.5, cache=tmp_path), CachedGradient)


def test_a_folder_that_cannot_be_written_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without room for an entry the gradient is compiled, and no part is left."""

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    assert compile_gradient(scaled, 1.5, cache=blocked / "below")(1.0)[0] == scaled(1.0)
    monkeypatch.setattr("os.replace", full)
    assert compile_gradient(scaled, 1.5, cache=tmp_path / "c")(1.0)[0] == scaled(1.0)
    assert not list((tmp_path / "c").iterdir())


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_a_folder_that_others_may_write_is_refused(tmp_path: Path) -> None:
    """Entries are code, so nobody else may put one there; a new folder is private."""
    tmp_path.chmod(0o777)
    with pytest.raises(ad.ArgumentError, match="chmod 700"):
        compile_gradient(scaled, 1.5, cache=tmp_path)
    compile_gradient(scaled, 1.5, cache=tmp_path / "own")
    assert (tmp_path / "own").stat().st_mode & 0o777 == 0o700


def test_a_store_keeps_to_its_limit(tmp_path: Path) -> None:
    """The entries not used for longest go first; clear removes the rest."""
    store = Store(tmp_path / "s", limit=500)
    for place, key in enumerate("abc"):
        assert store.put(key, bytes(100))
        os.utime(store._path(key), (place, place))
    assert store.get("a") == bytes(100)  # used now
    store.put("d", bytes(100))
    assert store.get("b") is None
    assert store.get("a") == store.get("d") == bytes(100)
    assert store.clear() == len(["a", "c", "d"])
    assert store.get("a") is None


def of_a_text(x: Any) -> Any:
    """Goes by the text of an array, which NumPy writes as it is told to."""
    return x * len(str(TABLE / 3.0))


def test_how_numpy_writes_is_part_of_the_key(tmp_path: Path) -> None:
    """``np.set_printoptions`` is a global of whoever asks for a text."""
    first = compile_gradient(of_a_text, 1.0, cache=tmp_path)(1.0)
    with np.printoptions(precision=2):
        assert compile_gradient(of_a_text, 1.0, cache=tmp_path)(1.0) != first
