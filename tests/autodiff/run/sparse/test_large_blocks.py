"""Sparse matrices of whole arrays whose blocks have many more numbers than can be there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autodiff.errors import UnsupportedError
from autodiff.run.derive import array_entries
from codegen import compile_hessian, compile_jacobian


def coupled(x: Any) -> Any:
    """Each element with its neighbour: no block of it is a diagonal."""
    return x[1:] * np.sin(x[:-1]) - x[:-1] ** 2


def energy(x: Any) -> Any:
    """The same, squared and added up."""
    return np.sum(coupled(x) ** 2)


X = np.linspace(0.1, 0.9, 30)
WAYS: dict[str, Any] = {"target": "numpy", "expand": False, "check": False}


def test_places_of_blocks_are_listed_for_what_is_kept_alone(monkeypatch: Any) -> None:
    """Blocks of 899 and 900 numbers are not, where 58 and 88 of these can differ from zero."""
    monkeypatch.setattr(array_entries._Entries, "_places", None)
    for compiled, f, count in ((compile_jacobian, coupled, 58), (compile_hessian, energy, 88)):
        found = compiled(f, X, sparse=True, **WAYS)(X)
        assert found.nnz == count
        np.testing.assert_allclose(found.toarray(), compiled(f, X, **WAYS)(X), rtol=1e-13)


def test_more_scalars_are_looked_at_than_blocks_have_places(monkeypatch: Any) -> None:
    """Above so many scalars the pattern is asked of them only where blocks are larger still."""
    monkeypatch.setattr(array_entries, "MOST_SCALARS", 10)
    with pytest.warns(UserWarning, match="every entry"):
        assert compile_jacobian(coupled, X, sparse=True, **WAYS)(X).nnz == 870
    monkeypatch.setattr(array_entries, "_MOST", 100)
    assert compile_jacobian(coupled, X, sparse=True, **WAYS)(X).nnz == 58
    monkeypatch.setattr(array_entries, "_MOST_OF_PATTERNS", 10)
    with pytest.raises(UnsupportedError, match=r"29 x 30 matrix have 870 numbers.*compile_jvp"):
        compile_jacobian(coupled, X, sparse=True, **WAYS)
