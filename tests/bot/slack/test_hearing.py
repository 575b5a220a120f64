"""What people do in Slack arrives at the desk once, in words of no platform, and is answered."""

import asyncio
from typing import Any

import pytest

from bot.chat.heard import Heard, Spot
from domain.card import Button, Panel
from tests.bot.slack.conftest import Studio
from tests.vendors.pictures import draw
from tests.vendors.slack.world import TEAM, Message

PNG = draw("a street", 64, 64)


async def settled(slack: Studio) -> None:
    await slack.slack.working.idle()


async def card(slack: Studio, *buttons: Button, thread: Message | None = None) -> Message:
    shown = await slack.card(grid=None, **({"buttons": buttons} if buttons else {}))
    address = slack.address(root_ref=thread.ref if thread else None)
    ref = await slack.slack.surface.post(shown, address, key="k", again=False)
    return slack.art.messages[ref.partition("/")[2]]


# --- lines ---


async def test_a_command_is_a_line_in_its_channel(slack: Studio) -> None:
    answer = await slack.ana.slash(slack.art, "/imagine", "a fox & a “sign” for @ben")
    line = slack.desk.line
    assert answer.ack.ok
    assert line.how == "command"
    assert line.text == 'a fox & a "sign" for @Ben'
    assert line.mentions == {"@Ben": slack.ben.id}
    assert line.spot == Spot("slack", TEAM, slack.art.id)
    assert (line.person.id, line.person.name) == (slack.ana.id, "Ana")
    assert line.key.startswith("slack:t:")


async def test_a_mention_is_heard_once_though_slack_sends_two_events(slack: Studio) -> None:
    await slack.ana.mention(slack.art, "a red fox")
    await settled(slack)
    assert [one.how for one in slack.desk.heard] == ["mention"]  # type: ignore[union-attr]
    assert slack.desk.line.text == "a red fox"


async def test_a_reply_in_a_thread_names_the_thread(slack: Studio) -> None:
    root = await card(slack)
    await slack.ana.say(slack.art, "style: more cinematic", thread=root)
    await slack.ana.mention(slack.art, "reroll", thread=root)
    await settled(slack)
    said = [(one.how, one.text, one.spot.thread) for one in slack.desk.heard]  # type: ignore[union-attr]
    assert said == [
        ("message", "style: more cinematic", root.ts),
        ("mention", "reroll", root.ts),
    ]


async def test_talk_in_a_channel_is_not_even_looked_at(slack: Studio) -> None:
    await settled(slack)
    asked = len(slack.emu.calls)
    await slack.ana.say(slack.art, "style: more cinematic")
    await settled(slack)
    assert slack.desk.heard == []
    assert len(slack.emu.calls) == asked


async def test_every_line_to_the_bot_alone_is_direct(slack: Studio) -> None:
    await slack.ana.direct("a red fox")
    await slack.ana.direct("@atelier queue")
    await settled(slack)
    assert [(one.how, one.text) for one in slack.desk.heard] == [  # type: ignore[union-attr]
        ("direct", "a red fox"),
        ("direct", "queue"),
    ]


async def test_pictures_come_with_names_and_other_files_are_said_to_be_left_out(
    slack: Studio,
) -> None:
    files = [("a.png", PNG), ("notes.zip", b"PK\x03\x04"), ("b.jpg", draw("b", 32, 32, "jpg"))]
    await slack.ana.mention(slack.art, "more fog", files=files)
    await settled(slack)
    found = slack.desk.line.attachments
    assert [(one.name, one.size_bytes) for one in found] == [
        ("picture1", len(PNG)),
        ("picture2", len(files[2][1])),
    ]
    assert await slack.slack.fetcher.fetch(found[0], max_bytes=10**6) == PNG
    assert "notes.zip" in slack.ana.whispers[-1].said


async def test_edits_deletions_and_bots_are_not_heard(slack: Studio) -> None:
    robot = slack.emu.person("Robot", bot=True)
    slack.art.members.add(robot.id)
    message = await card(slack)
    said = await slack.ana.say(slack.art, "one", thread=message)
    await slack.ana.rewrite(said, "two")
    slack.emu.remove(said)
    await robot.say(slack.art, "beep", thread=message)
    await slack.slack.surface.edit(message.ref, await slack.card(grid=None))
    await settled(slack)
    assert [one.text for one in slack.desk.heard] == ["one"]  # type: ignore[union-attr]


async def test_people_of_another_workspace_are_not_heard(
    slack: Studio, caplog: pytest.LogCaptureFixture
) -> None:
    eve = slack.emu.person("Eve", team="T0OTHER")
    slack.art.members.add(eve.id)
    answer = await eve.slash(slack.art, "/imagine", "a fox")
    message = await card(slack)
    await eve.click(message, "Reroll")
    await settled(slack)
    assert answer.ack.ok
    assert slack.desk.heard == []
    assert "another workspace" in caplog.text


