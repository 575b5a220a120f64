"""Foreign bytes become pixels in one place, which refuses what is hostile and keeps only pixels."""

import hashlib
import io

import pytest
from PIL import Image, PngImagePlugin

from domain.errors import PictureError
from domain.picture import (
    MAX_PIXELS,
    MAX_SIDE_PX,
    Picture,
    cleaned,
    digest_of,
    inspect,
)
from tests.domain.pictures import SVG, animated, encoded, plain, png_claiming, trailing


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")],
)
def test_png_jpeg_and_webp_are_opened(kind: str, media_type: str) -> None:
    data = plain(kind)
    picture = Picture.open(data)
    assert (picture.width_px, picture.height_px) == (16, 12)
    assert picture.media_type == media_type
    assert picture.size_bytes == len(data)
    assert picture.digest == hashlib.sha256(data).hexdigest() == digest_of(data)


HOSTILE = {
    "nothing": b"",
    "words": b"not a picture at all",
    "svg": SVG,
    "html": b"<!doctype html><img src=x onerror=alert(1)>",
    "gif": plain("GIF"),
    "animated gif": animated("GIF"),
    "bmp": plain("BMP"),
    "tiff": plain("TIFF"),
    "pdf": b"%PDF-1.7\n" + plain(),
    "gif and script": b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)",
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "truncated png": plain(size=(300, 300))[:-200],
    "half a jpeg": plain("JPEG", size=(300, 300))[:400],
    "half a webp": plain("WEBP", size=(300, 300))[:40],
    "header only": b"\x89PNG\r\n\x1a\n",
    "animated png": animated("PNG"),
    "animated webp": animated("WEBP"),
    "bomb": png_claiming(60_000, 60_000),
    "small bomb": png_claiming(8_000, 8_000),
    "no size": png_claiming(0, 10),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_or_no_picture_is_refused_with_a_hint(name: str) -> None:
    with pytest.raises(PictureError) as refused:
        Picture.open(HOSTILE[name])
    assert refused.value.message
    assert refused.value.hint


def test_a_bomb_is_refused_by_its_header_before_it_is_decoded() -> None:
    with pytest.raises(PictureError, match=r"60000|bomb"):
        Picture.open(png_claiming(60_000, 60_000))


@pytest.mark.parametrize("size", [(MAX_SIDE_PX + 1, 1), (1, MAX_SIDE_PX + 1), (7000, 7000)])
def test_a_side_or_an_area_over_the_limit_is_refused_with_the_limit(size: tuple[int, int]) -> None:
    with pytest.raises(PictureError, match=f"{size[0]}×{size[1]}") as refused:
        Picture.open(png_claiming(*size))
    assert str(MAX_SIDE_PX) in refused.value.hint
    assert str(MAX_PIXELS // 10**6) in refused.value.hint


def test_too_many_bytes_are_refused_before_anything_is_read() -> None:
    with pytest.raises(PictureError, match="at most 100"):
        Picture.open(b"\0" * 101, max_bytes=100)


def test_one_pixel_is_a_picture() -> None:
    assert inspect(plain(size=(1, 1))).width_px == 1


def test_inspect_decodes_the_whole_picture() -> None:
    facts = inspect(plain("WEBP", size=(30, 20)))
    assert (facts.media_type, facts.width_px, facts.height_px) == ("image/webp", 30, 20)
    with pytest.raises(PictureError):
        inspect(plain(size=(300, 300))[:-200])


# --- cleaned: nothing of a file but its pixels ---


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def test_cleaning_drops_text_profiles_and_what_stands_behind_the_end() -> None:
    said = PngImagePlugin.PngInfo()
    said.add_text("parameters", "secret prompt")
    source = encoded(Image.new("RGB", (9, 9), "red"), pnginfo=said, icc_profile=b"secret profile")
    clean = cleaned(trailing(source))
    assert b"secret" not in clean
    assert b"script" not in clean
    assert clean.endswith(b"IEND\xaeB`\x82")
    assert opened(clean).info == {}


def test_cleaning_drops_where_a_photo_was_taken_and_turns_it_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010E] = "home address"
    photo = encoded(Image.new("RGB", (40, 20), "red"), "JPEG", exif=exif)
    clean = cleaned(photo)
    assert opened(clean).size == (20, 40)
    assert b"home address" not in clean
    assert not opened(clean).getexif()


def test_damaged_exif_costs_no_picture() -> None:
    photo = encoded(Image.new("RGB", (40, 20), "red"), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff")
    assert opened(cleaned(photo)).size == (40, 20)


def test_cleaning_the_same_pixels_gives_the_same_bytes() -> None:
    assert cleaned(plain()) == cleaned(trailing(plain()))
    assert cleaned(cleaned(plain())) == cleaned(plain())


def test_cmyk_becomes_rgb() -> None:
    image = opened(cleaned(encoded(Image.new("CMYK", (4, 4), (0, 255, 255, 0)), "JPEG")))
    red, green, blue = image.convert("RGB").getpixel((1, 1))  # type: ignore[misc]  # RGB: three
    assert image.mode == "RGB"
    assert red > 240
    assert max(green, blue) < 20


def test_sixteen_bits_are_scaled_not_clipped() -> None:
    deep = Image.new("I;16", (3, 1))
    for x, value in enumerate((65535, 32768, 300)):
        deep.putpixel((x, 0), value)
    clean = opened(cleaned(encoded(deep))).convert("L")
    assert [clean.getpixel((x, 0)) for x in range(3)] == [255, 128, 1]


@pytest.mark.parametrize(
    ("mode", "kept"), [("RGBA", "RGBA"), ("LA", "RGBA"), ("L", "RGB"), ("1", "RGB"), ("P", "RGB")]
)
def test_alpha_is_kept_where_there_is_any(mode: str, kept: str) -> None:
    assert opened(cleaned(encoded(Image.new(mode, (5, 5))))).mode == kept


def test_a_palette_with_a_transparent_colour_keeps_it() -> None:
    assert opened(cleaned(encoded(Image.new("P", (5, 5)), transparency=0))).mode == "RGBA"
