"""What images are rejected for, by model and task: what a negative library is made of."""

from sqlalchemy import String, cast, distinct, func, select
from sqlalchemy.orm import aliased

from domain.record import Record
from storage.database import Database
from storage.tables import DecisionRow, RunRow
from storage.tables_review import ReasonRow


class Counted(Record):
    """How often one reason was given for one model and task type."""

    model: str
    task: str
    reason: str
    """A name of ``config/negatives.toml``; own words where *known* is False."""
    known: bool
    images: int


class Reasons:
    """Read-only; decisions that were taken back or changed do not count."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def counted(self, *, model: str = "", task: str = "", limit: int = 200) -> list[Counted]:
        """Return reasons by model and task, the most frequent first."""
        later = aliased(DecisionRow)
        taken_back = (
            select(later.id)
            .where(
                later.run_id == DecisionRow.run_id,
                later.number == DecisionRow.number,
                later.person_key == DecisionRow.person_key,
                later.decision != "restore",
                later.id > DecisionRow.id,
            )
            .exists()
        )
        key = (RunRow.model, RunRow.task, ReasonRow.reason, ReasonRow.known)
        artwork = DecisionRow.run_id + "/" + cast(DecisionRow.number, String)
        images = func.count(distinct(artwork)).label("n")
        query = (
            select(*key, images)
            .select_from(ReasonRow)
            .join(DecisionRow, DecisionRow.id == ReasonRow.decision_id)
            .join(RunRow, RunRow.id == DecisionRow.run_id)
            .where(~taken_back)
            .group_by(*key)
            .order_by(images.desc(), *key)
            .limit(limit)
        )
        for column, wanted in ((RunRow.model, model), (RunRow.task, task)):
            query = query.where(column == wanted) if wanted else query
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [
            Counted(
                model=row.model, task=row.task, reason=row.reason, known=row.known, images=row.n
            )
            for row in rows
        ]
