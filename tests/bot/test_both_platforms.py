"""The real command line as a process, connected to both platforms: a job on each, then SIGTERM."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, Final

from tests.durability.house import ROOT
from tests.vendors.discord_wire import TOKEN, DiscordWire, discord_wire
from tests.vendors.slack import slack_emulator

READY_S: Final = 40.0
STOP_S: Final = 25.0
LINE: Final = "a red fox :: in the snow --count 2 --seed 7"


async def started(data: Path, environ: dict[str, str], log: Path) -> asyncio.subprocess.Process:
    """Start `ai-handler run`, and wait until it says that it is ready."""
    opened = await asyncio.to_thread(os.open, log, os.O_WRONLY | os.O_CREAT)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "run"),
        cwd=ROOT,
        env={**os.environ, **environ, "AI_HANDLER_DATA_DIR": str(data)}
        | {"AI_HANDLER_CONSOLE_PORT": "0"},
        stdout=opened,
        stderr=opened,
    )
    os.close(opened)
    async with asyncio.timeout(READY_S):
        while b"is ready" not in await asyncio.to_thread(log.read_bytes):
            assert process.returncode is None, await asyncio.to_thread(log.read_text)
            await asyncio.sleep(0.05)
    return process


def discord_environ(wire: DiscordWire) -> dict[str, str]:
    return {
        "DISCORD_TOKEN": TOKEN,
        "DISCORD_API_URL": wire.api_url,
        "DISCORD_GATEWAY_URL": wire.gateway_url,
    }


def grid_of(wire: DiscordWire) -> dict[str, Any] | None:
    return next((one for one in wire.messages.values() if one["attachments"]), None)


async def test_one_job_on_each_platform_and_a_clean_end(tmp_path: Path) -> None:
    data, log = tmp_path / "data", tmp_path / "log.txt"
    async with slack_emulator() as slack, discord_wire() as discord:
        ana = slack.person("Ana", id="U0ANA")
        studio = slack.channel("studio", ana)
        process = await started(data, slack.environment() | discord_environ(discord), log)
        try:
            await discord.until(lambda: len(discord.commands) == 4 and discord.identified == 1)
            await ana.slash(studio, "/imagine", LINE)
            asked = await discord.slash("Ana", LINE)
            await discord.until(lambda: grid_of(discord) is not None)
            await slack.until(
                lambda: (
                    any("slack_file" in json.dumps(one.blocks) for one in slack.messages(studio))
                    or None
                )
            )
            discord.check()
            assert asked.kind == 5, "a command thinks until its card is there"
            grid = grid_of(discord)
            assert grid is not None
            pressed = await discord.click("Ben", grid, "Pick 2")
            await discord.until(lambda: bool(discord.threads))
            assert pressed.kind == 6
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(STOP_S):
                assert await process.wait() == 0, await asyncio.to_thread(log.read_text)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        slack.check()
        discord.check()
    said = await asyncio.to_thread(log.read_text)
    assert "Traceback" not in said, said
    assert TOKEN not in said
    assert "xoxb-" not in said
