"""The team's templates in a real database: versions for good, use, words, races."""

import asyncio

import pytest

from config.settings import shipped_templates
from domain.errors import NotFoundError
from domain.flags import Flags
from domain.run import Run
from domain.spec import Segments, TemplateUse
from domain.template import Template
from pipeline.templating import included
from storage.templates import TemplateStore
from tests.pipeline.given import ANA, BEN, artwork, event, planned
from tests.storage.conftest import Memory
from tests.storage.test_opinions import decide

SHIPPED = shipped_templates()


def store(memory: Memory) -> TemplateStore:
    return TemplateStore(memory.database, memory.clock, SHIPPED)


def segments(text: str) -> Segments:
    return Segments.model_validate({"subject": {"text": text}})


async def kept(memory: Memory, name: str, text: str, key: str | None = None) -> Template:
    made, _ = await store(memory).save(name, segments(text), Flags(), ANA, key)
    return made


async def used(memory: Memory) -> Run:
    """A run whose prompt came from the first version of the kettle."""
    run = planned("imagine a kettle", chance=memory.chance)
    template = TemplateUse(name="kettle", version=1)
    run = run.model_copy(update={"spec": run.spec.model_copy(update={"template": template})})
    await memory.inbox.remember(event("imagine a kettle", ANA, run.id))
    accepted = await memory.log.accept(run, run.id)
    await memory.log.begin(accepted.id)
    await memory.log.keep(accepted.id, artwork(accepted, 1))
    return await memory.log.run(accepted.id)


async def test_versions_are_kept_and_the_newest_is_meant(memory: Memory) -> None:
    await kept(memory, "kettle", "a kettle")
    second = await kept(memory, "kettle", "a {metal=brass} kettle")
    assert second.named == "kettle@2"
    asked = store(memory)
    assert (await asked.named("kettle")).segments == second.segments
    assert (await asked.named("kettle", 1)).segments.subject.text == "a kettle"
    assert [one.version for one, _ in await asked.versions("kettle")] == [2, 1]


async def test_the_same_words_make_no_new_version(memory: Memory) -> None:
    first = await kept(memory, "kettle", "a kettle")
    again, is_new = await store(memory).save("kettle", segments("a kettle"), Flags(), BEN, None)
    assert (again.version, is_new) == (first.version, False)


async def test_the_same_line_twice_makes_one_version(memory: Memory) -> None:
    await kept(memory, "kettle", "a kettle", "event-1")
    await kept(memory, "kettle", "a pan", "event-2")
    assert (await kept(memory, "kettle", "a kettle", "event-1")).version == 1
    assert len(await store(memory).versions("kettle")) == 2


async def test_two_people_at_once_both_have_a_version(memory: Memory) -> None:
    texts = [f"a kettle, take {number}" for number in range(8)]
    made = await asyncio.gather(*(kept(memory, "kettle", text) for text in texts))
    assert sorted(one.version for one in made) == list(range(1, 9))
    found = {one.segments.subject.text for one, _ in await store(memory).versions("kettle")}
    assert found == set(texts)


async def test_a_name_of_the_program_goes_on_from_its_version(memory: Memory) -> None:
    made = await kept(memory, "packshot", "our own packshot of {thing}")
    asked = store(memory)
    assert made.version == 2
    assert (await asked.named("packshot")).by == "Ana"
    assert (await asked.named("packshot", 1)).by == ""
    (held, *_) = await asked.find("own packshot")
    assert held.shadows
    assert [one.template.name for one in await asked.page()].count("packshot") == 1


async def test_what_is_retired_is_not_listed_and_still_there(memory: Memory) -> None:
    await kept(memory, "kettle", "a kettle")
    asked = store(memory)
    await asked.retire("kettle", ANA, "e", back=False)
    assert "kettle" not in [one.template.name for one in await asked.page()]
    assert (await asked.find("kettle"))[0].template.retired
    assert (await asked.named("kettle", 1)).version == 1
    await asked.retire("kettle", ANA, "f", back=True)
    assert "kettle" in [one.template.name for one in await asked.page()]
    with pytest.raises(NotFoundError):
        await asked.retire("packshot", ANA, "g", back=False)


async def test_what_is_not_there_names_what_is_near(memory: Memory) -> None:
    await kept(memory, "kettle", "a kettle")
    asked = store(memory)
    with pytest.raises(NotFoundError) as caught:
        await asked.named("ketle")
    assert "kettle" in caught.value.hint
    with pytest.raises(NotFoundError, match="no version 7"):
        await asked.named("kettle", 7)


async def test_use_and_approval_count_by_version(memory: Memory) -> None:
    await kept(memory, "kettle", "a kettle")
    first, _ = await used(memory), await used(memory)
    await decide(memory, first, 1, "approve")
    asked = store(memory)
    ((_, usage),) = await asked.versions("kettle")
    assert (usage.runs, usage.approved, usage.rate) == (2, 1, 0.5)
    assert (await asked.page())[0].usage == usage


async def test_words_are_found_by_their_beginning_in_any_script(memory: Memory) -> None:
    await kept(memory, "kettle", "a brushed steel kettle")
    await kept(memory, "fuji", "雪の中の富士山")
    asked = store(memory)
    assert [one.template.name for one in await asked.find("brush stee")] == ["kettle"]
    assert [one.template.name for one in await asked.find("富士")] == ["fuji"]
    assert [one.template.name for one in await asked.find('"*) OR')] == []
    assert "noir" in [one.template.name for one in await asked.find("black white")]


async def test_a_template_comes_with_all_that_it_takes_words_from(memory: Memory) -> None:
    await kept(memory, "light", "soft light")
    await kept(memory, "hero", "a fox in {@light}, {@daylight}")
    found = await store(memory).with_all([("hero", None)], included)
    assert set(found) == {"hero", "light", "daylight"}
