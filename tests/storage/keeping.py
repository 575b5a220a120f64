"""A data folder with runs and pictures, and what is read of it from outside."""

import asyncio
import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from storage.artifacts import write_whole
from tests.durability.workbench import Bench, Life, Polled

ROOT: Final = Path(__file__).parents[2]


def data_with_runs(folder: Path) -> Path:
    """Make a data folder of two runs that ended: six artworks, two of them with others' bytes."""

    async def story(life: Life) -> None:
        for subject in ("a red fox", "a teapot"):
            await life.produce(await life.say(f"imagine {subject} --count 2 --seed 7"))

    bench = Bench(folder, Polled())
    asyncio.run(_told(bench, story))
    for number in (3, 4):
        add_picture(folder, b"picture %d" % number, number)
    return folder


async def _told(bench: Bench, story: Any) -> None:
    async with bench.life() as life:
        await story(life)


def add_picture(data: Path, picture: bytes, number: int) -> Path:
    """Keep one more picture of the first run, as the service does: the file, then the row."""
    digest = hashlib.sha256(picture).hexdigest()
    below = f"artifacts/{digest[:2]}/{digest}.png"
    write_whole(data / below, picture)
    with closing(sqlite3.connect(data / "handler.db", timeout=30)) as log:
        log.row_factory = sqlite3.Row
        found = dict(log.execute("SELECT * FROM artworks ORDER BY run_id, number").fetchone())
        row = found | {"number": number, "digest": f"sha256:{digest}", "output_path": below}
        marks = ", ".join("?" * len(row))
        log.execute(f"INSERT INTO artworks ({', '.join(row)}) VALUES ({marks})", [*row.values()])  # noqa: S608
        log.commit()
    return data / below


def contents(folder: Path) -> dict[str, str]:
    """Return every file with the digest of its bytes; what SQLite keeps beside it is not one."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def rows(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
