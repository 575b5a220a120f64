"""Weights from a file: whole and named, or not there at all."""

import json
import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest

from scoring.clip.arrival import arrived
from scoring.clip.weights import MANIFEST, WeightsError, opened, shipped

TOLD = {"licence": "MIT", "source": "a test", "valid_for": ("*",)}


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """Return weights as others hand them out: without a manifest of ours."""
    folder = tmp_path / "bare"
    shutil.copytree(shipped(), folder)
    (folder / MANIFEST).unlink()
    return folder


def packed(folder: Path, kind: str) -> Path:
    path = folder.with_name(f"weights.{kind}")
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for one in folder.iterdir():
                archive.write(one, f"top/{one.name}")
    else:
        with tarfile.open(path, "w:gz") as archive:
            archive.add(folder, "top")
    return path


@pytest.mark.parametrize("kind", ["folder", "zip", "tar.gz"])
def test_a_folder_or_archive_is_there_whole(tmp_path: Path, bare: Path, kind: str) -> None:
    source = bare if kind == "folder" else packed(bare, kind)
    told: list[tuple[str, int, int]] = []
    weights = arrived(source, tmp_path / "in", "ours", lambda *one: told.append(one), **TOLD)
    assert weights.folder == tmp_path / "in" / "ours"
    assert opened(weights.folder).backbone_id == weights.backbone_id
    assert weights.manifest.licence == "MIT"
    assert not weights.manifest.quick_gelu
    assert {done for name, done, of in told if done == of}
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["ours"]


def test_a_folder_with_a_manifest_keeps_what_it_says(tmp_path: Path) -> None:
    weights = arrived(shipped(), tmp_path, "ours")
    assert weights.backbone_id == opened(shipped()).backbone_id


def test_weights_of_that_name_are_never_written_over(tmp_path: Path, bare: Path) -> None:
    arrived(bare, tmp_path / "in", "ours", **TOLD)
    with pytest.raises(WeightsError, match="already"):
        arrived(bare, tmp_path / "in", "ours", **TOLD)


@pytest.mark.parametrize("name", ["../out", "", "Größe", ".hidden"])
def test_a_name_that_is_a_path_is_refused(tmp_path: Path, bare: Path, name: str) -> None:
    with pytest.raises(WeightsError, match="no name for weights"):
        arrived(bare, tmp_path / "in", name, **TOLD)


def test_a_half_downloaded_archive_leaves_nothing(tmp_path: Path, bare: Path) -> None:
    path = packed(bare, "tar.gz")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(WeightsError, match="half-downloaded"):
        arrived(path, tmp_path / "in", "ours", **TOLD)
    assert not [*(tmp_path / "in").iterdir()]


def test_a_half_downloaded_file_of_a_manifest_leaves_nothing(tmp_path: Path) -> None:
    source = tmp_path / "half"
    shutil.copytree(shipped(), source)
    data = (source / "image.onnx").read_bytes()
    (source / "image.onnx").write_bytes(data[:1000])
    with pytest.raises(WeightsError, match="half-downloaded"):
        arrived(source, tmp_path / "in", "ours")
    assert not [*(tmp_path / "in").iterdir()]


def test_what_is_no_archive_or_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"no archive")
    with pytest.raises(WeightsError, match="neither a folder nor"):
        arrived(tmp_path / "x.bin", tmp_path / "in", "ours", **TOLD)
    with pytest.raises(WeightsError, match="cannot take"):
        arrived(tmp_path / "nowhere.zip", tmp_path / "in", "ours", **TOLD)
    (tmp_path / "empty").mkdir()
    with pytest.raises(WeightsError, match=r"no open_clip_config\.json"):
        arrived(tmp_path / "empty", tmp_path / "in", "ours", **TOLD)


def test_openai_weights_with_the_wrong_gelu_are_refused(tmp_path: Path, bare: Path) -> None:
    with pytest.raises(WeightsError, match="trained with QuickGELU"):
        arrived(bare, tmp_path / "in", "vit-b-32-openai", **TOLD)
    with pytest.raises(WeightsError, match="GELU, not QuickGELU"):
        arrived(bare, tmp_path / "in", "ours", quick_gelu=True, **TOLD)


def test_a_network_from_elsewhere_is_refused(tmp_path: Path, bare: Path) -> None:
    config = json.loads((bare / "open_clip_config.json").read_bytes())
    config["model_cfg"]["text_cfg"]["hf_model_name"] = "x/y"
    (bare / "open_clip_config.json").write_text(json.dumps(config), "utf-8")
    with pytest.raises(WeightsError, match="only open_clip's own"):
        arrived(bare, tmp_path / "in", "ours", **TOLD)


def test_words_of_another_network_are_refused(tmp_path: Path, bare: Path) -> None:
    (bare / "words.txt").write_text("one\ntwo", "utf-8")
    with pytest.raises(WeightsError, match=r"words\.txt has 4 numbers"):
        arrived(bare, tmp_path / "in", "ours", **TOLD)
