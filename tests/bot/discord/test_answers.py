"""Answers: in time, private, and none left over; forms first; old buttons and old forms."""

from typing import Any

import pytest
import simcord

from bot.chat.forms import imagine_form
from bot.chat.tools import Tools
from bot.discord.service import DiscordService, build
from domain.card import Button, Choice, Entry, Form, Panel
from domain.errors import SurfaceGoneError
from tests.bot.discord.conftest import SETTINGS, Listener, button_ids
from tests.vendors.simcord_house import House

RUN = "01K0000000000000000000000A"
REJECT = Form(
    id="reject",
    about=f"{RUN}/1",
    title="Reject #1 of r1",
    submit="Reject",
    entries=(
        Entry(id="reason", label="Why", choices=(Choice(value="crop", label="Crop"),)),
        Entry(id="more", label="In words", lines=False),
    ),
)
BUTTONS = (
    Button(label="Approve", line=f"approve 1 --in {RUN}", number=1),
    Button(label="Reject…", line=f"reject 1 --in {RUN}", number=1, form="reject"),
)


async def asked(home: House, listener: Listener) -> Any:
    """Have Ana shown the buttons, and return the message that holds them."""

    async def answers(heard: Any) -> None:
        await heard.reply.tell(Panel(text="Which?", buttons=BUTTONS))

    listener.answers = answers
    result = await home.ana.slash(home.art, "imagine", prompt="approve")
    listener.answers = None
    assert result.ephemeral
    assert result.response is not None
    return result.response.message


async def test_an_answer_is_for_the_one_who_asked(home: House, listener: Listener) -> None:
    message = await asked(home, listener)
    assert message.content == "Which?"
    assert not [one for one in home.art.history(viewer=home.ben) if one.id == message.id]
    assert button_ids(message) == [f"ah:approve 1 --in {RUN}", f"ah?reject:reject 1 --in {RUN}"]


async def test_a_refusal_before_anything_was_stored_needs_no_thinking(
    home: House, listener: Listener
) -> None:
    listener.stores = False

    async def refuses(heard: Any) -> None:
        await heard.reply.refuse(Panel(text="Not so: say it so."))

    listener.answers = refuses
    result = await home.ana.slash(home.art, "imagine", prompt="a fox --cout 2")
    assert result.ephemeral
    assert result.response is not None
    assert result.response.content == "Not so: say it so."
    assert not result.followups


async def test_several_answers_all_come(home: House, listener: Listener) -> None:
    async def answers(heard: Any) -> None:
        await heard.reply.tell(Panel(text="one"))
        await heard.reply.tell(Panel(text="two"))

    listener.answers = answers
    result = await home.ana.slash(home.art, "imagine", prompt="help")
    assert result.response is not None
    assert [result.response.content, *(one.content for one in result.followups)] == ["one", "two"]
    assert all(one.ephemeral for one in result.followups)


async def test_a_button_says_its_line(home: House, listener: Listener) -> None:
    message = await asked(home, listener)
    result = await home.ana.click(message, label="Approve")
    assert listener.last.line == f"approve 1 --in {RUN}"
    assert listener.last.message == f"{home.art.id}/{message.id}"
    assert result.acknowledged
    assert result.response is None or result.response.id == message.id, "nothing is said"


async def test_a_form_comes_first_and_says_what_was_filled_in(
    home: House, listener: Listener
) -> None:
    message = await asked(home, listener)
    listener.stores = False

    async def opens(heard: Any) -> None:
        await heard.reply.form(REJECT)

    listener.answers = opens
    shown = await home.ana.click(message, label="Reject…")
    assert listener.last.form == "reject"
    assert shown.modal is not None
    assert shown.modal["custom_id"] == f"ah#reject:{RUN}/1"
    listener.answers, listener.stores = None, True
    await home.ana.submit_modal(shown, {"reason": ["crop"], "more": "too tight"})
    filled = listener.last
    assert (filled.form, filled.about) == ("reject", f"{RUN}/1")
    assert filled.values == {"reason": "crop", "more": "too tight"}


async def test_what_is_wrong_with_a_form_is_told_privately(home: House, listener: Listener) -> None:
    message = await asked(home, listener)
    listener.stores = False

    async def answers(heard: Any) -> None:
        if hasattr(heard, "values"):
            await heard.reply.faults("say more", "more")
        else:
            await heard.reply.form(REJECT)

    listener.answers = answers
    shown = await home.ana.click(message, label="Reject…")
    result = await home.ana.submit_modal(shown, {"reason": ["crop"]})
    assert result.ephemeral
    assert result.response is not None
    assert result.response.content == "say more"


async def test_buttons_and_forms_are_good_after_a_restart(
    env: simcord.Env, home: House, listener: Listener, tools: Tools
) -> None:
    message = await asked(home, listener)
    listener.stores = False

    async def opens(heard: Any) -> None:
        await heard.reply.form(REJECT)

    listener.answers = opens
    shown = await home.ana.click(message, label="Reject…")
    listener.answers, listener.stores = None, True
    await env.restart_bot(build(SETTINGS, listener.hear, tools).bot)
    await home.ana.click(message, label="Approve")
    assert listener.last.line == f"approve 1 --in {RUN}"
    result = await home.ana.submit_modal(shown, {"reason": ["crop"]})
    assert listener.last.values["reason"] == "crop"
    assert result.acknowledged


async def test_nothing_of_a_message_is_kept_in_memory(
    home: House, listener: Listener, service: DiscordService
) -> None:
    await asked(home, listener)
    store = service.bot._connection._view_store
    assert not store._views
    assert not store._modals


async def test_an_answer_after_fifteen_minutes_is_a_fault_of_its_own(
    env: simcord.Env, home: House, listener: Listener
) -> None:
    kept: list[Any] = []

    async def keeps(heard: Any) -> None:
        kept.append(heard.reply)

    listener.answers = keeps
    await home.ana.slash(home.art, "imagine", prompt="a fox")
    await env.advance_time(901)
    with pytest.raises(SurfaceGoneError):
        await kept[0].tell(Panel(text="late"))


async def test_a_form_of_a_platform_that_takes_more_shows_what_fits(
    home: House, listener: Listener
) -> None:
    message = await asked(home, listener)
    listener.stores = False

    async def opens(heard: Any) -> None:
        await heard.reply.form(imagine_form())

    listener.answers = opens
    shown = await home.ana.click(message, label="Reject…")
    assert shown.modal is not None
    assert len(shown.modal["components"]) == 5
