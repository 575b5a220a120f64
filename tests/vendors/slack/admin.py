"""The admin paths: another process acts as a person, and reads what happened.

``POST /__admin/do`` takes ``{"do": NAME, …}`` as told at each function below; people, channels and
messages are named by ids. ``GET /__admin/state?after=REVISION`` answers at once if something
happened since, else as soon as it does (10 s at most), so that nobody has to sleep.
"""

import contextlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from tests.vendors.slack.calls import Failure
from tests.vendors.slack.world import Channel, Json, Message, View

if TYPE_CHECKING:
    from tests.vendors.slack.people import Answer, Person
    from tests.vendors.slack.server import SlackEmulator

WAIT_S: Final = 10.0


def add_routes(app: web.Application, emu: "SlackEmulator") -> None:
    """Add the admin paths."""

    async def on_state(request: web.Request) -> web.Response:
        after = int(request.query.get("after", -1))
        with contextlib.suppress(AssertionError):
            await emu.until(lambda: emu.revision > after, WAIT_S)
        return web.json_response(state(emu))

    async def on_do(request: web.Request) -> web.Response:
        args = await request.json()
        act = ACTS.get(args.pop("do", ""))
        if act is None:
            return web.json_response({"error": f"one of {sorted(ACTS)}"}, status=400)
        try:
            return web.json_response(await act(emu, args))
        except (AssertionError, KeyError, TypeError) as error:
            return web.json_response({"error": repr(error)}, status=400)

    app.router.add_get("/__admin/state", on_state)
    app.router.add_post("/__admin/do", on_do)


def state(emu: "SlackEmulator") -> Json:
    """Return everything that stands in the workspace."""
    return {
        "revision": emu.revision,
        "connected": emu.socket.connected,
        "complaints": emu.complaints,
        "calls": [[one.method, one.error] for one in emu.calls],
        "channels": {name: _channel(one) for name, one in emu.world.channels.items()},
        "whispers": [_message(one) | {"for": one.only_for} for one in emu.world.only],
        "views": {name: one.told() for name, one in emu.world.views.items() if not one.closed},
    }


def _channel(channel: Channel) -> Json:
    return {"name": channel.name, "messages": [_message(one) for one in channel.messages.values()]}


def _message(message: Message) -> Json:
    told: Json = {"ts": message.ts, "user": message.user, "thread_ts": message.thread_ts}
    return told | {
        "text": message.text,
        "said": message.said,
        "buttons": message.buttons,
        "choices": message.choices,
        "pictures": message.pictures,
        "files": message.files,
        "reactions": message.reactions,
    }


async def _person(emu: "SlackEmulator", args: Json) -> Json:
    """``name``, and the fields of ``User``."""
    return {"id": emu.person(**args).id}


async def _make_channel(emu: "SlackEmulator", args: Json) -> Json:
    """``name`` and ``people``: ids."""
    people = [_who(emu, name) for name in args["people"]]
    return {"id": emu.channel(args["name"], *people).id}


async def _slash(emu: "SlackEmulator", args: Json) -> Json:
    """``person``, ``channel``, ``command``, ``text``."""
    person = _who(emu, args["person"])
    return _told(await person.slash(_room(emu, args), args["command"], args.get("text", "")))


async def _say(emu: "SlackEmulator", args: Json) -> Json:
    """``person``, ``channel``, ``text``, and ``thread``: a ts."""
    room = _room(emu, args)
    thread = room.messages[args["thread"]] if args.get("thread") else None
    said = await _who(emu, args["person"]).say(room, args["text"], thread=thread)
    return {"ts": said.ts}


async def _click(emu: "SlackEmulator", args: Json) -> Json:
    """``person``, ``what``; ``channel`` and ``ts``, or ``view``."""
    return _told(await _who(emu, args["person"]).click(_thing(emu, args), args["what"]))


async def _choose(emu: "SlackEmulator", args: Json) -> Json:
    """``person``, ``label``; ``channel`` and ``ts``, or ``view``."""
    return _told(await _who(emu, args["person"]).choose(_thing(emu, args), args["label"]))


async def _react(emu: "SlackEmulator", args: Json) -> Json:
    """``person``, ``channel``, ``ts``, ``name``, and ``off`` to take it away."""
    person, message = _who(emu, args["person"]), _room(emu, args).messages[args["ts"]]
    await (person.unreact if args.get("off") else person.react)(message, args["name"])
    return {}


async def _submit(emu: "SlackEmulator", args: Json) -> Json:
    """``person``, ``values``: of the form in front."""
    person = _who(emu, args["person"])
    if person.form is None:
        raise KeyError("no form")
    done = await person.submit(person.form, args.get("values"))
    return {"closed": done.closed, "errors": done.errors}


async def _shortcut(emu: "SlackEmulator", args: Json) -> Json:
    """``person``, ``callback_id``; ``channel`` and ``ts`` for one of a message."""
    person = _who(emu, args["person"])
    if "ts" not in args:
        return _told(await person.shortcut(args["callback_id"]))
    message = _room(emu, args).messages[args["ts"]]
    return _told(await person.message_shortcut(args["callback_id"], message))


async def _home(emu: "SlackEmulator", args: Json) -> Json:
    """``person``."""
    await _who(emu, args["person"]).open_home()
    return {}


async def _fail(emu: "SlackEmulator", args: Json) -> Json:
    """The fields of ``Failure``."""
    emu.fail.append(Failure(**args))
    return {}


async def _advance(emu: "SlackEmulator", args: Json) -> Json:
    """``seconds``."""
    emu.clock.advance(args["seconds"])
    return {}


async def _socket(emu: "SlackEmulator", args: Json) -> Json:
    """``how``: ``refresh`` or ``cut``."""
    if args["how"] == "cut":
        emu.socket.cut()
    else:
        await emu.socket.refresh()
    return {}


def _who(emu: "SlackEmulator", name: str) -> "Person":
    from tests.vendors.slack.people import Person  # noqa: PLC0415  people need the emulator

    return Person(emu, emu.world.users[name])


def _room(emu: "SlackEmulator", args: Json) -> Channel:
    found = emu.world.channel_of(args["channel"])
    if found is None:
        raise KeyError(args["channel"])
    return found


def _thing(emu: "SlackEmulator", args: Json) -> Message | View:
    if "view" in args:
        return emu.world.views[args["view"]]
    known = [*_room(emu, args).messages.values(), *emu.world.only]
    return next(one for one in known if one.ts == args["ts"])


def _told(answer: "Answer") -> Json:
    told: Json = {"ok": answer.ack.ok, "error": answer.ack.error, "body": answer.ack.body}
    return told | {"whispers": [_message(one) for one in answer.whispers]}


ACTS: Final[dict[str, Callable[["SlackEmulator", Json], Awaitable[Any]]]] = {
    "person": _person,
    "channel": _make_channel,
    "slash": _slash,
    "say": _say,
    "click": _click,
    "choose": _choose,
    "react": _react,
    "submit": _submit,
    "shortcut": _shortcut,
    "home": _home,
    "fail": _fail,
    "advance": _advance,
    "socket": _socket,
}
