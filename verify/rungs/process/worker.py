"""The worker process: symbolic steps, in a process that can be killed.

``python -m verify.rungs.process.worker`` reads one request a line (JSON) and writes one answer a
line::

    {"load": {...}}      -> {"ok": {...}}
    {"compose": {...}}   -> {"ok": [...]}    which numbers are the chain rule's, constants as read
    {"call": "point", "arguments": [...]}  -> {"ok": {...}} or {"error": "...", "reason": "..."}

What answers is imported with the garbage collector at rest: SymPy is half a million objects that
all stay.
"""

from __future__ import annotations

import gc
import sys

__all__ = ["main"]

_RECURSION = 20_000  # SymPy recurses over its expressions


def _limit_memory(gigabytes: float) -> None:
    try:
        import resource  # not on Windows
    except ImportError:
        return
    limit = int(gigabytes * 2**30)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or limit < hard:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def main() -> None:
    """Serve standard input."""
    sys.setrecursionlimit(_RECURSION)
    _limit_memory(float(sys.argv[1]))
    gc.disable()
    from verify.rungs.process.serving import serve

    gc.freeze()
    gc.enable()
    serve(sys.stdin, sys.stdout)


if __name__ == "__main__":
    main()
