"""``scipy.spatial.transform.Rotation`` of traced values: unit quaternions, the number last."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autodiff.trace.array_operand import WholeArray
from autodiff.trace.libraries.constructors import as_array
from autodiff.trace.whole.linear_algebra import refuse
from autodiff.trace.whole.moving import tracer_in

__all__ = ["ROTATIONS", "TracedRotation", "rotations_of_numbers"]

_SMALL = 1e-6  # squares of lengths below which series stand for quotients of zeros


def _columns(q: WholeArray) -> list[WholeArray]:
    return [q[..., k] for k in range(q.shape[-1])]


def _stacked(*columns: WholeArray) -> WholeArray:
    return np.stack(columns, axis=-1)


def _product(p: WholeArray, q: WholeArray) -> WholeArray:
    """The quaternion of q first, then p."""
    (a, b, c, d), (e, f, g, h) = _columns(p), _columns(q)
    return _stacked(
        d * e + a * h + b * g - c * f,
        d * f + b * h + c * e - a * g,
        d * g + c * h + a * f - b * e,
        d * h - a * e - b * f - c * g,
    )


def _cross(a: WholeArray, b: WholeArray) -> WholeArray:
    (ax, ay, az), (bx, by, bz) = _columns(a), _columns(b)
    return _stacked(ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx)


def _scaled(angle: WholeArray, degrees: bool) -> WholeArray:
    return angle * (180.0 / np.pi) if degrees else angle


class TracedRotation:
    """Rotations, one or a row of them.

    Args:
        quaternions: Of length 1, traced or numbers.
    """

    def __init__(self, quaternions: WholeArray) -> None:
        self._q = quaternions

    # --- made of ---

    @classmethod
    def from_quat(cls, quat: object, *, scalar_first: bool = False) -> TracedRotation:
        """Of quaternions of any length."""
        q = as_array(quat)
        if scalar_first:
            q = np.concatenate([q[..., 1:], q[..., :1]], axis=-1)
        return cls(q / np.sqrt(np.sum(q * q, axis=-1, keepdims=True)))

    @classmethod
    def from_rotvec(cls, rotvec: object, degrees: bool = False) -> TracedRotation:
        """Of axes as long as their angles."""
        v = as_array(rotvec) * (np.pi / 180.0 if degrees else 1.0)
        square = np.sum(v * v, axis=-1, keepdims=True)
        small = square <= _SMALL
        angle = np.sqrt(np.where(small, 1.0, square))
        series = 0.5 - square / 48.0 + square * square / 3840.0
        along = v * np.where(small, series, np.sin(0.5 * angle) / angle)
        series = 1.0 - square / 8.0 + square * square / 384.0
        return cls(np.concatenate([along, np.where(small, series, np.cos(0.5 * angle))], axis=-1))

    @classmethod
    def from_matrix(cls, matrix: object, **_: object) -> TracedRotation:
        """Of orthogonal matrices: from the largest number of the quaternion."""
        m = as_array(matrix)
        (a, b, c), (d, e, f), (g, h, i) = ([m[..., r, k] for k in range(3)] for r in range(3))
        trace = a + e + i
        ways = [
            _stacked(1.0 + 2.0 * a - trace, d + b, g + c, h - f),
            _stacked(d + b, 1.0 + 2.0 * e - trace, h + f, c - g),
            _stacked(g + c, h + f, 1.0 + 2.0 * i - trace, d - b),
            _stacked(h - f, c - g, d - b, 1.0 + trace),
        ]
        sizes, best, made = [a, e, i, trace], a, ways[0]
        for size, way in zip(sizes[1:], ways[1:], strict=True):
            larger = size > best
            made = np.where(np.reshape(larger, (*np.shape(larger), 1)), way, made)
            best = np.maximum(best, size)
        return cls.from_quat(made)

    @classmethod
    def from_euler(cls, seq: str, angles: ArrayLike, degrees: bool = False) -> TracedRotation:
        """Of angles around axes one after the other: of the room (xyz), or carried along (XYZ)."""
        half = as_array(angles) * (0.5 * np.pi / 180.0 if degrees else 0.5)
        if half.ndim == 0 or (len(seq) == 1 and half.shape[-1] != 1):
            half = np.reshape(half, (*half.shape, 1))
        made: WholeArray | None = None
        for k, axis in enumerate(seq.lower()):
            columns = [0.0 * half[..., k]] * 3
            columns["xyz".index(axis)] = np.sin(half[..., k])
            one = _stacked(*columns, np.cos(half[..., k]))
            if made is None:
                made = one
            else:
                made = _product(one, made) if seq.islower() else _product(made, one)
        assert made is not None
        return cls(made)

    @classmethod
    def from_mrp(cls, mrp: object) -> TracedRotation:
        """Of modified Rodrigues parameters."""
        m = as_array(mrp)
        square = np.sum(m * m, axis=-1, keepdims=True)
        return cls(np.concatenate([2.0 * m, 1.0 - square], axis=-1) / (1.0 + square))

    @classmethod
    def identity(cls, num: int | None = None, **_: object) -> TracedRotation:
        """Of nothing."""
        one = np.array([0.0, 0.0, 0.0, 1.0])
        return cls(one if num is None else np.tile(one, (num, 1)))

    @classmethod
    def concatenate(cls, rotations: Iterable[object]) -> TracedRotation:
        """All in one row."""
        rows = [np.reshape(rotation_of(one)._q, (-1, 4)) for one in rotations]
        return cls(np.concatenate(rows))

    @classmethod
    def random(cls, *args: object, **named: object) -> TracedRotation:
        """Drawn ones: numbers."""
        return rotation_of(_scipys().random(*args, **named))

    @classmethod
    def align_vectors(cls, a: object, b: object, *args: object, **named: object) -> object:
        """The best one between two sets of vectors, which are numbers."""
        if tracer_in((a, b, args, named)) is not None:
            refuse(
                "Rotation.align_vectors cannot be traced; it is U diag(1, 1, d) V' of "
                "np.linalg.svd(b.T @ a)"
            )
        found, *rest = _scipys().align_vectors(a, b, *args, **named)
        return (rotation_of(found), *rest)

    # --- read as ---

    def as_quat(self, canonical: bool = False, *, scalar_first: bool = False) -> WholeArray:
        """As quaternions."""
        q = self._q
        if canonical:
            q = q * np.where(q[..., 3:] < 0.0, -1.0, 1.0)
        return np.concatenate([q[..., 3:], q[..., :3]], axis=-1) if scalar_first else 1.0 * q

    def as_matrix(self) -> WholeArray:
        """As matrices."""
        x, y, z, w = _columns(self._q)
        rows = (
            _stacked(x * x - y * y - z * z + w * w, 2.0 * (x * y - z * w), 2.0 * (x * z + y * w)),
            _stacked(2.0 * (x * y + z * w), y * y - x * x - z * z + w * w, 2.0 * (y * z - x * w)),
            _stacked(2.0 * (x * z - y * w), 2.0 * (y * z + x * w), z * z - x * x - y * y + w * w),
        )
        return np.stack(rows, axis=-2)

    def as_rotvec(self, degrees: bool = False) -> WholeArray:
        """As axes as long as their angles, at most half a turn."""
        q = self.as_quat(canonical=True)
        v, w = q[..., :3], q[..., 3:]
        square = np.sum(v * v, axis=-1, keepdims=True)
        small = square <= _SMALL
        sine = np.sqrt(np.where(small, 1.0, square))
        series = 2.0 + square / 3.0 + 0.15 * square * square
        return _scaled(v * np.where(small, series, 2.0 * np.arctan2(sine, w) / sine), degrees)

    def as_mrp(self) -> WholeArray:
        """As modified Rodrigues parameters."""
        q = self.as_quat(canonical=True)
        return q[..., :3] / (1.0 + q[..., 3:])

    def as_euler(self, seq: str, degrees: bool = False, **_: object) -> WholeArray:
        """As angles around three axes (Bernardes and Viollet, 2022); away from the gimbal lock."""
        order = seq.lower() if seq.islower() else seq.lower()[::-1]
        i, j, k = ("xyz".index(axis) for axis in order)
        proper = i == k
        k = 3 - i - j if proper else k
        sign = float((i - j) * (j - k) * (k - i) // 2)
        q = _columns(self._q)
        a, b, c, d = q[3], q[i], q[j], q[k] * sign
        if not proper:
            a, b, c, d = a - c, b + d, c + a, d - b
        total, apart = np.arctan2(b, a), np.arctan2(d, c)
        middle = 2.0 * np.arctan2(np.hypot(c, d), np.hypot(a, b))
        first, last = total - apart, total + apart
        if not proper:
            last, middle = last * sign, middle - np.pi / 2.0
        found = [first, middle, last] if seq.islower() else [last, middle, first]
        turn, made = 2.0 * np.pi, _stacked(*found)
        return _scaled(made - turn * np.round(made / turn), degrees)

    def magnitude(self) -> object:
        """The angles, at most half a turn."""
        q = self.as_quat(canonical=True)
        return 2.0 * np.arctan2(np.sqrt(np.sum(q[..., :3] ** 2, axis=-1)), q[..., 3])

    # --- used ---

    def apply(self, vectors: object, inverse: bool = False) -> WholeArray:
        """The vectors, turned."""
        q, v = (self.inv() if inverse else self)._q, as_array(vectors)
        shape = np.broadcast_shapes(q.shape[:-1], v.shape[:-1])
        q, v = np.broadcast_to(q, (*shape, 4)), np.broadcast_to(v, (*shape, 3))
        twice = 2.0 * _cross(q[..., :3], v)
        return v + q[..., 3:] * twice + _cross(q[..., :3], twice)

    def inv(self) -> TracedRotation:
        """The other way round."""
        return TracedRotation(self._q * np.array([-1.0, -1.0, -1.0, 1.0]))

    def __mul__(self, other: object) -> TracedRotation:
        return TracedRotation(_product(*_side_by_side(self, rotation_of(other))))

    def __rmul__(self, other: object) -> TracedRotation:
        return rotation_of(other) * self

    def __pow__(self, n: float, modulus: None = None) -> TracedRotation:
        return TracedRotation.from_rotvec(n * self.as_rotvec())

    def __getitem__(self, key: int | slice) -> TracedRotation:
        return TracedRotation(self._q[key])

    def __len__(self) -> int:
        if self.single:
            raise TypeError("Single rotation has no len().")
        return int(self._q.shape[0])

    def __iter__(self) -> Iterator[TracedRotation]:
        return (self[k] for k in range(len(self)))

    @property
    def single(self) -> bool:
        """True for one that stands for itself."""
        return bool(self._q.ndim == 1)

    def __getattr__(self, name: str) -> object:
        if name.startswith("__") or tracer_in(self._q) is not None:
            raise AttributeError(f"Rotation.{name} of traced values cannot be traced")
        return getattr(_scipys().from_quat(self._q), name)


def _side_by_side(p: TracedRotation, q: TracedRotation) -> list[WholeArray]:
    shape = np.broadcast_shapes(p._q.shape, q._q.shape)
    return [np.broadcast_to(one._q, shape) for one in (p, q)]


def _scipys() -> Any:
    return sys.modules["scipy.spatial.transform"].Rotation


def rotation_of(one: Any) -> TracedRotation:
    """SciPy's rotations, which are of numbers, or ours."""
    return one if isinstance(one, TracedRotation) else TracedRotation(one.as_quat())


def rotations_of_numbers() -> dict[type, Callable[[Any], Any]]:
    """What stands for a rotation that a function finds, if there may be one."""
    return {_scipys(): rotation_of} if "scipy.spatial.transform" in sys.modules else {}


ROTATIONS: dict[str, object] = {"Rotation": TracedRotation}
