"""Sparse matrices as calls give and take them: fixed structure, fresh values."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import autodiff as ad
import codegen
from codegen import compile_hessian, compile_jacobian
from codegen.call.results import sparse_matrix

POINT = np.array([0.3, -0.7, 1.1, 0.4])


def chain(x: Any) -> Any:
    """Neighbours meet, and no others."""
    return sum(ad.sin(x[i] * x[i + 1]) for i in range(len(x) - 1))


def _whole(found: Any) -> Any:
    """A result of any form as an array."""
    if isinstance(found, tuple):
        rows, columns, values = found
        matrix = np.zeros((4, 4))
        matrix[rows, columns] = values
        return matrix
    return found.toarray()


DENSE = compile_hessian(chain, np.ones(4))(POINT)
TARGETS = ["python", "numpy", "native"]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("sparse", "form"), [(True, "csr"), ("csr", "csr"), ("csc", "csc")])
def test_scipy_matrices(target: str, sparse: bool | str, form: str) -> None:
    """A call gives SciPy's matrix of the form asked for, with the numbers of the dense one."""
    library = pytest.importorskip("scipy.sparse")
    hessian = compile_hessian(chain, np.ones(4), sparse=sparse, target=target)
    found = hessian(POINT)
    assert library.issparse(found)
    assert found.format == form
    assert np.allclose(found.toarray(), DENSE, rtol=1e-14)
    assert found.nnz == 10
    assert np.allclose(found @ POINT, DENSE @ POINT)
    assert np.allclose((2.0 * found - found.T).toarray(), DENSE)
    assert str(hessian.verdict) == "CERTIFIED"


@pytest.mark.parametrize("target", TARGETS)
def test_rows_columns_and_values(target: str) -> None:
    """'coo' is rows, columns and values, of which the last alone is new at each call."""
    hessian = compile_hessian(chain, np.ones(4), sparse="coo", target=target)
    first, second = hessian(POINT), hessian(2.0 * POINT)
    assert first[0] is second[0]
    assert first[1] is second[1]
    assert np.allclose(_whole(first), DENSE)
    assert not np.allclose(first[2], second[2])


def test_without_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where SciPy is missing a matrix is rows, columns and values."""
    monkeypatch.setattr(sparse_matrix, "find_spec", lambda name: None)
    found = compile_hessian(chain, np.ones(4), sparse=True)(POINT)
    assert isinstance(found, tuple)
    assert np.allclose(_whole(found), DENSE)


def test_results_share_their_structure_and_nothing_else() -> None:
    """Index arrays are made once and cannot be written; values are each result's own."""
    pytest.importorskip("scipy")
    hessian = compile_hessian(chain, np.ones(4), sparse=True, target="native")
    first, second = hessian(POINT), hessian(POINT)
    assert first.indices is second.indices
    assert not first.indices.flags.writeable
    first.data[:] = 0.0
    assert np.allclose(second.toarray(), DENSE)
    own = first.copy()
    own.eliminate_zeros()
    assert own.nnz == 0
    assert np.allclose(hessian(POINT).toarray(), DENSE)


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_into_the_callers_matrix(target: str) -> None:
    """out= takes a matrix of the same structure, or an array for the values, and gives it back."""
    pytest.importorskip("scipy")
    hessian = compile_hessian(chain, np.ones(4), sparse=True, target=target)
    out = hessian(np.zeros(4)).copy()
    assert hessian(POINT, out=out) is out
    assert np.allclose(out.toarray(), DENSE)
    values = np.empty(10)
    assert hessian(POINT, out=values) is values
    assert np.array_equal(values, out.data)


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_another_structure_is_refused(target: str) -> None:
    """A matrix that keeps other entries cannot hold the result, and the error says which can."""
    sparse = pytest.importorskip("scipy.sparse")
    hessian = compile_hessian(chain, np.ones(4), sparse=True, target=target)
    for other in (sparse.csr_array(np.eye(4)), sparse.csc_array(DENSE), sparse.csr_array((3, 4))):
        with pytest.raises(ad.ArgumentError, match="expected the structure of the result, 4 x 4 c"):
            hessian(POINT, out=other)


def test_bound_to_the_callers_matrix() -> None:
    """A bound call refills the caller's matrix and gives it."""
    pytest.importorskip("scipy")
    hessian = compile_hessian(chain, np.ones(4), sparse=True, target="native")
    point, out = np.zeros(4), hessian(np.zeros(4)).copy()
    call = hessian.bind(point, out=out)
    point[:] = POINT
    assert call() is out
    assert np.allclose(out.toarray(), DENSE)


