"""Pictures of chat for the README: the real bot, on platforms that are played, seen by a browser.

    python tools/chat_pictures.py docs/images

Discord is simcord's preview; Slack is what the bot sent to the emulated workspace of the tests,
drawn by ``tools/block_kit.py``. Needs Debian's chromium and fonts (``apt-get install chromium
fonts-lato fonts-noto-color-emoji``) and simcord's preview (``pip install 'simcord[preview]'``);
takes a minute.
"""

import asyncio
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import resvg_py  # noqa: E402  after our own rooms are found by the line above
from PIL import Image  # noqa: E402
from playwright.async_api import async_playwright  # noqa: E402

from bot.slack.emoji import UNICODE  # noqa: E402
from tests.stories.drivers import discord as on_discord  # noqa: E402
from tests.stories.drivers import slack as on_slack  # noqa: E402
from tests.vendors.slack.world import BOT_USER, Message  # noqa: E402
from tools.block_kit import Posted, Reaction, Slack, svg_uri  # noqa: E402
from tools.filled import POLICY  # noqa: E402

LINE: Final = (
    "a red teapot :: on a slate worktop :: 85mm, f/2 :: editorial, soft daylight "
    "--count 4 --seed 7 --model sketch:storyboard"
)
FOX: Final = (
    "a red fox :: in the snow at dusk :: wide shot, 35mm :: flat illustration :: text, people "
    "--count 4 --seed 7 --model sketch:storyboard"
)
KNIGHT: Final = (
    "a knight :: in a forest at night :: low angle :: flat illustration, dramatic "
    "--ar 3:2 --count 1 --seed 11 --model sketch:storyboard"
)
APPROVERS: Final = f'[approvals]\napprovers = ["{on_slack.known("Cleo")}"]\n'
ARGS: Final = ("--no-sandbox", "--disable-gpu")
NAME: Final = "atelier"
MARK: Final = ROOT / "bot/console/static/mark.svg"
FINER: Final = 1.5
"""Pixels of the picture of Discord, per pixel of its page."""
ORDER: Final = """
  const order = new CSSStyleSheet();
  order.replaceSync(`
    :has(> .message-attachments) { display: flex; flex-direction: column; align-items: start; }
    .message-attachments { order: 1; margin-bottom: 6px; }
    .embed-card { order: 2; }
    .message-components { order: 3; margin-bottom: 8px; }
    .message-attachments ~ * { order: 4; }
  `);
  document.adoptedStyleSheets.push(order);
"""
"""simcord's preview has an attached picture below the buttons; Discord has it above all."""
DIGITS: Final = {"one": "1️⃣", "two": "2️⃣", "three": "3️⃣", "four": "4️⃣"}
SCALE: Final = 2
"""Pixels of a picture of Slack, per pixel of its page."""
RARE: Final = 32
"""Colours kept for what is small in a picture: links, marks, emoji."""
NEARLY_WHITE: Final = 248


# --- Discord ---


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
    user = team.env.backend.bot_user
    user.name, user.avatar = NAME, "mark"
    url = f"https://cdn.simcord.invalid/avatars/{user.id}/{user.avatar}.png"
    mark = resvg_py.svg_to_bytes(svg_string=MARK.read_text(encoding="utf-8"), width=128)
    preview = team.env.preview(
        room._channel, viewers=[viewer], width=700, height=1100,
        assets={url: ("mark.png", bytes(mark))},
    )  # fmt: skip
    async with async_playwright() as playwright, preview as page:
        # simcord opens a browser of its own, which is not there: it is given ours.
        browsers = page._capture_manager
        browsers._playwright = playwright
        browsers._browser = _Ours(await _browser(playwright))
        png = path.with_suffix(".png")
        await page.screenshot(str(png), target=room._cards()[-1])
    with Image.open(png) as image:
        image.convert("RGB").save(path.with_suffix(".jpg"), quality=86, optimize=True)
    png.unlink()


