"""The grid beside the same paste and encode in bare Pillow: alternating rounds in one process."""

import io
import statistics
import time
from collections.abc import Callable

from PIL import Image

from benchmarks.pixels import scene
from bot.grid import GAP_PX, TILE_PX, GridTile, draw_grid

ROUNDS = 12
TARGET = 1.2


def main() -> None:
    pictures = [scene(seed) for seed in range(4)]
    tiles = [
        GridTile(number=number, data=data, caption="fit – · sharp 212")
        for number, data in enumerate(pictures, 1)
    ]
    ours, bare = [], []
    draw_grid(tiles)
    for _ in range(ROUNDS):
        ours.append(_cpu_s(lambda: draw_grid(tiles)))
        bare.append(_cpu_s(lambda: _bare(pictures)))
    ratio = statistics.median(ours) / statistics.median(bare)
    print(f"grid of 4 × 1024²    {statistics.median(ours) * 1000:.0f} ms CPU")
    print(f"bare Pillow          {statistics.median(bare) * 1000:.0f} ms CPU")
    print(
        f"ratio                {ratio:.2f}× (target {TARGET}: {'ok' if ratio <= TARGET else 'over'})"
    )


def _bare(pictures: list[bytes]) -> bytes:
    """What nobody could leave out: decode, shrink, paste, encode."""
    side = 2 * TILE_PX + 3 * GAP_PX
    sheet = Image.new("RGB", (side, side))
    for place, data in enumerate(pictures):
        image = Image.open(io.BytesIO(data)).convert("RGB")
        small = image.resize((TILE_PX, TILE_PX), Image.Resampling.BICUBIC, reducing_gap=2.0)
        row, column = divmod(place, 2)
        sheet.paste(small, (GAP_PX + column * TILE_PX, GAP_PX + row * TILE_PX))
    out = io.BytesIO()
    sheet.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _cpu_s(call: Callable[[], object]) -> float:
    began = time.process_time()
    call()
    return time.process_time() - began
