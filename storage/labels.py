"""What people want and what not, as labels of pictures that were scored: gathered by the database.

A picture is wanted when more reviewers approved than rejected it, when it was restored, or when two
people or more voted and their rating is above the middle; unwanted the other way round.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import text

from domain.record import Record
from storage.database import Database
from storage.times import text_of

VERSION: Final = text(
    """
    SELECT s.version FROM runs r JOIN scores s ON s.run_id = r.id AND s.name = :score
    WHERE r.task = :task ORDER BY r.id DESC LIMIT 1
    """
)
KNOWN: Final = text(
    """
    SELECT DISTINCT r.task, s.version FROM runs r
    JOIN scores s ON s.run_id = r.id AND s.name = :score AND s.number = 1
    WHERE r.created_at >= :since ORDER BY r.task, s.version
    """
)
LABELS: Final = text(
    """
    WITH standing AS (
        SELECT d.run_id, d.number,
            SUM(CASE d.decision WHEN 'approve' THEN 1 WHEN 'reject' THEN -1 ELSE 0 END) AS balance
        FROM decisions d
        WHERE d.decision IN ('approve', 'reject') AND NOT EXISTS (
            SELECT 1 FROM decisions later
            WHERE later.run_id = d.run_id AND later.number = d.number
                AND later.person_key = d.person_key AND later.decision <> 'restore'
                AND later.id > d.id)
        GROUP BY d.run_id, d.number
    ),
    spoken_of AS (
        SELECT run_id, number FROM artworks WHERE rating IS NOT NULL
        UNION SELECT run_id, number FROM decisions
    ),
    labelled AS (
        SELECT a.run_id, a.number, s.value,
            CASE
                WHEN b.balance > 0 THEN 1
                WHEN b.balance < 0 THEN 0
                WHEN a.restored_by IS NOT NULL THEN 1
                WHEN a.rating <> 0.5 AND (
                    SELECT COUNT(*) FROM (
                        SELECT DISTINCT v.person_key FROM votes v
                        WHERE v.run_id = a.run_id AND (
                            v.kind = 'pick' OR (v.kind = 'rate' AND v.number = a.number))
                        LIMIT 2) AS two) = 2
                THEN CASE WHEN a.rating > 0.5 THEN 1 ELSE 0 END
            END AS wanted,
            CASE WHEN a.restored_by IS NOT NULL THEN 1 ELSE 0 END AS restored,
            COALESCE(j.explored, :no) AS explored,
            COALESCE(j.would_reject, :no) AS would_reject,
            CASE WHEN j.calibration IS NULL THEN 1 ELSE 0 END AS free
        FROM spoken_of o
        JOIN runs r ON r.id = o.run_id AND r.task = :task AND r.created_at >= :since
        JOIN artworks a ON a.run_id = o.run_id AND a.number = o.number
        JOIN scores s ON s.run_id = a.run_id AND s.number = a.number
            AND s.name = :score AND s.version = :version
        LEFT JOIN standing b ON b.run_id = a.run_id AND b.number = a.number
        LEFT JOIN judgements j ON j.run_id = a.run_id AND j.number = a.number
    )
    SELECT * FROM labelled WHERE wanted IS NOT NULL
    ORDER BY run_id DESC, number DESC
    """
)


class Label(Record):
    """One picture that people have spoken of."""

    run_id: str
    number: int
    value: float
    """Its score."""
    wanted: bool
    restored: bool
    explored: bool
    would_reject: bool
    free: bool
    """No calibrated threshold was in force when it was judged."""

    @property
    def counts(self) -> bool:
        """Whether it may calibrate: nothing kept it from people, or chance sent it to them.

        What was restored counts as well: more low scores that people want can only lower a
        threshold, never raise it.
        """
        return self.free or self.explored or (self.restored and self.wanted)


class Labels:
    """Read-only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(
        self, task: str, score: str, version: str, *, since: datetime, most: int
    ) -> list[Label]:
        """Return the newest *most* labels that count, of one version of a figure."""
        asked = {
            "task": task, "score": score, "version": version, "since": text_of(since), "no": False,
        }  # fmt: skip
        found: list[Label] = []
        async with self._database.read() as connection:
            for row in (await connection.execute(LABELS, asked)).mappings():
                label = Label.model_validate(dict(row))
                if label.counts:
                    found.append(label)
                if len(found) == most:
                    break
        return found

    async def version(self, task: str, score: str) -> str | None:
        """Return the version of a figure on the newest run of a task type that has it."""
        async with self._database.read() as connection:
            found = await connection.execute(VERSION, {"task": task, "score": score})
        return found.scalar_one_or_none()

    async def versions(self, score: str, since: datetime) -> list[tuple[str, str]]:
        """Return every task type with every version of the figure since then."""
        asked = {"score": score, "since": text_of(since)}
        async with self._database.read() as connection:
            rows = (await connection.execute(KNOWN, asked)).all()
        return [(row.task, row.version) for row in rows]
