"""Forms in Slack: opened in time, sent, kept open where something is wrong; and the home tab."""

import asyncio

from bot.chat.forms import edit_form, imagine_form, reject_form
from bot.chat.heard import Filled, Heard, Press
from bot.chat.tools import Home
from config.settings import reject_reasons
from domain.card import Button, Panel
from tests.bot.slack.conftest import Studio
from tests.pipeline.given import finished, planned
from tests.vendors.slack.people import Person
from tests.vendors.slack.world import View

RUN = finished(planned())
REASONS = reject_reasons()


async def settled(slack: Studio) -> None:
    await slack.slack.working.idle()


async def opened(person: Person) -> View:
    assert person.form is not None
    return person.form


async def shows_forms(heard: Heard) -> None:
    """Answer as the desk does: a form where one is asked for."""
    if isinstance(heard, Filled):
        await heard.reply.taken()
    elif isinstance(heard, Press) and heard.form == "edit":
        await heard.reply.form(edit_form(RUN))
    elif isinstance(heard, Press) and heard.form == "reject":
        await heard.reply.form(reject_form(RUN, 2, REASONS))
    else:
        await heard.reply.form(imagine_form())


async def card(slack: Studio) -> str:
    buttons = (
        Button(label="Edit", line=f"edit --in {RUN.id}", form="edit"),
        Button(label="Reject…", line=f"reject 2 --in {RUN.id}", form="reject"),
    )
    shown = await slack.card(grid=None, buttons=buttons)
    return await slack.slack.surface.post(shown, slack.address(), key="k", again=False)


async def test_a_form_is_opened_filled_in_and_sent(slack: Studio) -> None:
    slack.desk.answer = shows_forms
    message = slack.art.messages[(await card(slack)).partition("/")[2]]
    await slack.ben.click(message, "Edit")
    form = await opened(slack.ben)
    assert (await slack.ben.submit(form, {"environment": "at night"})).closed
    filled = slack.desk.filled
    assert (filled.form, filled.about, filled.spot.channel) == ("edit", RUN.id, slack.art.id)
    assert filled.values["environment"] == "at night"
    assert filled.values["subject"] == "a red fox"
    assert filled.person.name == "Ben"


async def test_a_reason_is_chosen_and_goes_with_the_image(slack: Studio) -> None:
    slack.desk.answer = shows_forms
    message = slack.art.messages[(await card(slack)).partition("/")[2]]
    await slack.ana.click(message, "Reject…")
    form = await opened(slack.ana)
    assert (await slack.ana.submit(form)).errors["reason"], "Slack asks for what is required"
    await slack.ana.submit(form, {"Why": "crop", "more": "the paw"})
    assert slack.desk.filled.about == f"{RUN.id}/2"
    assert dict(slack.desk.filled.values) == {"reason": "crop", "more": "the paw"}


async def test_a_command_alone_opens_the_form(slack: Studio) -> None:
    slack.desk.answer = shows_forms
    await slack.ana.slash(slack.art, "/imagine", "")
    form = await opened(slack.ana)
    await slack.ana.submit(form, {"Subject": "a fox", "Flags": "--count 1"})
    filled = slack.desk.filled
    assert (filled.form, filled.values["subject"], filled.values["flags"]) == (
        "imagine",
        "a fox",
        "--count 1",
    )
    assert filled.spot.channel == slack.art.id


async def test_what_is_wrong_stands_at_its_field_and_the_form_stays_open(slack: Studio) -> None:
    async def answer(heard: Heard) -> None:
        if isinstance(heard, Filled):
            await heard.reply.faults("--steps: 1 to 150", "flags")
        else:
            await shows_forms(heard)

    slack.desk.answer = answer
    await slack.ana.slash(slack.art, "/imagine", "")
    form = await opened(slack.ana)
    sent = await slack.ana.submit(form, {"Flags": "--steps 900"})
    assert sent.errors == {"flags": "--steps: 1 to 150"}
    assert slack.ana.form is form


async def test_a_fault_of_no_field_stands_at_the_first(slack: Studio) -> None:
    async def answer(heard: Heard) -> None:
        if isinstance(heard, Filled):
            await heard.reply.faults("x" * 5000, "nowhere")
        else:
            await shows_forms(heard)

    slack.desk.answer = answer
    await slack.ana.slash(slack.art, "/imagine", "")
    sent = await slack.ana.submit(await opened(slack.ana), {"Subject": "a"})
    assert list(sent.errors) == ["subject"]


async def test_a_fault_that_is_found_late_is_told_privately(slack: Studio) -> None:
    late = asyncio.Event()

    async def answer(heard: Heard) -> None:
        if isinstance(heard, Filled):
            await heard.reply.taken()
            await late.wait()
            await heard.reply.faults("the run is gone", "subject")
        else:
            await shows_forms(heard)

    slack.desk.answer = answer
    await slack.ana.slash(slack.art, "/imagine", "")
    assert (await slack.ana.submit(await opened(slack.ana), {"Subject": "a"})).closed
    late.set()
    await settled(slack)
    assert slack.ana.whispers[-1].said == "the run is gone"


