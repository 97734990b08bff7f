"""What NumPy's scalars offer, on traced numbers: ``x.dtype``, ``x.shape``, ``x.item()``.

A function may ask its argument for these whatever it is; on a placeholder they say what they say
of the float64 that the compiled function will be given.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.errors import DifferentiationError, ProofgradError, UnsupportedError, reached
from autodiff.table.primitive import Operand

__all__ = ["DOUBLE", "WRITE_IT", "install_surface", "more_helpful", "needs_numbers", "way_out"]

# What is said where a function of a library cannot be traced, and there is no other way out.
WRITE_IT = (
    "Write what it computes with operators, np.where, sums and NumPy's elementwise functions, or "
    "register it as a primitive: autodiff.custom"
)

_EIGENVALUES = "np.linalg.eigh or eigvalsh where the matrix is symmetric: others may be complex"
_SPARSE = "an array of zeros that is filled (A[i, j] = values), np.diag, or np.linalg.solve"
_SOLVED = "np.linalg.solve(A.toarray(), b)"
_MASKED = "np.where(mask, 0.0, x), or np.sum(x, where=~mask) and np.mean with where="
_CONSTRAINED = "ad.root of the equations at the optimum: which hold depends on the numbers"
_OUTSIDE = "it outside, on what the function returns"
_INSTEAD = {
    **dict.fromkeys(("dump", "dumps", "save", "savetxt", "savez", "to_csv"), _OUTSIDE),
    **dict.fromkeys(("diags", "diags_array", "spdiags"), _SPARSE),
    **{f"{kind}_{of}": _SPARSE for kind in ("coo", "csc", "csr") for of in ("array", "matrix")},
    **dict.fromkeys(("bicgstab", "cg", "gmres", "minres", "spsolve", "splu"), _SOLVED),
    **dict.fromkeys(("masked_array", "masked_equal", "masked_invalid", "masked_where"), _MASKED),
    **dict.fromkeys(("linprog", "lsq_linear", "milp", "nnls"), _CONSTRAINED),
    "DataFrame": "the array itself: a table of pandas holds numbers",
    "Series": "the array itself: a table of pandas holds numbers",
    "arange": "start + step * np.arange(n): how many there are depends on the numbers",
    "curve_fit": "np.linalg.lstsq where the model is linear, else ad.root of the gradient",
    "dist": "np.linalg.norm of the difference",
    "eig": _EIGENVALUES,
    "eigvals": _EIGENVALUES,
    "factorial": "scipy.special.gamma(x + 1)",
    "expm_multiply": "scipy.linalg.expm(A.toarray()) @ b",
    "fsum": "np.sum of an array",
    "least_squares": "ad.root of the gradient, from a start that is near",
    "lu": "np.linalg.solve, det or cholesky: which rows are exchanged depends on the numbers",
    "minimize": "ad.root of the gradient, from a start that is near",
    "minimize_scalar": "ad.root of the derivative, from a start that is near",
    "nditer": "for x in a.flat, or np.ndenumerate(a)",
    "null_space": "np.linalg.svd: how many columns there are depends on the numbers",
    "orth": "np.linalg.svd or qr: how many columns there are depends on the numbers",
    "prod": "np.prod of an array",
    "qr": "np.linalg.qr",
    "quad_vec": "scipy.integrate.quad of each component",
    "schur": "np.linalg.eigh where the matrix is symmetric",
    "sumprod": "np.dot",
    "tensorinv": "np.linalg.inv of the matrix that the array reshapes to",
    "tensorsolve": "np.linalg.solve of the matrix that the array reshapes to",
    "trim_zeros": "a slice: how much is left depends on the numbers",
}


def way_out(called: str) -> str:
    """What to do instead of calling a function of a library by this name.

    >>> way_out("sla.qr")
    'Use np.linalg.qr'
    """
    known = _INSTEAD.get(called.rpartition(".")[2])
    return f"Use {known}" if known else WRITE_IT


def needs_numbers(called: str) -> str:
    """What is said of a function of a library that placeholders cannot be given to."""
    return f"{called} cannot be traced: it needs numbers. {way_out(called)}"


def more_helpful(said: ProofgradError, again: ProofgradError) -> ProofgradError:
    """Of what two traces of a function were refused with, what tells the user more.

    One that was traced says which target or which derivative can be had; one that knows what it
    refuses says the way; one that takes complex numbers, or masks, what else there is.  Of two
    that meet what they do not know, one can do without what it came to before.
    """
    known = said.limit is not None and again.limit is not said.limit
    farther = said.limit == again.limit == "opaque" and reached(again) > reached(said)
    traced = isinstance(again, (UnsupportedError, DifferentiationError))
    return again if traced or known or farther else said


class _Double(np.float64):
    """``x.dtype.type``: NumPy's own functions convert to it what they return."""

    def __new__(cls, x: Any = 0.0) -> Any:
        return x if isinstance(x, (Operand, np.ndarray)) else np.float64(x)


class _DoubleType:
    """Stands for ``np.dtype(float)`` on traced values, and makes NumPy leave these alone."""

    dtype = np.dtype(np.float64)  # np.dtype(x.dtype) is this
    type = _Double

    def __getattr__(self, name: str) -> object:
        return getattr(self.dtype, name)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, _DoubleType):
            return True
        try:
            return bool(self.dtype == np.dtype(other))  # type: ignore[call-overload]
        except TypeError:  # no type of numbers
            return False

    def __hash__(self) -> int:
        return hash(self.dtype)

    def __repr__(self) -> str:
        return repr(self.dtype)


DOUBLE = _DoubleType()


def _itself(self: object) -> object:
    return self


def _item(self: object, *_: int) -> object:
    return self


def _as_type(self: Any, dtype: Any, *_: object, **__: object) -> object:
    kind = np.dtype(dtype)
    if kind.kind == "i" and kind.itemsize >= 4:
        return self.__trunc__()
    return self if kind == DOUBLE else float(self)  # which says what is wrong with it


def _round(self: object, decimals: int = 0, out: object = None) -> object:
    return np.round(self, decimals)  # type: ignore[call-overload]


def install_surface(kind: type[Operand]) -> None:
    """Give ``kind`` the attributes and methods of a NumPy scalar of type float64."""
    attributes: dict[str, object] = {
        "dtype": property(lambda self: DOUBLE),
        "shape": property(lambda self: ()),
        "ndim": property(lambda self: 0),
        "size": property(lambda self: 1),
        "T": property(_itself),
        "real": property(_itself),
        "imag": property(lambda self: self.constant(0.0)),
        "item": _item,
        "copy": _itself,
        "conjugate": _itself,
        "conj": _itself,
        "astype": _as_type,
        "round": _round,
        "is_integer": lambda self: np.floor(self) == self,
        "__copy__": _itself,
        "__deepcopy__": lambda self, memo: self,
    }
    for name, attribute in attributes.items():
        setattr(kind, name, attribute)
