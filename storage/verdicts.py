"""What verdicts came of, and the thresholds that were worked out from votes: kept for good."""

from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.judging import CALIBRATED, Calibrated, CalibrationPolicy, Check, Explained
from storage.database import Database
from storage.tables_triage import CalibrationRow, JudgementRow
from storage.times import text_of

SAME = ("n", "k", "a", "d", "threshold", "rejected", "passes", "explore", "suspended")
"""What makes two calibrations the same, and no new one."""


async def keep_judgement(connection: AsyncConnection, run_id: str, explained: Explained) -> None:
    """Keep what the verdict on an artwork came of; a later one takes its place."""
    failed = any(one.rule == CALIBRATED and one.failed for one in explained.checks)
    values = {
        "verdict": explained.verdict,
        "policy": explained.policy,
        "explored": explained.explored,
        "calibration": explained.calibration,
        "would_reject": failed,
        "checks_json": [one.model_dump(mode="json") for one in explained.checks],
    }
    row = upsert(JudgementRow).values(run_id=run_id, number=explained.number, **values)
    again = row.on_conflict_do_update(index_elements=["run_id", "number"], set_=values)
    await connection.execute(again)


class Verdicts:
    """Reads judgements; keeps and reads calibrations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def explained(self, run_id: str) -> dict[int, Explained]:
        """Return what the verdicts of a run came of, by number; empty for older runs."""
        query = select(JudgementRow.__table__).where(JudgementRow.run_id == run_id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(JudgementRow.number))).all()
        return {
            row.number: Explained(
                number=row.number,
                verdict=row.verdict,
                policy=row.policy,
                checks=tuple(Check.model_validate(one) for one in row.checks_json),
                explored=row.explored,
                calibration=row.calibration,
            )
            for row in rows
        }

    async def newest(self, task: str, score: str, version: str) -> Calibrated | None:
        """Return the newest calibration of one version of a figure."""
        table = CalibrationRow
        same = (table.task == task, table.score == score, table.version == version)
        query = select(table.__table__).where(*same).order_by(table.number.desc()).limit(1)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return _calibrated(row._mapping) if row else None  # noqa: SLF001  its public name

    async def all_newest(self) -> list[tuple[Calibrated, str]]:
        """Return the newest calibration of each task type and version, and when it was made."""
        table = CalibrationRow
        last = select(func.max(table.number)).group_by(table.task, table.score, table.version)
        query = select(table.__table__).where(table.number.in_(last))
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(table.task, table.number))).all()
        return [(_calibrated(row._mapping), row.at) for row in rows]  # noqa: SLF001

    async def keep(self, found: Calibrated, policy: CalibrationPolicy, at: datetime) -> Calibrated:
        """Keep a calibration under a number of its own, unless the newest says the same."""
        known = await self.newest(found.task, found.score, found.version)
        if known and all(getattr(known, name) == getattr(found, name) for name in SAME):
            return known
        values = found.model_dump(exclude={"number"}) | {
            "window_labels": policy.labels, "window_days": policy.days, "at": text_of(at),
        }  # fmt: skip
        async with self._database.write() as connection:
            last = await connection.execute(select(func.max(CalibrationRow.number)))
            number = (last.scalar_one_or_none() or 0) + 1
            await connection.execute(insert(CalibrationRow).values(number=number, **values))
        return found.model_copy(update={"number": number})


def _calibrated(row: object) -> Calibrated:
    values = dict(row)  # type: ignore[call-overload]  # a row's mapping
    return Calibrated(**{name: values[name] for name in Calibrated.model_fields})
