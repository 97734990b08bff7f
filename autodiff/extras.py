"""The command that installs what an extra brings, for messages that name one."""

from __future__ import annotations

__all__ = ["installing"]


def installing(extra: str) -> str:
    """How to install an extra: from an index that has Proofgrad, and in a checkout of it.

    >>> installing("native")
    "pip install 'proofgrad[native]' (in a checkout of Proofgrad: pip install '.[native]')"
    """
    return (
        f"pip install 'proofgrad[{extra}]' (in a checkout of Proofgrad: pip install '.[{extra}]')"
    )
