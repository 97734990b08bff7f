"""Store: bytes under a key, in files that other processes share.

An entry is written whole or not at all, is checked against its SHA-256 whenever it is read, and is
removed when it is damaged.  Entries may hold code, so the folder is private (mode 0700) and is
refused where it belongs to somebody else or where others may write.  The hash guards against
damage; against somebody who can write as this user nothing could.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from autodiff.errors import ArgumentError

__all__ = ["Store", "default_folder"]

_MAGIC = b"proofgrad entry 1\n"
_DIGEST = hashlib.sha256().digest_size


def default_folder() -> Path:
    """The platform's folder for what can be made again."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "proofgrad"


class Store:
    """Entries in one folder.

    Args:
        folder: Where they lie; it is made when the first entry is written.
        limit: Bytes above which the entries not used for longest are removed.

    Raises:
        ArgumentError: if others may write in the folder.
    """

    def __init__(self, folder: str | os.PathLike[str], limit: int = 1 << 30) -> None:
        self.folder, self.limit = Path(folder), limit
        if os.name == "posix" and self.folder.exists():
            found = self.folder.stat()
            if found.st_uid != os.getuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                raise ArgumentError(
                    f"cache {self.folder}: found a folder that others may write; entries are code, "
                    f"so it must be yours alone: chmod 700 {self.folder}"
                )

    def _path(self, key: str) -> Path:
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()}.entry"

    def get(self, key: str) -> bytes | None:
        """The entry, None if there is none; a damaged one is removed."""
        path = self._path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        start = len(_MAGIC) + _DIGEST
        content = data[start:]
        if data[:start] != _MAGIC + _seal(key, content):
            with suppress(OSError):
                path.unlink()
            return None
        with suppress(OSError):
            os.utime(path)  # used now
        return content

    def put(self, key: str, content: bytes) -> bool:
        """Write an entry; False if the folder cannot be written or the disk is full."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=".new-")
        except OSError:
            return False
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_MAGIC + _seal(key, content))
                file.write(content)
            os.replace(temporary, self._path(key))
        except OSError:
            with suppress(OSError):
                os.unlink(temporary)
            return False
        self._shrink()
        return True

    def clear(self) -> int:
        """Remove all entries; how many there were."""
        entries = list(self.folder.glob("*.entry"))
        for path in (*entries, *self.folder.glob(".new-*")):
            with suppress(OSError):
                path.unlink()
        return len(entries)

    def _shrink(self) -> None:
        found = []
        for path in self.folder.glob("*.entry"):
            with suppress(OSError):  # another process may have removed it
                state = path.stat()
                found.append((state.st_mtime_ns, state.st_size, path))
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total <= self.limit:
                return
            with suppress(OSError):
                path.unlink()
            total -= size


def _seal(key: str, content: bytes) -> bytes:
    digest = hashlib.sha256(key.encode() + b"\0")
    digest.update(content)
    return digest.digest()
