"""Every kind of derivative with every option on every target: it works, or says why not."""

from __future__ import annotations

import functools
import itertools
import pickle
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import scipy.sparse

import autodiff as ad
from autodiff.errors import ProofgradError
from codegen import to_latex
from codegen.asked import compile as compile_derivatives
from tests.modules_by_path import module_at

_A = np.random.default_rng(0).normal(size=(6, 3))
_W = np.array([0.3, -0.2, 0.5])


def product(x: Any, y: Any) -> Any:
    """A function of two numbers."""
    return x * y + ad.sin(x) * y * y


def loss(w: Any) -> Any:
    """A number of an array."""
    return np.sum(np.tanh(_A @ w) ** 2)


def layer(w: Any) -> Any:
    """An array of an array."""
    return np.tanh(_A @ w) * np.sum(w)


def orbit(w: Any) -> Any:
    """A number after many steps, which stay a loop."""
    h = w[0]
    for _ in range(40):
        h = h + 0.01 * np.sin(h * w[1]) + 0.001 * w[2]
    return h * h


class Case(NamedTuple):
    """A function, where it is called, and a direction or cotangent for a call."""

    function: Any
    args: tuple[Any, ...]
    extra: dict[str, tuple[Any, ...]]


_ONE = {"hvp": (_W,), "jvp": (_W,), "vjp": (0.7,)}
_CASES = {
    "product": Case(product, (0.3, 0.7), {"hvp": (0.5, 0.25), "jvp": (0.5, 0.25), "vjp": (0.7,)}),
    "loss": Case(loss, (_W,), _ONE),
    "layer": Case(layer, (_W,), {"jvp": (_W,), "vjp": (np.linspace(-1.0, 1.0, 6),)}),
    "orbit": Case(orbit, (_W,), _ONE),
}
_KINDS: dict[str, tuple[str, ...]] = {
    "product": ("value", "gradient", "hessian", "hvp", "jvp", "vjp"),
    "loss": ("value", "gradient", "hessian", "hvp", "jvp", "vjp"),
    "layer": ("value", "jacobian", "jvp", "vjp"),
    "orbit": ("gradient", "hessian", "hvp"),
}
_OPTIONS: tuple[dict[str, Any], ...] = (
    {}, {"expand": False}, {"expand": True}, {"profile": "fast"}, {"profile": "stable"},
    {"comments": True}, {"threads": 2}, {"effort": "quick"}, {"sparse": True}, {"sparse": "coo"},
    {"sparse": True, "drop_zeros": True}, {"sparse": True, "expand": False}, {"wrt": 0},
    {"batch": True}, {"batch": True, "reduce": "sum"}, {"batch": True, "threads": 2},
    {"batch": True, "expand": False}, {"batch": True, "sparse": True},
    {"profile": "stable", "domain": [(0.0, 1.0)]},
)  # fmt: skip
_OF_LOOPS = tuple(_OPTIONS[i] for i in (0, 1, 5, 11, 12, 13, 16))


_TARGETS = ("python", "numpy", "native")


def _chosen(name: str, kind: str, target: str) -> list[dict[str, Any]]:
    """Options to try.

    One function of each kind and target meets all of them, the others a third: another one for each
    kind and target, so that every function meets every option somewhere.
    """
    turn = _KINDS[name].index(kind) + _TARGETS.index(target)
    whole = name == ("layer" if kind == "jacobian" else "loss") or (name, kind) == (
        "orbit",
        "gradient",
    )
    return [
        options
        for place, options in enumerate(_OF_LOOPS if name == "orbit" else _OPTIONS)
        if whole or (place + turn) % 3 == 0 or not options
        # What "stable" searches takes long, and is the same for every function.
        if (options.get("profile") == "stable") <= (name == "product")
    ]


def _flat(value: Any) -> Any:
    if isinstance(value, tuple):
        return np.concatenate([_flat(one) for one in value])
    return np.ravel(value.toarray() if scipy.sparse.issparse(value) else value)