class _Ours:
    """A browser that shows a message finer, and in Discord's own order."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser

    def __getattr__(self, name: str) -> Any:
        return getattr(self._browser, name)

    async def new_context(self, **asked: Any) -> Any:
        context = await self._browser.new_context(**asked | {"device_scale_factor": FINER})
        await context.add_init_script(ORDER)
        return context


# --- Slack ---


async def slack_pictures(folder: Path, data: Path) -> None:
    """A card that was voted on and approved, the form that edits it, and the app's home."""
    async with on_slack.open_team(data, POLICY + APPROVERS, {}) as team:
        room: Any = await team.room("studio")
        form = await _worked(team, room)
        card: Message = room._cards()[0]
        home = await _home(team, "Ana")
        slack = _workspace(team)
        pages = {
            "slack-message": slack.message(card.blocks, _posted(team, room, card, "Ana")),
            "slack-form": slack.modal(form),
            "slack-home": slack.home(home),
        }
    for name, html in pages.items():
        await _photographed(html, folder / f"{name}.png")


async def _worked(team: Any, room: Any) -> Any:
    """Let a team make, vote, decide and change; return the form that was opened for it."""
    await room.imagine("Ana", FOX)
    await room.settled()
    (card,) = await room.cards()
    for who, emoji in (("Ana", "2️⃣"), ("Ben", "2️⃣"), ("Cleo", "2️⃣"), ("Olga", "4️⃣")):
        await room.react(who, card, emoji)
    await room.press("Cleo", card, "Approve 2")
    opened = await room.press("Ana", card, "Edit")
    form = team.people["Ana"].form.shown
    await room.fill("Ana", opened, {"style": "flat illustration, more cinematic"})
    await room.imagine("Ben", KNIGHT)
    await room.settled()
    return form


async def _home(team: Any, who: str) -> Any:
    person = team.people[who]
    await person.open_home()
    view = await team.emu.until(lambda: person.home)
    return view.shown


def _workspace(team: Any) -> Slack:
    return Slack(
        app=team.emu.world.users[BOT_USER].name,
        icon=svg_uri(MARK.read_bytes()),
        files={name: file.data for name, file in team.emu.world.files.items()},
        names={name: user.name for name, user in team.emu.world.users.items()},
    )


def _posted(team: Any, room: Any, message: Message, reader: str) -> Posted:
    me, thread = team.people[reader].id, team.emu.messages(room._channel, message)
    return Posted(
        channel=room._channel.name,
        at=_time(message),
        reactions=[
            Reaction(DIGITS.get(name, UNICODE[name]), len(users), mine=me in users)
            for name, users in message.reactions.items()
        ],
        replies=len(thread),
        last_reply=_time(thread[-1]),
    )


def _time(message: Message) -> str:
    return f"{datetime.fromtimestamp(float(message.ts), UTC):%H:%M}"


async def _photographed(html: str, png: Path) -> None:
    async with async_playwright() as playwright:
        browser = await _browser(playwright)
        page = await browser.new_page(device_scale_factor=SCALE)
        await page.set_content(html)
        await page.evaluate("document.fonts.ready")
        await page.locator("main").screenshot(path=str(png))
        await browser.close()
    with Image.open(png) as image:
        _coloured(image.convert("RGB")).save(png, optimize=True)


def _coloured(image: Image.Image) -> Image.Image:
    """Return a picture of 256 colours: most for what fills it, some for what is small in it."""
    most = image.quantize(256 - RARE, Image.Quantize.MEDIANCUT, kmeans=4)
    rare = image.quantize(RARE, Image.Quantize.MAXCOVERAGE)
    both = Image.new("P", (1, 1))
    both.putpalette([*_palette(most, 256 - RARE), *_palette(rare, RARE)])
    return image.quantize(palette=both, dither=Image.Dither.NONE)


def _palette(image: Image.Image, count: int) -> list[int]:
    """Return an image's colours, one after the other; what is nearly white is white."""
    values = (image.getpalette() or [])[: 3 * count]
    colours = [values[at : at + 3] for at in range(0, len(values), 3)]
    return [part for one in colours for part in ([255] * 3 if min(one) > NEARLY_WHITE else one)]


async def _browser(playwright: Any) -> Any:
    path = shutil.which("chromium")
    return await playwright.chromium.launch(executable_path=path, args=[*ARGS])


def main() -> None:
    """Write the pictures into a folder."""
    folder = Path(sys.argv[1])
    for make in (slack_pictures, discord_pictures):
        with tempfile.TemporaryDirectory() as data:
            asyncio.run(make(folder, Path(data)))


if __name__ == "__main__":
    main()
