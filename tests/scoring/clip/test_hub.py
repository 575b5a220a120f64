"""Weights from a hub: whole whatever happens on the way, and never from one that lies."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scoring.clip.hub import pulled
from scoring.clip.weights import MANIFEST, TENSORS, Weights, WeightsError, opened, shipped
from tests.vendors.hub import COMMIT, Hub, playing

MODEL = "someone/small-clip"


@pytest.fixture
def hub() -> Iterator[Hub]:
    files = {path.name: path.read_bytes() for path in shipped().iterdir()}
    files.pop(MANIFEST)
    files[TENSORS] = bytes(range(256)) * 2000
    with playing(Hub(MODEL, files)) as served:
        yield served


def pull(hub: Hub, into: Path, model: str = MODEL, name: str = "small") -> Weights:
    return pulled(hub.url, model, into, name, lambda *_told: None)


def test_what_is_pulled_is_whole_and_says_where_it_is_from(hub: Hub, tmp_path: Path) -> None:
    weights = pull(hub, tmp_path)
    assert opened(tmp_path / "small").backbone_id == weights.backbone_id
    assert weights.manifest.licence == "mit"
    assert weights.manifest.source == f"{MODEL}, commit {COMMIT[:12]}"
    assert (weights.folder / TENSORS).read_bytes() == hub.files[TENSORS]
    assert [path.name for path in tmp_path.iterdir()] == ["small"]


def test_a_cut_connection_is_resumed_where_it_ended(hub: Hub, tmp_path: Path) -> None:
    del hub.files["image.onnx"], hub.files["text.onnx"]
    hub.cut_after = [150_000, 200_000]
    pull(hub, tmp_path)
    ranges = [told for path, told in hub.asked if path.endswith(TENSORS)]
    assert ranges == ["", "bytes=150000-", "bytes=350000-"]


def test_a_hub_that_does_not_know_ranges_is_asked_for_all_again(hub: Hub, tmp_path: Path) -> None:
    hub.knows_range = False
    hub.cut_after = [50_000]
    assert pull(hub, tmp_path).manifest.files[TENSORS].bytes == 512_000


def test_what_was_fetched_is_kept_for_the_next_try(hub: Hub, tmp_path: Path) -> None:
    del hub.files["image.onnx"], hub.files["text.onnx"]
    hub.cut_after = [50_000] + [0] * 9
    with pytest.raises(WeightsError, match="half-downloaded: 50000 of 512000"):
        pull(hub, tmp_path)
    assert not (tmp_path / "small").exists()
    hub.cut_after = []
    hub.asked.clear()
    pull(hub, tmp_path)
    assert [told for path, told in hub.asked if path.endswith(TENSORS)] == ["bytes=50000-"]


@pytest.mark.parametrize("data", [b"\0" * 512_000, b"\1" * 512_001])
def test_other_bytes_than_promised_are_refused(hub: Hub, tmp_path: Path, data: bytes) -> None:
    hub.promised[TENSORS] = hub.files[TENSORS]
    hub.files[TENSORS] = data
    with pytest.raises(WeightsError, match="other bytes"):
        pull(hub, tmp_path)
    assert not (tmp_path / "small").exists()


def test_a_small_file_of_other_bytes_is_refused(hub: Hub, tmp_path: Path) -> None:
    hub.promised["words.txt"] = hub.files["words.txt"]
    hub.files["words.txt"] = hub.files["words.txt"].upper()
    with pytest.raises(WeightsError, match=r"other bytes for words\.txt"):
        pull(hub, tmp_path)


def test_what_the_hub_has_not_is_said(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="404"):
        pull(hub, tmp_path, "someone/else")
    with pytest.raises(WeightsError, match="no model of a hub"):
        pull(hub, tmp_path, "../../etc")
    del hub.files[TENSORS]
    with pytest.raises(WeightsError, match="not in open_clip's own form"):
        pull(hub, tmp_path)


def test_a_hub_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="does not answer"):
        pulled("http://127.0.0.1:9", MODEL, tmp_path, "small", lambda *_told: None)
