"""Chance with names: every decision has a key, so a branch may keep some and vary others."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
MASK = 0xFFFFFFFF
LAYOUT_SHARE = 0.34
"""How much of a branch's strength acts on what holds the picture together."""
STEPS = (0.90992, 0.76415, 0.71875, 0.58496, 0.53683, 0.43710)
"""Found by search: in the first five axes twenty seeds in a row
keep the largest smallest distance; the
sixth parts those that are nearest in the others."""
HISTORY = 12
"""Ancestors that a drawing remembers; older ones no longer show."""


def unit(seed: int, key: str) -> float:
    """Return a number in [0, 1), the same for the same seed and key in every process."""
    mixed = zlib.crc32(key.encode()) ^ (seed * 0x9E3779B1 & MASK)
    for factor in (0x85EBCA6B, 0xC2B2AE35):  # the finaliser of MurmurHash3
        mixed = (mixed ^ (mixed >> 16)) * factor & MASK
    return (mixed ^ (mixed >> 16)) / (MASK + 1)


@dataclass(frozen=True, slots=True)
class Chance:
    """Where a drawing's decisions come from: its seed, and those of its ancestors.

    Each step of the lineage is a seed and the strength with which it acted on what came before.
    """

    lineage: tuple[tuple[int, float], ...]

    @property
    def seed(self) -> int:
        """The root of the family: what rotates through compositions follows it."""
        return self.lineage[0][0]

    def child(self, seed: int, strength: float) -> "Chance":
        """Return the chance of a branch; a child with its parent's seed still differs from it."""
        step = ((seed ^ 0x5BD1E995) & MASK, strength)
        return Chance((self.lineage[:1] + self.lineage[1:][-HISTORY:]) + (step,))

    def number(self, key: str, low: float = 0.0, high: float = 1.0) -> float:
        """Return a number for a detail: a branch moves it in proportion to its strength."""
        return low + (high - low) * self._mixed(key, 1.0)

    def steady(self, key: str, low: float = 0.0, high: float = 1.0) -> float:
        """Return a number for the layout or the palette: a branch hardly moves it."""
        return low + (high - low) * self._mixed(key, LAYOUT_SHARE)

    def spread(self, axis: int) -> float:
        """Return a number in [0, 1) for what makes a layout; seeds in a row lie far apart.

        An additive recurrence, one axis for each decision: four images of one run never share a
        composition.
        """
        return (self.seed * int(STEPS[axis] * (MASK + 1)) & MASK) / (MASK + 1)

    def pick(self, key: str, options: Sequence[T]) -> T:
        """Return one of the options; a branch keeps it."""
        return options[int(unit(self.seed, key) * len(options)) % len(options)]

    def fields(self) -> tuple[tuple[int, float], ...]:
        """Return seeds and shares for noise: the parts of a field that each step adds."""
        return self.lineage

    def _mixed(self, key: str, share: float) -> float:
        value = unit(self.lineage[0][0], key)
        for seed, strength in self.lineage[1:]:
            value += (unit(seed, key) - value) * strength * share
        return value