async def test_a_form_that_comes_too_late_is_said_so(slack: Studio) -> None:
    async def answer(heard: Heard) -> None:
        slack.emu.clock.advance(2.9)
        slack.emu.world.triggers[heard.key.removeprefix("slack:t:")].at_s -= 1
        await shows_forms(heard)

    slack.desk.answer = answer
    await slack.ana.slash(slack.art, "/imagine", "")
    await settled(slack)
    assert slack.ana.form is None
    assert "Press again" in slack.ana.whispers[-1].said


async def test_the_shortcut_asks_where_and_goes_only_where_the_bot_is(slack: Studio) -> None:
    slack.desk.answer = shows_forms
    out = slack.emu.channel("out", slack.ana, bot=False)
    await slack.ana.shortcut("new")
    form = await opened(slack.ana)
    refused = await slack.ana.submit(form, {"Subject": "a fox", "Where": out.id})
    assert "/invite @atelier" in refused.errors["ah_where"]
    assert not [one for one in slack.desk.heard if isinstance(one, Filled)]
    assert (await slack.ana.submit(form, {"Subject": "a fox", "Where": slack.art.id})).closed
    assert slack.desk.filled.spot.channel == slack.art.id
    assert "ah_where" not in slack.desk.filled.values


async def test_a_form_of_someone_else_is_answered_and_forgotten(slack: Studio) -> None:
    slack.desk.answer = shows_forms
    await slack.ana.slash(slack.art, "/imagine", "")
    form = await opened(slack.ana)
    form.shown["callback_id"] = "another_apps"
    assert (await slack.ana.submit(form, {"Subject": "a"})).closed
    await settled(slack)
    assert not [one for one in slack.desk.heard if isinstance(one, Filled)]


# --- the home tab ---


async def test_the_home_tab_shows_what_waits_and_ones_own_runs(slack: Studio) -> None:
    approve = Button(label="Approve", line=f"approve 1 --in {RUN.id}", number=1)
    panel = Panel(text="r1 #1 · Ben", picture=await slack.picture(), alt="x", buttons=(approve,))
    slack.home = Home(7, (panel,), (await slack.card(),))
    await slack.ana.open_home()
    await settled(slack)
    assert slack.ana.home is not None
    shown = str(slack.ana.home.shown)
    for words in ("7 to decide", "r1 #1 · Ben", "slack_file", "Your runs", "a red fox"):
        assert words in shown
    await slack.ana.click(slack.ana.home, "Approve")
    await settled(slack)
    assert slack.desk.press.line == f"approve 1 --in {RUN.id}"
    assert slack.desk.press.spot.channel == slack.ana.conversation.id
    assert len(slack.emu.called("views.publish")) == 2, "it is drawn again after a press"


async def test_the_home_tab_turns_the_order_and_remembers_it(slack: Studio) -> None:
    slack.home = Home(7, (Panel(text="r1 #1 · Ben"),), ())
    await slack.ana.open_home()
    await settled(slack)
    assert slack.ana.home is not None
    await slack.ana.click(slack.ana.home, "Closest calls")
    await settled(slack)
    turned = [one for one in slack.ana.home.shown["blocks"] if one["type"] == "actions"][1]
    pressed = [one["text"]["text"] for one in turned["elements"] if one.get("style")]
    assert pressed == ["Closest calls"]
    assert slack.emu.messages(slack.ana.conversation) == [], "nothing is said beside it"


async def test_what_is_told_from_the_home_tab_is_a_direct_message(slack: Studio) -> None:
    async def answer(heard: Heard) -> None:
        await heard.reply.tell(Panel(text="approved"))

    slack.desk.answer = answer
    approve = Button(label="Approve", line=f"approve 1 --in {RUN.id}", number=1)
    slack.home = Home(1, (Panel(text="x", buttons=(approve,)),), ())
    await slack.ana.open_home()
    await settled(slack)
    assert slack.ana.home is not None
    await slack.ana.click(slack.ana.home, "Approve")
    await settled(slack)
    assert [one.text for one in slack.emu.messages(slack.ana.conversation)] == ["approved"]


async def test_the_home_tab_opens_the_form(slack: Studio) -> None:
    slack.desk.answer = shows_forms
    await slack.ana.open_home()
    await settled(slack)
    assert slack.ana.home is not None
    await slack.ana.click(slack.ana.home, "New image")
    assert {one["block_id"] for one in (await opened(slack.ana)).shown["blocks"]} >= {
        "subject",
        "ah_where",
    }


async def test_a_form_about_a_run_asks_for_no_channel(slack: Studio) -> None:
    slack.desk.answer = shows_forms
    reject = Button(label="Reject…", line=f"reject 2 --in {RUN.id}", form="reject", number=2)
    slack.home = Home(1, (Panel(text="x", buttons=(reject,)),), ())
    await slack.ana.open_home()
    await settled(slack)
    assert slack.ana.home is not None
    await slack.ana.click(slack.ana.home, "Reject…")
    form = await opened(slack.ana)
    assert [one["block_id"] for one in form.shown["blocks"]] == ["reason", "more"]
    assert (await slack.ana.submit(form, {"reason": "crop"})).closed
    assert slack.desk.filled.about == f"{RUN.id}/2"


async def test_a_home_tab_that_slack_does_not_take_harms_nothing(slack: Studio) -> None:
    slack.emu.fails("views.publish", mode="status", status=500)
    await slack.ana.open_home()
    await settled(slack)
    assert slack.ana.home is None
    await slack.ana.open_home()
    await settled(slack)
    assert slack.ana.home is not None