@pytest.mark.parametrize("target", TARGETS)
def test_beside_value_and_gradient(target: str) -> None:
    """Several quantities come as a tuple, with the matrix in its place."""
    pytest.importorskip("scipy")
    what = ("value", "gradient", "hessian")
    several = codegen.compile(chain, np.ones(4), what=what, sparse=True, target=target)
    value, gradient, hessian = several(POINT)
    assert np.isclose(value, chain(POINT))
    assert gradient.shape == (4,)
    assert np.allclose(hessian.toarray(), DENSE)
    assert str(several.verdict) == "CERTIFIED"
    if target != "python":
        out = np.empty(4), hessian.copy()
        value, given = several(2.0 * POINT, out=out)
        assert given is out
        assert np.allclose(out[1].toarray(), several(2.0 * POINT)[2].toarray())


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_many_points(target: str) -> None:
    """A batch gives rows and columns once, and a row of values for each point."""
    hessian = compile_hessian(chain, np.ones(4), sparse=True, target=target, batch=True)
    points = np.stack([POINT, 2.0 * POINT, -POINT])
    rows, columns, values = hessian(points)
    assert values.shape == (3, 10)
    one = compile_hessian(chain, np.ones(4), sparse="coo")
    for point, row in zip(points, values, strict=True):
        assert np.allclose(row, one(point)[2], rtol=1e-13)
    assert np.array_equal(rows, one(POINT)[0])
    assert np.array_equal(columns, one(POINT)[1])


def test_pickled() -> None:
    """A pickle gives the same kind of matrix."""
    pytest.importorskip("scipy")
    hessian = compile_hessian(chain, np.ones(4), sparse="csc", target="native")
    again = pickle.loads(pickle.dumps(hessian))
    assert again(POINT).format == "csc"
    assert again.sparse == "csc"
    assert np.array_equal(again(POINT).toarray(), hessian(POINT).toarray())


def test_cached(tmp_path: Any) -> None:
    """A store keeps sparse and dense apart, and gives the matrix as it was compiled."""
    pytest.importorskip("scipy")
    for sparse in (False, True, "csc", "coo"):
        for _ in range(2):
            found = compile_hessian(chain, np.ones(4), sparse=sparse, cache=tmp_path)(POINT)
            assert np.allclose(found if sparse is False else _whole(found), DENSE)
            assert getattr(found, "format", "") == {True: "csr", "csc": "csc"}.get(sparse, "")


def test_full_matrices_are_said_to_be_full() -> None:
    """sparse=True on a full matrix warns that dense is as good, and is right all the same."""
    pytest.importorskip("scipy")

    def full(x: Any) -> Any:
        return ad.exp(sum(x))

    with pytest.warns(UserWarning, match="every entry of the 3 x 3 hessian can differ from zero"):
        hessian = compile_hessian(full, np.ones(3), sparse=True)
    assert np.allclose(hessian(np.zeros(3)).toarray(), np.ones((3, 3)))


def test_several_arguments_are_one_matrix() -> None:
    """Columns run through the chosen arguments."""
    jacobian = compile_jacobian(
        lambda a, b: [a * b[0], b[1]], 1.0, np.ones(2), sparse=True, wrt=["b", "a"]
    )
    assert _whole(jacobian(2.0, np.array([3.0, 5.0]))).tolist() == [[2.0, 0.0, 3.0], [0.0, 1.0, 0]]


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_a_matrix_beside_its_product(target: str) -> None:
    """Both come from one call, and the matrix times the direction is the product."""
    direction = np.array([1.0, -2.0, 0.5, 3.0])
    everything = codegen.compile(
        chain, np.ones(4), what=("value", "hessian", "jvp", "hvp"), sparse=True, target=target
    )
    _, hessian, _, product = everything(np.linspace(0.2, 1.1, 4), direction)
    assert np.allclose(_whole(hessian) @ direction, product, rtol=1e-13)
    assert str(everything.verdict) == "CERTIFIED"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: compile_hessian(chain, np.ones(4), sparse="dense"), "sparse: found 'dense'"),
        (lambda: compile_hessian(chain, np.ones(4), sparse=3), "sparse: found 3"),
        (
            lambda: codegen.compile(chain, np.ones(4), what="gradient", sparse=True),
            "holds no matrix",
        ),
    ],
)
def test_wrong_calls(call: Any, message: str) -> None:
    """What cannot be sparse, or is no form of it, is said with what can."""
    with pytest.raises(ad.ArgumentError, match=message):
        call()
