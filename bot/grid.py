"""The numbered grid that goes into a chat: reading order, scores and verdicts drawn on the tiles.

Top-level functions for the pixel pool; imports nothing but Pillow and the domain.
"""

import functools
import io
from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from domain.errors import PictureError
from domain.picture import MAX_VENDOR_BYTES, Picture
from domain.record import Record
from domain.run import Verdict
from pipeline.present import columns

MAX_BYTES: Final = 10_000_000
"""Discord takes 10 MiB without a boost, and no chat client shows more to anyone's advantage."""
TILE_PX: Final = 768
"""The long side of a tile: four of them are as sharp as a chat client shows, and half the work."""
GAP_PX: Final = 12
PAPER: Final = (247, 246, 243)
INK: Final = (23, 21, 28)
WHITE: Final = (255, 255, 255)
QUIET: Final = (98, 94, 106)
"""Grey text: 6:1 on the paper."""
COLOURS: Final[dict[Verdict, tuple[int, int, int]]] = {
    "pass": INK,
    "review": (138, 75, 0),
    "reject": (158, 27, 44),
}
"""The number's ground by verdict; white on each has a contrast of at least 6:1."""
WORDS: Final[dict[Verdict, str]] = {"pass": "", "review": "review", "reject": "rejected"}
DIMMED: Final = 0.35
"""How much of a rejected picture is left."""
QUALITIES: Final = (92, 85, 75, 60, 40)

DRAWN: Final = str.maketrans({"–": "−", "—": "−", "×": "x", "→": ">", "“": '"', "”": '"'})
"""Signs that the font does not have, and what is drawn for them."""

Colour = tuple[int, int, int]


class GridTile(Record):
    """One tile: a picture with its figures, or the words why there is none."""

    number: int
    data: bytes | None
    """The picture's bytes; None: it was not made."""
    caption: str = ""
    verdict: Verdict = "pass"
    note: str = ""
    """The first reason, shown where the verdict is not a pass."""


