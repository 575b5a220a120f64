"""Families in the log: all of a line or none, one card until a run is chosen, then its own too."""

import pytest

from domain.errors import LimitError, NotFoundError
from domain.ports import Ending
from domain.run import Run
from storage.channel_routes import ChannelRoutes
from storage.families import Families
from storage.limits import Limits
from tests.pipeline.given import ANA, HERE, event
from tests.pipeline.test_family import TWO, several
from tests.storage.conftest import Memory


@pytest.fixture
def families(memory: Memory) -> Families:
    return Families(memory.database, memory.clock, published=memory.news.append)


async def asked(memory: Memory, line: str = TWO, key: str = "key-1") -> tuple[Run, ...]:
    await memory.inbox.remember(event(line, ANA, key))
    return await memory.log.accept_all(several(line), key)


async def keys(memory: Memory) -> dict[str, int]:
    return {one.key: one.wanted for one in await memory.outbox.due("console")}


async def test_all_runs_of_a_line_are_stored_with_one_card_and_a_job_each(
    memory: Memory, families: Families
) -> None:
    first, second = await asked(memory)
    assert (first.ref, second.ref) == ("r1", "r2")
    assert [run for _, run, _ in memory.jobs] == [first.id, second.id]
    assert await keys(memory) == {f"family:{first.id}": 2}
    found = await families.get(first.id)
    assert [run.id for run in found.runs] == [first.id, second.id]
    assert found.axes[0].values == (first.route.model, second.route.model)
    assert (found.sheet, found.ended) == (None, False)


async def test_a_redelivered_line_makes_nothing_more(memory: Memory) -> None:
    first, _ = await asked(memory)
    (again,) = await memory.log.accept_all(several(), "key-1")
    assert again.id == first.id
    assert len(memory.jobs) == 2


async def test_too_many_for_the_queue_leaves_nothing_behind(memory: Memory) -> None:
    small = Memory(memory.database, limits=Limits(waiting_per_person=1))
    with pytest.raises(LimitError, match="0 of your runs wait already"):
        await asked(small)
    assert await small.search.recent() == []
    assert await keys(small) == {}


async def test_each_change_redraws_the_card_of_the_whole(memory: Memory) -> None:
    first, second = await asked(memory)
    await memory.log.begin(second.id)
    assert await keys(memory) == {f"family:{first.id}": 3}
    assert (await memory.outbox.first_posted(first.id)) == (None, True)


async def test_a_chosen_run_gets_a_card_of_its_own(memory: Memory, families: Families) -> None:
    first, second = await asked(memory)
    for key in ("choose-1", "choose-1"):
        await memory.inbox.remember(event("promote", ANA, key))
        await families.promote(second.id, "Ben", key, "Ben chose r2")
    chosen = await memory.log.run(second.id)
    assert (chosen.promoted_by, chosen.alone) == ("Ben", True)
    assert set(await keys(memory)) == {
        f"family:{first.id}",
        f"card:{second.id}",
        "note:choose-1",
    }
    glance = (await memory.kinship.glances([first.id]))[first.id]
    assert (glance.versions, glance.notes) == (1, 1)


async def test_one_that_was_chosen_before_keeps_who_chose_it(
    memory: Memory, families: Families
) -> None:
    _, second = await asked(memory)
    await families.promote(second.id, "Ben", "a", "Ben chose r2")
    await families.promote(second.id, "Cleo", "b", "Cleo chose r2")
    assert (await memory.log.run(second.id)).promoted_by == "Ben"


async def test_the_person_is_called_once_at_the_last_ones_end(memory: Memory) -> None:
    always = Memory(memory.database, limits=Limits(notify="always"))
    place = HERE.model_copy(update={"surface": "slack"})
    runs = tuple(run.model_copy(update={"place": place}) for run in several())
    await always.inbox.remember(event(TWO, ANA, "key-9"))
    first, second = await always.log.accept_all(runs, "key-9")
    await always.log.end(first.id, Ending(state="done"))
    due = {one.key for one in await always.outbox.due("slack")}
    assert due == {f"family:{first.id}"}
    await always.log.end(second.id, Ending(state="failed"))
    (note,) = [one for one in await always.outbox.due("slack") if one.kind == "note"]
    assert note.text == "r1 to r2 are ready: 1 of 2 made images"


async def test_a_sheet_is_part_of_what_the_log_needs(memory: Memory, families: Families) -> None:
    first, _ = await asked(memory)
    sheet = f"sha256:{'a' * 64}"
    await families.show(await families.get(first.id), sheet)
    assert (await families.get(first.id)).sheet == sheet
    assert memory.news[-1] == first.id


async def test_what_is_no_family_is_not_found(families: Families) -> None:
    with pytest.raises(NotFoundError, match="no family"):
        await families.get("01J00000000000000000000009")


async def test_a_channel_keeps_its_own_choice_until_it_is_taken_back(memory: Memory) -> None:
    routes = ChannelRoutes(memory.database, memory.clock)
    elsewhere = HERE.model_copy(update={"channel": "other"})
    assert await routes.of(HERE) == {}
    await routes.choose(HERE, "ui", "sketch:storyboard", "Olga", "k1")
    await routes.choose(HERE, "ui", "openai:gpt-image-2", "Olga", "k2")
    assert await routes.of(HERE) == {"ui": "openai:gpt-image-2"}
    assert await routes.of(elsewhere) == {}
    fresh = ChannelRoutes(memory.database, memory.clock)
    assert await fresh.of(HERE) == {"ui": "openai:gpt-image-2"}
    await routes.forget(HERE, "ui", "k3")
    assert await routes.of(HERE) == {}
