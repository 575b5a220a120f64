"""Scored pictures that people have spoken of, as many as a test wants: copies of one real run."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select

from storage.tables import ArtworkRow, DecisionRow, RunRow, ScoreRow
from tests.bot.console.serving import Console


async def labelled(
    console: Console, run_id: str, wanted: Sequence[float], unwanted: Sequence[float] = ()
) -> None:
    """Copy a run for every score, and let somebody approve or reject its first picture."""
    database = console.app.calibrating.labels._database
    async with database.write() as connection:
        run = await _row(connection, RunRow, RunRow.id == run_id)
        artwork = await _row(connection, ArtworkRow, ArtworkRow.run_id == run_id)
        fit = await _row(
            connection, ScoreRow, (ScoreRow.run_id == run_id) & (ScoreRow.name == "fit")
        )
        for at, value in enumerate((*wanted, *unwanted)):
            name = f"{run_id[:-4]}{at:04d}"
            here = {"run_id": name, "number": 1}
            said = "approve" if at < len(wanted) else "reject"
            own = {"id": name, "root_id": name, "baseline_id": name, "family_id": None}
            await connection.execute(insert(RunRow).values(run | own))
            await connection.execute(insert(ArtworkRow).values(artwork | here))
            await connection.execute(insert(ScoreRow).values(fit | here | {"value": value}))
            decision = {
                "id": f"d{name}", "digest": artwork["digest"], "decision": said, "reason": "",
                "person_key": "console::ana", "name": "Ana", "surface": "console",
                "assurance": "local", "at": run["created_at"],
            }  # fmt: skip
            await connection.execute(insert(DecisionRow).values(decision | here))


async def _row(connection: Any, table: Any, where: Any) -> dict[str, Any]:
    found = await connection.execute(select(table.__table__).where(where).limit(1))
    return dict(found.mappings().one())