def _batched(case: Case, kind: str, options: dict[str, Any]) -> list[Any]:
    """Arguments of a call for two equal points; a cotangent of a sum is one for both."""
    extra = case.extra.get(kind, ())
    single = kind == "vjp" and "reduce" in options
    return [np.stack([x] * 2) for x in case.args] + [
        x if single else np.stack([x] * 2) for x in extra
    ]


def _is_refused(kind: str, target: str, options: dict[str, Any]) -> bool:
    """What means nothing there."""
    if "sparse" in options and kind not in ("jacobian", "hessian"):
        return True
    if "threads" in options and (target != "native" or "batch" not in options):
        return True
    return ("effort" in options and target != "native") or (
        "batch" in options and target == "python"
    )


def _used(compiled: Any, call: list[Any], folder: Path) -> None:
    """Whatever a user does with what was compiled: read, keep, load, copy, write into arrays."""
    assert str(compiled.explain())
    assert compiled.source
    assert compiled.verdict is None or str(compiled.verdict)
    wanted = compiled(*call)
    np.testing.assert_array_equal(_flat(pickle.loads(pickle.dumps(compiled))(*call)), _flat(wanted))
    path = folder / "saved.py"
    compiled.save(path)
    module_at(path)


@functools.cache
def _plain(name: str, kind: str) -> Any:
    """The numbers of the plain text."""
    case = _CASES[name]
    call = *case.args, *case.extra.get(kind, ())
    return _flat(compile_derivatives(case.function, *case.args, what=kind)(*call))


@pytest.mark.parametrize("target", _TARGETS)
@pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for name, kinds in _KINDS.items() for kind in kinds]
)
def test_every_option_works_or_is_refused(
    name: str, kind: str, target: str, tmp_path: Path
) -> None:
    """With any option: the numbers of the plain text, or an error of ours; nothing else."""
    case = _CASES[name]
    call = [*case.args, *case.extra.get(kind, ())]
    plain = _plain(name, kind)
    for options in _chosen(name, kind, target):
        given = dict(options)
        if "domain" in given:
            given["domain"] = [(0.0, 1.0)] * len(case.args)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a full matrix that is asked for sparse
            if _is_refused(kind, target, options):
                with pytest.raises(ProofgradError, match=r"\w+: .{20,}"):
                    compile_derivatives(
                        case.function, *case.args, what=kind, target=target, **given
                    )
                continue
            made = compile_derivatives(case.function, *case.args, what=kind, target=target, **given)
        if "batch" in options:
            found = made(*_batched(case, kind, options))
            if "reduce" not in options and "sparse" not in options:
                assert np.size(_flat(found)) == 2 * plain.size
        elif "wrt" not in options and options.get("sparse") != "coo":
            found = _flat(made(*call))
            np.testing.assert_allclose(found, plain, rtol=1e-9, atol=1e-12)
        if not options or (name != "orbit" and options in ({"expand": False}, {"sparse": True})):
            _used(made, call, tmp_path)


@pytest.mark.parametrize("name", ["product", "loss", "layer"])
def test_latex_of_every_kind(name: str) -> None:
    """LaTeX is there for every kind."""
    case = _CASES[name]
    for kind in _KINDS[name]:
        assert "\\" in to_latex(case.function, *case.args, what=kind)


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_results_into_given_arrays(target: str) -> None:
    """``out=`` takes an array of the result's structure, with arrays whole and without."""
    of_arrays = [(name, kind) for name, kind in _pairs() if kind in ("hessian", "jacobian", "hvp")]
    for (name, kind), expand in itertools.product(of_arrays, (None, False)):
        case = _CASES[name]
        call = [*case.args, *case.extra.get(kind, ())]
        made = compile_derivatives(
            case.function, *case.args, what=kind, target=target, expand=expand
        )
        wanted = made(*call)
        out = np.empty_like(wanted)
        made(*call, out=out)
        np.testing.assert_array_equal(out, wanted)


def _pairs() -> list[tuple[str, str]]:
    return [(name, kind) for name in ("loss", "layer") for kind in _KINDS[name]]
