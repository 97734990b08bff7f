"""Sums over more rows than one machine holds: gradients, training steps, normal equations.

In: a function of one row and of shared parameters, and rows in partitions: Dask collections, or
what Ray stores.  Out: the sum over all rows, to the bit what one machine gives for the same
partitions.  Needs the extra ``dask`` or ``ray``.
"""

from autodiff.doors import put_doors
from proofgrad.distributed.learning import train
from proofgrad.distributed.least_squares import NormalEquations, normal_equations
from proofgrad.distributed.partitioned import Partitioned
from proofgrad.distributed.summed_rows import Distributed, distribute

__all__ = [
    "Distributed",
    "NormalEquations",
    "Partitioned",
    "distribute",
    "normal_equations",
    "train",
]

put_doors(__name__, globals(), __all__)
