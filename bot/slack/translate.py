"""Slack's payloads as what was heard: lines, presses, filled forms, reactions.

Payloads: docs.slack.dev/interactivity and /reference/events, read 2026-11. What is not for us, or
comes from another workspace, from bots or from edits, is nothing.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final

from bot.chat.heard import Filled, Heard, Press, Reacted, Spot
from bot.chat.heard import Line as Said
from bot.slack.attached import left_out, others, pictures
from bot.slack.client import Line
from bot.slack.emoji import unicode_of
from bot.slack.forms import metadata, values
from bot.slack.ids import WHERE, pressed
from bot.slack.people import People
from bot.slack.reply import SlackReply, Ways
from bot.slack.rooms import Rooms
from bot.slack.text import Typed, people_in, readable
from domain.card import Panel
from domain.event import Person

logger = logging.getLogger(__name__)
Json = Mapping[str, Any]
NAME: Final = "slack"
SUBTYPES: Final = frozenset({None, "file_share", "thread_broadcast"})
"""Of messages: everything else is an edit, a deletion or a notice."""
REACTIONS: Final = ("reaction_added", "reaction_removed")
SHORTCUTS: Final = frozenset({"branch", "baseline"})
FORGED: Final = "That button is none of mine, or it is too old. Use one of a newer message."


class Translator:
    """Turns payloads into what was heard, and says how each can be answered."""

    def __init__(self, line: Line, people: People, rooms: Rooms) -> None:
        self._line = line
        self._people = people
        self._rooms = rooms

    # --- for whom, and how to answer ---

    def ways(self, body: Json) -> Ways | None:
        """Return how a payload can be answered; None for one that is not for us."""
        event = body.get("event") or {}
        user = body.get("user")
        account = user if isinstance(user, Mapping) else {}
        team = body.get("team_id") or (body.get("team") or {}).get("id")
        teams = {team, account.get("team_id"), event.get("user_team")} - {None}
        if teams != {self._line.me.team}:
            logger.warning("not heard, it is of another workspace: %s", sorted(map(str, teams)))
            return None
        return self._of_event(event) if event else self._of_interaction(body, account)

    def _of_event(self, event: Json) -> Ways | None:
        who = str(event.get("user") or "")
        if not who or who == self._line.me.user or event.get("bot_id"):
            return None
        kind = event.get("type")
        if kind in ("message", "app_mention") and self._is_heard(event):
            return self._in(who, str(event["channel"]), event.get("thread_ts"))
        item = event.get("item") or {}
        known = kind in REACTIONS and unicode_of(str(event.get("reaction")))
        if known and item.get("type") == "message":
            return self._in(who, str(item["channel"]), None)
        return None

    def _is_heard(self, event: Json) -> bool:
        """Tell whether a message is one that people wrote, and that may be for us.

        A mention also comes as a message, which is its twin; what stands in a channel itself and
        names nobody is never for us.
        """
        if event.get("subtype") not in SUBTYPES or event.get("hidden") or event.get("edited"):
            return False
        if event["type"] == "app_mention" or event.get("channel_type") == "im":
            return True
        named = self._line.me.user in people_in(str(event.get("text", "")))
        return bool(event.get("thread_ts")) and not named

    def _of_interaction(self, body: Json, account: Json) -> Ways | None:
        trigger = str(body.get("trigger_id", ""))
        url = str(body.get("response_url", ""))
        if "command" in body:
            ways = self._in(str(body["user_id"]), str(body["channel_id"]), None)
        else:
            who = str(account.get("id", ""))
            message = body.get("message") or {}
            thread = message.get("thread_ts") or (body.get("container") or {}).get("thread_ts")
            match body.get("type"):
                case "block_actions" | "message_action" if body.get("channel"):
                    ways = self._in(who, str(body["channel"]["id"]), thread)
                case "block_actions" | "shortcut":
                    ways = Ways(who, self._spot("", None), alone=True, asks_where=True)
                case "view_submission":
                    ways = self._of_form(who, body["view"])
                case _:
                    return None
        ways.response_url, ways.trigger_id = url, trigger
        return ways

    def _of_form(self, who: str, view: Json) -> Ways:
        kept = metadata(view)
        inputs = tuple(one["block_id"] for one in view["blocks"] if one["type"] == "input")
        where = values(view).get(WHERE) or str(kept.get("channel") or "")
        ways = self._in(who, where, kept.get("thread"))
        ways.fields, ways.asks_where = inputs, WHERE in inputs
        return ways

    def _in(self, who: str, channel: str, thread: Any) -> Ways:
        alone = not channel or channel.startswith("D")
        return Ways(who, self._spot(channel, str(thread) if thread else None), alone=alone)

    def _spot(self, channel: str, thread: str | None) -> Spot:
        return Spot(NAME, self._line.me.team, channel, thread)

    # --- what was heard ---

    async def heard(self, body: Json, reply: SlackReply) -> Heard | None:
        """Return what a payload says; None where it says nothing (and why was told).

        Raises:
            SurfaceError: Slack does not say what is needed to understand it.
        """
        ways = reply.ways
        if not ways.spot.channel:
            ways.spot = self._spot(await self._rooms.direct(ways.user), None)
        known = await self._people.known(ways.user)
        if known.bot:
            return None
        person = Person(surface=NAME, workspace=self._line.me.team, id=ways.user, name=known.name)
        if "event" in body:
            return await self._event(body, person, reply)
        key = f"slack:t:{ways.trigger_id}"
        if "command" in body:
            return await self._command(body, key, person, reply)
        if body["type"] == "view_submission":
            return _filled(body["view"], key, person, reply)
        if body["type"] == "block_actions":
            return await _press(body, key, person, reply)
        return _shortcut(body, key, person, reply)

    async def _event(self, body: Json, person: Person, reply: SlackReply) -> Heard | None:
        key = f"slack:{body.get('event_id', '')}"
        if body["event"]["type"] in REACTIONS:
            return _reacted(body["event"], key, person, reply)
        return await self._line_of(body["event"], key, person, reply)

    async def _command(self, body: Json, key: str, person: Person, reply: SlackReply) -> Said:
        typed = await self._typed(str(body.get("text", "")))
        return Said(
            key=key,
            person=person,
            spot=reply.ways.spot,
            text=typed.text,
            how="command",
            reply=reply,
            mentions=typed.mentions,
        )

    async def _line_of(self, event: Json, key: str, person: Person, reply: SlackReply) -> Said:
        typed = await self._typed(str(event.get("text", "")))
        direct = event.get("channel_type") == "im"
        mention = event["type"] == "app_mention"
        files = event.get("files") or ()
        if (direct or mention) and (said := left_out(files)):
            await reply.tell(Panel(text=said))
        return Said(
            key=key,
            person=person,
            spot=reply.ways.spot,
            text=typed.text,
            how="direct" if direct else "mention" if mention else "message",
            reply=reply,
            attachments=pictures(files),
            others=others(files),
            mentions=typed.mentions,
        )

    async def _typed(self, text: str) -> Typed:
        me = self._line.me.user
        named = {user: await self._people.known(user) for user in people_in(text) - {me}}
        return readable(text, {user: one.name for user, one in named.items()}, me)


def _reacted(event: Json, key: str, person: Person, reply: SlackReply) -> Reacted | None:
    emoji = unicode_of(str(event["reaction"]))
    if emoji is None:
        return None
    return Reacted(
        key=key,
        person=person,
        spot=reply.ways.spot,
        message=f"{event['item']['channel']}/{event['item']['ts']}",
        emoji=emoji,
        added=event["type"] == "reaction_added",
        reply=reply,
    )


def _filled(view: Json, key: str, person: Person, reply: SlackReply) -> Filled | None:
    kept = metadata(view)
    if not kept:
        return None
    return Filled(
        key=key,
        person=person,
        spot=reply.ways.spot,
        form=str(kept.get("form", "")),
        about=str(kept.get("about", "")),
        values={name: one for name, one in values(view).items() if name != WHERE},
        reply=reply,
    )


def _shortcut(body: Json, key: str, person: Person, reply: SlackReply) -> Press | None:
    name = str(body.get("callback_id", ""))
    spot = reply.ways.spot
    if body["type"] == "shortcut":
        if name != "new":
            return None
        return Press(key=key, person=person, spot=spot, line="imagine", reply=reply, form="imagine")
    if name not in SHORTCUTS:
        return None
    message = f"{spot.channel}/{body['message']['ts']}"
    return Press(key=key, person=person, spot=spot, line=name, reply=reply, message=message)


async def _press(body: Json, key: str, person: Person, reply: SlackReply) -> Press | None:
    said = pressed((body.get("actions") or [{}])[0])
    if said is None:
        await reply.refuse(Panel(text=FORGED))
        return None
    container = body.get("container") or {}
    shown = container.get("message_ts") if not container.get("is_ephemeral") else None
    return Press(
        key=key,
        person=person,
        spot=reply.ways.spot,
        line=said.line,
        reply=reply,
        message=f"{reply.ways.spot.channel}/{shown}" if shown else None,
        form=said.form,
        confirmed=said.confirmed,
    )
