"""What people write and react with: in channels, threads and direct messages."""

from typing import Any

import pytest
import simcord
from simcord.enums import MessageType

from bot.chat.tools import Tools
from bot.discord.service import build
from config.records import DiscordSettings
from domain.card import Panel
from tests.bot.discord.conftest import Listener
from tests.vendors.simcord_house import House

PNG = b"\x89PNG\r\n\x1a\n"


async def test_a_message_in_a_channel_is_heard_as_such(home: House, listener: Listener) -> None:
    message = await home.ana.send(home.art, "good morning")
    heard = listener.last
    assert (heard.text, heard.how, heard.answers) == ("good morning", "message", None)
    assert heard.key == f"discord:m:{message.id}"


async def test_a_mention_is_heard_without_the_name(
    env: simcord.Env, home: House, listener: Listener
) -> None:
    assert env.bot.user is not None
    await home.ana.send(home.art, f"{env.bot.user.mention} branch 2")
    assert (listener.last.text, listener.last.how) == ("branch 2", "mention")


async def test_an_answer_names_the_message_it_answers(home: House, listener: Listener) -> None:
    first = await home.ben.send(home.art, "look")
    await home.ana.send(home.art, "style: gouache", reply_to=first)
    assert listener.last.answers == f"{home.art.id}/{first.id}"
    assert listener.last.how == "message", "an answer is no mention"


async def test_pictures_come_along_and_other_files_do_not(home: House, listener: Listener) -> None:
    files = [("a.txt", b"hello"), ("fox.png", PNG)]
    await home.ana.send(home.art, "this one", attachments=files)
    assert [one.name for one in listener.last.attachments] == ["picture1"]


async def test_a_thread_stands_below_its_channel(
    env: simcord.Env, home: House, listener: Listener
) -> None:
    first = await home.ben.send(home.art, "look")
    channel = env.bot.get_channel(home.art.id)
    assert channel is not None
    await channel.get_partial_message(first.id).create_thread(name="Look")  # type: ignore[union-attr]
    (thread,) = home.art.threads
    await home.ana.send(thread, "style: gouache")
    spot = listener.last.spot
    assert (spot.channel, spot.thread) == (str(home.art.id), str(first.id))


async def test_bots_and_platform_lines_are_not_heard(
    env: simcord.Env, home: House, listener: Listener
) -> None:
    await home.robo.send(home.art, "branch 2")
    joined = MessageType.NEW_MEMBER
    home.guild.create_system_message(home.art, joined, author=home.ana)
    await env.settle()
    assert not listener.heard


async def test_a_direct_message_is_addressed(home: House, listener: Listener) -> None:
    await home.ana.send_dm("a red fox")
    assert (listener.last.text, listener.last.how) == ("a red fox", "direct")


async def test_a_refusal_under_a_message_goes_away_after_twenty_seconds(
    env: simcord.Env, home: House, listener: Listener
) -> None:
    async def refuses(heard: Any) -> None:
        await heard.reply.refuse(Panel(text="@everyone **no**"))

    listener.answers = refuses
    asked = await home.ana.send(home.art, "branch 9")
    answer = home.art.history()[-1]
    assert answer.reference is not None
    assert answer.reference.message_id == asked.id
    assert answer.content.startswith(home.ana.mention)
    assert not answer.mention_everyone
    await env.advance_time(21)
    assert answer.id not in {one.id for one in home.art.history()}


async def test_an_answer_under_a_message_stays(
    env: simcord.Env, home: House, listener: Listener
) -> None:
    async def tells(heard: Any) -> None:
        await heard.reply.tell(Panel(text="two wait"))

    listener.answers = tells
    await home.ana.send(home.art, "queue")
    await env.advance_time(60)
    assert home.art.history()[-1].content.endswith("two wait")


async def test_reactions_are_heard_as_plain_emoji(
    env: simcord.Env, home: House, listener: Listener
) -> None:
    card = await _of_the_bot(env, home)
    await home.ana.react(card, "1️⃣")
    heard = listener.last
    assert (heard.emoji, heard.added) == ("1\u20e3", True)
    assert heard.message == f"{home.art.id}/{card.id}"
    assert heard.person.name == "Ana"
    await home.ana.unreact(card, "1️⃣")
    assert listener.last.added is False
    await home.ana.react(card, "👍🏽")
    assert listener.last.emoji == "👍"


async def test_reactions_that_say_nothing_to_us_are_not_heard(
    env: simcord.Env, home: House, listener: Listener
) -> None:
    card = await _of_the_bot(env, home)
    await home.ana.react(card, "🎉")
    await home.robo.react(card, "✅")
    await card.add_reaction("✅")
    await env.settle()
    assert not listener.heard


async def test_without_message_content_mentions_and_menus_are_heard(
    listener: Listener, tools: Tools
) -> None:
    settings = DiscordSettings(message_content=False, sync_guild="")
    env = simcord.Env(build(settings, listener.hear, tools).bot, shard_count=1)
    await env.start()
    try:
        home = House(env)
        assert env.bot.user is not None
        message = await home.ana.send(home.art, "style: gouache")
        assert not listener.heard or listener.last.text == ""
        await home.ana.send(home.art, f"{env.bot.user.mention} review")
        assert listener.last.text == "review"
        await home.ana.context_menu(home.art, "Set as baseline", message)
        assert listener.last.line == "baseline"
    finally:
        await env.shutdown()


@pytest.mark.parametrize("emoji", ["❌", "🚫", "⭐", "8️⃣"])
async def test_every_sign_of_ours_is_heard(
    env: simcord.Env, home: House, listener: Listener, emoji: str
) -> None:
    card = await _of_the_bot(env, home)
    await home.ana.react(card, emoji)
    assert listener.last.emoji == emoji.replace("\ufe0f", "")


async def _of_the_bot(env: simcord.Env, home: House) -> Any:
    channel: Any = env.bot.get_channel(home.art.id)
    return await channel.send("**r1** · Ana")
