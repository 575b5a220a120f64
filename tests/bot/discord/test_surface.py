"""Cards and lines on Discord: posted once, redrawn in place, one thread, and faults with words."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import discord
import pytest
import simcord

from bot.chat.tools import Tools
from bot.discord.service import DiscordService, build
from bot.discord.surface import nonce_of
from domain.card import Button, Card
from domain.errors import SurfaceDownError, SurfaceGoneError
from domain.event import Place
from domain.surface import (
    Address,
    NoteLine,
)
from pipeline.around import Around
from pipeline.present import present
from storage.artifacts import LocalArtifacts
from tests.bot.discord.conftest import SETTINGS, Listener, button_ids
from tests.pipeline.given import CARDS, NOON, finished, planned
from tests.vendors.pictures import draw
from tests.vendors.simcord_house import House

Restarted = Callable[[], Awaitable[DiscordService]]


@pytest.fixture
async def card(artifacts: LocalArtifacts) -> Card:
    """A finished run's, with a grid that is stored."""
    run = finished(planned())
    grid = await artifacts.put(draw("a fox", 96, 96, "png"), "image/png")
    return present(run, Around(card=CARDS[run.route.model])).model_copy(update={"grid": grid})


@pytest.fixture
def restarted(
    env: simcord.Env, service: DiscordService, listener: Listener, tools: Tools
) -> Restarted:
    async def restart() -> DiscordService:
        other = build(SETTINGS, listener.hear, tools)
        await service.bot.owned.idle()
        await env.restart_bot(other.bot)
        return other

    return restart


def place(home: House, channel: int | None = None) -> Place:
    where = str(channel or home.art.id)
    return Place(surface="discord", workspace=str(home.guild.id), channel=where)


def address(home: House, root: str | None = None, title: str = "a red fox") -> Address:
    return Address(place=place(home), root_ref=root, title=title)


def line(text: str = "picked #1", **more: Any) -> NoteLine:
    known = {"key": "note:1", "run_id": "01K0000000000000000000000A", "by": "Ana", "at": NOON}
    return NoteLine.model_validate(known | {"root_id": known["run_id"], "text": text} | more)


async def posted(service: DiscordService, home: House, card: Card, **more: Any) -> str:
    again = more.pop("again", False)
    return await service.surface.post(
        card, address(home, **more), key=f"card:{card.run_id}", again=again
    )


async def test_a_card_is_posted_with_its_grid_and_buttons(
    service: DiscordService, home: House, card: Card
) -> None:
    ref = await posted(service, home, card)
    (message,) = home.art.history()
    assert ref == f"{home.art.id}/{message.id}"
    assert message.content.startswith("**r1** · Ana")
    assert "a red fox" in (message.embeds[0].description or "")
    assert f"ah:reroll --in {card.run_id}" in button_ids(message)
    (picture,) = message.attachments
    assert picture.description == card.alt[:1024]
    assert card.grid is not None
    assert picture.filename.startswith(card.grid.removeprefix("sha256:")[:12])


async def test_the_digits_are_put_under_a_grid_once(
    service: DiscordService, home: House, card: Card
) -> None:
    ref = await posted(service, home, card)
    await service.bot.owned.idle()
    await service.surface.edit(ref, card)
    await service.bot.owned.idle()
    (message,) = home.art.history()
    signs = [str(one.emoji) for one in message.reactions]
    assert signs == [f"{tile.number}\ufe0f\u20e3" for tile in card.tiles]


async def test_a_picture_is_sent_again_only_when_it_is_another(
    service: DiscordService, home: House, card: Card, artifacts: LocalArtifacts
) -> None:
    ref = await posted(service, home, card)
    (before,) = home.art.history()
    await service.surface.edit(ref, card)
    (same,) = home.art.history()
    assert [one.id for one in same.attachments] == [one.id for one in before.attachments]
    grid = await artifacts.put(draw("a cat", 96, 96, "png"), "image/png")
    await service.surface.edit(ref, card.model_copy(update={"grid": grid}))
    (after,) = home.art.history()
    (picture,) = after.attachments
    assert picture.filename.startswith(grid.removeprefix("sha256:")[:12])


async def test_after_a_restart_the_picture_is_known_by_its_name(
    service: DiscordService, home: House, card: Card, restarted: Restarted
) -> None:
    ref = await posted(service, home, card)
    (before,) = home.art.history()
    other = await restarted()
    await other.surface.edit(ref, card)
    (after,) = home.art.history()
    assert [one.id for one in after.attachments] == [one.id for one in before.attachments]


