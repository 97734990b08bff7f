"""Write files whole or not at all."""

from __future__ import annotations

import os
import tempfile

__all__ = ["write_whole"]


def write_whole(path: str | os.PathLike[str], text: str) -> None:
    """Write a file so that readers see the old one or the new one, never a part.

    Raises:
        OSError: if the folder does not exist or cannot be written, or the disk is full; it names
            ``path``.
    """
    folder = os.path.dirname(os.path.abspath(path))
    try:
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".proofgrad-")
    except OSError as error:  # its file name would be one that nobody chose
        raise OSError(error.errno, f"cannot write there: {error.strerror}", str(path)) from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
