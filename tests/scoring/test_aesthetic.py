"""A folded head says what its layers said, and only of the weights it was folded for."""

from pathlib import Path

import numpy as np
import pytest

from scoring.aesthetic import Head, Origin, folded
from scoring.clip.weights import WeightsError

DICE = np.random.default_rng(5)
SHAPES = {
    "v1 of B/32": [(1, 512)],
    "v1 of L/14": [(1, 768)],
    "v2": [(1024, 768), (128, 1024), (64, 128), (16, 64), (1, 16)],
}


def layers(name: str) -> list[tuple[np.ndarray, np.ndarray]]:
    return [
        (
            (DICE.normal(size=shape) / np.sqrt(shape[1])).astype(np.float32),
            DICE.normal(size=shape[0]).astype(np.float32),
        )
        for shape in SHAPES[name]
    ]


def head(backbone_id: str = "b", name: str = "aesthetic_v1", dim: int = 8) -> Head:
    origin = Origin(name=name, backbone_id=backbone_id, source_sha256="a" * 64)
    return Head(origin, np.arange(dim) / 10.0, 5.0)


@pytest.mark.parametrize("name", SHAPES)
def test_a_fold_says_what_the_layers_say(name: str) -> None:
    many = layers(name)
    weight, bias = folded(many)
    rows = DICE.normal(size=(200, len(weight)))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    said = rows
    for matrix, offset in many:
        said = said @ matrix.astype(np.float64).T + offset
    assert np.abs(rows @ weight + bias - said[:, 0]).max() < 1e-6


def test_layers_that_do_not_fit_or_end_in_several_figures_are_refused() -> None:
    many = layers("v2")
    with pytest.raises(WeightsError, match="do not fit"):
        folded([many[0], many[2]])
    with pytest.raises(WeightsError, match="128 figures"):
        folded(many[:2])


def test_a_stored_head_says_the_same(tmp_path: Path) -> None:
    head().write(tmp_path / "aesthetic_v1.npz")
    again = Head.read(tmp_path / "aesthetic_v1.npz", "b")
    row = np.zeros(8, np.float32)
    row[3] = 1.0
    assert again.score(row) == head().score(row) == pytest.approx(5.3)
    assert again.version == "aesthetic_v1:aaaaaaaa"


def test_a_foreign_backbone_is_refused(tmp_path: Path) -> None:
    head("vit-l-14-openai").write(tmp_path / "aesthetic_v1.npz")
    with pytest.raises(WeightsError, match="was folded for vit-l-14-openai, not for laion-2b"):
        Head.read(tmp_path / "aesthetic_v1.npz", "laion-2b")
    with pytest.raises(WeightsError, match="takes 8 figures"):
        head().score(np.zeros(9, np.float32))


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04 half"])
def test_what_is_no_head_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "aesthetic_v2.npz").write_bytes(data)
    with pytest.raises(WeightsError, match="no folded head"):
        Head.read(tmp_path / "aesthetic_v2.npz", "b")


def test_a_head_that_holds_no_figures_is_refused(tmp_path: Path) -> None:
    origin = head().origin
    Head(origin, np.array([np.nan]), 1.0).write(tmp_path / "aesthetic_v1.npz")
    with pytest.raises(WeightsError, match="no direction"):
        Head.read(tmp_path / "aesthetic_v1.npz", "b")
