"""Cards and lines in Slack: posted once, shown when Slack has looked at them, redrawn in place."""

import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.slack.connecting import LOOK_S
from bot.slack.uploads import PATIENCE_S
from domain.card import Card
from domain.errors import SurfaceDownError, SurfaceError, SurfaceGoneError
from domain.surface import NoteLine
from tests.bot.slack.conftest import Studio
from tests.vendors.slack import Times
from tests.vendors.slack.world import BOT_USER, Message


async def posted(slack: Studio, card: Card | None = None, **more: Any) -> Message:
    shown = card or await slack.card()
    ref = await slack.slack.surface.post(shown, slack.address(**more), key="card:1", again=False)
    return slack.art.messages[ref.partition("/")[2]]


def note(**more: Any) -> NoteLine:
    given = {
        "key": "note:1",
        "run_id": "01J00000000000000000000001",
        "root_id": "01J00000000000000000000001",
        "text": "#2 picked by Ana",
        "by": "Ana",
        "at": datetime(2026, 11, 23, tzinfo=UTC),
    }
    return NoteLine.model_validate(given | more)


def posts(slack: Studio) -> int:
    return len([one for one in slack.emu.calls if one.method == "chat.postMessage"])


async def said(slack: Studio, line: NoteLine, root: Message | None = None, **how: Any) -> Message:
    address = slack.address(root_ref=root.ref if root else None)
    ref = await slack.slack.surface.note(line, address, again=how.get("again", False))
    return slack.art.messages[ref.partition("/")[2]]


# --- cards ---


async def test_a_card_is_posted_with_its_grid_and_its_buttons(slack: Studio) -> None:
    message = await posted(slack)
    assert message.pictures
    assert "a red fox" in message.said
    assert {"Pick 1", "Reroll"} <= set(message.buttons)
    assert message.metadata == {"event_type": "ai_handler", "event_payload": {"key": "card:1"}}
    [args] = slack.emu.called("chat.postMessage")
    assert (args["unfurl_links"], args["unfurl_media"]) == (False, False)
    assert args["text"]


async def test_a_grid_is_shown_only_when_slack_has_looked_at_it(slack: Studio) -> None:
    await posted(slack)
    asked = len(slack.emu.called("files.info"))
    assert asked > 1
    looked_s = [one for one in slack.clock.waited_s if one != LOOK_S]
    assert looked_s == [0.05 * 2**n for n in range(asked - 1)]
    assert "invalid_blocks" not in [one.error for one in slack.emu.calls]


async def test_a_grid_that_is_refused_all_the_same_is_sent_again(slack: Studio) -> None:
    refusals = [True, True, True, False]
    slack.emu.refuse_picture = lambda _: refusals.pop(0)
    message = await posted(slack)
    assert message.pictures
    assert [one.error for one in slack.emu.calls if one.method == "chat.postMessage"] == [
        *["invalid_blocks"] * 3,
        "",
    ]


async def test_a_grid_that_is_never_looked_at_is_put_into_the_thread(slack: Studio) -> None:
    slack.emu.times = Times(ready_s=10**6)
    message = await posted(slack)
    assert not message.pictures
    assert {"Pick 1", "Reroll"} <= set(message.buttons)
    slack.emu.times = Times(ready_s=0.0)
    assert sum(slack.clock.waited_s) >= PATIENCE_S
    [shared] = await slack.emu.until(lambda: slack.emu.messages(slack.art, message))
    assert shared.files


async def test_a_grid_is_uploaded_once_and_again_if_slack_lost_it(slack: Studio) -> None:
    card = await slack.card()
    message = await posted(slack, card)
    await slack.slack.surface.edit(message.ref, card)
    assert len(slack.emu.called("files.completeUploadExternal")) == 1
    slack.emu.world.files[message.pictures[0]].deleted = True
    await slack.slack.surface.edit(message.ref, card)
    assert len(slack.emu.called("files.completeUploadExternal")) == 2
    assert not slack.emu.world.files[message.pictures[0]].deleted


