"""What commands say: /imagine as typed, its options as flags, /handler, and the menus."""

import pytest
import simcord

from bot.chat.tools import Tools
from bot.discord.service import build
from tests.bot.discord.conftest import SETTINGS, Listener
from tests.vendors.simcord_house import House

PNG = b"\x89PNG\r\n\x1a\n"


async def test_imagine_is_heard_as_it_was_typed(home: House, listener: Listener) -> None:
    result = await home.ana.slash(home.art, "imagine", prompt="a red teapot")
    heard = listener.last
    assert (heard.text, heard.how) == ("a red teapot", "command")
    assert (heard.person.id, heard.person.name) == (str(home.ana.id), "Ana")
    assert heard.person.workspace == str(home.guild.id)
    assert (heard.spot.channel, heard.spot.thread) == (str(home.art.id), None)
    assert result.acknowledged
    assert result.response is None, "nothing is left thinking"
    assert heard.key.startswith("discord:i:")


async def test_options_are_flags_behind_the_text(home: House, listener: Listener) -> None:
    await home.ana.slash(home.art, "imagine", prompt="a fox", task="product", count=2)
    assert listener.last.text == "a fox --task product --count 2"


async def test_a_picture_comes_with_the_line(home: House, listener: Listener) -> None:
    await home.ana.slash(home.art, "imagine", prompt="a fox", picture=("fox.png", PNG))
    (picture,) = listener.last.attachments
    assert (picture.name, picture.size_bytes) == ("picture1", len(PNG))


async def test_a_file_that_is_no_picture_is_refused(home: House, listener: Listener) -> None:
    result = await home.ana.slash(home.art, "imagine", prompt="a fox", picture=("a.txt", b"hello"))
    assert result.ephemeral
    assert result.response is not None
    assert "no picture" in result.response.content
    assert not listener.heard


async def test_people_and_roles_in_the_text_are_read_and_known(
    home: House, listener: Listener
) -> None:
    line = f"approvers add {home.ben.mention} {home.leads.mention}"
    await home.ana.slash(home.art, "imagine", prompt=line)
    ben = str(home.ben.id)
    assert listener.last.text == f"approvers add @{ben} @Leads", "simcord resolves no names here"
    assert listener.last.mentions == {
        f"@{ben}": ben,
        "@Leads": f"role:{home.leads.id}",
    }


@pytest.mark.parametrize(
    ("name", "options", "line"),
    [
        ("help", {}, "help"),
        ("help", {"topic": "branch"}, "help branch"),
        ("queue", {}, "queue"),
        ("status", {}, "status"),
        ("review", {}, "review"),
        ("info", {}, "info"),
        ("find", {"words": 'red "fox"'}, 'find "red  fox "'),
        ("show", {"run": "r2"}, "show r2"),
        ("approvers", {}, "approvers"),
    ],
)
async def test_companions_are_the_same_lines(
    home: House,
    listener: Listener,
    name: str,
    options: dict[str, str],
    line: str,
) -> None:
    await home.ana.slash(home.art, f"handler {name}", **options)
    assert listener.last.text == line
    assert listener.last.how == "command"


async def test_approvers_takes_members_and_roles(home: House, listener: Listener) -> None:
    await home.ana.slash(home.art, "handler approvers", action="add", member=home.ben)
    assert listener.last.text == "approvers add @Ben"
    assert listener.last.mentions == {"@Ben": str(home.ben.id)}
    await home.ana.slash(home.art, "handler approvers", action="remove", role=home.leads)
    assert listener.last.text == "approvers remove @Leads"
    assert listener.last.mentions == {"@Leads": f"role:{home.leads.id}"}


async def test_models_are_offered_while_one_types(home: House) -> None:
    offered = await home.ana.autocomplete(home.art, "imagine", "model", "sketch")
    assert [one["value"] for one in offered] == ["sketch:storyboard"]


async def test_commands_are_registered_once(
    env: simcord.Env, listener: Listener, tools: Tools
) -> None:
    def syncs() -> int:
        return sum(one.method == "PUT" and "commands" in one.path for one in env.http_requests)

    assert syncs() == 1
    await env.restart_bot(build(SETTINGS, listener.hear, tools).bot)
    assert syncs() == 1


async def test_a_menu_of_a_message_names_the_message(home: House, listener: Listener) -> None:
    message = await home.ben.send(home.art, "look")
    await home.ana.context_menu(home.art, "Branch from this image", message)
    assert listener.last.line == "branch"
    assert listener.last.message == f"{home.art.id}/{message.id}"
    await home.ana.context_menu(home.art, "Set as baseline", message)
    assert listener.last.line == "baseline"
