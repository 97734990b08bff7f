"""How conditions of one difference hang together: of x < y, x == y and y < x one holds, no other.

The first that is asked for is a condition of its own.  The second is another, where the first does
not hold; the third is where neither does.  So all three are products of conditions that nothing is
said of, and whatever is equal for any such holds for these.
"""

from __future__ import annotations

from collections.abc import Iterable

from verify.field.whole.ring import Integers, Ring

__all__ = ["Orders"]

_OPPOSITE = {"less": "more", "more": "less", "equal": "equal"}
_Key = tuple[object, bytes]


class Orders:
    """Places of conditions by what is compared.

    Args:
        ring: What differences are elements of.
    """

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._asked: dict[_Key, list[str]] = {}  # which of the three, the first first
        self._places: dict[_Key, list[int]] = {}  # of the first two
        self._told: dict[int, list[tuple[str, Integers]]] = {}  # by place: of which comparisons

    def bits(self, kind: str, v: Integers) -> list[int] | None:
        """The bits of a comparison; None if it needs a place of its own, which ``note`` tells.

        Args:
            kind: "less" or "equal".
            v: The difference.
        """
        key, kind = self._key(kind, v)
        asked, places = self._asked.setdefault(key, []), self._places.get(key, [])
        if kind not in asked and len(places) == 2:
            asked.append(kind)
        if kind not in asked:
            return None
        at = asked.index(kind)
        return [2 * places[0] + min(at, 1), *(2 * place + at - 1 for place in places[1 : at + 1])]

    def note(self, kind: str, v: Integers, place: int) -> None:
        """A comparison has a place."""
        key, turned = self._key(kind, v)
        places = self._places.setdefault(key, [])
        if len(places) < 2 and turned not in self._asked.setdefault(key, []):
            self._asked[key].append(turned)
            places.append(place)
            self._told.setdefault(place, []).append((kind, v))

    def compared(self, place: int) -> Iterable[tuple[str, Integers]]:
        """What a place tells."""
        return tuple(self._told.get(place, ()))

    def _key(self, kind: str, v: Integers) -> tuple[_Key, str]:
        one, other = v.tobytes(), self._ring.neg(v).tobytes()
        return ((v.shape, one), kind) if one <= other else ((v.shape, other), _OPPOSITE[kind])
