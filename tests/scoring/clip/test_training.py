"""Training, export and the parity of both engines; needs the extra ``[clip]``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring.clip.lesson import PARTS, Lesson
from scoring.clip.ort import OrtEmbedder
from scoring.clip.pixels import normalised
from scoring.clip.weights import opened

pytestmark = pytest.mark.torch
pytest.importorskip("torch", reason="make test-torch installs it")

COLOURS = {"red": (200, 30, 30), "green": (30, 160, 60), "blue": (40, 60, 200)}
ABOUT: dict[str, Any] = {
    "name": "tiny", "licence": "MIT", "source": "a test", "valid_for": ("sketch",),
}  # fmt: skip


def lesson(colour: str, dice: np.random.Generator) -> Lesson:
    image = np.full((64, 64, 3), COLOURS[colour], np.int16) + dice.integers(-25, 26, (64, 64, 3))
    texts = {"whole": f"a {colour} sheet", "subject": f"a {colour} sheet", "environment": ""}
    return Lesson(image.clip(0, 255).astype(np.uint8), texts, dict.fromkeys(PARTS, colour))


def lessons(count: int) -> Iterator[tuple[Lesson, Lesson]]:
    dice = np.random.default_rng(0)
    names = list(COLOURS)
    for at in range(count):
        yield lesson(names[at % 3], dice), lesson(names[(at + 1) % 3], dice)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from scoring.clip.training import train  # noqa: PLC0415

    out = tmp_path_factory.mktemp("trained")
    train(lessons(64), ["blue", "green", "red", "sheet"], out, minutes=0.1, threads=1)
    return out


def test_training_can_go_on_from_where_it_ended(trained: Path, tmp_path: Path) -> None:
    from scoring.clip.training import train  # noqa: PLC0415

    words = ["blue", "green", "red", "sheet"]
    train(lessons(64), words, tmp_path, minutes=0.01, threads=1, going_on_from=trained)
    assert (tmp_path / "open_clip_model.safetensors").stat().st_size > 1_000_000


def test_both_engines_yield_the_same_vectors(trained: Path, tmp_path: Path) -> None:
    import torch  # noqa: PLC0415

    from scoring.clip.exporting import export, loaded  # noqa: PLC0415

    export(trained, tmp_path, int8=False, **ABOUT)
    ours, reference = OrtEmbedder(opened(tmp_path)), loaded(trained)
    dice = np.random.default_rng(1)
    squares = np.stack([lesson(name, dice).image for name in COLOURS])
    tokens = ours._words.encode(["a red sheet", "blue"])
    with torch.inference_mode():
        seen = reference.encode_image(torch.from_numpy(normalised(squares)), normalize=True)
        said = reference.encode_text(torch.from_numpy(tokens), normalize=True)
    assert np.abs(ours.images(squares) - seen.numpy()).max() < 1e-4
    assert np.abs(ours.texts(["a red sheet", "blue"]) - said.numpy()).max() < 1e-4


def test_int8_weighs_a_fourth_and_turns_no_vector_far(trained: Path, tmp_path: Path) -> None:
    from scoring.clip.exporting import export  # noqa: PLC0415

    whole, small = tmp_path / "whole", tmp_path / "small"
    export(trained, whole, int8=False, **ABOUT)
    export(trained, small, **ABOUT)
    ours, reference = OrtEmbedder(opened(small)), OrtEmbedder(opened(whole))
    dice = np.random.default_rng(2)
    squares = np.stack([lesson(name, dice).image for name in [*COLOURS] * 20])
    cosines = (ours.images(squares) * reference.images(squares)).sum(axis=1)
    assert np.percentile(cosines, 5) >= 0.995
    assert (ours.texts([*COLOURS]) * reference.texts([*COLOURS])).sum(axis=1).min() >= 0.995
    weights = (whole / "image.onnx", small / "image.onnx")
    assert weights[1].stat().st_size < 0.3 * weights[0].stat().st_size


def test_the_folder_is_open_clips_own_form(trained: Path) -> None:
    from scoring.clip.torchdoor import open_clip  # noqa: PLC0415

    clip = open_clip()
    model = clip.create_model(f"local-dir:{trained}", require_pretrained=True)
    assert model.visual.image_size in {64, (64, 64)}