def draw_grid(tiles: Sequence[GridTile], *, max_bytes: int = MAX_BYTES) -> bytes:
    """Draw the tiles in reading order; PNG if it fits, else JPEG, never over *max_bytes*."""
    pictures = [_opened(tile) for tile in tiles]
    size = _tile_size(pictures)
    wide = columns(len(tiles), landscape=size[0] > size[1])
    high = -(-len(tiles) // wide)
    total = (wide * (size[0] + GAP_PX) + GAP_PX, high * (size[1] + GAP_PX) + GAP_PX)
    sheet = Image.new("RGB", total, PAPER)
    for place, (tile, picture) in enumerate(zip(tiles, pictures, strict=True)):
        row, column = divmod(place, wide)
        corner = (GAP_PX + column * (size[0] + GAP_PX), GAP_PX + row * (size[1] + GAP_PX))
        _draw_tile(sheet, tile, picture, corner, size)
    return encoded(sheet, max_bytes)


def encoded(sheet: Image.Image, max_bytes: int) -> bytes:
    """Encode as PNG, or as the best JPEG that fits; as a last resort smaller."""
    out = io.BytesIO()
    sheet.save(out, "PNG", compress_level=1)
    for quality in QUALITIES:
        if out.tell() <= max_bytes:
            return out.getvalue()
        out = io.BytesIO()
        sheet.save(out, "JPEG", quality=quality)
    if out.tell() <= max_bytes:
        return out.getvalue()
    half = (max(1, sheet.width // 2), max(1, sheet.height // 2))
    return encoded(sheet.resize(half), max_bytes)


def grid_alt(brief: str, tiles: Sequence[GridTile]) -> str:
    """Describe the grid in words: what it shows, and which tiles are not a pass."""
    count = "One picture" if len(tiles) == 1 else f"{len(tiles)} pictures"
    said = [f"#{tile.number} {WORDS[tile.verdict]}" for tile in tiles if WORDS[tile.verdict]]
    return f"{count}: {brief}. {', '.join(said)}".strip(" .")[:1000]


def _opened(tile: GridTile) -> Image.Image | None:
    if tile.data is None:
        return None
    try:
        return Picture.open(tile.data, max_bytes=MAX_VENDOR_BYTES).image
    except PictureError:
        return None  # a damaged file is drawn as a tile with words, and fails nothing else


def _tile_size(pictures: Sequence[Image.Image | None]) -> tuple[int, int]:
    """Return the size that all tiles have: the first picture's shape."""
    first = next((one for one in pictures if one is not None), None)
    if first is None:
        return TILE_PX, TILE_PX
    scale = TILE_PX / max(first.size)
    return max(160, round(first.width * scale)), max(160, round(first.height * scale))


def _draw_tile(
    sheet: Image.Image,
    tile: GridTile,
    picture: Image.Image | None,
    corner: tuple[int, int],
    size: tuple[int, int],
) -> None:
    if picture is None:
        _draw_words(sheet, tile.note or "not made", corner, size)
    else:
        shown = _fitted(picture, size)
        if tile.verdict == "reject":
            shown = Image.blend(Image.new("RGB", size, PAPER), shown, DIMMED)
        sheet.paste(shown, corner)
    _draw_badge(sheet, tile, corner, size, captioned=picture is not None)


def _fitted(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Fill the tile; a picture of another shape stands whole on paper."""
    rgb = _on_paper(picture)
    if rgb.size == size:
        return rgb
    scale = min(size[0] / rgb.width, size[1] / rgb.height)
    inner = (max(1, round(rgb.width * scale)), max(1, round(rgb.height * scale)))
    smaller = rgb.resize(inner, Image.Resampling.BICUBIC, reducing_gap=2.0)
    if inner == size:
        return smaller
    ground = Image.new("RGB", size, PAPER)
    ground.paste(smaller, ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2))
    return ground


def _on_paper(picture: Image.Image) -> Image.Image:
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        ground = Image.new("RGBA", clear.size, PAPER)
        return Image.alpha_composite(ground, clear).convert("RGB")
    return picture.convert("RGB")


def _draw_words(
    sheet: Image.Image, words: str, corner: tuple[int, int], size: tuple[int, int]
) -> None:
    draw = ImageDraw.Draw(sheet)
    left, top = corner
    box = (left, top, left + size[0] - 1, top + size[1] - 1)
    draw.rounded_rectangle(box, radius=12, outline=(222, 219, 212), width=2)
    middle = (left + size[0] // 2, top + size[1] // 2)
    draw.text(middle, _cut(words, size[0] - 40, 26), fill=QUIET, font=_font(26), anchor="mm")


def _draw_badge(
    sheet: Image.Image,
    tile: GridTile,
    corner: tuple[int, int],
    size: tuple[int, int],
    *,
    captioned: bool,
) -> None:
    """Draw the number on its disc, and beside it on a white pill what was measured and said."""
    draw = ImageDraw.Draw(sheet)
    disc = min(60, size[1] // 3)
    left, top = corner[0] + 14, corner[1] + size[1] - disc - 14
    words = _badge_words(tile) if captioned else ""
    colour = COLOURS[tile.verdict] if captioned else QUIET
    if words:
        text = round(disc * 0.48)
        room = size[0] - disc - 70
        shown = _cut(words, room, text)
        right = left + disc + 14 + round(_font(text).getlength(shown)) + 18
        draw.rounded_rectangle((left, top, right, top + disc), radius=disc // 2, fill=WHITE)
        at = (left + disc + 12, top + disc // 2)
        draw.text(at, shown, fill=colour if tile.verdict != "pass" else INK, font=_font(text),
                  anchor="lm")  # fmt: skip
    draw.ellipse((left, top, left + disc, top + disc), fill=WHITE)
    draw.ellipse((left + 4, top + 4, left + disc - 4, top + disc - 4), fill=colour)
    middle = (left + disc // 2, top + disc // 2)
    number = _font(round(disc * 0.56))
    draw.text(middle, str(tile.number), fill=WHITE, font=number, anchor="mm")


def _badge_words(tile: GridTile) -> str:
    said = ": ".join(part for part in (WORDS[tile.verdict], tile.note) if part)
    return " · ".join(part for part in (tile.caption, said) if part)


def _cut(text: str, width_px: int, size_px: int) -> str:
    """Cut text to what fits into a width."""
    text = text.translate(DRAWN)
    font = _font(size_px)
    if font.getlength(text) <= width_px:
        return text
    while text and font.getlength(f"{text}…") > width_px:
        text = text[:-1]
    return f"{text.rstrip()}…"


@functools.lru_cache(maxsize=16)
def _font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    # Aileron, which Pillow brings along.
    return ImageFont.load_default(size_px)
