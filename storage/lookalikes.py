"""Approved work that looks like what was just made: hashes of 64 bits, compared all at once."""

import asyncio
from collections.abc import Mapping
from typing import Final

import numpy as np
from sqlalchemy import text
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.look import Lookalike
from storage.database import Database
from storage.tables_looks import LookRow

BITS: Final = 64


def signed(phash: str) -> int:
    """Return a hash of 16 hexadecimal digits as the whole number that SQLite can hold."""
    value = int(phash, 16)
    return value - (1 << BITS) if value >> (BITS - 1) else value


async def keep_look(connection: AsyncConnection, run_id: str, number: int, phash: str) -> None:
    """Keep what an artwork looks like; a later hash takes its place."""
    values = {"phash": signed(phash)}
    row = upsert(LookRow).values(run_id=run_id, number=number, **values)
    again = row.on_conflict_do_update(index_elements=["run_id", "number"], set_=values)
    await connection.execute(again)


APPROVED: Final = text(
    """
    SELECT group_concat(l.rowid) AS at, group_concat(l.phash) AS phashes
    FROM artworks a JOIN looks l ON l.run_id = a.run_id AND l.number = a.number
    JOIN runs r ON r.id = a.run_id
    WHERE a.approved AND r.root_id <> :root
    """
)
"""Two long texts instead of a hundred thousand rows, which would hold the event loop."""
AT: Final = text("SELECT run_id, number FROM looks WHERE rowid = :at")


class Lookalikes:
    """Reads the hashes of approved artworks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def nearest(self, root_id: str, hashes: Mapping[int, str]) -> dict[int, Lookalike]:
        """Return the nearest approved artwork of each picture, by number.

        Those of the picture's own thread are left out: what goes on from an approved picture
        is meant to look like it.

        Args:
            root_id: The first run of that thread.
            hashes: Perceptual hashes as 16 hexadecimal digits, by number.
        """
        async with self._database.read() as connection:
            row = (await connection.execute(APPROVED, {"root": root_id})).one()
            if row.at is None:
                return {}
            near = await asyncio.to_thread(_nearest, row.at, row.phashes, hashes)
            rows = {at for at, _ in near.values()}
            names = {at: (await connection.execute(AT, {"at": at})).one() for at in rows}
        return {
            number: Lookalike(run_id=names[at].run_id, number=names[at].number, bits=bits)
            for number, (at, bits) in near.items()
        }


def _nearest(at: str, phashes: str, wanted: Mapping[int, str]) -> dict[int, tuple[int, int]]:
    """Return the row and the distance in bits of the nearest, by number of the picture."""
    rows = np.fromstring(at, dtype=np.int64, sep=",")
    known = np.fromstring(phashes, dtype=np.int64, sep=",").view(np.uint64)
    found = {}
    for number, phash in wanted.items():
        apart = np.bitwise_count(known ^ np.uint64(int(phash, 16)))
        first = int(apart.argmin())
        found[number] = int(rows[first]), int(apart[first])
    return found
