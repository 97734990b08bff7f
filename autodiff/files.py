"""Write files whole or not at all.

What is no regular file (a device, a pipe, standard output) cannot be replaced; it is written
through, last, so that nothing is lost where a file cannot be written.  A link is followed: the file
it leads to is replaced, and the link stays.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress

from autodiff.errors import ArgumentError

__all__ = ["STANDARD_OUTPUT", "is_stream", "write_together", "write_whole"]

Path = str | os.PathLike[str]

STANDARD_OUTPUT = "-"  # a file of this name is written as "./-"
_DESCRIPTORS = ("/proc/", "/dev/fd/")  # links in here are open files, whatever they look like
_LINKS = 40  # as many as Linux follows


def write_whole(path: Path, text: str | bytes) -> None:
    """Write a file so that readers see the old one or the new one, never a part.

    Args:
        path: The file.  "-" is standard output; a link leads to the file that is written; a device
            or a pipe is written to and stays what it is.
        text: What to write; text is encoded as UTF-8.

    Raises:
        OSError: if the folder does not exist or cannot be written, or the disk is full; it names
            ``path``.
    """
    write_together({_named(path): text})


def write_together(texts: Mapping[Path, str | bytes]) -> None:
    """Write files that belong together: all of them, each whole, or none.

    Raises:
        OSError: as ``write_whole``.
    """
    renames: list[tuple[str, str]] = []
    streams = {path: text for path, text in texts.items() if is_stream(path)}
    try:
        for path, text in texts.items():
            if path not in streams:
                _write_beside(path, _encoded(text), renames)
        for path, text in streams.items():
            _write_through(path, _encoded(text))
        for temporary, target in renames:
            os.replace(temporary, target)
    except BaseException:
        for temporary, _ in renames:
            with suppress(FileNotFoundError):  # renamed already
                os.unlink(temporary)
        raise


def is_stream(path: Path) -> bool:
    """True for what is written through: standard output, a device, a pipe, an open file."""
    name = _named(path)
    if name == STANDARD_OUTPUT:
        return True
    try:
        mode = os.stat(name).st_mode
    except OSError:  # it is made, or writing it says why it cannot be
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) or _is_open_file(name)


def _named(path: object) -> str:
    """A path as text.

    Raises:
        ArgumentError: if it is none that a file can have.
    """
    try:
        name = os.fsdecode(path)  # type: ignore[arg-type]
        if not name or b"\0" in os.fsencode(name):
            raise ValueError
        return name
    except (TypeError, ValueError):
        raise ArgumentError(
            f"path: found {type(path).__name__} {path!r:.60}; expected the path of a file"
        ) from None


def _is_open_file(name: str) -> bool:
    """True if ``name`` leads to an open file, as /dev/stdout does: to replace it would hide it."""
    for _ in range(_LINKS):
        folder = os.path.realpath(os.path.dirname(os.path.abspath(name)))
        name = os.path.join(folder, os.path.basename(name))
        if name.startswith(_DESCRIPTORS):
            return True
        if not os.path.islink(name):
            return False
        name = os.path.join(folder, os.readlink(name))
    return False


def _encoded(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _write_beside(path: Path, content: bytes, renames: list[tuple[str, str]]) -> None:
    """Write a temporary file beside the one that ``path`` leads to, and note both names."""
    target = os.path.realpath(path)
    mode = _mode(path, target)
    try:
        handle, temporary = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".proofgrad-")
    except OSError as error:  # its file name would be one that nobody chose
        raise _of(error, path) from None
    renames.append((temporary, target))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    except OSError as error:
        raise _of(error, path) from None
    os.chmod(temporary, mode)


def _of(error: OSError, path: Path) -> OSError:
    """The same error, naming the file that was asked for."""
    return OSError(error.errno, error.strerror or str(error), str(path))


def _mode(path: Path, target: str) -> int:
    """Permissions of the file to be written: those of the one it replaces, else the usual.

    Raises:
        OSError: if a folder is in the way, or links lead in a circle.
    """
    try:
        mode = os.stat(target).st_mode
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
    except OSError as error:
        raise _of(error, path) from None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    return stat.S_IMODE(mode)


def _write_through(path: Path, content: bytes) -> None:
    """Write to what is there, without making, cutting or replacing it."""
    with suppress(AttributeError, ValueError):  # no standard output, or a closed one
        sys.stdout.flush()  # what was said before comes before
    if os.fspath(path) == STANDARD_OUTPUT:
        sys.stdout.write(content.decode(errors="replace"))
        sys.stdout.flush()
        return
    try:
        handle = os.open(path, os.O_WRONLY | os.O_APPEND)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    except OSError as error:
        raise _of(error, path) from None
