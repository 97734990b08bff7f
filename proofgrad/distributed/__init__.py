"""Value and gradient of a sum over more rows than one machine holds.

In: a function of one row and of shared parameters, and Dask collections of rows.  Out: the value
of the sum and its gradient by the parameters, to the bit what one machine gives for the same
partitions.  Needs the extra ``dask``.
"""

from autodiff.doors import put_doors
from proofgrad.distributed.summed_rows import Distributed, distribute

__all__ = ["Distributed", "distribute"]

put_doors(__name__, globals(), __all__)
