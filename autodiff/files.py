"""Write files whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress

__all__ = ["write_together", "write_whole"]

Path = str | os.PathLike[str]


def write_whole(path: Path, text: str) -> None:
    """Write a file so that readers see the old one or the new one, never a part.

    Raises:
        OSError: if the folder does not exist or cannot be written, or the disk is full; it names
            ``path``.
    """
    write_together({path: text})


def write_together(texts: Mapping[Path, str]) -> None:
    """Write files that belong together: all of them, each whole, or none.

    Raises:
        OSError: as ``write_whole``.
    """
    temporaries: list[str] = []
    try:
        for path, text in texts.items():
            if os.path.isdir(path):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
            _write_beside(path, text, temporaries)
        for temporary, path in zip(temporaries, texts, strict=True):
            os.replace(temporary, path)
    except BaseException:
        for temporary in temporaries:
            with suppress(FileNotFoundError):  # renamed already
                os.unlink(temporary)
        raise


def _write_beside(path: Path, text: str, temporaries: list[str]) -> None:
    """Write a temporary file in the folder of ``path``, and note its name."""
    folder = os.path.dirname(os.path.abspath(path))
    try:
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".proofgrad-")
    except OSError as error:  # its file name would be one that nobody chose
        raise OSError(error.errno, f"cannot write there: {error.strerror}", str(path)) from None
    temporaries.append(temporary)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(temporary, 0o666 & ~mask)
