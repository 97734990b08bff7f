"""Memory that one partition frees serves the next one.

Dask starts its processes so that the C library of Linux gives freed memory back to the system at
once.  Arrays of a partition's size are then new pages at each task, which takes longer than their
sum.  Who sets another threshold in Dask's configuration keeps it.
"""

from __future__ import annotations

import ctypes
import os

__all__ = ["keep_freed_memory"]

_OF_DASK = "65536"  # bytes: distributed.nanny.pre-spawn-environ, as it comes
_TRIM, _MMAP = -1, -3  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD of <malloc.h>
_KEPT, _IN_HEAP = 2**27, 2**25  # bytes at the end of a heap; those of the largest array in one


def keep_freed_memory() -> bool:
    """In a process that Dask started in its own way, keep what tasks free; False elsewhere."""
    if os.environ.get("MALLOC_TRIM_THRESHOLD_") != _OF_DASK:
        return False
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library, which reads no such variable
        return False
    return bool(set_option(_TRIM, _KEPT) and set_option(_MMAP, _IN_HEAP))
