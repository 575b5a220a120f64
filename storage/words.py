"""The words of runs: an index of SQLite's own (FTS5) beside the log, asked by word beginnings."""

import re
from typing import Any, Final

from sqlalchemy import column, insert, literal_column, select, table
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.run import Run
from domain.spec import SEGMENTS

RUN_WORDS: Final = table("run_words", column("run_id"), column("words"))
MOST: Final = 12
"""More words than this narrow nothing any more."""
_WORD: Final = re.compile(r"\w+")
_UNSPACED: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Japanese, Chinese and Korean are written without spaces: each sign is a word of its own."""


async def remember_words(connection: AsyncConnection, run: Run) -> None:
    """Put a run's words into the index, in the transaction that stores it."""
    row = {"run_id": run.id, "words": _spaced(words_of(run))}
    await connection.execute(insert(RUN_WORDS).values(row))


def words_of(run: Run) -> str:
    """Return all that a run is found by: its segments, task type, model and who asked for it."""
    segments = [run.spec.segments[name].text for name in SEGMENTS]
    return " ".join([*segments, run.route.task, run.route.model, run.person.name])


def matching(query: str) -> Any | None:
    """Return a subquery of the run ids that hold every word of *query*; None if it names no word.

    Each word is looked for as the beginning of one; whatever else is typed (quotes, signs of the
    index's own language) separates words and means nothing.
    """
    words = _WORD.findall(_spaced(query))[:MOST]
    if not words:
        return None
    asked = " ".join(f'"{word}"*' for word in words)
    matches = literal_column("run_words").op("MATCH")(asked)
    return select(RUN_WORDS.c.run_id).select_from(RUN_WORDS).where(matches)


def _spaced(text: str) -> str:
    return _UNSPACED.sub(r" \g<0> ", text)
