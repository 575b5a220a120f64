"""Make the pictures of the README from real runs: ``python tools/pictures.py``."""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
LINE = "imagine a red fox :: in the snow at dusk :: wide shot :: ink and wash :: text --seed 7"


async def draw_grid(target: Path) -> None:
    """Run the README's line and keep its grid."""
    from bot.app import open_app
    from bot.handler import Said
    from config.settings import load
    from domain.command import Person, Place

    with tempfile.TemporaryDirectory() as folder:
        settings = load("", {"AI_HANDLER_DATA_DIR": folder})
        person = Person(surface="console", workspace="local", id="Ana", name="Ana")
        place = Place(surface="console", workspace="local", channel="main")
        async with open_app(settings) as app:
            answer = await app.handler.say(Said(line=LINE, person=person, place=place))
            if answer.run is None:
                raise SystemExit("no run was made")
            run = await app.ended(answer.run.id)
            found = app.artifacts.find(run.grid) if run.grid else None
            if found is None:
                raise SystemExit(f"no grid: {run.error}")
            await asyncio.to_thread(_shrunk, found, target)


def _shrunk(source: Path, target: Path) -> None:
    from PIL import Image

    target.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(source) as image:
        image.thumbnail((1200, 1200))
        image.convert("RGB").quantize(256).save(target.with_suffix(".png"), optimize=True)


if __name__ == "__main__":
    shutil.rmtree(ROOT / "docs/images", ignore_errors=True)
    asyncio.run(draw_grid(ROOT / "docs/images/grid.png"))
