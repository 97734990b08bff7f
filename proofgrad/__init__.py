"""Gradients you can read, prove, and run at machine speed: everything under one name.

``import proofgrad`` gives what ``autodiff`` (the mathematics), ``codegen`` (the speed) and
``verify`` (the proof) export, and nothing of its own::

    import proofgrad

    df = proofgrad.compile_gradient(lambda x, y: x * proofgrad.sin(y), 1.0, 1.0)
    df(2.0, 0.5)                                                 # value and gradient
    print(df.source)                                             # the code that computes them
    print(proofgrad.verify_gradient(df, 1.0, 1.0))               # the proof that it is right

Functions to differentiate are written with operators, NumPy's functions, or the functions of this
module.  ``help(proofgrad.compile_gradient)`` and ``help(proofgrad.sin)`` say more.

In: three packages.  Out: their public names.
"""

from typing import TYPE_CHECKING, Any

import autodiff
import codegen
import verify
from autodiff import *
from autodiff import losses, nn, ops, optimizers, state
from autodiff.version import VERSION
from codegen import *

if TYPE_CHECKING:
    from verify import *

__version__ = VERSION
__all__ = [*autodiff.__all__, *codegen.__all__, *verify.__all__]
__all__ += ["losses", "nn", "ops", "optimizers", "state"]  # modules


def __getattr__(name: str) -> Any:
    if name not in verify.__all__:  # which is loaded when it is asked for
        raise AttributeError(f"module 'proofgrad' has no attribute {name!r}")
    globals()[name] = found = getattr(verify, name)
    return found


def __dir__() -> list[str]:
    return sorted({*__all__, "__doc__", "__version__"})
