"""The hand-off on Discord: paste, progress, recognised, split, scored, grid, lineage."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from blockbuster import BlockBuster

from domain.run import Run
from tests.stories.drivers.discord import DiscordRoom, DiscordTeam, open_team
from tests.stories.drivers.protocol import Shown
from tests.stories.drivers.waiting import Keeper
from tests.stories.told import unwatched
from tests.vendors.midjourney import MidjourneyBot
from tests.vendors.pictures import draw

pytestmark = pytest.mark.asyncio(loop_scope="module")
SENT = "a red fox, in the snow --ar 1:1 --seed 7 --no fog --stylize 100 --chaos 0 --v 7"
FOX = "a red fox :: in the snow :: :: :: fog --seed 7 --model midjourney:v7"


class Scene:
    """A room with the team and Midjourney in it."""

    def __init__(self, team: DiscordTeam, room: DiscordRoom, midjourney: MidjourneyBot) -> None:
        self.team, self.room, self.midjourney = team, room, midjourney
        self.channel: Any = room._channel
        self.ana: Any = team.people["Ana"]
        self.ben: Any = team.people["Ben"]

    async def asked(self, line: str = FOX, who: str = "Ana") -> Run:
        told = await self.room.imagine(who, line)
        assert not told.text, told
        await self.room.settled()
        return await self.newest()

    async def newest(self) -> Run:
        return (await self.team.app.search.recent(limit=1))[0]

    async def run(self, run: Run) -> Run:
        await self.room.settled()
        return await self.team.app.log.run(run.id)

    async def card(self) -> Shown:
        return (await self.room.cards())[0]


class House:
    def __init__(self, folder: Path, keeper: Keeper) -> None:
        self.folder, self.keeper, self.stack = folder, keeper, AsyncExitStack()
        self.team: DiscordTeam | None = None
        self.count = 0

    async def scene(self) -> Scene:
        if self.team is None:
            self.team = await self.stack.enter_async_context(open_team(self.folder, "", {}))
            self.midjourney = MidjourneyBot(self.team.env, self.team.guild)
        self.count += 1
        return Scene(self.team, await self.team.room(f"room-{self.count}"), self.midjourney)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    keeper = Keeper()
    house = House(tmp_path_factory.mktemp("midjourney"), keeper)
    yield house
    await keeper.do(house.stack.aclose)
    await keeper.end()


@pytest_asyncio.fixture(loop_scope="module")
async def scene(house: House, watched_loop: BlockBuster) -> Scene:
    watched_loop.functions["os.stat"].can_block_in("storage/artifacts.py", "find")
    with unwatched(watched_loop):
        return await house.keeper.do(house.scene)


async def test_from_the_line_to_paste_to_a_grid_and_its_lineage(scene: Scene) -> None:
    run = await scene.asked()
    card = await scene.card()
    assert f"```\n/imagine prompt: {SENT}\n```" in card.text
    assert "Handed over" in card.text
    assert card.buttons == ("Cancel",)
    midjourney, channel, ana = scene.midjourney, scene.channel, scene.ana
    sent = SENT.replace("--v 7", "--v 7.0")
    message = await midjourney.begin(channel, sent, ana)
    await midjourney.go_on(message, sent, ana, 46)
    assert scene.team.app.bus.progress(run.id) == dict.fromkeys(range(1, 5), 0.46)
    grid = await midjourney.finish(channel, sent, ana)
    run = await scene.run(run)
    assert (run.state, len(run.artworks), run.cost_usd) == ("done", 4, 0.0)
    assert all(made.verdict and made.scores for made in run.artworks)
    assert {(made.width, made.height, made.seed) for made in run.artworks} == {(512, 512, 7)}
    card = await scene.card()
    assert card.pictures
    assert "Handed over" not in card.text
    assert {"Pick 1", "Pick 4", "Reroll"} <= set(card.buttons)
    single = draw("the second alone", 512, 512)
    alone = await midjourney.finish(
        channel, sent, ana, did="Image #2", picture=single, answers=grid
    )
    child = await scene.newest()
    assert child.parent is not None
    assert (child.kind, child.parent.run, child.parent.number) == ("select", run.id, 2)
    child = await scene.run(child)
    assert (child.state, len(child.artworks)) == ("done", 1)
    assert await scene.team.app.artifacts.get(child.artworks[0].digest) == single
    large = draw("the second, large", 1024, 1024)
    did = "Upscaled (Subtle)"
    await midjourney.finish(channel, sent, ana, did=did, picture=large, answers=alone)
    upscaled = await scene.run(await scene.newest())
    assert upscaled.parent is not None
    assert (upscaled.kind, upscaled.parent.run, upscaled.parent.number) == ("upscale", child.id, 1)
    assert upscaled.route.reason == "Upscaled (Subtle) in Midjourney"
    assert (upscaled.state, upscaled.artworks[0].width) == ("done", 1024)
    said = [one.text for one in await scene.room.thread()]
    assert any("Taken alone from r1 #2" in text for text in said)
    assert any("Upscaled from r2 #1" in text for text in said)


async def test_twice_is_once(scene: Scene) -> None:
    run = await scene.asked()
    job = "11111111-2222-3333-4444-555555555555"
    first = await scene.midjourney.finish(scene.channel, SENT, scene.ana, job=job)
    await scene.midjourney.edit(first, first.content)
    run = await scene.run(run)
    other = await scene.asked()
    await scene.midjourney.finish(scene.channel, SENT, scene.ana, job=job)
    await scene.midjourney.edit(first, first.content)
    assert (await scene.run(run)).attempt_round == run.attempt_round
    assert (await scene.run(other)).state == "handed", "one job is of one run"


async def test_a_late_word_of_progress_changes_nothing(scene: Scene) -> None:
    run = await scene.asked()
    message = await scene.midjourney.begin(scene.channel, SENT, scene.ana)
    await scene.midjourney.finish(scene.channel, SENT, scene.ana)
    await scene.midjourney.go_on(message, SENT, scene.ana, 93)
    run = await scene.run(run)
    assert run.state == "done"
    assert not scene.team.app.bus.progress(run.id)


async def test_of_two_with_the_same_words_the_oldest_is_first(scene: Scene) -> None:
    first = await scene.asked()
    second = await scene.asked()
    for run in (first, second):
        await scene.midjourney.finish(scene.channel, SENT, scene.ana)
        assert (await scene.run(run)).state == "done"


async def test_of_two_with_the_same_words_who_asked_is_first(scene: Scene) -> None:
    anas = await scene.asked(who="Ana")
    bens = await scene.asked(who="Ben")
    await scene.midjourney.finish(scene.channel, SENT, scene.ben)
    assert (await scene.run(bens)).state == "done"
    assert (await scene.run(anas)).state == "handed"


async def test_of_two_with_the_same_words_the_seed_tells(scene: Scene) -> None:
    first = await scene.asked()
    second = await scene.asked(FOX.replace("7", "8", 1))
    await scene.midjourney.finish(scene.channel, SENT.replace("--seed 7", "--seed 8"), scene.ana)
    assert (await scene.run(second)).state == "done"
    assert (await scene.run(first)).state == "handed"


@pytest.mark.parametrize(
    "rewritten",
    [
        SENT.replace("--v 7", "--raw --v 7.0"),
        "<https://s.mj.run/AbC123> a red fox, in the snow --iw 1.35 --v 7.0",
        "A red fox,  in the snow",
    ],
)
async def test_a_prompt_that_was_rewritten_is_known(scene: Scene, rewritten: str) -> None:
    run = await scene.asked()
    await scene.midjourney.finish(scene.channel, rewritten, scene.ana)
    assert (await scene.run(run)).state == "done"


async def test_foreign_pictures_are_left_alone(scene: Scene) -> None:
    run = await scene.asked()
    before = len(scene.channel.history())
    finish, channel, ana = scene.midjourney.finish, scene.channel, scene.ana
    await finish(channel, "a blue teapot --v 7", ana)
    await finish(channel, "a blue teapot --v 7", ana, did="Image #1")
    await finish(channel, "a blue teapot --v 7", ana, did="Variations (Strong)")
    await finish(channel, SENT, ana, name="animated_11111111-2222-3333-4444-666666666666.mp4")
    await finish(channel, SENT, ana, name="no_job.png")
    await scene.midjourney.post(channel, f"**{SENT}** - <@{ana.id}> (fast)")
    await scene.midjourney.post(channel, "You have successfully rated [this job](<https://x.y>)")
    assert (await scene.run(run)).state == "handed"
    assert len(scene.channel.history()) == before + 7, "the bot says nothing"


async def test_another_bot_or_person_is_not_midjourney(scene: Scene) -> None:
    run = await scene.asked()
    name = "ben_a_red_fox_11111111-2222-3333-4444-777777777777.webp"
    picture = draw("a fox", 512, 512)
    content = f"**{SENT}** - <@{scene.ben.id}> (fast)"
    await scene.ben.send(scene.channel, content, attachments=[(name, picture)])
    assert (await scene.run(run)).state == "handed"


async def test_another_channel_is_not_looked_at(scene: Scene) -> None:
    run = await scene.asked()
    other = scene.team.guild.create_text_channel("elsewhere")
    await scene.midjourney.finish(other, SENT, scene.ana)
    assert (await scene.run(run)).state == "handed"


async def test_what_stood_there_before_is_not_taken(scene: Scene) -> None:
    earlier = await scene.midjourney.finish(scene.channel, SENT, scene.ana)
    run = await scene.asked()
    await scene.midjourney.edit(earlier, earlier.content)
    assert (await scene.run(run)).state == "handed"


async def test_an_address_that_has_expired_is_said_and_tried_again(scene: Scene) -> None:
    run = await scene.asked()
    job = "11111111-2222-3333-4444-888888888888"
    kept = scene.team.env.backend.cdn.get
    scene.team.env.backend.cdn.get = lambda _url: None
    message = await scene.midjourney.finish(scene.channel, SENT, scene.ana, job=job)
    assert (await scene.run(run)).state == "handed"
    said = [one.text for one in await scene.room.thread()]
    assert any("seen, but not taken" in text and "still waits" in text for text in said), said
    scene.team.env.backend.cdn.get = kept
    await scene.midjourney.edit(message, message.content)
    assert (await scene.run(run)).state == "done"


async def test_a_file_elsewhere_is_not_fetched(scene: Scene) -> None:
    run = await scene.asked()
    job = "11111111-2222-3333-4444-999999999999"
    file = scene.team.env.backend.store_attachments(scene.channel.id, [(f"a_{job}.webp", b"")])[0]
    file["url"] = file["proxy_url"] = f"https://cdn.example.invalid/a_{job}.webp"
    backend = scene.team.env.backend
    backend.create_message(
        scene.channel.id,
        936929561302675456,
        f"**{SENT}** - <@{scene.ana.id}> (fast)",
        attachments=[file],
    )
    await scene.team.env.settle()
    assert (await scene.run(run)).state == "handed"
    said = [one.text for one in await scene.room.thread()]
    assert any("does not lie on Discord" in text for text in said), said


async def test_a_grid_that_is_none_is_said_and_the_run_waits_on(scene: Scene) -> None:
    run = await scene.asked()
    await scene.midjourney.finish(scene.channel, SENT, scene.ana, picture=draw("odd", 1023, 1024))
    assert (await scene.run(run)).state == "handed"
    said = [one.text for one in await scene.room.thread()]
    assert any("1023×1024 pixels do not split" in text for text in said), said


async def test_a_message_that_was_deleted_and_edited_harms_nothing(scene: Scene) -> None:
    run = await scene.asked()
    message = await scene.midjourney.finish(scene.channel, SENT, scene.ana)
    assert (await scene.run(run)).state == "done"
    await scene.midjourney.delete_then_edit(message)
    assert (await scene.run(run)).state == "done"


async def test_a_cancelled_run_takes_nothing_by_itself(scene: Scene) -> None:
    run = await scene.asked()
    await scene.room.press("Ana", await scene.card(), "Cancel")
    await scene.midjourney.finish(scene.channel, SENT, scene.ana)
    assert (await scene.run(run)).state == "cancelled"


async def test_variations_pans_and_zooms_are_children(scene: Scene) -> None:
    run = await scene.asked()
    finish, channel, ana = scene.midjourney.finish, scene.channel, scene.ana
    grid = await finish(channel, SENT, ana)
    await scene.run(run)
    for did, kind, count in (
        ("Variations (Strong)", "vary", 4),
        ("Zoom Out", "extend", 4),
        ("Pan Left", "extend", 4),
    ):
        await finish(channel, SENT, scene.ben, did=did, answers=grid)
        child = await scene.run(await scene.newest())
        assert child.parent is not None
        assert (child.kind, child.parent.run, child.state) == (kind, run.id, "done")
        assert child.route.reason == f"{did} in Midjourney"
        assert {made.seed for made in child.artworks} == {None}, "Midjourney does not say it"
        assert (len(child.artworks), child.person.name, child.root) == (count, "Ben", run.id)
    await finish(channel, SENT, ana, answers=grid)
    again = await scene.run(await scene.newest())
    assert (again.kind, again.state, len(again.artworks)) == ("reroll", "done", 4)


async def test_without_an_answered_message_the_words_name_the_parent(scene: Scene) -> None:
    run = await scene.asked()
    await scene.midjourney.finish(scene.channel, SENT, scene.ana)
    await scene.run(run)
    single = draw("alone", 512, 512)
    await scene.midjourney.finish(scene.channel, SENT, scene.ana, did="Image #3", picture=single)
    child = await scene.run(await scene.newest())
    assert child.parent is not None
    assert (child.parent.run, child.parent.number, child.state) == (run.id, 3, "done")


async def test_an_upscale_that_was_handed_over_is_recognised(scene: Scene) -> None:
    run = await scene.asked()
    grid = await scene.midjourney.finish(scene.channel, SENT, scene.ana)
    await scene.run(run)
    await scene.room.reply("Ben", "upscale 2")
    await scene.room.settled()
    waiting = await scene.newest()
    assert (waiting.kind, waiting.state) == ("upscale", "handed")
    large = draw("large", 1024, 1024)
    await scene.midjourney.finish(
        scene.channel, SENT, scene.ben, did="Upscaled (2x)", picture=large, answers=grid
    )
    done = await scene.run(waiting)
    assert (done.state, done.artworks[0].width) == ("done", 1024)
    assert (await scene.newest()).id == waiting.id, "no second child was made"


async def test_words_cannot_end_the_block(scene: Scene) -> None:
    line = "a fox ``` @everyone **x** \\-- v 5 --seed 7 --model midjourney:v7"
    await scene.asked(line)
    card = scene.room._cards()[0]
    text = card.embeds[0].description
    assert text.count("```") == 2
    inside = text.split("```")[1]
    assert "a fox ''' @everyone" in inside
    assert not card.mention_everyone
