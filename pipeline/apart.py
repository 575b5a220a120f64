"""How far the figures of two runs lie apart, how sure that is, and what is not comparable."""

from dataclasses import dataclass
from typing import Any, Final

from domain.run import Artwork, Run
from domain.uncertainty import Difference, paired, welch

FINE: Final = 0.005
"""An interval that is smaller needs a third decimal to be seen."""
OTHER_SCORER: Final = "measured by other versions of the scorer"
SEVERAL: Final = 2


@dataclass(frozen=True, slots=True)
class Apart:
    """One figure of a run against the same figure of another."""

    difference: Difference
    paired: bool
    """Whether images of the same seed were set against each other."""
    images: tuple[int, int]
    """How many were measured: of the run, and of the other."""

    @property
    def record(self) -> dict[str, Any]:
        """The same as ``--json`` shows it."""
        known = self.difference
        return {
            "difference": round(known.mean, 4),
            "plus_minus": None if known.plus_minus is None else round(known.plus_minus, 4),
            "within_noise": known.noise if known.plus_minus is not None else None,
            "paired": self.paired,
            "images": list(self.images),
        }

    @property
    def says(self) -> str:
        """``+0.03 ± 0.02``, and what is to be thought of it."""
        mean, half = self.difference
        if half is None:
            return f"{_signed(mean, 2)} (one image: no interval)"
        decimals = 2 if half >= FINE or half == 0 else 3
        said = f"{_signed(mean, decimals)} ± {half:.{decimals}f}"
        return f"{said}, within noise" if self.difference.noise else said


def scores_apart(run: Run, other: Run) -> tuple[dict[str, Apart], dict[str, str]]:
    """Return how far each figure of *run* is from that of *other*, and why others are not compared.

    Figures of other scorer versions are never subtracted from each other.
    """
    apart: dict[str, Apart] = {}
    refused: dict[str, str] = {}
    for name in sorted(_names(run) & _names(other)):
        ours, theirs = _with(run, name), _with(other, name)
        if _versions(ours, name) != _versions(theirs, name):
            refused[name] = OTHER_SCORER
        else:
            apart[name] = _apart(ours, theirs, name)
    return apart, refused


def scorer_of(name: str, version: str) -> str:
    """Return the part of a version that a figure comes from: ``fit_rank`` from ``fit-1:…``."""
    words = version.split() or [""]
    return next((one for one in words if name.startswith(one.partition("-")[0])), words[0])


def _apart(ours: list[Artwork], theirs: list[Artwork], name: str) -> Apart:
    values = [[made.scores[name] for made in side] for side in (theirs, ours)]
    images = (len(ours), len(theirs))
    by_seed = [{made.seed: made.scores[name] for made in side} for side in (theirs, ours)]
    same = by_seed[0].keys() == by_seed[1].keys() and None not in by_seed[0]
    if same and len(by_seed[0]) == len(ours) == len(theirs):
        pairs = [by_seed[1][seed] - value for seed, value in by_seed[0].items()]
        return Apart(paired(pairs), paired=True, images=images)
    return Apart(welch(values[0], values[1]), paired=False, images=images)


def _names(run: Run) -> set[str]:
    return {name for made in run.artworks for name in made.scores}


def _with(run: Run, name: str) -> list[Artwork]:
    return [made for made in run.artworks if name in made.scores]


def _versions(made: list[Artwork], name: str) -> set[str]:
    return {scorer_of(name, one.score_versions.get(name, "")) for one in made}


def _signed(value: float, decimals: int) -> str:
    rounded = round(value, decimals) or 0.0
    return f"{rounded:+.{decimals}f}".replace("-", "−")
