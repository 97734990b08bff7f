"""The identities, by family: a new one is one row in one of these files.

In: nothing.  Out: ``IDENTITIES``, in the order in which they are tried, and ``SMOOTH``.
"""

from __future__ import annotations

from codegen.stable.identities.of_angles import TRIGONOMETRY
from codegen.stable.identities.of_exp import EXPONENTIALS
from codegen.stable.identities.of_fractions import FRACTIONS
from codegen.stable.identities.of_log import LOGARITHMS
from codegen.stable.identities.of_powers import POWERS
from codegen.stable.identities.of_roots import ROOTS
from codegen.stable.identities.of_series import SERIES
from codegen.stable.two_forms import Identity

__all__ = ["IDENTITIES", "SMOOTH"]

IDENTITIES: tuple[Identity, ...] = (
    *EXPONENTIALS,
    *LOGARITHMS,
    *ROOTS,
    *TRIGONOMETRY,
    *POWERS,
    *FRACTIONS,
    *SERIES,
)

# Names of those whose right sides are to be derived.
SMOOTH = frozenset(identity.name for identity in IDENTITIES if identity.smooth)
