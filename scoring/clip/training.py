"""Training a small CLIP of our own on drawings whose briefs are known; needs the extra ``[clip]``.

The loss is that of CLIP (Radford et al. 2021, section 2.3) over the whole brief and, with half its
weight each, over the subject and the environment alone, so that segments can be scored apart.
Texts that mean the same are no wrong answers to one another.
"""

import json
import logging
import math
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from scoring.clip.lesson import PARTS, Lesson
from scoring.clip.pixels import MEAN, STD, normalised
from scoring.clip.tokens import PADDING, Words
from scoring.clip.torchdoor import open_clip

logger = logging.getLogger(__name__)
MODEL: Final[dict[str, Any]] = {
    "embed_dim": 128,
    "quick_gelu": False,
    "vision_cfg": {"image_size": 64, "layers": [1, 2, 2, 1], "width": 24, "head_width": 48},
    "text_cfg": {"context_length": 24, "width": 128, "heads": 4, "layers": 2},
}
PAIRS_AT_ONCE: Final = 64
FEWEST_LESSONS: Final = 256
"""Training starts when so many are drawn; the others join as they come."""
LEARNING_RATE: Final = 1.5e-3
WARM_UP_STEPS: Final = 200
WEIGHT_DECAY: Final = 0.1
HIGHEST_SCALE: Final = math.log(100.0)
PART_WEIGHTS: Final = {"whole": 1.0, "subject": 0.5, "environment": 0.5}
KEPT_AFTER_S: Final = 60.0
STATE: Final = "open_clip_model.safetensors"


class Shelf:
    """The lessons that are drawn so far: a thread takes them in while the network learns."""

    def __init__(self, lessons: Iterator[tuple[Lesson, Lesson]], vocabulary: Words) -> None:
        self._lessons = lessons
        self._vocabulary = vocabulary
        self._numbers: dict[str, int] = {}
        self._rows: list[tuple[Any, ...]] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._fill, name="lessons", daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        """How many pairs there are."""
        return len(self._rows)

    def wait(self, fewest: int) -> None:
        """Wait until so many pairs are there, or no more will come."""
        while len(self._rows) < fewest and self._thread.is_alive():
            self._ended.wait(0.2)

    def end(self) -> None:
        """Take no more."""
        self._ended.set()

    def batch(self, chosen: Sequence[int]) -> tuple[npt.NDArray[np.uint8], Any, Any]:
        """Return images (n, side, side, 3), tokens and meanings (n, parts, …) of the pairs."""
        rows = [self._rows[at] for at in chosen]
        images, tokens, meanings = (np.concatenate(column) for column in zip(*rows, strict=True))
        return images, tokens, meanings

    def _fill(self) -> None:
        for pair in self._lessons:
            if self._ended.is_set():
                return
            texts = [lesson.texts[part] for lesson in pair for part in PARTS]
            tokens = self._vocabulary.encode(texts).astype(np.int32).reshape(2, len(PARTS), -1)
            meanings = [[self._number(lesson, part) for part in PARTS] for lesson in pair]
            images = np.stack([lesson.image for lesson in pair])
            self._rows.append((images, tokens, np.asarray(meanings, np.int64)))

    def _number(self, lesson: Lesson, part: str) -> int:
        """Return the number of a meaning; -1 where nothing is said."""
        if not lesson.texts[part]:
            return -1
        key = f"{part}:{lesson.meanings[part]}"
        return self._numbers.setdefault(key, len(self._numbers))


def train(
    lessons: Iterator[tuple[Lesson, Lesson]],
    words: Sequence[str],
    out: Path,
    *,
    minutes: float,
    threads: int = 2,
    seed: int = 0,
    going_on_from: Path | None = None,
) -> None:
    """Train for so many minutes, and write ``open_clip_config.json``, words and weights to *out*.

    Args:
        lessons: Pairs of a lesson and its sibling that lacks a word; may go on for ever.
        words: The vocabulary.
        out: A folder; what stands there is written over.
        minutes: Wall clock, counted from the first step.
        threads: Of torch.
        seed: Of the first weights and of the order of the lessons.
        going_on_from: A folder that an earlier training wrote; None starts anew.
    """
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    vocabulary = Words(words, MODEL["text_cfg"]["context_length"])
    shelf = Shelf(lessons, vocabulary)
    config = written_config(vocabulary, out)
    model = open_clip().model.CLIP(**config["model_cfg"])
    if going_on_from is not None:
        model.load_state_dict(_loaded(going_on_from))
    shelf.wait(FEWEST_LESSONS)
    _learn(model, shelf, out, minutes * 60, np.random.default_rng(seed))
    shelf.end()
    _save(model, out)


