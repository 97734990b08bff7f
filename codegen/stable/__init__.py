"""stable: the form of a function, and of its derivatives, that loses fewest bits.

In: a graph, and what is derived from it.  Out: graphs that are equal over the reals.
"""

from __future__ import annotations

from codegen.stable.bits import Bits, bits_of
from codegen.stable.given_domain import GivenDomain, domain_in, domain_of
from codegen.stable.measured.sample_points import EVERYWHERE, Domain
from codegen.stable.stable_form import Rewrite, Stable, in_profile, stabilised

__all__ = [
    "EVERYWHERE",
    "Bits",
    "Domain",
    "GivenDomain",
    "Rewrite",
    "Stable",
    "bits_of",
    "domain_in",
    "domain_of",
    "in_profile",
    "stabilised",
]
