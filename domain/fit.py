"""What was measured of a picture's fit to its brief, and how it is said in words."""

from collections.abc import Mapping, Sequence
from typing import Final

from domain.record import Record

WORD: Final = "fit_word:"
"""Begins the name of what one word of the brief adds: ``fit_word:snow``."""
PRESENT: Final = "fit_present:"
"""Begins the name of what a forbidden word would add: ``fit_present:people``."""
WEAK: Final = -0.05
"""A word that takes at least so much away is not seen in the picture: on held-out sketches that
names 59 % of the words that were left out, and 8 % of those that were drawn."""
CLEAR: Final = 0.05
"""A forbidden word that would add more than this may well be in the picture."""
MOST_NAMED: Final = 3


class Fitted(Record):
    """Figures of one picture, or why there are none."""

    scores: dict[str, float] = {}  # noqa: RUF012  pydantic copies a field's default
    """``fit``, ``fit_subject``, ``fit_environment``, ``fit_rank``, ``fit_word:…``, …"""
    unread: tuple[str, ...] = ()
    """Words of the brief that the weights do not know: nothing is said of them."""
    missing: str = ""
    """Why nothing was measured; empty if it was."""
    version: str = ""
    """Of the figures: weights and formula."""
    failed: bool = False
    """Nothing was measured because something went wrong: people shall look at it."""


def explained(scores: Mapping[str, float], others: Sequence[Mapping[str, float]] = ()) -> str:
    """Say a picture's fit in words: "subject 0.29, best of 4; weak: snow".

    Args:
        scores: Of the picture.
        others: Of all pictures of its run, itself among them.
    """
    if "fit" not in scores:
        return ""
    said = [
        f"{part} {scores[name]:.2f}{_place(scores, others, name)}"
        for part, name in (("subject", "fit_subject"), ("environment", "fit_environment"))
        if name in scores
    ] or [f"fit {scores['fit']:.2f}{_place(scores, others, 'fit')}"]
    weak = _named(scores, WORD, least=False)
    there = _named(scores, PRESENT, least=True)
    said += [f"weak: {', '.join(weak)}"] if weak else []
    said += [f"perhaps there: {', '.join(there)}"] if there else []
    return "; ".join(said)


def _place(scores: Mapping[str, float], others: Sequence[Mapping[str, float]], name: str) -> str:
    figures = [other[name] for other in others if name in other]
    best = len(figures) > 1 and scores[name] >= max(figures)
    return f", best of {len(figures)}" if best else ""


def _named(scores: Mapping[str, float], begins: str, *, least: bool) -> list[str]:
    """Return the words that stand out, most first."""
    found = [(value, name) for name, value in scores.items() if name.startswith(begins)]
    if least:
        told = sorted((one for one in found if one[0] > CLEAR), reverse=True)
    else:
        told = sorted(one for one in found if one[0] <= WEAK)
    return [name.removeprefix(begins) for _, name in told[:MOST_NAMED]]
