"""The two texts of a C99 file, and how they are saved."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from autodiff.errors import ArgumentError
from autodiff.files import is_stream, write_together, write_whole

__all__ = ["OPTIONS", "CSource"]

# What a file says to the compiler.
OPTIONS = """\
#ifdef __FAST_MATH__
#error "compile without -ffast-math: it changes what infinities, nan and sums are"
#endif
/* Every operation is rounded by itself: no product is fused with a sum. */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize ("fp-contract=off")
#endif
"""


@dataclass(frozen=True)
class CSource:
    """A C99 source file and its header.

    Args:
        name: The function's name: the files define ``{name}_value`` and
            ``{name}_value_and_gradient``, or the one function of another kind.
        header: Text of the header.
        body: Text of the source file below its ``#include`` of the header.
    """

    name: str
    header: str
    body: str

    def source(self, header: str = "") -> str:
        """Text of the source file that includes the header of this name (default ``name.h``)."""
        return f'#include "{header or self.name + ".h"}"\n\n{self.body}'

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the source file, and the header beside it: both, each whole, or neither.

        Args:
            path: Of the source file; the header has the same name and the ending ``.h``.  A
                stream ("-", a device, a pipe) gets the header and then the source.

        Returns:
            Path of the header; of the stream, where both went there.

        Raises:
            ArgumentError: if the path ends in ``.h``: the header would lie over the source.
            OSError: if the folder does not exist or cannot be written.
        """
        if is_stream(path):
            write_whole(path, self.header + self.source())
            return Path(path)
        header = Path(path).with_suffix(".h")
        if header == Path(path):
            raise ArgumentError(f"{path}: is the header's name; expected a name such as f.c")
        write_together({header: self.header, path: self.source(header.name)})
        return header
