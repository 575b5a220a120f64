"""The ``chat.*`` methods, and what comes by a response_url."""

from typing import TYPE_CHECKING, Final

from tests.vendors.slack.blocks import MAX_TEXT_CHARS, Checker
from tests.vendors.slack.calls import Method, known_channel, known_message, open_channel, truth
from tests.vendors.slack.errors import RefusedError, invalid
from tests.vendors.slack.files import picture_fault
from tests.vendors.slack.world import BOT_USER, Channel, Json, Message

if TYPE_CHECKING:
    from tests.vendors.slack.server import SlackEmulator

WAY_USES: Final = 5
WAY_S: Final = 30 * 60


def check_content(emu: "SlackEmulator", args: Json) -> None:
    """Refuse a message without words, with too many, or with blocks that Slack refuses."""
    emu.watch(args)
    if not args.get("text") and not args.get("blocks"):
        raise RefusedError("no_text")
    if len(str(args.get("text", ""))) > MAX_TEXT_CHARS:
        raise RefusedError("msg_too_long")
    check = Checker(lambda file: picture_fault(emu, file))
    if faults := check.message(args.get("blocks") or []):
        raise invalid("invalid_blocks", faults)
    metadata = args.get("metadata")
    if metadata is not None and set(metadata) != {"event_type", "event_payload"}:
        raise RefusedError("invalid_metadata_format")


def named_blocks(emu: "SlackEmulator", blocks: list[Json] | None) -> list[Json]:
    """Give an id to every block and element that has none, as Slack does."""
    named = []
    for block in blocks or []:
        one = {"block_id": emu.world.name("b"), **block}
        if one["type"] == "actions":
            elements = one["elements"]
            one["elements"] = [{"action_id": emu.world.name("a"), **part} for part in elements]
        named.append(one)
    return named


def _thread(channel: Channel, args: Json) -> str | None:
    thread = args.get("thread_ts")
    if not thread:
        return None
    first = channel.messages.get(str(thread))
    if first is None or first.tombstone:
        raise RefusedError("thread_not_found")
    return first.thread_ts or first.ts


def post(emu: "SlackEmulator", args: Json) -> Json:
    """``chat.postMessage``."""
    channel = open_channel(emu, args)
    check_content(emu, args)
    emu.limit_posts(channel.id)
    message = Message(
        channel.id,
        emu.world.ts(),
        BOT_USER,
        str(args.get("text", "")),
        named_blocks(emu, args.get("blocks")),
        _thread(channel, args),
        metadata=args.get("metadata"),
    )
    emu.keep(message)
    return {"channel": channel.id, "ts": message.ts, "message": emu.told(message)}


def update(emu: "SlackEmulator", args: Json) -> Json:
    """``chat.update``: text without blocks removes the blocks."""
    channel = known_channel(emu, args)
    message = known_message(channel, args.get("ts"))
    if message.user != BOT_USER or channel.archived:
        raise RefusedError("cant_update_message")
    check_content(emu, args)
    before = emu.told(message)
    message.text = str(args.get("text", ""))
    message.blocks = named_blocks(emu, args.get("blocks"))
    message.metadata = args.get("metadata") or message.metadata
    message.edits += 1
    emu.changed_message(message, before)
    told = {"channel": channel.id, "ts": message.ts, "text": message.text}
    return told | {"message": emu.told(message)}


def delete(emu: "SlackEmulator", args: Json) -> Json:
    """``chat.delete``: a message with replies leaves a tombstone."""
    channel = known_channel(emu, args)
    message = known_message(channel, args.get("ts"))
    if message.user != BOT_USER:
        raise RefusedError("cant_delete_message")
    emu.remove(message)
    return {"channel": channel.id, "ts": message.ts}


def whisper(emu: "SlackEmulator", args: Json) -> Json:
    """``chat.postEphemeral``."""
    channel = open_channel(emu, args)
    check_content(emu, args)
    user = str(args.get("user", ""))
    if user not in channel.members:
        raise RefusedError("user_not_in_channel")
    thread = args.get("thread_ts")
    message = only_for(emu, user, channel.id, args, thread_ts=str(thread) if thread else None)
    return {"message_ts": message.ts}


def only_for(
    emu: "SlackEmulator", user: str, channel: str, args: Json, thread_ts: str | None = None
) -> Message:
    """Show a message to one person."""
    message = Message(
        channel,
        emu.world.ts(),
        BOT_USER,
        str(args.get("text", "")),
        named_blocks(emu, args.get("blocks")),
        thread_ts,
        only_for=user,
    )
    emu.world.only.append(message)
    emu.changed()
    return message


def permalink(emu: "SlackEmulator", args: Json) -> Json:
    """``chat.getPermalink``."""
    channel = known_channel(emu, args)
    message = known_message(channel, args.get("message_ts"))
    path = f"/archives/{channel.id}/p{message.ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": f"{emu.url}{path}"}


def answer_way(emu: "SlackEmulator", name: str, args: Json) -> None:
    """Take what was posted to a response_url.

    Raises:
        RefusedError: It was used five times, or is older than 30 minutes.
    """
    way = emu.world.ways.get(name)
    if way is None or emu.clock.now_s() - way.at_s > WAY_S:
        raise RefusedError("expired_url", status=404)
    if way.uses >= WAY_USES:
        raise RefusedError("used_url", status=404)
    way.uses += 1
    old = next((one for one in emu.world.only if one.ts == way.message), None)
    if truth(args.get("delete_original")):
        if old:
            emu.world.only.remove(old)
        emu.changed()
        return
    check_content(emu, args)
    if truth(args.get("replace_original")) and old:
        old.text = str(args.get("text", ""))
        old.blocks = named_blocks(emu, args.get("blocks"))
        emu.changed()
        return
    say_aside(emu, way.user, way.channel, args, way.thread_ts)


def say_aside(
    emu: "SlackEmulator", user: str, channel: str, args: Json, thread_ts: str | None = None
) -> None:
    """Show an answer: to that person alone, unless it says ``in_channel``."""
    if args.get("response_type") != "in_channel":
        only_for(emu, user, channel, args, thread_ts)
        return
    blocks = named_blocks(emu, args.get("blocks"))
    text = str(args.get("text", ""))
    emu.keep(Message(channel, emu.world.ts(), BOT_USER, text, blocks, thread_ts))


METHODS: Final = {
    "chat.postMessage": Method(post, "chat:write"),
    "chat.update": Method(update, "chat:write"),
    "chat.delete": Method(delete, "chat:write"),
    "chat.postEphemeral": Method(whisper, "chat:write"),
    "chat.getPermalink": Method(permalink),
}
