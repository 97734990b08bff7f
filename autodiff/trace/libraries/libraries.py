"""Which functions of other libraries a traced function finds replaced by ours."""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.trace import arrays
from autodiff.trace.branching.both_sides import Joins
from autodiff.trace.data import as_data
from autodiff.trace.functions.copies import Copies
from autodiff.trace.libraries import numpy_functions, ufuncs
from autodiff.trace.libraries.constructors import CONSTRUCTORS
from autodiff.trace.libraries.conversions import CONVERSIONS, NUMBERS, NUMPY_CONVERSIONS
from autodiff.trace.libraries.joining import JOINING
from autodiff.trace.libraries.lists import ARRAYS, LINEAR_ALGEBRA
from autodiff.trace.libraries.scipy_functions import OPTIMIZE, SPECIAL
from autodiff.trace.libraries.special.poly1d import POLYNOMIALS
from autodiff.trace.libraries.special.series import SERIES
from autodiff.trace.libraries.standard.folds import FUNCTOOLS, ITERTOOLS
from autodiff.trace.libraries.standard.math_functions import BISECT, MATH
from autodiff.trace.libraries.standard.of_numba import jitted
from autodiff.trace.libraries.standard.of_statistics import STATISTICS, normals
from autodiff.trace.libraries.standard.outside import ASKED, ASKING, AskingPath
from autodiff.trace.libraries.standard.sure_lists import HEAPQ, OPERATOR
from autodiff.trace.libraries.stats.densities import STATS, frozen
from autodiff.trace.whole import protocols as _protocols  # gives array tracers NumPy's protocols
from autodiff.trace.whole.pairs.faddeeva import FADDEEVA
from autodiff.trace.whole.pairs.harmonics import HARMONICS
from autodiff.trace.whole.pairs.of_cmath import CMATH
from autodiff.trace.whole.pairs.of_numpy import SCIPY_FOURIER
from autodiff.trace.whole.scipy.distances import DISTANCE
from autodiff.trace.whole.scipy.found_solvers import SOLVERS
from autodiff.trace.whole.scipy.interpolants import standing_for
from autodiff.trace.whole.scipy.linear_maps import FFT, INTERPOLATE, NDIMAGE, SIGNAL
from autodiff.trace.whole.scipy.matrix_equations import SCIPY_LINALG
from autodiff.trace.whole.scipy.rotations import ROTATIONS, rotations_of_numbers
from autodiff.trace.whole.scipy.sampled_integrals import INTEGRALS
from autodiff.trace.whole.scipy.statistics import SAMPLES
from autodiff.trace.whole.scipy.where_traced import each_where_traced
from autodiff.trace.whole.taking import STRIDE_TRICKS

__all__ = ["as_traced"]

del _protocols

# NumPy's protocols hand over by these tables what meets a traced value.
arrays.UFUNCS.update(ufuncs.UFUNCS)
arrays.PAIRS.update(ufuncs.PAIRS)
arrays.FUNCTIONS.update(numpy_functions.FUNCTIONS)
arrays.put_protocols()
_LIBRARIES: dict[str, dict[str, Any]] = {
    **ASKED,
    "bisect": BISECT,
    "cmath": CMATH,
    "functools": FUNCTOOLS,
    "heapq": HEAPQ,
    "itertools": ITERTOOLS,
    "math": MATH,
    "numbers": NUMBERS,
    "numpy": ARRAYS | CONSTRUCTORS | JOINING | POLYNOMIALS | ASKED["numpy"] | NUMPY_CONVERSIONS,
    "numpy.linalg": LINEAR_ALGEBRA,
    "numpy.lib": {},
    "numpy.lib.stride_tricks": STRIDE_TRICKS,
    "operator": OPERATOR,
    **SERIES,
    "scipy": {},
    "scipy.fft": FFT | each_where_traced("scipy.fft", SCIPY_FOURIER),
    "scipy.interpolate": INTERPOLATE,
    "scipy.integrate": SOLVERS["scipy.integrate"] | INTEGRALS,
    "scipy.linalg": SCIPY_LINALG | ASKED.get("scipy.linalg", {}),
    "scipy.ndimage": NDIMAGE,
    "scipy.optimize": SOLVERS["scipy.optimize"] | OPTIMIZE,
    "scipy.signal": SIGNAL,
    "scipy.spatial": {},
    "scipy.spatial.distance": DISTANCE,
    "scipy.spatial.transform": ROTATIONS,
    "scipy.special": SPECIAL | each_where_traced("scipy.special", FADDEEVA | HARMONICS),
    "scipy.stats": STATS | SAMPLES,
    "statistics": STATISTICS,
}


def as_traced(
    function: Callable[..., object],
    whole: bool = False,
    joins: Joins | None = None,
    objects: bool = False,
) -> Callable[..., object]:
    """``function`` as it is traced: where it finds a function that cannot record, ours stands.

    The function itself stays as it is, and is returned as it is if it uses none of these.

    Args:
        function: The function.
        whole: True if arrays are whole in the trace: then its arrays may be indexed by traced ones.
        joins: Where both sides of a branch meet, if the function is known to branch.
        objects: True if some of its arguments are objects, whose methods record, too.
    """
    _know_special_functions()
    kinds: dict[type, Callable[[Any], object]] = {np.ndarray: as_data} if whole else {}
    kinds[type(pathlib.Path())] = AskingPath
    kinds |= standing_for() | rotations_of_numbers() | normals() | frozen()
    kinds[np.vectorize] = lambda one: CONSTRUCTORS["vectorize"](
        copies.called(one.pyfunc), one.otypes, one.__doc__, one.excluded, False, one.signature
    )
    kinds |= jitted(lambda one: copies.called(one.__wrapped__))
    if joins is None:
        copies = Copies(_LIBRARIES, ASKING | CONVERSIONS, kinds)
    else:
        ours = ASKING | CONVERSIONS | joins.builtins
        copies = Copies(_LIBRARIES, ours, kinds, joins.scope, joins.rewriting)
    found: Callable[..., object] = copies.copy(function)
    return (lambda *given: found(*map(copies.seen, given))) if objects else found


def _know_special_functions() -> None:
    """Let ufuncs of SciPy be found where no copy of a function finds them, once SciPy is there."""
    special = sys.modules.get("scipy.special")
    if special is not None and getattr(special, "erf", None) not in arrays.UFUNCS:
        named = ((getattr(special, name, None), function) for name, function in SPECIAL.items())
        arrays.UFUNCS.update((one, made) for one, made in named if isinstance(one, np.ufunc))
