"""How a weights folder wants words and pictures: read off the folder, the same for every engine."""

import json
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from domain.record import Record
from scoring.clip.bpe import MERGES, Pairs
from scoring.clip.pixels import MEAN, STD
from scoring.clip.tokens import Words
from scoring.clip.weights import CONFIG, Weights, WeightsError

WORDS = "words.txt"


class Tokens(Protocol):
    """Words as numbers."""

    @property
    def size(self) -> int:
        """How many numbers there are."""

    def unknown(self, text: str) -> list[str]:
        """Return the words that are not understood."""

    def encode(self, texts: Any, /) -> npt.NDArray[np.int64]:
        """Return (n, length) int64."""


class Preparation(Record):
    """open_clip's ``preprocess_cfg``: how a picture becomes what the network takes."""

    mean: tuple[float, float, float] = MEAN
    std: tuple[float, float, float] = STD
    interpolation: Literal["bicubic"] = "bicubic"
    resize_mode: Literal["shortest", "longest", "squash"] = "shortest"


def preparation_of(weights: Weights) -> Preparation:
    """Return how pictures are made ready for these weights.

    Raises:
        WeightsError: In a way that is not ours.
    """
    config = json.loads(weights.path(CONFIG).read_bytes())
    told = config.get("preprocess_cfg", {})
    known = {name: told[name] for name in Preparation.model_fields if name in told}
    try:
        return Preparation.model_validate(known)
    except ValidationError as error:
        said = f"{weights.folder / CONFIG}: preprocess_cfg: {error.errors()[0]['msg']}"
        raise WeightsError(said) from error


def tokens_of(weights: Weights) -> Tokens:
    """Return the vocabulary of a folder: whole words of our own, or OpenAI's pairs.

    Raises:
        WeightsError: It has none, or not that of its network.
    """
    length = weights.manifest.context_length
    names = weights.manifest.files
    found: Tokens
    if MERGES in names and WORDS not in names:
        name, found = MERGES, Pairs.read(weights.path(MERGES), length)
    else:
        name, found = WORDS, Words.read(weights.path(WORDS), length)
    wanted = json.loads(weights.path(CONFIG).read_bytes())["model_cfg"]["text_cfg"]["vocab_size"]
    if wanted != found.size:
        said = f"{name} has {found.size} numbers, the network {wanted}"
        raise WeightsError(f"{weights.folder}: {said}")
    return found
