"""What people do in Slack: they type, click what is really there, react, fill in forms."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tests.vendors.slack import views
from tests.vendors.slack.chat import check_content, only_for, say_aside
from tests.vendors.slack.errors import WORDS, RefusedError
from tests.vendors.slack.socket_mode import Ack
from tests.vendors.slack.typed import as_command, encoded
from tests.vendors.slack.world import (
    APP,
    BOT_USER,
    TEAM,
    Channel,
    File,
    Json,
    Message,
    User,
    View,
    Way,
)

if TYPE_CHECKING:
    from tests.vendors.slack.server import SlackEmulator

TYPED_FLAT: Final = "plain_text_input"
Upload = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of something that a person did."""

    person: "Person"
    ack: Ack
    since: str
    """A ts: what this person alone saw later came after it."""

    @property
    def whispers(self) -> list[Message]:
        """What this person alone has seen since."""
        return [one for one in self.person.whispers if float(one.ts) > float(self.since)]


@dataclass(frozen=True, slots=True)
class Submission:
    """What came of a form that was sent."""

    ack: Ack
    closed: bool
    errors: dict[str, str] = field(default_factory=dict)
    """By block id, as they stand in the form."""


class Person:
    """Someone who uses Slack."""

    def __init__(self, emu: "SlackEmulator", user: User) -> None:
        self._emu = emu
        self.user = user
        self.id = user.id
        self.name = user.name

    # --- what they see ---

    @property
    def whispers(self) -> list[Message]:
        """What only this person sees, the oldest first."""
        return [one for one in self._emu.world.only if one.only_for == self.id]

    @property
    def form(self) -> View | None:
        """The modal in front."""
        return next(reversed(views.shown_to(self._emu, self.id)), None)

    @property
    def home(self) -> View | None:
        """The app's home tab."""
        return views.home_of(self._emu, self.id)

    @property
    def conversation(self) -> Channel:
        """The conversation with the bot alone."""
        return self._emu.world.direct(self.id)

    # --- writing ---

    async def slash(
        self, channel: Channel, command: str, text: str = "", *, thread: Message | None = None
    ) -> Answer:
        """Type a slash command; in a thread Slack itself refuses it."""
        since = self._emu.world.ts()
        if thread:
            return self._told_by_slack(channel, command, "not_supported_in_threads", since)
        url = self._way(channel.id)
        payload = {
            "token": "unused",
            "team_id": self.user.team,
            "team_domain": "loopback",
            "channel_id": channel.id,
            "channel_name": channel.name,
            "user_id": self.id,
            "user_name": self.name.lower(),
            "command": command,
            "text": as_command(self._emu.world, text, escapes=self._emu.escapes_commands),
            "api_app_id": APP,
            "is_enterprise_install": "false",
            "response_url": url,
            "trigger_id": self._emu.world.trigger(self.id),
        }
        ack = await self._emu.delivery.offer("slash_commands", payload)
        if not ack.ok:
            return self._told_by_slack(channel, command, ack.error, since)
        if ack.body:
            self._show(ack.body, channel.id)
        return Answer(self, ack, since)

    def _told_by_slack(self, channel: Channel, command: str, error: str, since: str) -> Answer:
        words = {"text": WORDS[error].format(command=command)}
        only_for(self._emu, self.id, channel.id, words)
        return Answer(self, Ack(ok=False, error=error), since)

    def _show(self, body: Json, channel: str) -> None:
        try:
            check_content(self._emu, body)
        except RefusedError as no:
            self._emu.complain(f"an answer was refused: {no.body()}")
            return
        say_aside(self._emu, self.id, channel, body)

    async def say(
        self,
        channel: Channel,
        text: str,
        *,
        thread: Message | None = None,
        files: Sequence[Upload] = (),
        raw: bool = False,
    ) -> Message:
        """Write a message, and wait until the app has heard of it.

        Args:
            channel: Where.
            text: As typed: ``@Ana`` and ``@atelier`` become mentions.
            thread: The message to answer under.
            files: Names and bytes of what is attached.
            raw: *text* is what Slack hands on, already encoded.
        """
        world = self._emu.world
        sent = text if raw else encoded(world, text)
        message = Message(channel.id, world.ts(), self.id, sent, client_id=world.name("c"))
        message.thread_ts = (thread.thread_ts or thread.ts) if thread else None
        message.files = [self._uploaded(channel, name, data) for name, data in files]
        channel.messages[message.ts] = message
        self._emu.changed()
        told = [self._emu.tell(self._emu.message_event(message))]
        if f"<@{BOT_USER}>" in sent and channel.kind != "im":
            mention = self._emu.message_event(message, type="app_mention")
            mention.pop("channel_type")
            mention.pop("subtype", None)
            told.append(self._emu.tell(mention))
        await asyncio.gather(*told)
        return message

    def _uploaded(self, channel: Channel, name: str, data: bytes) -> str:
        made = File(self._emu.world.name("F"), name, self.id, data, len(data), name)
        made.uploaded = made.completed = True
        made.channels = [channel.id]
        self._emu.world.files[made.id] = made
        return made.id

    async def mention(self, channel: Channel, text: str, **more: Any) -> Message:
        """Write a message that begins with the bot's name."""
        return await self.say(channel, f"@atelier {text}", **more)

    async def direct(self, text: str, **more: Any) -> Message:
        """Write to the bot alone."""
        return await self.say(self.conversation, text, **more)

    async def rewrite(self, message: Message, text: str) -> None:
        """Edit one's own message."""
        before = self._emu.told(message)
        message.text = encoded(self._emu.world, text)
        self._emu.changed_message(message, before)

    # --- pressing ---

    async def click(
        self, on: Message | View, what: str, *, yes: bool = True, forged: str | None = None
    ) -> Answer:
        """Press a button, named by label, action id or value; only what is really there.

        Args:
            on: The message, home tab or modal.
            what: Which button.
            yes: The answer to its question, if it asks one.
            forged: A value that is sent instead of the button's own.
        """
        button = self._found(on, "button", _button_names, what)
        if button.get("confirm") and not yes:
            return Answer(self, Ack(ok=True), self._emu.world.ts())
        action = {key: button[key] for key in ("action_id", "block_id", "text", "type")}
        action |= {key: button[key] for key in ("value", "style", "confirm") if key in button}
        if forged is not None:
            action["value"] = forged
        return await self._act(on, action)

    async def choose(self, on: Message | View, label: str) -> Answer:
        """Choose from a menu."""
        menu = self._found(on, "static_select", _option_names, label)
        chosen = next(one for one in menu["options"] if label in _option_name(one))
        action = {key: menu[key] for key in ("action_id", "block_id", "type")}
        return await self._act(on, action | {"selected_option": chosen})

    def _found(self, on: Message | View, kind: str, names: Any, what: str) -> Json:
        elements = list(_as_message(on).elements())
        found = [one for one in elements if one["type"] == kind and what in names(one)]
        if len(found) != 1:
            there = [names(one) for one in elements if one["type"] == kind]
            raise AssertionError(f"{what!r} is there {len(found)} times; there are {there}")
        return found[0]

    async def _act(self, on: Message | View, action: Json) -> Answer:
        since = self._emu.world.ts()
        payload = self._interaction("block_actions") | {"state": {"values": {}}}
        payload["actions"] = [action | {"action_ts": self._emu.world.ts()}]
        if isinstance(on, View):
            payload |= {"container": {"type": "view", "view_id": on.id}, "view": on.told()}
        else:
            payload |= self._where(on)
        ack = await self._emu.delivery.offer("interactive", payload)
        return Answer(self, ack, since)

    def _where(self, on: Message) -> Json:
        container = {"type": "message", "message_ts": on.ts, "channel_id": on.channel}
        container["is_ephemeral"] = bool(on.only_for)  # type: ignore[assignment]  # as on the wire
        if on.thread_ts:
            container["thread_ts"] = on.thread_ts
        told = {"container": container, "channel": self._channel(on.channel)}
        url = self._way(on.channel, on.ts, on.thread_ts)
        return told | {"response_url": url} | ({} if on.only_for else self._message(on))

    def _message(self, on: Message) -> Json:
        return {"message": self._emu.told(on)}

    def _channel(self, name: str) -> Json:
        channel = self._emu.world.channels[name]
        names = {"im": "directmessage", "group": "privategroup"}
        return {"id": channel.id, "name": names.get(channel.kind, channel.name)}

    def _way(self, channel: str, message: str = "", thread: str | None = None) -> str:
        name = self._emu.world.name("W")
        now_s = self._emu.clock.now_s()
        self._emu.world.ways[name] = Way(self.id, channel, now_s, message, thread)
        return f"{self._emu.url}/ways/{name}"

    def _interaction(self, kind: str) -> Json:
        user = {"id": self.id, "username": self.name.lower(), "name": self.name.lower()}
        return {
            "type": kind,
            "token": "unused",
            "user": user | {"team_id": self.user.team},
            "api_app_id": APP,
            "team": {"id": TEAM, "domain": "loopback"},
            "enterprise": None,
            "is_enterprise_install": False,
            "trigger_id": self._emu.world.trigger(self.id),
            "action_ts": self._emu.world.ts(),
        }

    async def shortcut(self, callback_id: str) -> Answer:
        """Use one of the app's shortcuts."""
        since = self._emu.world.ts()
        payload = self._interaction("shortcut") | {"callback_id": callback_id}
        return Answer(self, await self._emu.delivery.offer("interactive", payload), since)

    async def message_shortcut(self, callback_id: str, message: Message) -> Answer:
        """Use a shortcut of a message."""
        since = self._emu.world.ts()
        payload = self._interaction("message_action") | {"callback_id": callback_id}
        payload |= self._where(message) | {"message_ts": message.ts}
        payload.pop("container")
        return Answer(self, await self._emu.delivery.offer("interactive", payload), since)

    # --- reacting ---

    async def react(self, message: Message, name: str) -> None:
        """Put a reaction under a message, and wait until the app has heard of it."""
        if self.id not in message.reactions.get(name, []):
            await self._emu.put_reaction(message, self.id, name)

    async def unreact(self, message: Message, name: str) -> None:
        """Take one's reaction away."""
        await self._emu.take_reaction(message, self.id, name)

    # --- forms and home ---

    async def submit(self, view: View, values: Mapping[str, str] | None = None) -> Submission:
        """Fill in a form and send it.

        Args:
            view: The modal; only the one in front can be sent.
            values: What is typed or chosen, by block id, action id or label; the rest stays as it
                is shown. Of a menu, its option's label or value.
        """
        if view is not self.form:
            raise AssertionError("this form is not in front")
        state, faults = _filled(view, dict(values or {}))
        if faults:
            return Submission(Ack(ok=True), closed=False, errors=faults)
        payload = self._interaction("view_submission")
        payload |= {"view": view.told() | {"state": {"values": state}}, "response_urls": []}
        ack = await self._emu.delivery.offer("interactive", payload)
        if not ack.ok:
            return Submission(ack, closed=False, errors={"": "We had some trouble connecting."})
        return self._answered(view, ack)

    def _answered(self, view: View, ack: Ack) -> Submission:
        body = ack.body or {}
        action = body.get("response_action", "")
        if action == "errors":
            inputs = {block["block_id"] for block in view.shown["blocks"]}
            if not set(body["errors"]) <= inputs or not body["errors"]:
                self._emu.complain(f"errors of blocks that are not there: {body['errors']}")
            return Submission(ack, closed=False, errors=body["errors"])
        if action in ("update", "push"):
            shown = views.checked(self._emu, body["view"])
            if action == "push":
                views.show(self._emu, self.id, shown, push=True)
            else:
                view.shown = shown
            return Submission(ack, closed=False)
        for one in views.shown_to(self._emu, self.id) if action == "clear" else [view]:
            one.closed = True
        self._emu.changed()
        return Submission(ack, closed=True)

    async def close(self, view: View) -> None:
        """Close a form without sending it."""
        view.closed = True
        self._emu.changed()
        if view.shown.get("notify_on_close"):
            payload = self._interaction("view_closed")
            payload |= {"view": view.told(), "is_cleared": False}
            await self._emu.delivery.offer("interactive", payload)

    async def open_home(self) -> None:
        """Look at the app's home tab."""
        event: Json = {"type": "app_home_opened", "user": self.id, "tab": "home"}
        event |= {"channel": self.conversation.id, "event_ts": self._emu.world.ts()}
        if self.home:
            event["view"] = self.home.told()
        await self._emu.tell(event)


