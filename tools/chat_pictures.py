"""A picture of chat for the README: the real bot, in a simulated server, seen by a real browser.

    python tools/chat_pictures.py docs/images

Needs Debian's chromium (`apt-get install chromium fonts-noto-color-emoji`) and simcord's preview
(`pip install 'simcord[preview]'`); takes a minute.
"""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402  after our own rooms are found by the line above
from playwright.async_api import async_playwright  # noqa: E402

from tests.stories.drivers import discord as on_discord  # noqa: E402

LINE: Final = (
    "a red teapot :: on a slate worktop :: 85mm, f/2 :: editorial, soft daylight "
    "--count 4 --seed 7 --model sketch:storyboard"
)
ARGS: Final = ("--no-sandbox", "--disable-gpu")


async def discord_pictures(folder: Path, data: Path) -> None:
    """A message with its grid and a vote."""
    async with on_discord.open_team(data, "", {}) as team:
        room: Any = await team.room("studio")
        await room.imagine("Ana", LINE)
        await room.settled()
        (card,) = await room.cards()
        await room.react("Ben", card, "2️⃣")
        await room.settled()
        await _shot(team, room, team.people["Ben"], folder / "discord-message")


async def _shot(team: Any, room: Any, viewer: Any, path: Path) -> None:
    playwright: Any = await async_playwright().start()
    preview = team.env.preview(room._channel, viewers=[viewer], width=900, height=1100)
    async with preview as page:
        # simcord opens a browser of its own, which is not there: it is given ours.
        browsers = page._capture_manager
        browsers._playwright = playwright
        browsers._browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=[*ARGS]
        )
        png = path.with_suffix(".png")
        await page.screenshot(str(png), target=room._cards()[-1])
    Image.open(png).convert("RGB").save(path.with_suffix(".jpg"), quality=86, optimize=True)
    png.unlink()


def main() -> None:
    """Write the picture into a folder."""
    folder = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as data:
        asyncio.run(discord_pictures(folder, Path(data)))


if __name__ == "__main__":
    main()
