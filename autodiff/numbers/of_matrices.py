"""Functions of matrices that NumPy lacks; emitted files copy their sources."""

from typing import Any

import numpy as np

__all__ = ["diagonal_of", "exponential", "gaps", "hermitian_vectors_of", "on_diagonal", "places_in"]


def gaps(w: "Any", flow: "Any", kind: "str") -> "Any":
    """1 / (w[j] - w[i]) for each two numbers of the last axis, 0 on the diagonal.

    Two that differ by rounding alone are equal: 0 where nothing flows between them, else infinite.
    ``kind`` says of what they are: "values", "squares" of singular values, or "pairs", those of
    the first half again.
    """
    apart = w[..., None, :] - w[..., :, None]
    n = w.shape[-1]
    found = np.sqrt(np.maximum(w, 0.0)) if kind == "squares" else w
    room = n * 2.220446049250313e-16 * np.max(np.abs(found), axis=-1, initial=0.0)
    same = np.abs(found[..., None, :] - found[..., :, None]) <= room[..., None, None]
    with np.errstate(all="ignore"):
        made = np.where(same, np.where(flow == 0.0, 0.0, np.inf), 1.0 / apart)
    own = np.arange(n) % (n // 2 if kind == "pairs" else n)
    return np.where(own[:, None] == own, 0.0, made)


def hermitian_vectors_of(re: "Any", im: "Any") -> "Any":
    """Eigenvectors of re + 1j im, read below the diagonal, as [[V, -W], [W, V]] of V + 1j W.

    Their phases, which begin with 1, 2 ..., are none of NumPy's: what depends on these is seen.
    """
    made = np.linalg.eigh(re + 1j * im)[1]
    turned = np.arange(1.0, re.shape[-1] + 1.0) - np.angle(made[..., :1, :])
    made = made * np.exp(1j * turned)
    above = np.concatenate([made.real, -made.imag], axis=-1)
    return np.concatenate([above, np.concatenate([made.imag, made.real], axis=-1)], axis=-2)


def exponential(a: "Any") -> "Any":
    """exp of matrices: of a half, a quarter ... by Padé's quotient, then squared as often."""
    b = (
        64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0,
        129060195264000.0, 10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0,
        40840800.0, 960960.0, 16380.0, 182.0, 1.0,
    )  # fmt: skip
    norm = np.max(np.sum(np.abs(a), axis=-2), initial=0.0)
    # Good where the norm is below 5.37 (Higham 2005).
    times = max(0, int(np.ceil(np.log2(norm / 5.371920351148152)))) if 0.0 < norm < np.inf else 0
    a = a / 2.0**times
    unit = np.eye(a.shape[-1])
    a2 = a @ a
    a4 = a2 @ a2
    a6 = a4 @ a2
    odd = a6 @ (b[13] * a6 + b[11] * a4 + b[9] * a2) + b[7] * a6 + b[5] * a4 + b[3] * a2
    even = a6 @ (b[12] * a6 + b[10] * a4 + b[8] * a2) + b[6] * a6 + b[4] * a4 + b[2] * a2
    u, v = a @ (odd + b[1] * unit), even + b[0] * unit
    made = np.linalg.solve(v - u, v + u)
    for _ in range(times):
        made = made @ made
    return made


def places_in(shape: "Any", *indices: "Any") -> "Any":
    """Flat places of an array of a shape from one index array for each axis, negative ones too."""
    fitting = []
    for n, given in zip(shape, np.broadcast_arrays(*indices), strict=True):
        index = given.astype(np.intp)
        if index.size and not (-n <= index.min() and index.max() < n):
            raise IndexError(f"an index is out of bounds for an axis of size {n}")
        fitting.append(np.where(index < 0, index + n, index))
    return np.ravel_multi_index(tuple(fitting), shape)


def on_diagonal(x: "Any", first: int, second: int) -> "Any":
    """Zeros with an axis more, first; x where its place is that in axis second."""
    x = np.moveaxis(x, second - 1, -1)
    out = np.full((*x.shape, x.shape[-1]), 0.0, dtype=x.dtype)
    place = np.arange(x.shape[-1])
    out[..., place, place] = x
    return np.moveaxis(out, (-2, -1), (first, second))


def diagonal_of(x: "Any", first: int, second: int) -> "Any":
    """The elements whose places in two axes are the same; the first of the axes disappears."""
    return np.moveaxis(np.diagonal(x, 0, first, second), -1, second - 1)
