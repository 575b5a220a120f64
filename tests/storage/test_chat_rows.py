"""What chat adds to the log: who is called at the end, what is taken down, how much may wait."""

import asyncio

import pytest
from sqlalchemy import event as listens

from domain.errors import LimitError
from domain.event import Person, Place
from domain.ports import Ending
from domain.run import Run
from storage.limits import Limits
from storage.opinions import Note
from tests.pipeline.given import event, planned
from tests.storage.conftest import Memory

LEE = Person(surface="slack", workspace="T1", id="U2", name="Lee")
STUDIO = Place(surface="slack", workspace="T1", channel="C1")


async def asked(memory: Memory, place: Place = STUDIO, person: Person = LEE) -> Run:
    run = planned("imagine a fox", person=person, chance=memory.chance)
    run = run.model_copy(update={"place": place})
    await memory.inbox.remember(event("imagine a fox", person, f"event-{run.id}"))
    return await memory.log.accept(run, f"event-{run.id}")


async def lines(memory: Memory, run: Run) -> list[tuple[str, str | None]]:
    found = await memory.outbox.notes([run.id])
    return [(one.text, (one.mention or {}).get("id")) for one in found]


@pytest.mark.parametrize(
    ("notify", "slow", "called"),
    [
        ("slow", True, True),
        ("slow", False, False),
        ("always", False, True),
        ("never", True, False),
    ],
)
async def test_who_waited_long_is_called_once_at_the_end(
    memory: Memory,
    notify: str,
    slow: bool,  # noqa: FBT001  a column of the table
    called: bool,  # noqa: FBT001  the same
) -> None:
    memory.log._limits = Limits(notify=notify)  # type: ignore[arg-type]  # one of the three
    run = await asked(memory)
    await memory.log.begin(run.id)
    if slow:
        await memory.clock.sleep(60)
    for _ in range(2):
        await memory.log.end(run.id, Ending(state="failed"))
    expected = [("r1 failed; its card says why", "U2")] if called else []
    assert await lines(memory, run) == expected


async def test_nobody_is_called_on_the_console(memory: Memory) -> None:
    memory.log._limits = Limits(notify="always")
    run = await memory.made(numbers=(1,))
    await memory.clock.sleep(60)
    await memory.log.end(run.id, Ending(state="done"))
    assert await lines(memory, run) == []


async def test_a_channel_s_queue_is_bounded_and_the_next_one_is_free(memory: Memory) -> None:
    memory.log._limits = Limits(waiting_per_person=99, waiting_per_channel=2)
    for _ in range(2):
        await asked(memory)
    with pytest.raises(LimitError, match="2 runs wait in this channel") as refused:
        await asked(memory)
    assert "queue" in refused.value.hint
    await asked(memory, STUDIO.model_copy(update={"channel": "C2"}))


async def test_what_is_taken_down_is_withdrawn_line_by_line_and_kept_in_the_log(
    memory: Memory,
) -> None:
    run = await asked(memory)
    told, untold = await lines_for(memory, run)
    await memory.log.take_down([run.id], "Lee", "event-x")
    due = {one.key: one.kind for one in await memory.outbox.due("slack")}
    assert due == {f"card:{run.id}": "card", told: "gone"}
    assert untold not in due
    assert (await memory.log.run(run.id)).taken_down_by == "Lee"


async def lines_for(memory: Memory, run: Run) -> tuple[str, str]:
    """Plan two lines, of which one was sent."""
    memory.log._limits = Limits(notify="always")
    await memory.log.end(run.id, Ending(state="failed"))
    (sent,) = await memory.outbox.notes([run.id])
    await memory.outbox.sent(sent, sent.wanted, "C1/2.2")
    await memory.opinions.say("later", run.id, Note("not told yet"))
    return sent.key, "note:later"


async def test_a_message_is_found_by_its_name_with_what_it_is_about(memory: Memory) -> None:
    run = await asked(memory)
    (card,) = await memory.outbox.due("slack")
    assert await memory.outbox.first_posted(run.id) == (None, True)
    await memory.outbox.trying(card)
    (tried,) = await memory.outbox.due("slack")
    assert tried.tried_at is not None
    await memory.outbox.sent(card, card.wanted, "C1/1.1")
    found = await memory.outbox.found("slack", "C1/1.1")
    assert found is not None
    assert (found.run_id, found.root_id, found.workspace) == (run.id, run.id, "T1")
    assert await memory.outbox.found("discord", "C1/1.1") is None
    await memory.outbox.given_up(card, "the channel is gone")
    assert await memory.outbox.due("slack") == []


async def test_what_is_accepted_at_once_shares_a_transaction_and_each_stands_for_itself(
    memory: Memory,
) -> None:
    memory.log._limits = Limits(waiting_per_person=3)
    runs = [
        planned("imagine a fox", person=LEE, chance=memory.chance).model_copy(
            update={"place": STUDIO}
        )
        for _ in range(5)
    ]
    for run in runs:
        await memory.inbox.remember(event("imagine a fox", LEE, f"event-{run.id}"))
    begun: list[int] = []
    listens.listen(memory.database.engine.sync_engine, "commit", lambda _: begun.append(1))
    told = await asyncio.gather(
        *(memory.log.accept(run, f"event-{run.id}") for run in runs), return_exceptions=True
    )
    assert [isinstance(one, Run) for one in told] == [True] * 3 + [False] * 2
    assert all(isinstance(one, LimitError) for one in told[3:])
    assert len(begun) <= 3
    assert len(memory.jobs) == 3
    (again,) = await asyncio.gather(memory.log.accept(runs[0], f"event-{runs[0].id}"))
    assert again.id == runs[0].id
    assert len(memory.jobs) == 3, "a redelivery is harmless"