def _as_message(on: Message | View) -> Message:
    return on if isinstance(on, Message) else Message("", "", "", blocks=on.shown["blocks"])


def _button_names(button: Json) -> list[str]:
    return [button["text"]["text"], button.get("action_id", ""), button.get("value", "")]


def _option_names(menu: Json) -> list[str]:
    return [name for option in menu["options"] for name in _option_name(option)]


def _option_name(option: Json) -> tuple[str, str]:
    return option["text"]["text"], option["value"]


def _filled(view: View, values: dict[str, str]) -> tuple[Json, dict[str, str]]:
    """Return the state of a form as sent, and what Slack itself finds wrong with it."""
    state: Json = {}
    faults: dict[str, str] = {}
    for block in view.shown["blocks"]:
        if block["type"] != "input":
            continue
        element = block["element"]
        names = (block["block_id"], element.get("action_id", ""), block["label"]["text"])
        given = next((values.pop(name) for name in names if name in values), None)
        entry, fault = _entry(element, given)
        if fault or (not block.get("optional") and not _stands(entry)):
            faults[block["block_id"]] = fault or "Please complete this required field."
        state[block["block_id"]] = {element["action_id"]: entry}
    if values:
        raise AssertionError(f"no such fields: {sorted(values)}")
    return state, faults


def _entry(element: Json, given: str | None) -> tuple[Json, str]:
    if element["type"] == TYPED_FLAT:
        value = element.get("initial_value") if given is None else given
        long = value is not None and len(value) > element.get("max_length", 3000)
        return {"type": TYPED_FLAT, "value": value or None}, "Too long." if long else ""
    if element["type"] == "conversations_select":
        return {"type": element["type"], "selected_conversation": given}, ""
    if element["type"] == "multi_static_select":
        names = given.split(", ") if given else []
        several = [one for one in element["options"] if {*_option_name(one)} & {*names}]
        if len(several) != len(names):
            raise AssertionError(f"{given!r} are none of the choices")
        return {"type": element["type"], "selected_options": several}, ""
    chosen = element.get("initial_option")
    if given:
        found = [one for one in element["options"] if given in _option_name(one)]
        if not found:
            raise AssertionError(f"{given!r} is none of the choices")
        chosen = found[0]
    return {"type": element["type"], "selected_option": chosen}, ""


def _stands(entry: Json) -> bool:
    return bool(
        entry.get("value")
        or entry.get("selected_option")
        or entry.get("selected_options")
        or entry.get("selected_conversation")
    )
