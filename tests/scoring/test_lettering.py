"""The real reader on lettering that was drawn, and on pictures that no reader expects."""

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from domain.errors import PictureError
from domain.seen import Lettering
from scoring import lettering
from scoring.lettering import lettering_of, readable
from tests.scoring.given import png, scene

SIGN = "Fresh coffee daily"


def sign(text: str, size: tuple[int, int] = (768, 768), points: int = 64) -> Image.Image:
    image = Image.new("RGB", size, (235, 225, 205))
    draw = ImageDraw.Draw(image)
    low = (size[0] // 4, size[1] // 2, size[0] * 3 // 4, size[1] * 9 // 10)
    draw.rounded_rectangle(low, 30, fill=(150, 40, 30))
    font = ImageFont.load_default(points)
    draw.multiline_text((size[0] // 12, size[1] // 8), text, (20, 30, 60), font)
    return image


@pytest.fixture
def _reader() -> None:
    pytest.importorskip("rapidocr", reason="make test-torch installs it")


def read(image: Image.Image, *wanted: str, kind: str = "PNG") -> Lettering:
    out = io.BytesIO()
    image.save(out, kind)
    return lettering_of(out.getvalue(), wanted, 0.8)


@pytest.mark.extras
@pytest.mark.usefixtures("_reader")
class TestTheRealReader:
    def test_what_stands_there_is_read_and_what_does_not_is_not(self) -> None:
        found = read(sign(SIGN), SIGN, "Closed on Mondays")
        assert found.likeness[SIGN] == 1.0
        assert found.likeness["Closed on Mondays"] < 0.5
        assert SIGN in found.lines
        assert found.version.startswith("rapidocr-3.")

    def test_lettering_over_two_lines_is_one_text(self) -> None:
        assert read(sign("SUMMER\nSALE 50%", points=90), "SUMMER SALE 50%").likeness == {
            "SUMMER SALE 50%": 1.0
        }

    def test_a_wrong_letter_is_not_letter_by_letter(self) -> None:
        found = read(sign("Fresh cofee daiyl"), SIGN)
        assert 0.7 < found.likeness[SIGN] < 1.0

    def test_a_picture_without_lettering_has_none(self) -> None:
        found = read(scene(), "SALE")
        assert found.likeness["SALE"] < 0.5
        assert not found.lines

    @pytest.mark.parametrize("size", [(2000, 300), (600, 1800)])
    def test_long_and_thin_pictures_are_read(self, size: tuple[int, int]) -> None:
        assert read(sign("Tea room", size, 60), "Tea room").likeness["Tea room"] == 1.0

    def test_transparent_and_cmyk_pictures_are_read(self) -> None:
        see_through = Image.new("RGBA", (600, 300), (0, 0, 0, 0))
        font = ImageFont.load_default(70)
        ImageDraw.Draw(see_through).text((40, 90), "Tea room", (10, 20, 30, 255), font)
        assert read(see_through, "Tea room").likeness["Tea room"] == 1.0
        assert read(sign(SIGN).convert("CMYK"), SIGN, kind="JPEG").likeness[SIGN] == 1.0

    @pytest.mark.parametrize("size", [(1, 1), (4000, 1), (3, 4000), (16, 16), (4000, 20)])
    def test_pictures_too_small_to_read_hold_nothing(self, size: tuple[int, int]) -> None:
        found = read(Image.new("RGB", size, "white"), SIGN)
        assert (found.likeness, found.failed) == ({SIGN: 0.0}, False)

    def test_a_half_downloaded_network_fails_with_a_reason_and_fetches_nothing(
        self, tmp_path: Path
    ) -> None:
        halved(tmp_path)
        code = (
            "import json, sys\nfrom tests.scoring.test_lettering import sign, read\n"
            "import rapidocr\nrapidocr.__file__ = sys.argv[1] + '/x.py'\n"
            "print(json.dumps(read(sign('A'), 'A').model_dump()))"
        )
        asked = [sys.executable, "-c", code, str(tmp_path)]
        said = json.loads(subprocess.run(asked, check=True, capture_output=True).stdout)  # noqa: S603
        assert said["missing"] == "lettering: reading failed"
        assert said["failed"] is True


def halved(folder: Path) -> None:
    """Lay the reader's networks there, one of them cut in the middle."""
    import rapidocr  # noqa: PLC0415

    models = folder / "models"
    shutil.copytree(Path(rapidocr.__file__).parent / "models", models)
    (cut,) = models.glob("*_det_*.onnx")
    cut.write_bytes(cut.read_bytes()[:100_000])


def test_what_the_reader_is_given_is_bounded_and_never_slim() -> None:
    for size in [(5000, 40), (40, 5000), (6000, 4000), (13, 13)]:
        pixels = readable(Image.new("L", size, 128))
        assert pixels is not None
        assert pixels.dtype == np.uint8
        assert max(pixels.shape[:2]) <= 1280
        assert max(pixels.shape[:2]) <= 4 * min(pixels.shape[:2]) + 4
    assert readable(Image.new("RGB", (2000, 2))) is None


def test_sixteen_bits_are_scaled() -> None:
    deep = Image.fromarray(np.full((40, 40), 40_000, np.uint16))
    pixels = readable(deep)
    assert pixels is not None
    assert 150 < int(pixels[20, 20, 0]) < 160


def test_a_file_that_is_no_picture_is_refused() -> None:
    with pytest.raises(PictureError):
        lettering_of(b"not a picture", ("A",), 0.8)


def test_a_reader_that_breaks_is_absent_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(lettering, "_reader", broken)
    found = lettering_of(png(scene()), ("A",), 0.8)
    assert (found.failed, found.missing) == (True, "lettering: reading failed")
    assert not found.likeness
