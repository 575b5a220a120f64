"""What comes in is stored once; what goes out is planned first, and the latest goes once."""

import pytest

from domain.errors import NotFoundError
from storage.opinions import Note
from tests.pipeline.given import ANA, BEN, FOX, artwork, event
from tests.storage.conftest import Memory

# --- inbox ---


async def test_an_event_is_remembered_once_per_key(memory: Memory) -> None:
    first = await memory.inbox.remember(event("pick 1", key="k"))
    again = await memory.inbox.remember(event("pick 2", key="k"))
    assert (first.outcome, again.outcome) == (None, None)
    assert [one.line for one in await memory.inbox.open_events()] == ["pick 1"]


async def test_a_redelivered_event_says_what_became_of_it(memory: Memory) -> None:
    run = await memory.accepted(key="k")
    known = await memory.inbox.remember(event(FOX, key="k"))
    assert (known.run_id, known.outcome) == (run.id, "run")
    assert await memory.inbox.open_events() == []
    await memory.inbox.remember(event("pick 9", key="l"))
    await memory.inbox.close("l", "not_found")
    assert (await memory.inbox.remember(event("pick 9", key="l"))).outcome == "not_found"


async def test_what_was_not_acted_on_comes_back_whole_and_in_order(memory: Memory) -> None:
    events = [event(f"pick {number}", BEN, f"k{number}", confirmed=True) for number in (2, 1, 3)]
    for one in events:
        await memory.inbox.remember(one)
    assert await memory.inbox.open_events() == events


# --- outbox ---


async def test_a_card_is_planned_with_its_run_and_only_the_latest_is_due(memory: Memory) -> None:
    run = await memory.accepted()
    await memory.log.begin(run.id)
    for number in (1, 2):
        await memory.log.keep(run.id, artwork(run, number))
    (letter,) = await memory.outbox.due("console")
    assert (letter.key, letter.kind, letter.message_ref) == (f"card:{run.id}", "card", None)
    assert letter.wanted == (await memory.log.run(run.id)).revision
    assert await memory.outbox.due("slack") == []


async def test_what_was_sent_is_not_due_until_it_changes(memory: Memory) -> None:
    run = await memory.accepted()
    (letter,) = await memory.outbox.due("console")
    await memory.outbox.sent(letter, letter.wanted, "message-1")
    assert await memory.outbox.due("console") == []
    await memory.log.begin(run.id)
    (again,) = await memory.outbox.due("console")
    assert again.message_ref == "message-1"
    assert again.wanted > letter.wanted


async def test_a_change_while_it_is_sent_stays_due(memory: Memory) -> None:
    run = await memory.accepted()
    (letter,) = await memory.outbox.due("console")
    await memory.log.begin(run.id)
    await memory.outbox.sent(letter, letter.wanted, "message-1")
    assert len(await memory.outbox.due("console")) == 1


async def test_what_failed_stays_due_with_the_reason(memory: Memory) -> None:
    await memory.accepted()
    (letter,) = await memory.outbox.due("console")
    await memory.outbox.failed(letter, "away")
    assert await memory.outbox.due("console") == [letter]


async def test_a_note_is_sent_once(memory: Memory) -> None:
    run = await memory.made()
    key = await memory.key(run)
    await memory.opinions.say(key, run.id, Note("hello", 2))
    (note,) = [one for one in await memory.outbox.due("console") if one.kind == "note"]
    assert (note.text, note.number) == ("hello", 2)
    await memory.outbox.sent(note, note.wanted, "message-2")
    assert [one.kind for one in await memory.outbox.due("console")] == ["card"]
    assert [one.text for one in await memory.outbox.notes([run.id])] == ["hello"]


async def test_the_oldest_plan_is_due_first_and_not_all_at_once(memory: Memory) -> None:
    runs = [await memory.accepted() for _ in range(3)]
    letters = await memory.outbox.due("console", limit=2)
    assert [one.run_id for one in letters] == [runs[0].id, runs[1].id]


# --- finding runs ---


async def found(memory: Memory, words: str) -> set[str]:
    return {run.spec.segments.subject.text for run in await memory.search.recent(query=words)}


