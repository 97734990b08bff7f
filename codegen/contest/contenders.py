"""All contenders by name, in the order of the report."""

from __future__ import annotations

from codegen.contest.case import Contender
from codegen.contest.ours import OURS
from codegen.contest.rivals import RIVALS

__all__ = ["CONTENDERS"]

CONTENDERS: dict[str, Contender] = {contender.name: contender for contender in (*OURS, *RIVALS)}
