"""How much may wait and be spent: checked in the transaction that would write it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import LimitError
from domain.run import Run
from storage import ledger
from storage.rows import person_key
from storage.tables import RunRow

Notify = Literal["slow", "always", "never"]
SLOW_S: Final = 30.0
"""A run that took longer calls the one who asked."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may wait, and be spent."""

    waiting_per_person: int = 25
    """As many as one contact sheet shows."""
    max_usd_per_day: float = 10.0
    waiting_per_channel: int = 50
    """Of a chat platform; the console is one room for all."""
    notify: Notify = "slow"
    """When the one who asked in chat is called by name at the end."""


async def check_limits(
    connection: AsyncConnection, runs: Sequence[Run], limits: Limits, now: datetime
) -> None:
    """Refuse what one line asks for if all of it together is too much.

    Raises:
        LimitError: Too many wait, of this person or in this channel, or the day's money is spent.
    """
    run, more = runs[0], len(runs)
    count = await _waiting_of(connection, run)
    if count + more > limits.waiting_per_person:
        raise _too_many(run, count)
    if run.place.surface != "console":
        count = await _waiting_in(connection, run)
        if count + more > limits.waiting_per_channel:
            raise LimitError(
                f"{count} runs wait in this channel already",
                hint=f"The last one is number {count} in its queue: `queue` shows them.",
            )
    usd = sum(one.quote.usd for one in runs)
    await ledger.check_budget(connection, usd, now, limits.max_usd_per_day)


def _too_many(run: Run, count: int) -> LimitError:
    if run.state == "handed":
        hint = "Hand one in, or cancel one: `queue` shows them."
        return LimitError(f"{count} of your runs wait for pictures already", hint=hint)
    hint = f"The last one is number {count} of yours in the queue: cancel one, or wait."
    return LimitError(f"{count} of your runs wait already", hint=hint)


async def _waiting_of(connection: AsyncConnection, run: Run) -> int:
    """Count those that wait as this one would: for their turn, or for someone's hands."""
    state = "handed" if run.state == "handed" else "queued"
    waiting = select(func.count()).where(
        RunRow.person_key == person_key(run.person), RunRow.state == state
    )
    return (await connection.execute(waiting)).scalar_one()


async def _waiting_in(connection: AsyncConnection, run: Run) -> int:
    """Those that wait are few, so their places are read without an index."""
    place = RunRow.place_json
    waiting = select(func.count()).where(
        RunRow.state == "queued",
        place["surface"].as_string() == run.place.surface,
        place["channel"].as_string() == run.place.channel,
    )
    return (await connection.execute(waiting)).scalar_one()