async def test_a_redrawn_card_keeps_its_blocks(slack: Studio) -> None:
    message = await posted(slack, await slack.card(grid=None))
    await slack.slack.surface.edit(message.ref, await slack.card(status="Measuring"))
    assert "Measuring" in message.said
    assert all(one["blocks"] for one in slack.emu.called("chat.update"))
    assert all(one["text"] for one in slack.emu.called("chat.update"))


async def test_a_child_stands_in_the_thread_of_its_root(slack: Studio) -> None:
    root = await posted(slack)
    child = await slack.slack.surface.post(
        await slack.card(), slack.address(root_ref=root.ref), key="card:2", again=False
    )
    assert [one.ref for one in slack.emu.messages(slack.art, root)] == [child]


async def test_a_run_that_began_in_someones_thread_stays_there(slack: Studio) -> None:
    talk = await slack.ana.say(slack.art, "hm")
    place = slack.address().place.model_copy(update={"topic": talk.ts})
    address = slack.address().model_copy(update={"place": place})
    ref = await slack.slack.surface.post(await slack.card(), address, key="k", again=False)
    assert [one.ref for one in slack.emu.messages(slack.art, talk)] == [ref]


async def test_a_vote_is_one_tap_and_the_digits_are_put_once(slack: Studio) -> None:
    card = await slack.card()
    message = await posted(slack, card)
    await slack.slack.working.idle()
    assert list(message.reactions) == ["one", "two", "three", "four"]
    assert all(users == [BOT_USER] for users in message.reactions.values())
    await slack.slack.surface.edit(message.ref, card)
    await slack.slack.working.idle()
    assert len([one for one in slack.emu.calls if one.method == "reactions.add"]) == 4


async def test_digits_that_were_put_before_a_restart_are_not_put_again(studio: Studio) -> None:
    async with studio.connected() as slack:
        card = await slack.card()
        message = await posted(slack, card)
        await slack.slack.working.idle()
    async with studio.connected() as slack:
        await slack.slack.surface.edit(message.ref, card)
        await slack.slack.working.idle()
    assert len([one for one in studio.emu.calls if one.method == "reactions.add"]) == 4


async def test_a_card_that_is_taken_down_loses_its_picture_at_slack_too(slack: Studio) -> None:
    message = await posted(slack)
    [file] = message.pictures
    gone = await slack.card(taken_down="Ana", buttons=())
    await slack.slack.surface.edit(message.ref, gone)
    await slack.slack.working.idle()
    assert "Taken down by Ana" in message.said
    assert not message.pictures
    assert not message.buttons
    assert slack.emu.world.files[file].deleted


# --- once, whatever happens ---


async def test_a_post_whose_answer_was_lost_is_found_and_not_repeated(slack: Studio) -> None:
    slack.emu.fails("chat.postMessage", mode="lost")
    card = await slack.card()
    with pytest.raises(SurfaceDownError):
        await slack.slack.surface.post(card, slack.address(), key="card:1", again=False)
    [message] = slack.emu.messages(slack.art)
    newer = card.model_copy(update={"status": "Measuring"})
    ref = await slack.slack.surface.post(newer, slack.address(), key="card:1", again=True)
    assert [one.ref for one in slack.emu.messages(slack.art)] == [ref]
    assert "Measuring" in message.said


async def test_a_post_that_never_arrived_is_made_again(slack: Studio) -> None:
    slack.emu.fails("chat.postMessage", mode="close")
    with pytest.raises(SurfaceDownError):
        await said(slack, note())
    await said(slack, note(), again=True)
    assert len(slack.emu.messages(slack.art)) == 1


async def test_a_line_whose_answer_was_lost_is_found_in_a_long_thread(slack: Studio) -> None:
    root = await posted(slack)
    for number in range(3):
        await said(slack, note(key=f"note:{number}"), root)
    first = slack.emu.messages(slack.art, root)[1]
    again = await said(slack, note(key="note:1"), root, again=True)
    assert again is first
    assert len(slack.emu.messages(slack.art, root)) == 3


