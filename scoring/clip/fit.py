"""How well a picture fits its brief: by segment, centred on other briefs, and by word.

A bare cosine says little: some pictures are near every text. So the mean cosine of the picture to a
bank of *other* briefs is taken off, and the rank of its own brief among them is told, which
survives a change of weights. A negation is never embedded ("without people" is near people; see
NegBench, CVPR 2025): what is forbidden is added to the brief, and must not come nearer by it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from domain.fit import PRESENT, WORD, Fitted
from scoring.clip.embedder import Embedder, Vectors
from scoring.clip.tokens import spoken
from scoring.clip.weights import Weights

BANK: Final = "bank.json"
VERSION: Final = "fit-1"
LONGEST: Final = 15
"""Words of one phrase: longer ones are split, since the end of a long text counts for little."""
MOST_WORDS: Final = 8
"""Words that are looked for one by one."""
DECIMALS: Final = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a picture is to be held against."""

    brief: str
    """The scored brief."""
    subject: str = ""
    environment: str = ""
    style: str = ""
    negative: str = ""

    @property
    def parts(self) -> dict[str, str]:
        """The texts by part; only those that say something."""
        whole = ", ".join(text for text in (self.brief, self.style) if text.strip())
        found = {"whole": whole, "subject": self.subject, "environment": self.environment}
        return {part: text for part, text in found.items() if text.strip()}


class Fit:
    """Measures fit with one embedder and its bank of other briefs."""

    def __init__(self, embedder: Embedder, bank: Mapping[str, Sequence[str]]) -> None:
        self._embedder = embedder
        self._bank = bank

    @property
    def version(self) -> str:
        """Changes whenever a figure might: thresholds hold for one version alone."""
        return f"{VERSION}:{self._embedder.backbone_id}"

    def measured(self, image: Vectors, wanted: Wanted) -> Fitted:
        """Measure one picture, (dim,), against its brief; absent with a reason if it cannot be."""
        parts = {part: text for part, text in wanted.parts.items() if self._known(text)}
        if "whole" not in parts:
            return Fitted(missing="no word of the brief is known to the weights")
        scores = {f"fit_{part}": self._centred(image, part, text) for part, text in parts.items()}
        scores["fit"] = scores.pop("fit_whole")
        scores["fit_rank"] = float(self._rank(image, parts["whole"]))
        scores |= self._by_word(image, wanted, parts["whole"])
        if not all(np.isfinite(value) for value in scores.values()):
            return Fitted(missing="the weights yield no figures for it")
        unread = tuple(self._embedder.unknown(parts["whole"]))
        rounded = {name: round(value, DECIMALS) for name, value in scores.items()}
        return Fitted(scores=rounded, unread=unread, version=self.version)

    def cosine(self, image: Vectors, text: str) -> float:
        """Return the mean cosine of a picture to the phrases of a text."""
        return float((self._embedder.texts(phrases(text)) @ image).mean())

    def _centred(self, image: Vectors, part: str, text: str) -> float:
        return self.cosine(image, text) - float((self._banked[part] @ image).mean())

    def _rank(self, image: Vectors, text: str) -> int:
        """Return the place of a brief among those of the bank, 1 for the best."""
        return 1 + int((self._banked["whole"] @ image > self.cosine(image, text)).sum())

    def _by_word(self, image: Vectors, wanted: Wanted, whole: str) -> dict[str, float]:
        """Return what every word adds to the cosine, and what every forbidden one would."""
        said = [word for word in dict.fromkeys(spoken(whole)) if self._known(word)][:MOST_WORDS]
        forbidden = [word for word in dict.fromkeys(spoken(wanted.negative)) if self._known(word)]
        base = self.cosine(image, whole)
        found: dict[str, float] = {}
        if len(said) > 1:
            for word in said:
                found[f"{WORD}{word}"] = base - self.cosine(image, without(whole, word))
        for word in forbidden[:MOST_WORDS]:
            found[f"{PRESENT}{word}"] = self.cosine(image, f"{whole} {word}") - base
        return found

    def _known(self, text: str) -> bool:
        words = spoken(text)
        return bool(words) and len(self._embedder.unknown(text)) < len(set(words))

    @cached_property
    def _banked(self) -> dict[str, Vectors]:
        return {part: self._embedder.texts(texts) for part, texts in self._bank.items()}


def bank_of(weights: Weights) -> dict[str, list[str]]:
    """Return the other briefs that come with a weights folder, by part.

    Raises:
        WeightsError: The folder has none.
    """
    bank: dict[str, list[str]] = json.loads(weights.path(BANK).read_text("utf-8"))
    return bank


def phrases(text: str) -> list[str]:
    """Split a long text at its commas and stops into phrases of at most 15 words."""
    found: list[str] = []
    for clause in re.split(r"[,.;:\n、。]", text):
        words = clause.split()
        if not words:
            continue
        joined = f"{found[-1]}, {clause.strip()}" if found else clause.strip()
        if found and len(joined.split()) <= LONGEST:
            found[-1] = joined
            continue
        found += [" ".join(words[at : at + LONGEST]) for at in range(0, len(words), LONGEST)]
    return found or [text]


def without(text: str, word: str) -> str:
    """Return a text without a word, wherever it stands."""
    return re.sub(rf"(?i)(?<![^\W_]){re.escape(word)}(?![^\W_])", " ", text)
