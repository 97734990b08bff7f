"""Spots: the pattern of a sparse matrix as a PNG or SVG picture, one spot an entry.

Nothing but Python and NumPy is needed.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

from autodiff.graph.pattern import Pattern

__all__ = ["png_of", "svg_of_pattern"]

_SIDE = 640  # pixels of the longer side, about
_LARGEST = 24  # pixels of an entry
_MARGIN = 8
_PAPER, _FRAME, _INK = 255, 160, 30
_DRAWN = 20_000  # spots of an SVG file


def png_of(pattern: Pattern) -> bytes:
    """The picture as a PNG file; where entries are smaller than a pixel, one holds several."""
    pixels = _pixels(pattern)
    height, width = pixels.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), pixels], axis=1)  # 0: no filter
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [
            _block(b"IHDR", header),
            _block(b"IDAT", zlib.compress(lines.tobytes(), 9)),
            _block(b"IEND", b""),
        ]
    )


def _block(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def _scale(pattern: Pattern) -> float:
    """Pixels of an entry."""
    return min(_SIDE / max(*pattern.shape, 1), _LARGEST)


def _pixels(pattern: Pattern) -> npt.NDArray[np.uint8]:
    scale = _scale(pattern)
    scale = float(int(scale)) if scale >= 1.0 else scale
    height, width = (max(int(np.ceil(n * scale)), 1) for n in pattern.shape)
    inside = np.full((height, width), _PAPER, np.uint8)
    rows, columns = (np.floor(i * scale).astype(int) for i in (pattern.rows, pattern.columns))
    spot = max(int(scale) - (scale >= 4.0), 1)  # larger ones stand a line apart
    for down in range(spot):
        for right in range(spot):
            inside[rows + down, columns + right] = _INK
    framed = np.pad(inside, 1, constant_values=_FRAME)
    return np.pad(framed, _MARGIN, constant_values=_PAPER)


def svg_of_pattern(pattern: Pattern) -> str:
    """The picture as SVG; of very many entries neighbours in a row are one."""
    scale = _scale(pattern)
    height, width = (n * scale + 2 * _MARGIN for n in pattern.shape)
    path: list[str] = []
    for row, start, stop in _runs(pattern):
        path.append(f"M{start} {row}h{stop - start}v1H{start}z")
    rows, columns = pattern.shape
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}">\n'
        f"<title>{rows} x {columns}, {pattern.count} entries</title>\n"
        f'<g transform="translate({_MARGIN} {_MARGIN}) scale({scale:.6g})">\n'
        f'<rect width="{columns}" height="{rows}" fill="#ffffff" stroke="#a0a0a0" '
        f'stroke-width="{1 / scale:.6g}"/>\n'
        f'<path fill="#1e1e1e" d="{"".join(path)}"/>\n</g>\n</svg>\n'
    )


def _runs(pattern: Pattern) -> list[tuple[int, int, int]]:
    """Row, first column, column behind the last: single entries, or runs where there are many."""
    ordered = pattern.ordered("rows")
    rows, columns = ordered.rows, ordered.columns
    if pattern.count <= _DRAWN:
        return [(r, c, c + 1) for r, c in zip(rows.tolist(), columns.tolist(), strict=True)]
    begins = np.flatnonzero(np.diff(rows, prepend=-1) | (np.diff(columns, prepend=-2) != 1))
    ends = np.append(begins[1:], pattern.count) - 1
    found = zip(
        rows[begins].tolist(), columns[begins].tolist(), (columns[ends] + 1).tolist(), strict=True
    )
    return list(found)