async def test_what_was_taken_down_shows_nothing_of_it(
    service: DiscordService, home: House, card: Card
) -> None:
    ref = await posted(service, home, card)
    gone = card.model_copy(update={"taken_down": "Ana", "buttons": ()})
    await service.surface.edit(ref, gone)
    (message,) = home.art.history()
    assert "Taken down by Ana" in message.content
    assert not [*message.attachments, *message.embeds, *message.components]


async def test_one_thread_holds_all_that_follows(
    service: DiscordService, home: House, card: Card
) -> None:
    root = await posted(service, home, card)
    child = card.model_copy(update={"ref": "r2"})
    second = await service.surface.post(
        child, address(home, root, "a red\nfox in the snow " * 9), key="card:2", again=False
    )
    third = await service.surface.note(line(), address(home, root), again=False)
    (thread,) = home.art.threads
    assert str(thread.id) == root.partition("/")[2]
    assert (thread.name or "").startswith("a red fox in the snow")
    assert len(thread.name or "") <= 100
    assert {second.partition("/")[0], third.partition("/")[0]} == {str(thread.id)}


async def test_a_thread_that_is_there_is_used_after_a_restart(
    service: DiscordService, home: House, card: Card, restarted: Restarted
) -> None:
    root = await posted(service, home, card)
    await service.surface.note(line("one"), address(home, root), again=False)
    other = await restarted()
    await other.surface.note(line("two", key="note:2"), address(home, root), again=False)
    (thread,) = home.art.threads
    assert [one.content for one in thread.history() if one.content] == ["one", "two"]


async def test_an_archived_thread_is_opened_again(
    env: simcord.Env, service: DiscordService, home: House, card: Card
) -> None:
    root = await posted(service, home, card)
    ref = await service.surface.post(card, address(home, root), key="card:2", again=False)
    thread = await env.bot.fetch_channel(int(ref.partition("/")[0]))
    assert isinstance(thread, discord.Thread)
    await thread.edit(archived=True)
    await service.surface.edit(ref, card.model_copy(update={"status": "done again"}))
    await thread.edit(archived=True)
    await service.surface.note(line(), address(home, root), again=False)
    (known,) = home.art.threads
    assert "picked" in known.history()[-1].content


async def test_where_no_thread_may_be_made_it_is_said_below_the_card(
    env: simcord.Env,
    service: DiscordService,
    home: House,
    card: Card,
    caplog: pytest.LogCaptureFixture,
) -> None:
    root = await posted(service, home, card)
    env.inject_error("POST", "*/threads", status=403, code=50013, message="Missing Permissions")
    ref = await service.surface.note(line(), address(home, root), again=False)
    assert ref.startswith(f"{home.art.id}/")
    said = home.art.history()[-1]
    assert said.reference is not None
    assert f"{home.art.id}/{said.reference.message_id}" == root
    assert "Create Public Threads" in caplog.text


async def test_a_try_that_may_have_arrived_is_looked_for(
    service: DiscordService, home: House, card: Card
) -> None:
    root = await posted(service, home, card)
    assert await posted(service, home, card, again=True) == root
    assert len(home.art.history()) == 1
    first = await service.surface.note(line(), address(home, root), again=False)
    assert await service.surface.note(line(), address(home, root), again=True) == first


async def test_every_message_has_the_nonce_of_its_key(
    env: simcord.Env, service: DiscordService, home: House, card: Card
) -> None:
    await posted(service, home, card)
    sent = [one for one in env.http_requests if one.path == f"/channels/{home.art.id}/messages"]
    body: Any = sent[-1].json
    assert body["nonce"] == nonce_of(f"card:{card.run_id}")
    assert body["enforce_nonce"] is True
    assert len(nonce_of("x" * 500)) <= 25


async def test_only_who_is_called_is_called(
    service: DiscordService, home: House, card: Card
) -> None:
    root = await posted(service, home, card)
    text = f"@everyone {home.ben.mention} it is done"
    await service.surface.note(
        line(text, mention=str(home.ana.id)), address(home, root), again=False
    )
    (thread,) = home.art.threads
    said = thread.history()[-1]
    assert [one.id for one in said.mentions] == [home.ana.id]
    assert not said.mention_everyone


