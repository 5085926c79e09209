"""Cases: what a seed and a number stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from .mutations import DRAWN, MUTATIONS
from .subject import Subject

#: A case goes through a folder, or through the C interface as arrays in memory.
FOLDER, MEMORY, FOREIGN = "folder", "memory", "foreign"

#: Changes that only files can have.
ONLY_FILES = {"arrays.header", "arrays.missing"}


@dataclass(frozen=True)
class Case:
    """One damaged run, as a recipe."""

    seed: int
    number: int
    base: str
    way: str
    steps: tuple[tuple[str, int], ...]
    """Changes by name, each with the seed of its own choices."""

    def with_steps(self, steps: Sequence[tuple[str, int]]) -> Case:
        """Return the same case with other changes."""
        return Case(self.seed, self.number, self.base, self.way, tuple(steps))

    def __str__(self) -> str:
        changes = " + ".join(name for name, _ in self.steps) or "nothing"
        return f"case {self.number} (seed {self.seed}): {self.base} by {self.way}: {changes}"


def case(seed: int, number: int, bases: Sequence[str]) -> Case:
    """Return a case; it depends on nothing but the arguments."""
    rng = Random(f"{seed}/{number}")
    base = rng.choice(bases)
    way = rng.choice([FOLDER, FOLDER, MEMORY, MEMORY, MEMORY, FOREIGN])
    count = rng.choice([1, 1, 1, 2, 2, 3, 4, 6])
    steps = [(rng.choice(DRAWN), rng.getrandbits(48)) for _ in range(count)]
    if base == "shards" or ONLY_FILES & {name for name, _ in steps}:
        way = FOLDER
    return Case(seed, number, base, way, tuple(steps))


def build(chosen: Case, runs: Mapping[str, Subject]) -> Subject:
    """Carry the changes of a case out.

    A change that fails on what an earlier one left is left out: it is the case that counts.
    """
    subject = runs[chosen.base].copy()
    for name, seed in chosen.steps:
        trial = subject.copy()
        try:
            MUTATIONS[name](Random(seed), trial)
        except (ArithmeticError, AttributeError, LookupError, StopIteration, TypeError, ValueError):
            continue
        subject = trial
    return subject