async def test_a_redelivered_event_has_the_key_of_the_first(slack: Studio) -> None:
    event = slack.emu.delivery._event_payload(
        {"type": "app_mention", "user": slack.ana.id, "text": "<@U0BOT> a fox", "ts": "1.1"}
        | {"channel": slack.art.id}
    )
    for retry in (0, 1):
        await slack.emu.delivery.offer("events_api", event, retry, "timeout")
    await settled(slack)
    first, again = slack.desk.heard
    assert first.key == again.key == f"slack:{event['event_id']}"


async def test_a_command_where_the_bot_is_not_is_answered_with_an_invitation(
    slack: Studio,
) -> None:
    out = slack.emu.channel("out", slack.ana, bot=False)
    secret = slack.emu.channel("secret", slack.ana, bot=False, private=True)
    for channel in (out, secret):
        answer = await slack.ana.slash(channel, "/imagine", "a fox")
        await settled(slack)
        assert "/invite @atelier" in answer.whispers[-1].said
    assert slack.desk.heard == []


# --- buttons, menus, shortcuts ---


async def test_a_button_says_its_line_about_its_message(slack: Studio) -> None:
    root = await card(slack)
    child = await card(slack, thread=root)
    await slack.ben.click(child, "Reroll")
    press = slack.desk.press
    assert press.line.startswith("reroll --in 01J")
    assert press.message == child.ref
    assert press.spot.thread == root.ts
    assert (press.form, press.confirmed, press.person.name) == ("", False, "Ben")


async def test_a_doubt_that_was_answered_with_yes_is_confirmed(slack: Studio) -> None:
    asks = Button(label="Retry", line="retry --in r1", confirm="Pay twice?")
    message = await card(slack, asks)
    await slack.ana.click(message, "Retry", yes=False)
    assert slack.desk.heard == []
    await slack.ana.click(message, "Retry")
    assert slack.desk.press.confirmed


async def test_a_choice_from_a_menu_says_its_line(slack: Studio) -> None:
    many = tuple(
        Button(label=f"Pick {number}", line=f"pick {number} --in r1", group="pick", number=number)
        for number in range(1, 9)
    )
    await slack.ana.choose(await card(slack, *many), "Pick 7")
    assert slack.desk.press.line == "pick 7 --in r1"


@pytest.mark.parametrize("forged", ["", "x" * 91, "käse", "a\nb"])
async def test_a_forged_button_is_refused_and_says_nothing(slack: Studio, forged: str) -> None:
    message = await card(slack)
    answer = await slack.ana.click(message, "Reroll", forged=forged)
    await settled(slack)
    assert slack.desk.heard == []
    assert "none of mine" in answer.whispers[-1].said


async def test_an_id_that_is_none_of_ours_is_refused(slack: Studio) -> None:
    message = await card(slack)
    action = {"action_id": "delete_everything", "block_id": "b", "type": "button", "value": "x"}
    answer = await slack.ana._act(message, action)
    await settled(slack)
    assert slack.desk.heard == []
    assert "none of mine" in answer.whispers[-1].said


async def test_a_payload_that_makes_no_sense_is_answered_and_forgotten(slack: Studio) -> None:
    for payload in (
        {"type": "block_actions", "team": {"id": TEAM}, "user": {"id": slack.ana.id}},
        {"type": "view_submission", "team": {"id": TEAM}, "user": {"id": slack.ana.id}},
        {"type": "something_new", "team": {"id": TEAM}, "user": {"id": slack.ana.id}},
    ):
        ack = await slack.emu.delivery.offer("interactive", payload)
        assert ack.ok
    await settled(slack)
    assert slack.desk.heard == []


async def test_the_shortcuts_of_a_message_name_it(slack: Studio) -> None:
    root = await card(slack)
    for name in ("branch", "baseline"):
        await slack.ana.message_shortcut(name, root)
        assert (slack.desk.press.line, slack.desk.press.message) == (name, root.ref)


# --- reactions ---


async def test_reactions_come_as_emoji_and_leave_again(slack: Studio) -> None:
    message = await card(slack)
    await slack.ana.react(message, "two")
    await slack.ana.unreact(message, "two")
    await slack.ben.react(message, "+1::skin-tone-3")
    await settled(slack)
    said = [(one.emoji, one.added, one.message) for one in slack.desk.heard]  # type: ignore[union-attr]
    assert said == [
        ("2\u20e3", True, message.ref),
        ("2\u20e3", False, message.ref),
        ("👍", True, message.ref),
    ]


async def test_unknown_reactions_bots_and_our_own_say_nothing(slack: Studio) -> None:
    message = await card(slack)
    robot = slack.emu.person("Robot", bot=True)
    await robot.react(message, "one")
    await slack.ana.react(message, "party_parrot")
    client = slack.slack.line.client
    await client.reactions_add(channel=message.channel, timestamp=message.ts, name="two")
    await settled(slack)
    assert slack.desk.heard == []


