"""Print what differs, with the smallest programs, and a table of counts."""

from __future__ import annotations

import argparse
import random
import warnings
from collections import Counter

from tests.figures.programs import LANGUAGES
from tests.figures.programs.asked import WAYS, Difference, differences
from tests.figures.programs.program import Program
from tests.figures.programs.smaller import smaller


def _smallest(program: Program, found: Difference) -> Program:
    ways = [] if found.way == "gradient" else [found.way]

    def differs(one: Program) -> bool:
        try:
            again = list(differences(one, found.target, ways))
        except Exception:  # no program any more
            return False
        return any(
            x.kind == found.kind and x.way == found.way and _alike(x.said, found) for x in again
        )

    return smaller(program, differs)


def _alike(said: str, found: Difference) -> bool:
    """True if it is the same kind of message: its first words are."""
    return (
        found.kind == "wrong"
        or said.rsplit(":", maxsplit=1)[-1].split()[:3] == found.said.split(":")[-1].split()[:3]
    )


def main() -> None:
    """Programs of both languages, in turn."""
    parser = argparse.ArgumentParser(prog="tests.figures.programs", description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("count", type=int)
    parser.add_argument("targets", nargs="*", default=["python", "numpy", "native"])
    parser.add_argument("--only", nargs="*", default=list(LANGUAGES), choices=list(LANGUAGES))
    parser.add_argument("--ways", nargs="*", choices=list(WAYS), help="these instead of one drawn")
    parser.add_argument("--refused", action="store_true", help="make these smaller and print them")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    count: Counter[str] = Counter()
    for seed in range(asked.seed, asked.seed + asked.count):
        for language in asked.only:
            program = LANGUAGES[language](seed)
            chance = random.Random(seed)
            for target in asked.targets:
                ways = chance.sample(list(WAYS)[1:], 1) if asked.ways is None else asked.ways
                raised = ""
                for found in differences(program, target, ways):
                    raised = found.kind
                    count[f"{language} {found.kind} {found.way} {target}"] += 1
                    print(
                        f"{found.kind} {language} {seed} {target} {found.way} | {found.said}",
                        flush=True,
                    )
                    if found.kind in ("wrong", "raw") or (
                        found.kind == "refused" and asked.refused
                    ):
                        small = _smallest(program, found)
                        print(small.source, small.points, flush=True)
                count[f"{language} programs {target}"] += 1
                count[f"{language} points {target}"] += len(program.points) * (not raised)
                for way in ways:
                    count[f"{language} {way} {target}"] += not raised
    for name, number in sorted(count.items()):
        print(f"{number:7} {name}")


if __name__ == "__main__":
    main()