async def test_runs_are_found_by_every_word_wherever_it_stands(memory: Memory) -> None:
    await memory.accepted("imagine a red fox :: in the snow :: :: flat")
    await memory.accepted("imagine a red teapot", person=BEN)
    assert await found(memory, "RED") == {"a red fox", "a red teapot"}
    assert await found(memory, "red snow") == {"a red fox"}
    assert await found(memory, "flat fox") == {"a red fox"}
    assert await found(memory, "ben") == {"a red teapot"}
    assert await found(memory, "sketch teapot queued") == {"a red teapot"}
    assert await found(memory, "red dog") == set()
    assert await found(memory, "") == {"a red fox", "a red teapot"}


async def test_words_of_every_script_are_found(memory: Memory) -> None:
    await memory.accepted('imagine a café in 東京 with a "quoted" back\\\\slash')
    for word in ("café", "CAFE", "東京", "京", '"quoted"', "back\\slash"):
        assert len(await found(memory, word)) == 1


@pytest.mark.parametrize("word", ["segments", "subject", "text", "weight", "1.0", "{", '":'])
async def test_how_a_spec_is_stored_is_not_what_is_searched(memory: Memory, word: str) -> None:
    await memory.accepted("imagine a red fox")
    assert await found(memory, word) == set()


@pytest.mark.parametrize("word", ["%", "_", "r%d", "r_d", "\\", "' OR 1=1 --"])
async def test_wildcards_and_quotes_are_plain_characters(memory: Memory, word: str) -> None:
    await memory.accepted("imagine a red fox")
    assert await found(memory, word) == set()
    await memory.accepted("imagine 100% r_d")
    assert await found(memory, "100%") == {"100% r_d"}
    assert await found(memory, "r_d") == {"100% r_d"}


async def test_the_newest_come_first_page_by_page(memory: Memory) -> None:
    ids = [(await memory.accepted(person=person)).id for person in (ANA, ANA, BEN, BEN)]
    first = await memory.search.recent(limit=2)
    assert [run.id for run in first] == ids[:1:-1]
    second = await memory.search.recent(limit=2, before=first[-1].id)
    assert [run.id for run in second] == ids[1::-1]


async def test_roots_are_what_was_asked_for_in_the_channel_itself(memory: Memory) -> None:
    first = await memory.made()
    await memory.accepted("style: dark", parent=first)
    other = await memory.accepted()
    assert [run.id for run in await memory.search.roots()] == [other.id, first.id]
    assert [run.id for run in await memory.search.roots(before=other.id)] == [first.id]
    assert [run.ref for run in await memory.search.thread(first.id)] == ["r1", "r2"]


async def test_a_run_is_found_by_the_name_that_people_use(memory: Memory) -> None:
    first = await memory.made()
    child = await memory.accepted("style: dark", parent=first)
    assert await memory.search.named("r2", first.id) == child.id
    assert await memory.search.named(child.id, None) == child.id


@pytest.mark.parametrize(
    "name", ["r9", "r", "rubbish", "r1x", "", "01J", "r٣", "r99999999999999999999"]
)
async def test_a_name_of_no_run_is_not_found(memory: Memory, name: str) -> None:
    first = await memory.accepted()
    for root in (first.id, None):
        with pytest.raises(NotFoundError):
            await memory.search.named(name, root)


async def test_the_newest_run_that_has_that_tile_is_meant(memory: Memory) -> None:
    with pytest.raises(NotFoundError, match="no run here"):
        await memory.search.newest()
    whole = await memory.made()
    part = await memory.made(numbers=(1,))
    assert await memory.search.newest() == part.id
    assert await memory.search.newest(number=1) == part.id
    assert await memory.search.newest(number=3) == whole.id
    assert await memory.search.newest(root_id=whole.id) == whole.id
    with pytest.raises(NotFoundError, match="image 3"):
        await memory.search.newest(root_id=part.id, number=3)


async def test_how_many_wait_before_a_run_is_counted(memory: Memory) -> None:
    runs = [await memory.accepted() for _ in range(3)]
    await memory.log.begin(runs[0].id)
    assert [await memory.search.waiting_before(run.id) for run in runs] == [0, 0, 1]


async def test_the_type_of_an_artwork_is_known_by_its_digest(memory: Memory) -> None:
    run = await memory.made()
    assert await memory.search.media_type(run.artworks[0].digest) == "image/png"
    with pytest.raises(NotFoundError):
        await memory.search.media_type(f"sha256:{'e' * 64}")