async def test_forty_people_at_once_are_all_heard_and_each_is_asked_after_once(
    slack: Studio,
) -> None:
    message = await card(slack)
    crowd = [slack.emu.person(f"P{number}") for number in range(40)]
    await asyncio.gather(*(one.react(message, "one") for one in crowd))
    await asyncio.gather(*(one.react(message, "two") for one in crowd))
    await settled(slack)
    heard = [(one.person.id, one.emoji) for one in slack.desk.heard]  # type: ignore[union-attr]
    assert len(set(heard)) == 80
    assert len(slack.emu.called("users.info")) == 40


# --- answers ---


async def test_what_is_told_is_seen_by_that_person_alone(slack: Studio) -> None:
    picture = await slack.picture()

    async def answer(heard: Heard) -> None:
        await heard.reply.taken()
        button = Button(label="Approve", line="approve 1 --in r1")
        panel = Panel(text="<b> & more", picture=picture, alt="x", buttons=(button,))
        await heard.reply.tell(panel)

    slack.desk.answer = answer
    root = await card(slack)
    await slack.ana.say(slack.art, "review", thread=root)
    await settled(slack)
    [told] = slack.ana.whispers
    assert (told.said, told.buttons, len(told.pictures)) == ("<b> & more", ["Approve"], 1)
    assert told.thread_ts == root.ts
    assert slack.ben.whispers == []
    await slack.ana.click(told, "Approve")
    assert (slack.desk.press.line, slack.desk.press.message) == ("approve 1 --in r1", None)


async def test_an_answer_arrives_also_where_the_bot_may_not_post(slack: Studio) -> None:
    async def answer(heard: Heard) -> None:
        await heard.reply.taken()
        slack.art.members.discard("U0BOT")
        await heard.reply.refuse(Panel(text="no"))

    slack.desk.answer = answer
    await slack.ana.slash(slack.art, "/imagine", "x")
    await settled(slack)
    assert [one.said for one in slack.ana.whispers] == ["no"]
    slack.art.members.add("U0BOT")
    await slack.ana.mention(slack.art, "x")
    await settled(slack)
    assert [one.text for one in slack.emu.messages(slack.ana.conversation)] == ["no"]


async def test_a_direct_line_is_answered_in_the_conversation(slack: Studio) -> None:
    async def answer(heard: Heard) -> None:
        await heard.reply.tell(Panel(text="here"))

    slack.desk.answer = answer
    await slack.ana.direct("help")
    await settled(slack)
    assert [one.text for one in slack.emu.messages(slack.ana.conversation)] == ["help", "here"]


async def test_a_slow_desk_is_answered_for_and_its_work_goes_on(slack: Studio) -> None:
    go_on = asyncio.Event()
    done: list[str] = []

    async def answer(heard: Heard) -> None:
        await go_on.wait()
        done.append(heard.key)

    slack.desk.answer = answer
    answered = await slack.ana.slash(slack.art, "/imagine", "a fox")
    assert answered.ack.ok
    assert not done
    go_on.set()
    await settled(slack)
    assert len(done) == 1


async def test_a_desk_that_breaks_is_answered_for_and_the_next_line_is_heard(
    slack: Studio, caplog: pytest.LogCaptureFixture
) -> None:
    async def answer(_: Heard) -> None:
        raise ValueError("ours")

    slack.desk.answer = answer
    assert (await slack.ana.slash(slack.art, "/imagine", "a fox")).ack.ok
    await settled(slack)
    assert "an event was not handled" in caplog.text
    slack.desk.answer = None
    assert (await slack.ana.slash(slack.art, "/imagine", "a hen")).ack.ok
    assert slack.desk.line.text == "a hen"


async def test_a_slack_that_does_not_say_names_is_heard_all_the_same(slack: Studio) -> None:
    await settled(slack)  # the names of those who are there are known by now
    zoe = slack.emu.person("Zoe")
    slack.art.members.add(zoe.id)
    slack.emu.fails("users.info", mode="status", status=500)
    await zoe.slash(slack.art, "/imagine", "a fox")
    assert slack.desk.line.person.name == zoe.id
    await zoe.slash(slack.art, "/imagine", "a hen")
    assert slack.desk.line.person.name == "Zoe"


async def test_the_names_of_a_workspace_are_learned_at_once(slack: Studio) -> None:
    await settled(slack)
    for n in range(3):
        await slack.ana.slash(slack.art, "/imagine", f"fox {n}")
    assert slack.desk.line.person.name == "Ana"
    assert (len(slack.emu.called("users.list")), slack.emu.called("users.info")) == (1, [])


async def test_two_hundred_commands_at_once_are_all_acknowledged(slack: Studio) -> None:
    said = (slack.ana.slash(slack.art, "/imagine", f"fox {n}") for n in range(200))
    answers: list[Any] = await asyncio.gather(*said)
    assert all(one.ack.ok for one in answers)
    assert len({one.key for one in slack.desk.heard}) == 200