async def test_where_nothing_may_be_read_it_is_sent(slack: Studio) -> None:
    slack.emu.scopes.discard("channels:history")
    await said(slack, note(), again=True)
    assert len(slack.emu.messages(slack.art)) == 1


# --- lines ---


async def test_a_line_shows_its_picture_its_buttons_and_calls_one_person(slack: Studio) -> None:
    root = await posted(slack)
    line = note(
        digest=await slack.picture(),
        alt="#2: a fox",
        number=2,
        mention=slack.ana.id,
        buttons=[{"label": "Approve", "line": "approve 2 --in r1"}],
    )
    message = await said(slack, line, root)
    assert len(message.pictures) == 1
    assert message.buttons == ["Approve"]
    assert message.text.startswith(f"<@{slack.ana.id}> ")
    assert {"type": "user", "user_id": slack.ana.id} in message.blocks[0]["elements"][0]["elements"]


async def test_what_people_wrote_leaves_inert(slack: Studio) -> None:
    slack.emu.hostile = {"<!channel>", "<@U0ANA>", "&", "<http://x|y>"}
    await said(slack, note(text="<!channel> <@U0ANA> & <http://x|y>", mention="<!here>"))
    words = await slack.card()
    hostile = words.model_copy(update={"by": "<@U0ANA> & <!channel>"})
    await posted(slack, hostile)
    slack.emu.check()


async def test_a_picture_over_the_limit_is_a_preview_with_the_way_to_the_original(
    studio: Studio,
) -> None:
    studio.tools = _limited(studio, 60_000)
    async with studio.connected() as slack:
        big = await slack.picture("big", side=512)
        message = await said(slack, note(digest=big, alt="x", number=2))
    assert len(message.pictures) == 1
    shown = studio.emu.world.files[message.pictures[0]]
    assert len(shown.data) <= 60_000
    assert "The original: http://127.0.0.1:8787/runs/01J" in message.said


async def test_a_webp_is_shown_as_what_slack_takes(slack: Studio) -> None:
    message = await said(slack, note(digest=await slack.picture(kind="webp"), alt="x", number=2))
    assert slack.emu.world.files[message.pictures[0]].data.startswith(b"\xff\xd8")


def _limited(studio: Studio, max_bytes: int) -> Any:
    return replace(studio.tools, max_file_bytes=max_bytes)


def _zip(folder: Path, size: int) -> str:
    path = folder / "exports" / "r1.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.bin", bytes(size))
    return "exports/r1.zip"


async def test_a_zip_is_put_into_the_thread_once(slack: Studio, tmp_path: Path) -> None:
    root = await posted(slack)
    line = note(file=_zip(tmp_path, 100), text="Exported")
    await said(slack, line, root)
    await said(slack, line, root, again=True)
    told, shared = slack.emu.messages(slack.art, root)
    assert "Exported" in told.said
    assert slack.emu.world.files[shared.files[0]].data == (tmp_path / line.file).read_bytes()  # type: ignore[operator]


async def test_a_zip_over_the_limit_is_a_link(studio: Studio, tmp_path: Path) -> None:
    studio.tools = _limited(studio, 60_000)
    async with studio.connected() as slack:
        message = await said(slack, note(file=_zip(tmp_path, 100_000), text="Exported"))
    assert "http://127.0.0.1:8787/runs/" in message.said
    assert len(studio.emu.messages(studio.art)) == 1


@pytest.mark.parametrize("name", ["../outside.zip", "exports/none.zip"])
async def test_a_file_outside_the_data_folder_is_never_sent(
    slack: Studio, tmp_path: Path, name: str
) -> None:
    (tmp_path.parent / "outside.zip").write_bytes(b"secret")
    await said(slack, note(file=name, text="Exported"))
    assert "files.getUploadURLExternal" not in [one.method for one in slack.emu.calls]


