"""The words of runs: an index of SQLite's own (FTS5) beside the log, asked by word beginnings."""

import re
from typing import Any, Final

from sqlalchemy import column, literal_column, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection
from ulid import ULID

from domain.run import Run
from domain.spec import SEGMENTS

RUN_WORDS: Final = table("run_words", column("rowid"), column("run_id"), column("words"))
ROWID_SHIFT: Final = 65
"""The highest 63 of a ULID's 128 bits: the rows of the index stand in the order of the runs."""
_REMEMBER: Final = text("""
INSERT INTO run_words (rowid, run_id, words) VALUES (
  1 + coalesce(
    (SELECT max(rowid) FROM run_words WHERE rowid BETWEEN :place AND :place + 32767), :place - 1
  ), :run_id, :words
)""")
"""At the run's own place, or behind those of the same millisecond that have it already."""
MOST: Final = 12
"""More words than this narrow nothing any more."""
_WORD: Final = re.compile(r"\w+")
_UNSPACED: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Japanese, Chinese and Korean are written without spaces: each sign is a word of its own."""


async def remember_words(connection: AsyncConnection, run: Run) -> None:
    """Put a run's words into the index, in the transaction that stores it."""
    place = int(ULID.from_str(run.id)) >> ROWID_SHIFT
    row = {"place": place, "run_id": run.id, "words": spaced(words_of(run))}
    await connection.execute(_REMEMBER, row)


def words_of(run: Run) -> str:
    """Return all that a run is found by: its segments, task type, model and who asked for it."""
    segments = [run.spec.segments[name].text for name in SEGMENTS]
    return " ".join([*segments, run.route.task, run.route.model, run.person.name])


def matches(query: str) -> Any | None:
    """Return the condition that a row of the index holds every word of *query*; None without one.

    Each word is looked for as the beginning of one; whatever else is typed (quotes, signs of the
    index's own language) separates words and means nothing.
    """
    asked = asked_words(query)
    return literal_column("run_words").op("MATCH")(asked) if asked else None


def asked_words(query: str) -> str:
    """Return what is asked of an index: every word of *query*; empty without one."""
    return " ".join(f'"{word}"*' for word in _WORD.findall(spaced(query))[:MOST])


def matching(query: str) -> Any | None:
    """Return a subquery of the run ids that hold every word of *query*; None without one."""
    found = matches(query)
    if found is None:
        return None
    return select(RUN_WORDS.c.run_id).select_from(RUN_WORDS).where(found)


def spaced(text: str) -> str:
    """Return a text in which signs of scripts without spaces are words of their own."""
    return _UNSPACED.sub(r" \g<0> ", text)
