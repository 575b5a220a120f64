"""What Discord's refusals mean: never, or not now; in words that name what to do.

Codes: https://docs.discord.com/developers/topics/opcodes-and-status-codes, JSON error codes.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import aiohttp
import discord

from domain.errors import SurfaceDownError, SurfaceError, SurfaceGoneError

GONE: Final = {
    10003: "the channel is not there any more",
    10008: "the message is not there any more",
    10062: "the interaction has ended",
    30033: "the thread is full",
    50001: "the bot does not see the channel: give it View Channel",
    50005: "the message is not the bot's own",
    50013: (
        "the bot lacks a permission here: it needs View Channel, Send Messages, Send Messages in "
        "Threads, Create Public Threads, Attach Files, Embed Links, Add Reactions and Read Message "
        "History"
    ),
    50035: "Discord refused the message's form",
    50083: "the thread is archived",
    40005: "the file is larger than Discord takes here",
    160005: "the thread is locked",
}
TOO_OFTEN: Final = 429


@contextmanager
def surely() -> Iterator[None]:
    """Turn what discord.py raises into words of ours.

    Raises:
        SurfaceGoneError: It will never be taken.
        SurfaceDownError: Not now.
    """
    try:
        yield
    except discord.HTTPException as error:
        raise fault_of(error) from error
    except (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError) as error:
        raise SurfaceDownError(f"Discord does not answer: {type(error).__name__}") from error


def fault_of(error: discord.HTTPException) -> SurfaceError:
    """Return what a refusal means."""
    if error.code in GONE:
        return SurfaceGoneError(f"Discord {error.code}: {GONE[error.code]}")
    if isinstance(error, discord.NotFound | discord.Forbidden):
        return SurfaceGoneError(f"Discord {error.status}: {error.text[:200]}")
    if error.status == TOO_OFTEN:
        wait_s = float(getattr(error.response, "headers", {}).get("Retry-After", 1.0) or 1.0)
        return SurfaceDownError("Discord asks us to wait", retry_after_s=wait_s)
    if error.status in (400, 413):
        return SurfaceGoneError(f"Discord refused it: {error.text[:200]}")
    return SurfaceDownError(f"Discord answered {error.status}")


NEVER_MIND: Final = (SurfaceError, discord.DiscordException, asyncio.TimeoutError)
"""What a private answer may fail of: the person is gone, or their token is."""