async def test_a_line_is_taken_off_with_its_picture_and_one_that_is_gone_is_no_fault(
    slack: Studio,
) -> None:
    message = await said(slack, note(digest=await slack.picture(), alt="x", number=2))
    [file] = message.pictures
    await slack.slack.surface.retract(message.ref)
    assert slack.emu.messages(slack.art) == []
    assert slack.emu.world.files[file].deleted
    await slack.slack.surface.retract(message.ref)


# --- refusals and failures ---


@pytest.mark.parametrize("mode", ["close", "lost", "status"])
async def test_a_slack_that_fails_is_tried_later(slack: Studio, mode: str) -> None:
    slack.emu.fails("chat.postMessage", mode=mode, status=503)
    with pytest.raises(SurfaceDownError):
        await said(slack, note())
    assert posts(slack) <= 1 + (mode == "lost"), "a post is never repeated by the client"


async def test_a_slack_that_never_answers_is_given_up_in_time(
    slack: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = aiohttp.ClientTimeout(total=0.2)
    monkeypatch.setattr(slack.slack.line.session, "_timeout", quick)
    slack.emu.fails("chat.postMessage", mode="hang")
    with pytest.raises(SurfaceDownError):
        await said(slack, note())


async def test_too_many_posts_wait_as_slack_asks(slack: Studio) -> None:
    slack.emu.fails("chat.postMessage", mode="status", status=429, headers={"Retry-After": "0"})
    await said(slack, note())
    assert len(slack.emu.messages(slack.art)) == 1


async def test_a_limit_that_lasts_is_said_with_its_time(slack: Studio) -> None:
    after = {"Retry-After": "0"}
    slack.emu.fails("chat.postMessage", mode="status", status=429, headers=after, times=4)
    with pytest.raises(SurfaceDownError):
        await said(slack, note())


async def test_a_closed_channel_is_said_with_what_to_do(slack: Studio) -> None:
    async def refusal(change: Any) -> SurfaceError:
        change()
        with pytest.raises(SurfaceGoneError) as caught:
            await said(slack, note())
        return caught.value

    gone = await refusal(lambda: slack.art.members.discard(BOT_USER))
    assert gone.hint == "Invite the bot into the channel: /invite @atelier"
    slack.art.members.add(BOT_USER)
    archived = await refusal(lambda: setattr(slack.art, "archived", True))
    assert "archived" in archived.hint


async def test_a_missing_scope_is_named(slack: Studio) -> None:
    slack.emu.scopes.discard("chat:write")
    with pytest.raises(SurfaceGoneError) as caught:
        await said(slack, note())
    assert "chat:write" in caught.value.hint


async def test_a_card_that_may_have_no_picture_says_which_scope_is_missing(slack: Studio) -> None:
    slack.emu.scopes.discard("files:write")
    message = await posted(slack)
    assert not message.pictures
    assert {"Pick 1", "Reroll"} <= set(message.buttons)
    assert "files:write" in message.said


async def test_where_a_file_may_not_be_asked_for_its_picture_is_shown_in_the_end(
    slack: Studio,
) -> None:
    slack.emu.scopes.discard("files:read")
    message = await posted(slack)
    assert message.pictures


async def test_a_deleted_card_and_a_thread_without_its_first_message_are_gone(
    slack: Studio,
) -> None:
    message = await posted(slack)
    await said(slack, note(), message)
    slack.emu.remove(message)
    with pytest.raises(SurfaceGoneError):
        await slack.slack.surface.edit(message.ref, await slack.card())
    with pytest.raises(SurfaceGoneError):
        await said(slack, note(key="note:2"), message)


async def test_a_revoked_token_is_said_once_and_nothing_is_lost(slack: Studio) -> None:
    slack.emu.token_error = "token_revoked"
    with pytest.raises(SurfaceDownError) as caught:
        await said(slack, note())
    assert caught.value.retry_after_s >= 30
    assert "token_revoked" in slack.slack.problem
