"""A weights folder says what it is, and anything doubtful in it is refused with a reason."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scoring.clip.ort import OrtEmbedder
from scoring.clip.weights import WeightsError, opened, shipped


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "weights"
    shutil.copytree(shipped(), copy)
    return copy


def test_the_shipped_weights_are_whole_small_and_say_what_they_are_valid_for() -> None:
    weights = opened(shipped())
    assert sum(path.stat().st_size for path in shipped().iterdir()) <= 12_000_000
    assert weights.valid_for("sketch")
    assert not weights.valid_for("openai")
    assert weights.manifest.licence == "CC BY-SA 4.0"
    assert weights.backbone_id.startswith("sketch-small-")


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no weights in"):
        opened(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["image.onnx", "words.txt", "bank.json"])
def test_a_file_that_is_missing_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(WeightsError, match=name):
        opened(folder)


def test_a_half_downloaded_file_is_called_so(folder: Path) -> None:
    data = (folder / "image.onnx").read_bytes()
    (folder / "image.onnx").write_bytes(data[: len(data) // 2])
    with pytest.raises(WeightsError, match="half-downloaded"):
        opened(folder)


@pytest.mark.parametrize("added", [b"", b"more"])
def test_a_file_that_was_changed_is_refused(folder: Path, added: bytes) -> None:
    data = bytearray((folder / "text.onnx").read_bytes())
    data[1000] ^= 1
    (folder / "text.onnx").write_bytes(bytes(data) + added)
    with pytest.raises(WeightsError, match="not the file of its manifest"):
        opened(folder)


def _changed(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    manifest = json.loads((folder / "manifest.json").read_bytes())
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.update(form=2),
        lambda said: said.pop("quick_gelu"),
        lambda said: said.update(dim="many"),
        lambda said: said["files"].update({"../../secret": {"bytes": 1, "sha256": "0" * 64}}),
        lambda said: said.update(surprise=1),
    ],
)
def test_a_foreign_manifest_is_refused(folder: Path, change: Callable[[Any], object]) -> None:
    _changed(folder, change)
    with pytest.raises(WeightsError, match="no manifest of ours"):
        opened(folder)


def test_what_is_no_json_is_refused(folder: Path) -> None:
    (folder / "manifest.json").write_bytes(b"\xff\xfenot json")
    with pytest.raises(WeightsError, match="no manifest of ours"):
        opened(folder)


@pytest.mark.parametrize(("name", "value"), [("quick_gelu", True), ("dim", 512), ("side_px", 224)])
def test_another_network_than_the_manifest_speaks_of_is_refused(
    folder: Path, name: str, value: object
) -> None:
    _changed(folder, lambda said: said.update({name: value}))
    with pytest.raises(WeightsError, match=r"in open_clip_config\.json and"):
        opened(folder)


def test_a_network_that_is_none_is_refused_when_it_is_loaded(folder: Path) -> None:
    from scoring.clip.weights import sealed, stored  # noqa: PLC0415

    (folder / "text.onnx").write_bytes(b"no network")
    said = json.loads((folder / "manifest.json").read_bytes())
    sealed(folder, **{name: said[name] for name in said if name not in {"form", "files"}})
    assert stored(folder / "text.onnx").bytes == 10
    with pytest.raises(WeightsError, match="cannot be loaded"):
        OrtEmbedder(opened(folder)).texts(["a fox"])
