"""Make the pictures of the README and of every page: ``python tools/pictures.py [FOLDER]``.

A real service on a believable log (``tools/filled.py``), seen by a real browser in both themes.
"""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402  after our own rooms are found by the line above
from playwright.async_api import async_playwright  # noqa: E402

from bot.app import App  # noqa: E402
from bot.console.server import serve  # noqa: E402
from bot.opening import open_app  # noqa: E402
from domain.run import Run  # noqa: E402
from tools.filled import fill, settings_in  # noqa: E402

README = ROOT / "docs/images"
KEPT = {
    "thread-light": "chat",
    "review-dark": "review",
    "gallery-light": "gallery",
    "compare-light": "compare",
    "templates-light": "library",
}
"""Which pictures the README shows."""
WIDE, PHONE = (1360, 940), (390, 844)


async def main(folder: Path) -> None:
    """Fill a log, look at each page, keep what the README shows."""
    with tempfile.TemporaryDirectory() as data:
        async with open_app(settings_in(Path(data))) as app:
            await app.pixels.warm()  # the first card shows the time that every other one takes
            runs = await fill(app)
            await _grid(app, runs[0])
            up: asyncio.Future[str] = asyncio.get_running_loop().create_future()
            serving = serve(app, host="127.0.0.1", port=0, token="", ready=up.set_result)
            task = asyncio.create_task(serving)
            await _look(await up, _pages(runs), folder)
            task.cancel()
            await asyncio.wait((task,))


def _pages(runs: list[Run]) -> dict[str, str]:
    fox, edited = runs[0], runs[1]
    return {
        "chat": "/",
        "thread": f"/runs/{fox.id}",
        "review": "/review",
        "gallery": "/gallery",
        "found": "/gallery?q=fox&approved=yes",
        "run": f"/runs/{edited.id}/details",
        "compare": f"/compare?a={edited.id}&b={fox.id}",
        "blind": f"/blind?run={edited.id}&run={fox.id}",
        "calibration": "/calibration",
        "templates": "/templates",
        "template": "/templates/packshot",
        "draft": "/?draft=--template+packshot+thing%3Da+red+kettle",
        "models": "/models",
        "manual": "/api/docs",
    }


async def _grid(app: App, run: Run) -> None:
    found = app.artifacts.find(run.grid) if run.grid else None
    if found is None:
        raise SystemExit(f"no grid: {run.error}")
    await asyncio.to_thread(_shrunk, found, README / "grid.png", 1200)


async def _look(url: str, pages: dict[str, str], folder: Path) -> None:
    async with async_playwright() as playwright:
        path = shutil.which("chromium")
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for theme in ("light", "dark"):
            for name, place in pages.items():
                await _seen(browser, url + place, folder / f"{name}-{theme}.png", theme, WIDE)
        for name, place in pages.items():
            await _seen(browser, url + place, folder / f"{name}-phone.png", "light", PHONE)
        await browser.close()


async def _seen(browser: Any, url: str, target: Path, theme: str, size: tuple[int, int]) -> None:
    viewport = {"width": size[0], "height": size[1]}
    context = await browser.new_context(color_scheme=theme, viewport=viewport)
    await context.add_cookies([{"name": "name", "value": "Ana", "url": url}])
    page = await context.new_page()
    await page.goto(url)
    await page.wait_for_load_state("load")
    await page.wait_for_function(
        "[...document.images].every((one) => one.complete || one.loading === 'lazy')"
    )
    await page.wait_for_timeout(300)
    await page.screenshot(path=str(target))
    await context.close()


def _kept(source: Path, target: Path) -> None:
    with Image.open(source) as image:
        image.convert("RGB").save(target, quality=88, subsampling=0, optimize=True)


def _shrunk(source: Path, target: Path, side_px: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(source) as image:
        image.thumbnail((side_px, side_px))
        image.convert("RGB").quantize(256).save(target, optimize=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        shots = Path(sys.argv[1] if len(sys.argv) > 1 else temporary)
        shots.mkdir(parents=True, exist_ok=True)
        asyncio.run(main(shots))
        for name, kept in KEPT.items():
            _kept(shots / f"{name}.png", README / f"{kept}.jpg")