def written_config(vocabulary: Words, out: Path) -> dict[str, Any]:
    """Write the configuration in open_clip's form, and the words; return the configuration."""
    out.mkdir(parents=True, exist_ok=True)
    text = MODEL["text_cfg"] | {"vocab_size": vocabulary.size}
    config = {
        "model_cfg": MODEL | {"text_cfg": text},
        "preprocess_cfg": {
            "mean": list(MEAN), "std": list(STD), "interpolation": "bicubic",
            "resize_mode": "squash",
        },
    }  # fmt: skip
    (out / "open_clip_config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    (out / "words.txt").write_text("\n".join(vocabulary.words), "utf-8")
    return config


def _learn(model: Any, shelf: Shelf, out: Path, budget_s: float, dice: np.random.Generator) -> None:
    import torch

    optimiser = torch.optim.AdamW(_groups(model), lr=LEARNING_RATE, betas=(0.9, 0.98))
    model.train()
    started = kept = time.monotonic()
    step, average = 0, 0.0
    order: list[int] = []
    while (spent := time.monotonic() - started) < budget_s:
        if len(order) < PAIRS_AT_ONCE:
            order = list(dice.permutation(len(shelf)))
        chosen, order = order[:PAIRS_AT_ONCE], order[PAIRS_AT_ONCE:]
        loss = _loss(model, *shelf.batch(chosen), dice)
        _take_a_step(model, optimiser, loss, _rate(step, spent / budget_s))
        average += (float(loss.detach()) - average) / min(step + 1, 50)
        step += 1
        if step % 50 == 0:
            logger.info("step=%s loss=%.3f pairs=%s at_s=%.0f", step, average, len(shelf), spent)
        if time.monotonic() - kept > KEPT_AFTER_S:
            _save(model, out)
            kept = time.monotonic()


def _rate(step: int, spent: float) -> float:
    """Return the learning rate: warmed up by steps, then along a cosine of the time *spent*."""
    cosine = 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * spent))
    return LEARNING_RATE * min(1.0, (step + 1) / WARM_UP_STEPS) * cosine


def _take_a_step(model: Any, optimiser: Any, loss: Any, rate: float) -> None:
    import torch

    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    with torch.no_grad():
        model.logit_scale.clamp_(0.0, HIGHEST_SCALE)


def _groups(model: Any) -> list[dict[str, Any]]:
    """Matrices decay; gains, biases and the scale do not."""
    decaying = [one for one in model.parameters() if one.ndim > 1]
    others = [one for one in model.parameters() if one.ndim <= 1]
    return [
        {"params": decaying, "weight_decay": WEIGHT_DECAY},
        {"params": others, "weight_decay": 0.0},
    ]


def _loss(
    model: Any,
    images: npt.NDArray[np.uint8],
    tokens: npt.NDArray[np.int32],
    meanings: npt.NDArray[np.int64],
    dice: np.random.Generator,
) -> Any:
    import torch

    pixels = torch.from_numpy(normalised(_varied(images, dice)))
    count, parts = tokens.shape[:2]
    longest = int((tokens != PADDING).sum(axis=2).max())
    rows = tokens[..., :longest].transpose(1, 0, 2).reshape(-1, longest)
    texts = torch.from_numpy(rows.astype(np.int64))
    with torch.autocast("cpu", torch.bfloat16):
        seen = model.encode_image(pixels)
        said = _said(model, texts)
    seen = torch.nn.functional.normalize(seen.float(), dim=-1)
    said = torch.nn.functional.normalize(said.float(), dim=-1).reshape(parts, count, -1)
    scale = model.logit_scale.exp()
    losses = [
        PART_WEIGHTS[part] * _contrast(scale * seen @ said[at].T, torch.from_numpy(meanings[:, at]))
        for at, part in enumerate(PARTS)
    ]
    return sum(losses)


def _said(model: Any, texts: Any) -> Any:
    """Encode texts cut to their longest: as ``encode_text`` does, which wants the full length."""
    import torch

    length = texts.shape[1]
    words = model.token_embedding(texts) + model.positional_embedding[:length]
    seen = model.transformer(words, attn_mask=model.attn_mask[:length, :length])
    ends = texts.argmax(dim=-1)
    return model.ln_final(seen)[torch.arange(len(texts)), ends] @ model.text_projection


def _contrast(logits: Any, meanings: Any) -> Any:
    """Return the loss of CLIP over the rows that say something; equal meanings are left out."""
    import torch

    said = meanings >= 0
    logits, meanings = logits[said][:, said], meanings[said]
    same = meanings[:, None] == meanings[None, :]
    same.fill_diagonal_(fill_value=False)
    logits = logits.masked_fill(same, -1e4)
    right = torch.arange(len(logits))
    cross = torch.nn.functional.cross_entropy
    return (cross(logits, right) + cross(logits.T, right)) / 2


def _varied(images: npt.NDArray[np.uint8], dice: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Mirror half of the pictures, shift all a little: a brief tells no left from right."""
    count, side = len(images), int(images.shape[1])
    mirrored = dice.integers(0, 2, size=(count,))
    padded = np.pad(images, ((0, 0), (4, 4), (4, 4), (0, 0)), mode="edge")
    out = np.empty_like(images)
    for at, (down, across) in enumerate(dice.integers(0, 9, size=(count, 2))):
        one = padded[at, down : down + side, across : across + side]
        out[at] = one[:, ::-1] if mirrored[at] else one
    return out


def _loaded(folder: Path) -> Any:
    from safetensors.torch import load_file

    return load_file(folder / STATE)


def _save(model: Any, out: Path) -> None:
    from safetensors.torch import save_file

    state = {
        name: value.detach().contiguous().clone() for name, value in model.state_dict().items()
    }
    save_file(state, out / STATE)
