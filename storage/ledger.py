"""Money: what quotes reserve, what attempts settle, and what a day may cost."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import LimitError
from storage.tables import LedgerRow
from storage.times import text_of


async def check_budget(
    connection: AsyncConnection, usd: float, now: datetime, max_usd_per_day: float
) -> None:
    """Refuse what the day's budget does not hold.

    Raises:
        LimitError: Reserved and settled money of today and *usd* together exceed the budget.
    """
    if usd <= 0:
        return
    today = text_of(now)[:10]
    query = select(func.coalesce(func.sum(LedgerRow.usd), 0.0)).where(LedgerRow.day == today)
    used = (await connection.execute(query)).scalar_one()
    if used + usd > max_usd_per_day:
        raise LimitError(
            f"${usd:.2f} asked, ${used:.2f} of ${max_usd_per_day:.2f} are used today",
            hint="Raise limits.max_usd_per_day in the settings, or wait until midnight UTC.",
        )


async def reserve(
    connection: AsyncConnection, key: str, run_id: str, usd: float, now: datetime
) -> None:
    """Hold a quote's money until the run has ended."""
    if usd > 0:
        await _enter(connection, _row(f"{key}:reserve", run_id, "reserve", usd, text_of(now)))


async def settle(
    connection: AsyncConnection, key: str, run_id: str, usd: float, now: datetime
) -> None:
    """Enter what one attempt cost."""
    await _enter(connection, _row(f"{key}:settle", run_id, "settle", usd, text_of(now)))


async def release(connection: AsyncConnection, run_id: str, now: datetime) -> None:
    """Give back what the run's quotes held; on the day on which it was held."""
    held = select(LedgerRow.__table__).where(
        LedgerRow.run_id == run_id, LedgerRow.kind == "reserve"
    )
    for row in (await connection.execute(held)).all():
        entry = _row(f"{row.key}:release", run_id, "release", -row.usd, text_of(now))
        await _enter(connection, entry | {"day": row.day})


async def settled_usd(connection: AsyncConnection, run_id: str) -> float | None:
    """Return what a run's attempts cost so far; None if nothing was entered."""
    query = select(func.sum(LedgerRow.usd)).where(
        LedgerRow.run_id == run_id, LedgerRow.kind == "settle"
    )
    total: float | None = (await connection.execute(query)).scalar_one_or_none()
    return total


def _row(key: str, run_id: str, kind: str, usd: float, at: str) -> dict[str, Any]:
    return {"key": key, "run_id": run_id, "kind": kind, "usd": usd, "day": at[:10], "at": at}


async def _enter(connection: AsyncConnection, row: dict[str, Any]) -> None:
    await connection.execute(upsert(LedgerRow).values(row).on_conflict_do_nothing())
