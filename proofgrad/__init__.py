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

from typing import TYPE_CHECKING

import autodiff
import codegen
import verify
from autodiff.doors import late_names as _late_names
from autodiff.version import VERSION

if TYPE_CHECKING:
    from autodiff import *
    from autodiff import losses as losses
    from autodiff import nn as nn
    from autodiff import ops as ops
    from autodiff import optimizers as optimizers
    from autodiff import state as state
    from codegen import *
    from verify import *

__version__ = VERSION
if not TYPE_CHECKING:  # checkers do not add lists up; they take it that a star exports
    __all__ = [*autodiff.__all__, *codegen.__all__, *verify.__all__]
    __all__ += ["losses", "nn", "ops", "optimizers", "state"]  # modules

    # What a package exports it may import when it is asked for.
    _HOMES = {name: home.__name__ for home in (autodiff, codegen, verify) for name in home.__all__}
    _HOMES |= dict.fromkeys(("losses", "nn", "ops", "optimizers", "state"), "autodiff")
    __getattr__ = _late_names(__name__, globals(), _HOMES, have_doors=True)

    def __dir__() -> list[str]:
        return sorted({*__all__, "__doc__", "__version__"})
