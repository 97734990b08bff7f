"""Emitted text as a file, with the arrays of its constants beside it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from autodiff.errors import ArgumentError
from autodiff.files import write_together, write_whole
from autodiff.graph.array_constant import ArrayConstant
from codegen.text.whole.array_module import data_file

if TYPE_CHECKING:
    from verify.answer.report import Report

__all__ = ["save_text"]


def save_text(
    path: str | os.PathLike[str],
    text: str,
    behind: str,
    data: tuple[tuple[str, ArrayConstant], ...],
    certificate: Report | None,
) -> None:
    """Write a file, whole or not at all, and what belongs to it.

    Args:
        path: The file.
        text: What was checked; the certificate's digest goes into its first line.
        behind: What stands behind it.
        data: The arrays that it reads from a file beside it.
        certificate: A report on the text.

    Raises:
        ArgumentError: if one of them is no path or no report.
        OSError: if the folder does not exist or cannot be written.
    """
    if certificate is not None:
        if not hasattr(certificate, "stamped"):
            raise ArgumentError(
                f"save: certificate: found {certificate!r:.60}; expected a report, as "
                "verify_gradient and its siblings give"
            )
        text = certificate.stamped(text)
    if not data:
        write_whole(path, text + behind)
        return
    beside, content = data_file(path, data)
    write_together({os.fspath(path): text + behind, beside: content})
