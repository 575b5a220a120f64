"""Slack and Discord: two hundred commands at once, a thousand reactions, and the SDKs alone.

The real service runs as a process of its own and is connected to the platforms' loopback servers,
which run here; their share of the time is the same for the bare handlers of ``bare.py``.
"""

import asyncio
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing
from datetime import datetime
from pathlib import Path

from tests.vendors.discord_wire import PEOPLE, TOKEN, DiscordWire, discord_wire
from tests.vendors.slack import SlackEmulator, slack_emulator
from tests.vendors.slack.world import Message

MANY = 200
REACTIONS = 1000
WITHIN_S = 10.0
ANSWER_S, ROW_S = 0.5, 3.0
SETTINGS = """
[limits]
waiting_per_person = 1000
waiting_per_channel = 10000
[chat]
notify = "never"
"""
LINE = "a red fox --count 1 --seed 7"
Send = Callable[[int], Awaitable[float]]


def main() -> None:
    asyncio.run(_main())


async def _main() -> None:
    for name, measure in (("slack", _slack), ("discord", _discord)):
        bare = await measure([sys.executable, "-m", "benchmarks.bare", name], None)
        with tempfile.TemporaryDirectory() as folder:
            ours = await measure([sys.executable, "-m", "bot", "run"], Path(folder))
        _print_answers(name, ours, bare)
    with tempfile.TemporaryDirectory() as folder:
        await _reactions(Path(folder))


async def _slack(program: Sequence[str], folder: Path | None) -> list[float]:
    async with slack_emulator() as emu:
        people = [emu.person(f"Person {n}", id=f"U0{n:04}") for n in range(MANY)]
        studio = emu.channel("studio", *people)

        async def send(number: int) -> float:
            began = time.monotonic()
            answer = await people[number].slash(studio, "/imagine", LINE)
            assert answer.ack.ok
            return time.monotonic() - began

        async with _running(program, emu.environment(), folder):
            await send(0)  # everything is imported and connected
            return await _at_once("slack", send, folder)


async def _discord(program: Sequence[str], folder: Path | None) -> list[float]:
    async with discord_wire() as wire:

        async def send(number: int) -> float:
            asked = await wire.slash(list(PEOPLE)[number % len(PEOPLE)], LINE)
            await wire.until(lambda: asked.answered_s is not None, 60)
            return asked.answered_s or 0.0

        async with _running(program, _discord_environ(wire), folder):
            await wire.until(lambda: bool(wire.commands) and wire.identified > 0)
            await send(0)
            return await _at_once("discord", send, folder)


async def _at_once(name: str, send: Send, folder: Path | None) -> list[float]:
    spent = sorted(await asyncio.gather(*(send(number) for number in range(MANY))))
    if folder is not None:
        await _print_rows(name, folder / "handler.db")
    return spent


async def _print_rows(name: str, database: Path) -> None:
    """Wait until every command has its run, and say how long each waited for it."""
    query = (
        "SELECT inbox.received_at, outbox.planned_at FROM inbox JOIN outbox "
        "ON outbox.key = 'card:' || inbox.run_id"
    )
    rows: list[tuple[str, str]] = []
    async with asyncio.timeout(60):
        while len(rows) < MANY + 1:
            await asyncio.sleep(0.2)
            with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
                rows = connection.execute(query).fetchall()
    waits = sorted((_at(planned) - _at(stored)).total_seconds() for stored, planned in rows)
    print(
        f"{name:<8} {len(rows) - 1} of {MANY} runs stored; answer → run row "
        f"p50 {statistics.median(waits):.2f} s, p99 {_p99(waits):.2f} s (target {ROW_S:g})"
    )


def _print_answers(name: str, ours: list[float], bare: list[float]) -> None:
    verdict = "ok" if _p99(ours) <= ANSWER_S else "over"
    print(
        f"{name:<8} {MANY} commands at once, answered: p50 {statistics.median(ours):.3f} s, "
        f"p99 {_p99(ours):.3f} s (target {ANSWER_S:g}: {verdict}); a bare handler "
        f"{statistics.median(bare):.3f} / {_p99(bare):.3f} s; "
        f"ratio of the medians {statistics.median(ours) / statistics.median(bare):.1f}"
    )


async def _reactions(folder: Path) -> None:
    """Two hundred and fifty people pick all four tiles within ten seconds."""
    async with slack_emulator() as emu:
        people = [emu.person(f"Person {n}", id=f"U0{n:04}") for n in range(REACTIONS // 4)]
        studio = emu.channel("studio", *people)
        program = [sys.executable, "-m", "bot", "run"]
        async with _running(program, emu.environment(), folder):
            await people[0].slash(studio, "/imagine", "a red fox --count 4 --seed 7")
            card = await emu.until(lambda: _graded(emu, emu.messages(studio)), timeout_s=60)
            began = time.monotonic()
            names = ("one", "two", "three", "four")
            jobs = [person.react(card, name) for person in people for name in names]
            for at in range(0, len(jobs), 50):
                await asyncio.gather(*jobs[at : at + 50])
                await asyncio.sleep(max(0.0, began + WITHIN_S * at / len(jobs) - time.monotonic()))
            sent_s = time.monotonic() - began
            count = await _votes(folder / "handler.db")
            spent_s = time.monotonic() - began
    exact = "exactly" if count == REACTIONS else "NOT ALL"
    print(f"slack    {count} of {REACTIONS} reactions counted, {exact}; sent in {sent_s:.1f} s, "
          f"counted after {spent_s:.1f} s")  # fmt: skip


def _graded(_emu: SlackEmulator, messages: list[Message]) -> Message | None:
    return next((one for one in messages if "slack_file" in str(one.blocks)), None)


async def _votes(database: Path) -> int:
    count = 0
    until = time.monotonic() + 60
    while count < REACTIONS and time.monotonic() < until:
        await asyncio.sleep(0.2)
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            (count,) = connection.execute("SELECT count(*) FROM votes").fetchone()
    return count


@asynccontextmanager
async def _running(
    program: Sequence[str], environ: dict[str, str], folder: Path | None
) -> AsyncIterator[None]:
    more = dict(environ)
    if folder is not None:
        (folder / "settings.toml").write_text(SETTINGS)
        more |= {"AI_HANDLER_DATA_DIR": str(folder), "AI_HANDLER_CONSOLE_PORT": "0"}
        more |= {"AI_HANDLER_CONFIG": str(folder / "settings.toml")}
    process = await asyncio.create_subprocess_exec(
        *program, env={**os.environ, **more}, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            while b"is ready" not in await process.stdout.readline():
                pass
        yield
    finally:
        process.terminate()
        await process.wait()


def _discord_environ(wire: DiscordWire) -> dict[str, str]:
    return {
        "DISCORD_TOKEN": TOKEN,
        "DISCORD_API_URL": wire.api_url,
        "DISCORD_GATEWAY_URL": wire.gateway_url,
    }


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _p99(spent: Sequence[float]) -> float:
    return sorted(spent)[min(len(spent) - 1, round(0.99 * len(spent)))]


if __name__ == "__main__":
    main()
