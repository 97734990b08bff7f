"""Signatures of functions that are not ours: their annotations are read as text, and never run.

From Python 3.14 on, asking for a signature evaluates the annotations, and a function whose
annotations name what is imported for type checkers alone would raise NameError.
"""

import inspect
import sys
from functools import partial

__all__ = ["signature_of"]

if sys.version_info >= (3, 14):
    from annotationlib import Format

    signature_of = partial(inspect.signature, annotation_format=Format.STRING)
else:
    signature_of = inspect.signature
