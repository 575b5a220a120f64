"""How well an embedder knows drawings from briefs: figures on pairs that it was never taught."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from scoring.clip.embedder import Embedder
from scoring.clip.lesson import Lesson

AMONG: Final = 100
"""Briefs of which the right one is looked for."""
FIVE: Final = 5
LEAST_FIRST: Final = 0.60
LEAST_FIVE: Final = 0.85
LEAST_FULLER: Final = 0.80
"""What weights must reach to be shipped."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What an evaluation found; shares in [0, 1]."""

    drawings: int
    first: float
    """Drawings whose own brief was first among a hundred."""
    among_five: float
    fuller: float
    """Pairs in which the drawing that lacks a word of the brief scored lower."""
    fuller_by_word: dict[str, float]
    """The same by what was lacking."""

    @property
    def good_enough(self) -> bool:
        """Whether such weights may be shipped."""
        found = (self.first, self.among_five, self.fuller)
        least = (LEAST_FIRST, LEAST_FIVE, LEAST_FULLER)
        return all(one >= limit for one, limit in zip(found, least, strict=True))

    def record(self) -> dict[str, Any]:
        """Return the figures as they stand in a manifest."""
        return asdict(self)


def evaluated(embedder: Embedder, pairs: Sequence[tuple[Lesson, Lesson, str]]) -> Figures:
    """Evaluate on pairs of a lesson, its sibling that lacks a word, and what that word was.

    Briefs of equal meaning are never in one hundred: neither would be wrong.
    """
    images = embedder.images(np.stack([full.image for full, _, _ in pairs]))
    lacking = embedder.images(np.stack([less.image for _, less, _ in pairs]))
    texts = embedder.texts([full.texts["whole"] for full, _, _ in pairs])
    ranks = [rank for chosen in _hundreds(pairs) for rank in _ranks(images[chosen], texts[chosen])]
    fuller = (images * texts).sum(axis=1) > (lacking * texts).sum(axis=1)
    lost, right = Counter[str](), Counter[str]()
    for (_, _, word), one in zip(pairs, fuller, strict=True):
        lost[word] += 1
        right[word] += int(one)
    return Figures(
        drawings=len(ranks),
        first=float(np.mean([rank == 0 for rank in ranks])),
        among_five=float(np.mean([rank < FIVE for rank in ranks])),
        fuller=float(fuller.mean()),
        fuller_by_word={word: round(right[word] / lost[word], 3) for word in sorted(lost)},
    )


def _hundreds(pairs: Sequence[tuple[Lesson, Lesson, str]]) -> list[list[int]]:
    """Return the places of the pairs in groups of a hundred of different meaning."""
    groups: list[dict[str, int]] = []
    for at, (full, _, _) in enumerate(pairs):
        meaning = full.meanings["whole"]
        group = next((g for g in groups if meaning not in g and len(g) < AMONG), None)
        if group is None:
            groups.append(group := {})
        group[meaning] = at
    return [list(group.values()) for group in groups if len(group) == AMONG]


def _ranks(images: np.ndarray, texts: np.ndarray) -> list[int]:
    cosines = images @ texts.T
    return [int(rank) for rank in (cosines > np.diag(cosines)[:, None]).sum(axis=1)]
