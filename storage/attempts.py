"""The truth about money: an intent before each paid call, its receipt after it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from domain.ports import (
    Attempt,
    Clock,
    Job,
    Receipt,
)
from domain.run import Run
from storage import ledger
from storage.database import Database
from storage.tables import AttemptRow
from storage.times import text_of


class AttemptLog:
    """The attempts of all runs; one row per image and round, whose key never repeats."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def open(self, key: str, run: Run, number: int, payload: dict[str, Any]) -> Attempt:
        """Write the intent, or return what is known of one that was written before."""
        row = upsert(AttemptRow).values(
            key=key,
            run_id=run.id,
            number=number,
            attempt_round=run.attempt_round,
            model=run.route.model,
            state="intent",
            payload_json=payload,
            opened_at=text_of(self._clock.now()),
        )
        query = select(AttemptRow.__table__).where(AttemptRow.key == key)
        async with self._database.write() as connection:
            fresh = (await connection.execute(row.on_conflict_do_nothing())).rowcount == 1
            known = (await connection.execute(query)).one()
        return _attempt(known, fresh=fresh)

    async def submitted(self, key: str, job: Job) -> None:
        """Store the vendor's name for the job, before it is waited for."""
        await self._set(key, state="submitted", job_ref=job.ref)

    async def stored(self, key: str, receipt: Receipt) -> None:
        """Store the receipt and enter its cost, in one transaction."""
        now = self._clock.now()
        row = update(AttemptRow).where(AttemptRow.key == key)
        values = {"state": "stored", "digest": receipt.digest, "closed_at": text_of(now)}
        async with self._database.write() as connection:
            changed = row.values(**values, receipt_json=receipt.model_dump(mode="json"))
            run_id = (await connection.execute(changed.returning(AttemptRow.run_id))).scalar_one()
            if receipt.cost_usd is not None:
                await ledger.settle(connection, key, run_id, receipt.cost_usd, now)

    async def closed(self, key: str, state: str, message: str) -> None:
        """Store that it ended without a picture."""
        now = text_of(self._clock.now())
        await self._set(key, state=state, message=message, closed_at=now)

    async def _set(self, key: str, **values: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(update(AttemptRow).where(AttemptRow.key == key).values(values))


def _attempt(row: Row[Any], *, fresh: bool) -> Attempt:
    return Attempt(
        key=row.key,
        state=row.state,
        opened_at=datetime.fromisoformat(row.opened_at),
        fresh=fresh,
        job=Job(ref=row.job_ref) if row.job_ref else None,
        receipt=Receipt.model_validate(row.receipt_json) if row.receipt_json else None,
        message=row.message or "",
    )
