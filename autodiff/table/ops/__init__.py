"""The table: one row per primitive, in sections, with its value, derivative and spellings.

A rule ``partials[i](g, out, *operands)`` gives ``g * d out / d operand_i`` (primitive.py).
The forms are the accurate ones, not the textbook ones: ``1 - tanh(x)**2`` loses every digit in the
tail, ``4e / (1 + e)**2`` with ``e = exp(-2|x|)`` none.  ``when(c, g)`` gates: where ``c`` is false
exactly nothing flows, whatever the derivative upstream is.

A new primitive is one row in one section and nothing anywhere else; tests walk the registry.

In: scalar functions.  Out: rows, each registered under its name.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from autodiff.table.ops import (
    activations,
    exponential,
    gamma_and_bessel,
    logarithms,
    piecewise,
    pow_rows,
    scaled_functions,
    selection,
    series_rests,
    sums_and_products,
    trigonometric,
    whole_numbers,
)
from autodiff.table.ops.activations import *
from autodiff.table.ops.exponential import *
from autodiff.table.ops.gamma_and_bessel import *
from autodiff.table.ops.logarithms import *
from autodiff.table.ops.piecewise import *
from autodiff.table.ops.pow_rows import *
from autodiff.table.ops.rows import *
from autodiff.table.ops.scaled_functions import *
from autodiff.table.ops.selection import *
from autodiff.table.ops.series_rests import *
from autodiff.table.ops.sums_and_products import *
from autodiff.table.ops.trigonometric import *
from autodiff.table.ops.whole_numbers import *
from autodiff.table.primitive import PUBLIC, REGISTRY, Primitive, install_methods

# The sections in the order in which the table is read.  Their imports run in another one, as a
# rule is written with rows of other sections (that of a power with a logarithm).
SECTIONS = (
    sums_and_products,
    pow_rows,
    selection,
    piecewise,
    exponential,
    logarithms,
    trigonometric,
    activations,
    gamma_and_bessel,
    scaled_functions,
    series_rests,
    whole_numbers,
)

if not TYPE_CHECKING:  # checkers do not add lists up; they take it that a star exports
    __all__ = [name for section in SECTIONS for name in section.__all__]


def _rows(section: ModuleType) -> list[str]:
    """The rows that a section makes, public or not; what it imports of others is public there."""
    return [
        row.name
        for name, row in vars(section).items()
        if isinstance(row, Primitive) and (name in section.__all__ or name.startswith("_"))
    ]


for _section in SECTIONS:
    for _name in _rows(_section):
        REGISTRY[_name] = REGISTRY.pop(_name)

PUBLIC.update(
    pow=pow,
    maximum=maximum,
    minimum=minimum,
    clip=clip,
    leaky_relu=leaky_relu,
    elu=elu,
    gaussian=gaussian,
    polygamma=polygamma,
    iv=iv,
    spherical_jn=spherical_jn,
    jv=jv,
    yv=yv,
    kv=kv,
    round=rint,
)

# NumPy calls these methods on the elements of an object array; micrograd programs call relu().
install_methods(
    {name: name for name, row in PUBLIC.items() if not getattr(row, "literal", ())}
    | {p.ufunc: p.name for p in REGISTRY.values() if p.ufunc}
)
