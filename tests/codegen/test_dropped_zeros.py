"""Sparse matrices without entries that cancel identically, on request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
import codegen
import codegen.kind
from tests.codegen.test_asked import needs
from verify import Verdict, VerificationError, recheck, verify_jacobian

X = np.array([0.5, 1.25, -2.0])


def cancelling(x: Any) -> Any:
    """Of nine entries three cancel: one by subtraction, one by a product, one by a relation."""
    return np.array(
        [
            x[0] + x[1] - x[0],
            np.sin(x[1]) ** 2 + np.cos(x[1]) ** 2 + x[2],
            (x[0] + x[1]) ** 2 - 2.0 * x[0] * x[1] - x[1] ** 2 + x[2],
        ]
    )


@pytest.mark.parametrize(
    ("target", "expand"),
    [("python", None), ("numpy", None), ("native", None), ("numpy", False), ("native", False)],
)
@pytest.mark.parametrize("form", ["csr", "csc", "coo"])
def test_what_cancels_is_not_stored(target: str, expand: bool | None, form: str) -> None:
    """The pattern holds what can differ from zero over the reals, and the check proves it."""
    needs(target)
    how: Any = {"sparse": form, "target": target, "expand": expand}
    made = codegen.compile_jacobian(cancelling, X, drop_zeros=True, **how)
    whole = codegen.compile_jacobian(cancelling, X, target=target)(X)
    found = made(X)
    if form == "coo":
        rows, columns, values = found
        places = set(zip(rows.tolist(), columns.tolist(), strict=True))
        assert np.allclose(values, whole[rows, columns], rtol=0, atol=1e-15)
    else:
        places = set(zip(*(x.tolist() for x in found.nonzero()), strict=True))
        assert found.nnz == len(places)
    assert places == {(0, 1), (1, 2), (2, 0), (2, 2)}
    assert made.verdict in ("PROVED", "CERTIFIED")


def test_beside_other_quantities() -> None:
    """In one call with value and gradient, the matrix alone loses entries."""

    def f(x: Any) -> Any:
        return np.sum(x**2) + np.exp(x[0] - x[1]) * np.exp(x[1])

    what = ("value", "gradient", "hessian")
    value, slope, matrix = codegen.compile(f, X, what=what, sparse="csr", drop_zeros=True)(X)
    assert value == pytest.approx(f(X))
    assert slope[1] == pytest.approx(2 * X[1])
    assert matrix.nnz == 3
    assert matrix.toarray() == pytest.approx(np.diag([2.0 + np.exp(X[0]), 2.0, 2.0]))


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
@pytest.mark.parametrize("what", [("jacobian", "value"), ("value", "jacobian"), "jacobian"])
def test_where_switches_tie(target: str, what: Any) -> None:
    """What is settled at a tie goes to the entries that are kept."""
    needs(target)

    def f(x: Any) -> Any:
        larger = np.maximum(x[0], x[1])
        return np.array([x[0] + x[1] - x[0], abs(x[0] - x[1]) * larger + larger])

    x = np.array([1.0, 1.0])
    found = codegen.compile(f, x, what=what, target=target, sparse=True, drop_zeros=True)(x)
    wanted = codegen.compile(f, x, what=what)(x)
    if isinstance(what, str):
        found, wanted = (found,), (wanted,)
    for one, other in zip(found, wanted, strict=True):
        assert np.array_equal(one.toarray() if hasattr(one, "toarray") else one, other)


def test_in_c() -> None:
    """C has room for the entries that are kept."""
    header = codegen.to_c(cancelling, X, what="jacobian", sparse=True, drop_zeros=True).header
    assert "#define CANCELLING_JACOBIAN_SIZE 4" in header


def test_what_is_zero_somewhere_stays() -> None:
    """A product of numbers that are zero at the example, or beside a kink, does not cancel."""

    def f(x: Any) -> Any:
        return np.array([x[0] * x[1], np.maximum(x[0], 0.0), ad.where(x[1] > 0.0, x[2], 0.0)])

    rows, columns, _ = codegen.compile_jacobian(f, np.zeros(3), sparse="coo", drop_zeros=True)(X)
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [
        (0, 0),
        (0, 1),
        (1, 0),
        (2, 2),
    ]


@pytest.mark.usefixtures("checked_at_once")
@pytest.mark.parametrize("expand", [None, False])
def test_a_number_dropped_by_mistake_is_refuted(
    expand: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check at compile asks whether what a matrix does not keep is zero, whoever dropped it."""
    monkeypatch.setattr(
        codegen.kind, "prover", lambda _: lambda whole: [k == 1 for k in range(len(whole.outputs))]
    )
    with pytest.raises(VerificationError, match=r"x\[1\]"):
        codegen.compile_jacobian(
            cancelling, X, sparse="coo", drop_zeros=True, target="numpy", expand=expand
        )


def test_kept_in_a_store_and_rechecked(tmp_path: Path) -> None:
    """A cache keeps it apart from the whole pattern; its certificate is proven again."""
    how = {"sparse": "coo", "cache": str(tmp_path)}
    whole = codegen.compile_jacobian(cancelling, X, **how)
    for _ in range(2):
        made = codegen.compile_jacobian(cancelling, X, drop_zeros=True, **how)
        assert len(made(X)[2]) == 4 < len(whole(X)[2])
    certificate, module = tmp_path / "jacobian.json", tmp_path / "jacobian.py"
    certificate.write_text(verify_jacobian(made, X).certificate())
    made.save(module)
    assert recheck(certificate, module).verdict is Verdict.PROVED


@pytest.mark.parametrize(
    ("how", "found"),
    [({"drop_zeros": True}, "sparse=False"), ({"drop_zeros": 1, "sparse": True}, "found 1")],
)
def test_wrong_options(how: dict[str, Any], found: str) -> None:
    """It is asked for with a sparse matrix, by True or False."""
    with pytest.raises(ad.ArgumentError, match=found):
        codegen.compile_jacobian(cancelling, X, **how)
