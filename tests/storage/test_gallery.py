"""The gallery and the review queue, the kin of a run, and what decisions leave behind."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.errors import NotFoundError
from domain.event import Person
from domain.policy import ApprovalPolicy
from domain.ports import (
    Ending,
    Judged,
)
from domain.run import Run, Verdict
from storage.gallery import Filters, Place
from storage.migrate import migrate
from tests.pipeline.given import ANA, BEN, NOON
from tests.storage.conftest import Memory
from tests.storage.test_migrate import rows

MARA = Person(surface="slack", workspace="T1", id="U1", name="Mara")


async def judged(memory: Memory, run: Run, **verdicts: Verdict) -> None:
    said = tuple(
        Judged(number=int(name[1:]), verdict=verdict, reasons=("soft",), scores={}, version="t")
        for name, verdict in verdicts.items()
    )
    await memory.log.end(run.id, Ending(state="done", judged=said))


async def decide(
    memory: Memory, run: Run, number: int, decision: str, person: Person = ANA
) -> None:
    key = await memory.key(run, person)
    await memory.opinions.decide(key, run.id, person, number, decision)  # type: ignore[arg-type]


async def places(memory: Memory, filters: Filters | None = None, **how: object) -> list[Place]:
    found = await memory.gallery.page(filters or Filters(), **how)  # type: ignore[arg-type]
    return [piece.place for piece in found]


# --- the gallery ---


async def test_newest_runs_come_first_each_in_its_own_order(memory: Memory) -> None:
    first, second = await memory.made(numbers=(1, 2)), await memory.made(numbers=(1, 3))
    wanted = [(second.id, 1), (second.id, 3), (first.id, 1), (first.id, 2)]
    assert await places(memory) == wanted
    page = await places(memory, limit=3)
    assert page == wanted[:3]
    assert await places(memory, after=page[-1]) == wanted[3:]


@pytest.mark.parametrize("words", ["", "fox"])
async def test_pages_neither_repeat_nor_leave_out(memory: Memory, words: str) -> None:
    for _ in range(5):
        await memory.made(numbers=(1, 2, 3))
    seen: list[Place] = []
    filters = Filters(words=words)
    while page := await places(memory, filters, after=seen[-1] if seen else None, limit=4):
        seen += page
    assert len(seen) == len(set(seen)) == 15
    assert seen == sorted(seen, key=lambda place: (-int(place[0][3:]), place[1]))


async def test_words_and_filters_narrow_together(memory: Memory) -> None:
    fox = await memory.made("imagine a red fox :: :: :: ink --count 1", (1,))
    await memory.made("imagine a blue fox --count 1 --task product", (1,))
    await memory.made("imagine a red car --count 1", (1,))
    assert await places(memory, Filters(words="red fo")) == [(fox.id, 1)]
    assert await places(memory, Filters(words="fox", task="product")) != [(fox.id, 1)]
    assert await places(memory, Filters(words="fox", task="ui")) == []
    assert await places(memory, Filters(words="* NEAR(")) == []
    assert await places(memory, Filters(words='"')) == []
    assert len(await places(memory, Filters(person="Ana"))) == 3
    assert await places(memory, Filters(person="Nobody")) == []
    assert len(await places(memory, Filters(model="sketch:storyboard"))) == 3


async def test_verdict_approval_and_rating_are_filters(memory: Memory) -> None:
    run = await memory.made()
    await judged(memory, run, n1="pass", n2="review", n3="reject", n4="pass")
    assert await places(memory, Filters(verdict="review")) == [(run.id, 2)]
    await decide(memory, run, 4, "approve")
    assert await places(memory, Filters(approved=True)) == [(run.id, 4)]
    assert len(await places(memory, Filters(approved=False))) == 3
    key = await memory.key(run)
    await memory.opinions.vote(key, run.id, ANA, 3, kind="rate", value=0.75)
    assert await places(memory, Filters(rating=0.5)) == [(run.id, 3)]
    assert await places(memory, Filters(rating=1.0)) == []


async def test_a_day_has_two_ends(memory: Memory) -> None:
    run = await memory.made(numbers=(1,))  # its id is of the year that ``Counted`` begins with
    assert run.id.startswith("01J")
    long_ago = Filters(until=NOON - timedelta(days=9000))
    assert await places(memory, long_ago) == []
    assert await places(memory, Filters(since=NOON - timedelta(days=9000))) == [(run.id, 1)]


async def test_what_can_be_chosen_is_what_the_log_holds(memory: Memory) -> None:
    await memory.made("imagine a fox --task product", (1,))
    await memory.accepted("imagine a fox --task ui", person=BEN)
    found = await memory.gallery.choices()
    assert found == {
        "task": ["product", "ui"],
        "model": ["sketch:storyboard"],
        "person": ["Ana", "Ben"],
    }


async def test_an_empty_log_has_an_empty_gallery(memory: Memory) -> None:
    assert await places(memory) == []
    assert await memory.gallery.choices() == {"task": [], "model": [], "person": []}
    assert await memory.gallery.count_waiting() == 0
    assert await memory.gallery.piece(("01J00000000000000000000001", 1)) is None


# --- the review queue ---


async def test_the_oldest_undecided_waits_first(memory: Memory) -> None:
    first, second = await memory.made(), await memory.made()
    for run in (first, second):
        await judged(memory, run, n1="pass", n2="review", n3="reject", n4="review")
    waiting = [piece.place for piece in await memory.gallery.waiting()]
    assert waiting == [(first.id, 2), (first.id, 4), (second.id, 2), (second.id, 4)]
    later = await memory.gallery.waiting(after=waiting[1])
    assert [piece.place for piece in later] == waiting[2:]
    await decide(memory, first, 2, "reject")
    await decide(memory, first, 4, "approve")
    assert await memory.gallery.count_waiting() == 2
    await decide(memory, first, 2, "withdraw")
    assert await memory.gallery.count_waiting() == 3


async def test_one_persons_withdrawal_leaves_the_others_decision(memory: Memory) -> None:
    run = await memory.made()
    await judged(memory, run, n1="review")
    await decide(memory, run, 1, "approve", ANA)
    await decide(memory, run, 1, "reject", BEN)
    await decide(memory, run, 1, "withdraw", ANA)
    made = (await memory.log.run(run.id)).artworks[0]
    assert (made.approved, made.rejected_by) == (False, ("Ben",))
    assert await memory.gallery.count_waiting() == 0


async def test_every_decision_is_kept_with_its_reason(memory: Memory) -> None:
    run = await memory.made()
    await decide(memory, run, 1, "approve")
    await decide(memory, run, 1, "withdraw")
    key = await memory.key(run, MARA)
    await memory.opinions.decide(key, run.id, MARA, 2, "reject", reason="hands")
    found = await memory.kinship.decisions(run.id)
    assert [(one.decision, one.number, one.by, one.reason, one.assurance) for one in found] == [
        ("approve", 1, "Ana", "", "local"),
        ("withdraw", 1, "Ana", "", "local"),
        ("reject", 2, "Mara", "hands", "platform"),
    ]
    assert [one.number for one in await memory.kinship.decisions(run.id, 2)] == [2]


# --- who counts ---


@pytest.mark.parametrize(
    ("people", "quorum", "approved"),
    [
        ([], 1, False),
        ([("console:local:ana", "local")], 1, True),
        ([("console:local:ana", "local"), ("console:local:ben", "local")], 2, False),
        ([("console:local:ana", "local"), ("slack:T1:U1", "platform")], 2, True),
        ([("slack:T1:U1", "platform"), ("slack:T1:U2", "platform")], 2, True),
        ([("slack:T1:U1", "platform"), ("slack:T1:U1", "platform")], 2, False),
    ],
)
def test_typed_names_are_one_person_together(
    people: list[tuple[str, str]], quorum: int, *, approved: bool
) -> None:
    assert ApprovalPolicy(quorum=quorum).approved(people) is approved  # type: ignore[arg-type]


def test_where_approvers_are_named_a_typed_name_counts_only_if_it_may() -> None:
    named = ApprovalPolicy(approvers=("slack:T1:U1",))
    assert named.approved([("slack:T1:U1", "platform")])
    assert not named.approved([("console:local:ana", "local")])
    assert named.model_copy(update={"console_may_approve": True}).approved(
        [("console:local:ana", "local")]
    )


# --- kin ---


async def test_kin_stand_with_their_parents_and_pictures(memory: Memory) -> None:
    root = await memory.made(numbers=(1, 2))
    child = await memory.accepted("branch 2 --strength 0.5", parent=root)
    kin = await memory.kinship.kin(root.id)
    assert [(one.ref, one.kind, one.parent, one.parent_number) for one in kin] == [
        ("r1", "imagine", None, None),
        ("r2", "branch", root.id, 2),
    ]
    assert (len(kin[0].digests), len(kin[1].digests)) == (2, 0)
    seen = (await memory.kinship.glances([root.id, "no such"]))[root.id]
    assert (seen.versions, seen.notes, seen.digests) == (1, 0, ())
    assert child.root == root.id


# --- an older database ---


def test_what_was_decided_and_said_before_is_found_after_the_migration(tmp_path: Path) -> None:
    path = tmp_path / "handler.db"
    migrate(path, "0002")
    _old_run(path)
    migrate(path)
    assert rows(path, "SELECT number, approved, decided FROM artworks ORDER BY number") == [
        (1, 1, 1), (2, 0, 0), (3, 0, 1),
    ]  # fmt: skip
    asked = 'SELECT run_id FROM run_words WHERE run_words MATCH \'"京"* "fo"*\''
    assert rows(path, asked) == [("01J00000000000000000000001",)]


def _old_run(path: Path) -> None:
    """Write what a service of the version before wrote: a run, three artworks, decisions."""
    run, text = "01J00000000000000000000001", "2026-11-23T12:00:00.000Z"
    words = {"subject": "a fox", "environment": "東京", "technical": "", "style": ""}
    names = (*words, "negative")
    segments = ", ".join(f'"{name}": {{"text": "{words.get(name, "")}"}}' for name in names)
    decisions = (
        ("1", 1, "approve", "ana"), ("2", 2, "approve", "ana"), ("3", 2, "withdraw", "ana"),
        ("4", 3, "reject", "ben"), ("5", 3, "restore", "ben"),
    )  # fmt: skip
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute(
            "INSERT INTO specs (id, spec_json, created_at) VALUES (?, ?, ?)",
            (run, f'{{"segments": {{{segments}}}}}', text),
        )
        _insert(connection, "runs", {"id": run, "root_id": run, "spec_id": run, "task": "ui"}
                | {"model": "m", "person_json": '{"name": "Ana"}', "created_at": text})  # fmt: skip
        for number in (1, 2, 3):
            _insert(connection, "artworks", {"run_id": run, "number": number})
        for key, number, decision, person in decisions:
            said = {"id": key, "run_id": run, "number": number, "decision": decision}
            _insert(connection, "decisions", said | {"person_key": person})
        connection.commit()


def _insert(connection: sqlite3.Connection, table: str, values: dict[str, Any]) -> None:
    """Fill what the table insists on with zeros: this test asks for none of it."""
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    asked = [name for _, name, _, needed, default, _ in columns if needed and default is None]
    row: dict[str, Any] = dict.fromkeys(asked, 0)
    row |= values
    marks = ", ".join("?" * len(row))
    connection.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})",  # noqa: S608  our own names
        list(row.values()),
    )


async def test_a_run_that_is_gone_has_no_family(memory: Memory) -> None:
    assert await memory.kinship.kin("01J00000000000000000000009") == []
    with pytest.raises(NotFoundError):
        await memory.log.run("01J00000000000000000000009")
