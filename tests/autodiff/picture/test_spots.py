"""Pictures of patterns: every entry is a spot where it stands, and nothing else is."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET
import zlib

import numpy as np
import numpy.typing as npt
import pytest

from autodiff.graph.pattern import Pattern
from autodiff.picture.spots import png_of, svg_of_pattern


def _pixels(content: bytes) -> npt.NDArray[np.uint8]:
    """A grey PNG file without filters, checked block by block."""
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    blocks, place = {}, 8
    while place < len(content):
        (length,) = struct.unpack_from(">I", content, place)
        kind, body = content[place + 4 : place + 8], content[place + 8 : place + 8 + length]
        (check,) = struct.unpack_from(">I", content, place + 8 + length)
        assert check == zlib.crc32(kind + body)
        blocks[kind] = body
        place += length + 12
    width, height = struct.unpack_from(">II", blocks[b"IHDR"])
    lines = np.frombuffer(zlib.decompress(blocks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not lines[:, 0].any()
    return lines[:, 1:]


@pytest.mark.parametrize("shape", [(3, 4), (1, 1), (40, 7), (100, 100)])
def test_spots_stand_where_entries_do(shape: tuple[int, int]) -> None:
    """The middle of an entry's square is dark, that of an empty one is paper."""
    dense = np.random.default_rng(3).random(shape) < 0.4
    pattern = Pattern.of(shape, [np.flatnonzero(line) for line in dense])
    pixels = _pixels(png_of(pattern))[9:-9, 9:-9]
    step = pixels.shape[0] // shape[0]
    assert pixels.shape == (shape[0] * step, shape[1] * step)
    assert np.array_equal(pixels[step // 3 :: step, step // 3 :: step] < 100, dense)


def test_large_matrices_fit_a_page() -> None:
    """Of a matrix of ten thousand lines the picture is as large as a page, and none is lost."""
    pattern = Pattern.of((10_000, 10_000), [[i] for i in range(10_000)])
    pixels = _pixels(png_of(pattern))
    assert max(pixels.shape) < 700
    assert (pixels[9:-9, 9:-9] < 100).any(axis=0).all()


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_empty_matrices_have_a_picture(shape: tuple[int, int]) -> None:
    """A matrix without entries is an empty frame in both formats."""
    pattern = Pattern.of(shape, [[] for _ in range(shape[0])])
    assert _pixels(png_of(pattern)).min() > 100
    ET.fromstring(svg_of_pattern(pattern))


def test_svg_has_a_path_of_all_entries() -> None:
    """Each entry is one square of the path; very many are runs of neighbours."""
    pattern = Pattern.of((2, 3), [[0, 2], [1]])
    assert 'd="M0 0h1v1H0zM2 0h1v1H2zM1 1h1v1H1z"' in svg_of_pattern(pattern)
    full = Pattern.of((200, 200), [range(200)] * 200)
    assert svg_of_pattern(full).count("M") == 200
