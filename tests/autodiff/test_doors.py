from __future__ import annotations

import functools
import importlib
import inspect
import pickle
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import autodiff as ad
from autodiff.doors import door
from codegen import compile_gradient

Floats = npt.NDArray[np.float64]


def public(
    first: int,
    *rest: float,
    names: Sequence[str] = (),
    table: Mapping[str, float] | None = None,
    call: Callable[[], Any] | None = None,
) -> float:
    """A public function."""
    if call is not None:
        call()
    if table is not None and "missing" in table:
        raise KeyError("its own")
    return first + sum(rest) + len("".join(names)) + sum((table or {}).values())


def test_right_calls_pass() -> None:
    """A call that succeeds is the function's, whatever the types are declared to be."""
    opened = door(public, "tests")
    assert opened(1, 2.0, names=["a"], table={"b": 1.0}) == 5.0
    assert opened(1.5) == 1.5
    assert inspect.signature(opened) == inspect.signature(public)


@pytest.mark.parametrize(
    ("args", "options", "message"),
    [
        ((), {}, r"public: missing a required argument: 'first'; expected public\(first, \*rest"),
        ((1,), {"nonsense": 2}, "got an unexpected keyword argument 'nonsense'"),
        (("a",), {}, "public: first: found str 'a'; expected int"),
        ((1, 2.0, "b"), {}, "public: rest: found str 'b'; expected float"),
        ((1,), {"names": [3]}, r"public: names: found list \[3\]; expected Sequence\[str\]"),
        ((1,), {"table": {"a": "b"}}, "public: table: found dict"),
        ((1,), {"table": 7}, "public: table: found int 7"),
        ((1,), {"call": 7}, "public: call: found int 7; expected Callable"),
    ],
)
def test_wrong_calls_name_the_argument(args: Any, options: Any, message: str) -> None:
    """Where something went wrong and an argument does not fit the signature, that is the error."""
    with pytest.raises(ad.ArgumentError, match=message):
        door(public, "tests")(*args, **options)


@pytest.mark.parametrize("array", [np.array(0.3), np.array([0.3, 0.4]), np.zeros((2, 0))])
def test_arrays_are_what_arrays_are_declared_to_be(array: Floats) -> None:
    """The shape and the type in an array's declaration are not those of its items."""

    def fails(array: Floats) -> None:
        raise KeyError(array.shape)

    with pytest.raises(KeyError):
        door(fails, "tests")(array)


@pytest.mark.parametrize("package", ["autodiff", "proofgrad"])
def test_names_of_other_libraries_are_translated(package: str) -> None:
    """Who asks for JAX's name of a function or of an argument is told what stands for it."""
    with pytest.raises(AttributeError, match=r"no attribute 'jit'; here it is compile_gradient"):
        importlib.import_module(package).jit  # noqa: B018
    with pytest.raises(ad.ArgumentError, match=r"unexpected keyword argument 'argnums'.*wrt="):
        compile_gradient(lambda x, y: x * y, 1.0, 2.0, argnums=0)  # type: ignore[call-overload]


def test_whoever_decorates_with_options_is_told_how() -> None:
    """A call without the function itself is one of somebody who decorates."""
    with pytest.raises(ad.ArgumentError, match=r"as a decorator: @functools\.partial\(compile_gra"):
        compile_gradient(target="numpy")  # type: ignore[call-overload]

    @functools.partial(compile_gradient, target="numpy")
    def square(x: float) -> float:
        return x * x

    assert square(3.0) == (9.0, 6.0)


def test_errors_of_the_users_come_through() -> None:
    """What a fitting argument raises, or the function itself, stays as it is."""

    def fail() -> None:
        raise ValueError("the user's")

    with pytest.raises(ValueError, match="the user's") as raised:
        door(public, "tests")(1, call=fail)
    assert not isinstance(raised.value, ad.ProofgradError)
    with pytest.raises(KeyError, match="its own"):
        door(public, "tests")(1, table={"missing": 1.0})


def test_public_functions_pickle() -> None:
    """A door is found again by its public name, as pools of processes need it."""
    for function in (ad.trace, ad.gradient, ad.hessian, compile_gradient):
        assert pickle.loads(pickle.dumps(function)) is function


class _Unshown:
    """An object that no message can show."""

    def __repr__(self) -> str:
        raise RuntimeError("not ready")


def test_what_cannot_be_shown_is_refused_by_its_class() -> None:
    """A ``__repr__`` that raises is the user's own, and no error of ours is made of it."""
    for call in (
        lambda: ad.trace(lambda x: x, _Unshown()),
        lambda: ad.parse(_Unshown()),
        lambda: ad.hessian(_Unshown()),
        lambda: ad.trace(lambda x: x * _Unshown(), 1.0),
        lambda: compile_gradient(lambda x: x * x, 1.0, target=_Unshown()),
        lambda: compile_gradient(lambda x: x * x, 1.0)(_Unshown()),
        lambda: compile_gradient(np.sum, np.ones(2))(_Unshown()),
        lambda: ad.sin(_Unshown()),
        lambda: ad.where(True, _Unshown(), 1.0),
        lambda: ad.Value(_Unshown()),
    ):
        with pytest.raises(ad.ArgumentError, match=r"_Unshown\.__repr__ raises RuntimeError"):
            call()
    with pytest.raises(ad.TraceError, match=r"_Unshown\.__repr__ raises RuntimeError"):
        ad.Value(1.0) * _Unshown()


def test_lists_without_an_end_are_refused() -> None:
    """A list may hold itself: an error, and no search without end."""
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(ad.ArgumentError, match="expected a number or an array"):
        ad.sin(endless)
    with pytest.raises(ad.TraceError):
        ad.trace(lambda x: np.array([x, endless]), 1.0)
    with pytest.raises(ad.ArgumentError):
        ad.grad(lambda x: x * x)(endless)


@pytest.mark.parametrize("kind", ["S1", "U1", "M8[s]", [("a", float), ("b", int)]])
def test_arrays_of_no_numbers_are_refused(kind: object) -> None:
    """Texts, dates, records: NumPy would read numbers out of some."""
    with pytest.raises(ad.ArgumentError, match="expected a number or an array"):
        ad.sin(np.zeros(2, kind))


@pytest.mark.parametrize("text", ["1", b"1", "nan", np.str_("2"), np.array("1"), np.array(["1"])])
def test_text_is_no_number(text: object) -> None:
    """Functions of numbers do not read it, though ``float`` would."""
    with pytest.raises(ad.ArgumentError, match=r"sin: found .* expected a number or an array"):
        ad.sin(text)
    assert ad.sin(np.array(0.0)) == ad.sin(False) == 0.0
