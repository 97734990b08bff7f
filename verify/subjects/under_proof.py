"""What is under proof, whatever of: a function, and Programs that claim to compute its derivatives.

``Subject`` is that of a gradient, ``Entire`` of all numbers of derivatives of any kind.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field

from autodiff.graph.graph import Graph
from verify.program.program import Program
from verify.subjects.rewritten import ArrayText
from verify.subjects.tied_text import Ties

__all__ = ["UnderProof"]


@dataclass
class UnderProof(ABC):
    """A function, and what claims to compute derivatives of it.

    Args:
        graph: The traced function.
        title: What is verified, for the report.
        programs: What computes the numbers under proof.
        labels: What each program is.
        opaque: The numbers as a callable of floats, if there are no programs.
        source: The verified text, "" if there is none.
        entry: The function of the text that is verified.
        unreadable: Why the text cannot be verified, "" if it can.
        trace: Of a callable that was traced, its trace.
        calls: Of a callable that was traced, the callable itself, its results in one flat tuple.
        remarks: What the report has to say whatever the verdict.
        doubt: Of a callable that was traced, why its calls may be something else; "" if not.
        demanded: What Python computes besides, used or not, and may raise an exception at.
        raising: What it may raise at inside ``try``, of a text of somebody else's.
        compiled_here: True if this process wrote the text: nobody else had a hand in it.
        arrays: Text of whole arrays that was read element by element, None if it was none.
    """

    graph: Graph
    title: str
    _: KW_ONLY
    programs: list[Program] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    opaque: Callable[[Sequence[float]], list[float]] | None = None
    source: str = ""
    entry: str = ""
    unreadable: str = ""
    trace: Graph | None = None
    calls: Callable[..., tuple[object, ...]] | None = None
    remarks: list[str] = field(default_factory=list)
    doubt: str = ""
    demanded: Program | None = None
    raising: Program | None = None
    compiled_here: bool = False
    arrays: ArrayText | None = None

    @property
    @abstractmethod
    def ties(self) -> Ties:
        """What the text holds for where switches tie, as it follows from the function."""
