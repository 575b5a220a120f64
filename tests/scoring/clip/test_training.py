"""Training, export and the parity of both engines; needs the extra ``[clip]``."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring.clip.lesson import PARTS, Lesson
from scoring.clip.ort import OrtEmbedder
from scoring.clip.pixels import normalised
from scoring.clip.weights import WeightsError, opened

pytestmark = pytest.mark.torch
pytest.importorskip("torch", reason="make test-torch installs it")

COLOURS = {"red": (200, 30, 30), "green": (30, 160, 60), "blue": (40, 60, 200)}
ABOUT: dict[str, Any] = {
    "name": "tiny", "licence": "MIT", "source": "a test", "valid_for": ("sketch",),
}  # fmt: skip
ABOUT_IT: dict[str, Any] = {name: value for name, value in ABOUT.items() if name != "name"}


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


def test_open_clips_embedder_and_onnx_runtime_yield_the_same(trained: Path, tmp_path: Path) -> None:
    from scoring.clip.arrival import arrived  # noqa: PLC0415
    from scoring.clip.conversion import converted  # noqa: PLC0415
    from scoring.clip.engines import embedder_of  # noqa: PLC0415
    from scoring.clip.openclip import OpenClipEmbedder  # noqa: PLC0415

    whole = arrived(trained, tmp_path, "tiny", **ABOUT_IT)
    assert isinstance(embedder_of(whole), OpenClipEmbedder)
    dice = np.random.default_rng(3)

    def pictures(count: int, _side: int) -> Any:
        return np.stack([lesson([*COLOURS][at % 3], dice).image for at in range(count)])

    exported, drift = converted(whole.folder, pictures, int8=False)
    assert drift < 1e-4
    assert exported.backbone_id != whole.backbone_id
    assert isinstance(embedder_of(exported), OrtEmbedder)
    one, other = embedder_of(exported), embedder_of(exported, "torch")
    squares = pictures(5, 64)
    assert np.abs(one.images(squares) - other.images(squares)).max() < 1e-4
    assert np.abs(one.texts(["a red sheet"]) - other.texts(["a red sheet"])).max() < 1e-4


def test_an_export_that_drifts_is_refused_and_changes_nothing(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scoring.clip import conversion  # noqa: PLC0415
    from scoring.clip.arrival import arrived  # noqa: PLC0415

    whole = arrived(trained, tmp_path, "tiny", **ABOUT_IT)
    monkeypatch.setattr(conversion, "MOST_DRIFT", -1.0)

    def pictures(count: int, side: int) -> Any:
        return np.random.default_rng(4).integers(0, 255, (count, side, side, 3), np.uint8)

    with pytest.raises(WeightsError, match="drifts by"):
        conversion.converted(whole.folder, pictures, int8=True)
    assert opened(whole.folder).backbone_id == whole.backbone_id
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


def test_tensors_of_another_network_are_refused(trained: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file  # noqa: PLC0415

    from scoring.clip.arrival import arrived  # noqa: PLC0415
    from scoring.clip.engines import embedder_of  # noqa: PLC0415
    from scoring.clip.weights import TENSORS  # noqa: PLC0415

    source = tmp_path / "source"
    shutil.copytree(trained, source)
    state = load_file(source / TENSORS)
    state.pop("text_projection")
    save_file(state, source / TENSORS)
    weights = arrived(source, tmp_path / "in", "tiny", **ABOUT_IT)
    with pytest.raises(WeightsError, match="cannot be loaded"):
        embedder_of(weights).texts(["a red sheet"])


@pytest.mark.parametrize("dims", [(512, 1), (768, 1024, 128, 64, 16, 1)])
def test_laions_files_are_folded_from_tensors_alone(dims: tuple[int, ...], tmp_path: Path) -> None:
    import torch  # noqa: PLC0415

    from scoring.aesthetic import folded  # noqa: PLC0415
    from scoring.clip.heads import V2, _layers, _state  # noqa: PLC0415

    torch.manual_seed(0)
    layers = [torch.nn.Linear(one, two) for one, two in itertools.pairwise(dims)]
    places = V2 if len(layers) > 1 else ("",)
    state = {
        f"{place}.{name}".lstrip("."): value
        for place, layer in zip(places, layers, strict=True)
        for name, value in layer.state_dict().items()
    }
    torch.save(state, tmp_path / "head.pth")
    weight, bias = folded(_layers(_state(tmp_path / "head.pth"))[1])
    rows = torch.nn.functional.normalize(torch.randn(1000, dims[0]), dim=-1)
    with torch.inference_mode():
        said = torch.nn.Sequential(*layers)(rows)[:, 0]
    assert np.abs(rows.double().numpy() @ weight + bias - said.numpy()).max() < 1e-5


def test_a_head_that_would_run_code_is_refused(tmp_path: Path) -> None:
    import pickle  # noqa: PLC0415

    from scoring.clip.heads import _state  # noqa: PLC0415

    (tmp_path / "head.pth").write_bytes(pickle.dumps(print, protocol=2))
    with pytest.raises(WeightsError, match="cannot be read"):
        _state(tmp_path / "head.pth")


def test_open_clips_network_of_seed_zero_says_what_it_always_said() -> None:
    from scoring.clip.selftest import seed_zero  # noqa: PLC0415

    assert seed_zero().startswith("off by")


def test_pairs_of_letters_are_numbered_as_open_clip_does(tmp_path: Path) -> None:
    from scoring.clip.arrival import _worded  # noqa: PLC0415
    from scoring.clip.bpe import MERGES, Pairs  # noqa: PLC0415
    from scoring.clip.torchdoor import open_clip  # noqa: PLC0415

    _worded(tmp_path)
    ours = Pairs.read(tmp_path / MERGES, 77)
    texts = [
        "a diagram", "a photo of a cat's 12 paws!", "", "雪の中の赤い狐", "I'm you've IT'S 3.14",
        "naïve 🦊 & <b>html</b> &amp;amp;", "word " * 200, "x" * 500, "a\tb\n c -- :: {}",
    ]  # fmt: skip
    theirs = open_clip().get_tokenizer("ViT-B-32-quickgelu")(texts).numpy()
    assert np.array_equal(ours.encode(texts), theirs)
