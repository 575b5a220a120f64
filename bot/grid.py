"""The numbered grid that goes into a chat: reading order, scores and verdicts drawn on the tiles.

Top-level functions for the pixel pool; imports nothing but Pillow, numpy and pure rooms.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image

from bot.labels import COLOURS, PAPER, QUIET, WORDS, Type, draw_badge, draw_words
from domain.errors import PictureError
from domain.picture import MAX_VENDOR_BYTES, Picture
from domain.record import Record
from domain.run import Verdict
from pipeline.tiles import columns
from scoring.pixels import flattened

MAX_BYTES: Final = 10_000_000
"""Discord takes 10 MiB without a boost, and no chat client shows more to anyone's advantage."""
TILE_PX: Final = 768
"""The long side of a tile: four of them are as sharp as a chat client shows, and half the work."""
MIN_TILE_PX: Final = 160
"""The short side of a tile, however long and thin the pictures are."""
GAP_PX: Final = 12
DIMMED: Final = 0.35
"""How much of a rejected picture is left."""
QUALITIES: Final = (92, 85, 75, 60, 40)
SMALLEST_PX: Final = 16


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A picture at the size of a tile, decoded: RGB, 8 bits, row by row."""

    size: tuple[int, int]
    rgb: bytes

    def image(self) -> Image.Image:
        """Return it as a picture whose pixels may be written to."""
        return Image.frombytes("RGB", self.size, self.rgb)


class GridTile(Record):
    """One tile: a picture with its figures, or the words why there is none."""

    number: int
    label: str = ""
    """Drawn in place of the number."""
    data: bytes | None
    """The picture's bytes; None: it was not made, or *shrunk* is there."""
    shrunk: Shrunk | None = None
    """The picture already decoded, which saves that work."""
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
    scale = Type.of(
        total[0], size, (line for tile in tiles if _made(tile) for line in _lines(tile))
    )
    for place, (tile, picture) in enumerate(zip(tiles, pictures, strict=True)):
        row, column = divmod(place, wide)
        corner = (GAP_PX + column * (size[0] + GAP_PX), GAP_PX + row * (size[1] + GAP_PX))
        _draw_tile(sheet, tile, picture, corner, size, scale=scale)
    return encoded(sheet, max_bytes)


def encoded(sheet: Image.Image, max_bytes: int) -> bytes:
    """Encode as PNG, or as the best JPEG that fits; as a last resort smaller.

    Raises:
        PictureError: Not even a grid the size of a stamp fits into *max_bytes*.
    """
    for data in _encodings(sheet):
        if len(data) <= max_bytes:
            return data
    raise PictureError(f"no grid fits into {max_bytes} bytes")


def _encodings(sheet: Image.Image) -> Iterator[bytes]:
    """Yield ever smaller files of one picture; each is made only when it is asked for."""
    yield _saved(sheet, "PNG", compress_level=1)
    while min(sheet.size) >= SMALLEST_PX:
        for quality in QUALITIES:
            yield _saved(sheet, "JPEG", quality=quality)
        sheet = sheet.resize((sheet.width // 2, sheet.height // 2), reducing_gap=2.0)


def _saved(sheet: Image.Image, kind: str, **options: int) -> bytes:
    out = io.BytesIO()
    sheet.save(out, kind, **options)
    return out.getvalue()


def shrunken(image: Image.Image) -> Shrunk:
    """Return a picture as its tile shows it: on paper, its long side that of a tile."""
    scale = TILE_PX / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    rgb = flattened(image, PAPER)
    if rgb.size != size:
        rgb = rgb.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    return Shrunk(size, rgb.tobytes())


def _made(tile: GridTile) -> bool:
    return tile.data is not None or tile.shrunk is not None


def _opened(tile: GridTile) -> Image.Image | None:
    if tile.shrunk is not None:
        return tile.shrunk.image()
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
    width, height = round(first.width * scale), round(first.height * scale)
    return max(MIN_TILE_PX, width), max(MIN_TILE_PX, height)


def _draw_tile(
    sheet: Image.Image,
    tile: GridTile,
    picture: Image.Image | None,
    corner: tuple[int, int],
    size: tuple[int, int],
    *,
    scale: Type,
) -> None:
    box = (*corner, corner[0] + size[0], corner[1] + size[1])
    if picture is None:
        damaged = "the file is damaged" if _made(tile) else "not made"
        draw_words(sheet, tile.note or damaged, box, scale)
        draw_badge(sheet, tile.number, QUIET, (), tile=box, scale=scale)
        return
    shown = _fitted(picture, size)
    if tile.verdict == "reject":
        shown = Image.blend(Image.new("RGB", size, PAPER), shown, DIMMED)
    sheet.paste(shown, corner)
    badge = tile.label or tile.number
    draw_badge(sheet, badge, COLOURS[tile.verdict], _lines(tile), tile=box, scale=scale)


def _lines(tile: GridTile) -> list[str]:
    """Return what stands beside the number: verdict and scores, and below them why."""
    first = " · ".join(part for part in (WORDS[tile.verdict], tile.caption) if part)
    return [first, tile.note] if tile.note and tile.verdict != "pass" else [first]


def _fitted(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Fill the tile; a picture of another shape stands whole on paper."""
    rgb = flattened(picture, PAPER)
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
