"""What a repetition of a loop begins with, where arrays are polynomials in conditions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from verify.field.whole.array_field import Residues
from verify.field.whole.conditions.condition_bits import bits_of
from verify.field.whole.conditions.parted_field import Parted, PartedField

__all__ = ["CarriedParts"]


class CarriedParts(PartedField):
    """Polynomials in conditions, also of what loops carry."""

    tells_carries = True

    def carried(self, *numbers: Residues) -> Sequence[Residues]:
        """Numbers without parts, but for which of them are conditions, and zero but for these.

        A repetition is one expression in what it begins with: so conditions of others are elements
        here as any.  Those among the numbers stay conditions.  What is zero where one of them does
        not hold stays that: x is c * (x / c), and where c is 0, so is x, to an order that is not
        smaller than that of c.  Elements of a large degree become unknowns.
        """
        given = [self.lift(x) for x in numbers]
        tests = [x for x in given if isinstance(x, Parted) and not x.shape and self._is_truth(x)]
        apart = [(one, self._as_atom(one)) for one in tests]
        return [self._without_parts(x, apart) for x in given]

    def _as_atom(self, x: Parted) -> Residues:
        """A condition of its own."""
        if self._bit_of(x) is not None:
            return x
        return self._atom(Residues(self, x.v, *self._degrees(x), condition=True))

    def _degrees(self, x: Parted) -> tuple[int, int]:
        """Degrees of what is a sum of products of conditions, each a few times."""
        primes = np.array(self.ring.primes).reshape(self.ring.count, *(1,) * (x.parts.ndim - 1))
        if (np.minimum(x.parts, primes - x.parts) > len(x.cubes)).any():
            return x.n, x.d
        self.looked(x)
        return max(
            sum(self._conditions.degree[k >> 1] for k in bits_of(cube[None])) for cube in x.cubes
        ), 0

    def _without_parts(self, x: Residues, tests: Sequence[tuple[Parted, Residues]]) -> Residues:
        if x.known is not None:
            return x
        made = self.cut(Residues(self, x.v, x.n, x.d), known=self.turned)
        if not isinstance(x, Parted):
            return made
        divided = set[bytes]()  # equal tests are one
        for test, atom in tests:
            if x is test:
                return atom
            plain = Residues(self, atom.v, atom.n, atom.d)
            if self._is_zero(plain) or plain.v.tobytes() in divided:
                continue
            if self._where_none_holds(x).any() and not self._where_none_holds(test).all():
                continue
            if isinstance(atom, Parted) and self._is_zero(self.product(x, test) - x):
                divided.add(plain.v.tobytes())
                made = atom * (made / plain)
        return made
