"""What a person types, as Slack hands it on: entities, links and mentions written its way."""

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.vendors.slack.world import World

LINK: Final = re.compile(r"https?://[^\s<>|]+")
SPECIAL: Final = re.compile(r"@(here|channel|everyone)\b")
NAMED: Final = re.compile(r"([@#])([A-Za-z][\w-]*)")


def encoded(world: "World", text: str) -> str:
    """Return the ``text`` of a message that someone typed."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    linked = LINK.sub(lambda found: f"<{found[0]}>", escaped)
    called = SPECIAL.sub(lambda found: f"<!{found[1]}>", linked)
    return NAMED.sub(lambda found: _mention(world, found, with_name=False), called)


def as_command(world: "World", text: str, *, escapes: bool) -> str:
    """Return the ``text`` of a slash command: mentions only where it escapes."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if not escapes:
        return escaped
    linked = LINK.sub(lambda found: f"<{found[0]}>", escaped)
    return NAMED.sub(lambda found: _mention(world, found, with_name=True), linked)


def _mention(world: "World", found: re.Match[str], *, with_name: bool) -> str:
    sign, name = found[1], found[2]
    if sign == "#":
        channel = world.channel_of(name)
        return f"<#{channel.id}|{channel.name}>" if channel else found[0]
    for user in world.users.values():
        if user.name.lower() == name.lower():
            return f"<@{user.id}|{name.lower()}>" if with_name else f"<@{user.id}>"
    for group, (handle, _) in world.groups.items():
        if handle.lower() == name.lower():
            return f"<!subteam^{group}|@{handle}>" if with_name else f"<!subteam^{group}>"
    return found[0]