async def test_a_picture_over_the_limit_is_a_preview_with_a_link(
    service: DiscordService, home: House, card: Card, artifacts: LocalArtifacts
) -> None:
    service.surface._sending.tools = _smaller(service, 60_000)
    digest = await artifacts.put(draw("noise", 400, 400, "png") + b"\0" * 200_000, "image/png")
    root = await posted(service, home, card)
    shown = line(digest=digest, number=1, alt="#1: a fox")
    await service.surface.note(shown, address(home, root), again=False)
    (thread,) = home.art.threads
    said = thread.history()[-1]
    assert "Preview; the original: http://127.0.0.1:8787/runs/" in said.content
    (picture,) = said.attachments
    assert picture.size <= 60_000
    assert picture.filename.endswith("-preview.jpg")
    assert said.flags.suppress_embeds


@pytest.mark.parametrize("size", [60_000, 60_001])
async def test_a_zip_goes_along_up_to_the_limit(
    service: DiscordService, home: House, card: Card, size: int
) -> None:
    tools = service.surface._sending.tools = _smaller(service, 60_000)
    fits = size <= 60_000
    (tools.data_dir / "r1.zip").write_bytes(b"z" * size)
    root = await posted(service, home, card)
    await service.surface.note(line(file="r1.zip"), address(home, root), again=False)
    (thread,) = home.art.threads
    said = thread.history()[-1]
    assert [one.filename for one in said.attachments] == (["r1.zip"] if fits else [])
    assert ("http://127.0.0.1:8787/runs/" in said.content) is not fits


@pytest.mark.parametrize(
    "refusal",
    [
        (403, 50001, "View Channel"),
        (403, 50013, "Attach Files"),
        (404, 10003, "channel is not there"),
    ],
)
async def test_what_will_never_be_taken_names_what_to_do(
    env: simcord.Env,
    service: DiscordService,
    home: House,
    card: Card,
    refusal: tuple[int, int, str],
) -> None:
    status, code, word = refusal
    env.inject_error("POST", "/channels/*/messages", status=status, code=code, message="no")
    with pytest.raises(SurfaceGoneError, match=word):
        await posted(service, home, card)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_what_is_not_taken_now_is_tried_again_later(
    env: simcord.Env, service: DiscordService, home: House, card: Card, status: int
) -> None:
    env.inject_error("POST", "/channels/*/messages", status=status)
    with pytest.raises(SurfaceDownError):
        await posted(service, home, card)


async def test_a_deleted_card_is_gone(service: DiscordService, home: House, card: Card) -> None:
    ref = await posted(service, home, card)
    await service.surface.retract(ref)
    await service.surface.retract(ref)
    with pytest.raises(SurfaceGoneError, match="not there any more"):
        await service.surface.edit(ref, card)


async def test_failing_digits_do_not_fail_the_card(
    env: simcord.Env, service: DiscordService, home: House, card: Card
) -> None:
    env.inject_error("PUT", "*/reactions/*", status=500, times=None)
    assert await posted(service, home, card)
    await service.bot.owned.idle()


async def test_a_direct_message_needs_no_thread(
    service: DiscordService, home: House, card: Card
) -> None:
    channel = home.ana.user.dm_channel
    there = Address(place=place(home, channel.id), title="a red fox")
    root = await service.surface.post(card, there, key="card:9", again=False)
    ref = await service.surface.note(
        line(), there.model_copy(update={"root_ref": root}), again=False
    )
    assert ref.partition("/")[0] == str(channel.id)


async def test_hostile_words_do_nothing(service: DiscordService, home: House, card: Card) -> None:
    words = card.words[0].model_copy(
        update={"text": "@everyone [x](https://evil.example) ||boo|| <@1>\n# huge"}
    )
    await posted(service, home, card.model_copy(update={"words": (words,)}))
    (message,) = home.art.history()
    assert not message.mention_everyone
    shown = message.embeds[0].description or ""
    assert "https://" not in shown
    assert "||" not in shown


async def test_eight_images_make_menus(service: DiscordService, home: House, card: Card) -> None:
    buttons = tuple(
        Button(
            label=f"{verb.capitalize()} {number}",
            line=f"{verb} {number} --in {card.run_id}",
            group=verb,
            number=number,
        )
        for verb in ("pick", "branch", "approve")
        for number in range(1, 9)
    )
    await posted(service, home, card.model_copy(update={"buttons": buttons}))
    (message,) = home.art.history()
    assert len(message.components) == 3
    result = await home.ana.select(message, [f"ah:pick 7 --in {card.run_id}"], custom_id="ah=0")
    assert result.acknowledged


def _smaller(service: DiscordService, max_bytes: int) -> Tools:

    return replace(service.surface._sending.tools, max_file_bytes=max_bytes)
