"""The commands that Discord lists: /imagine with a few options, /handler, and two in menus."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal, Protocol

import discord
from discord import app_commands

from bot.chat.tools import Tools
from bot.discord.reviewing import add_review
from bot.discord.translate import attachments_of, is_picture
from domain.event import Attachment

Asked = discord.Interaction[Any]
HASH: Final = "commands"
NO_PICTURE: Final = "That file is no picture: attach a PNG, JPEG or WebP."


class Says(Protocol):
    """What a command leads to: a line that was said, or a shortcut on a message."""

    async def __call__(
        self,
        interaction: Asked,
        line: str,
        *,
        attachments: tuple[Attachment, ...] = (),
        mentions: dict[str, str] | None = None,
    ) -> None:
        """Say a line."""


Shortcut = Callable[[Asked, str, discord.Message], Awaitable[None]]
Task = Literal["product", "brand", "ui", "character", "environment"]


def add_commands(
    tree: app_commands.CommandTree[Any], says: Says, shortcut: Shortcut, tools: Tools
) -> None:
    """Put every command into the tree."""
    tree.add_command(_imagine(says, tools))
    tree.add_command(_handler(says))
    for name, verb in (("Branch from this image", "branch"), ("Set as baseline", "baseline")):
        tree.add_command(_menu(name, verb, shortcut))


async def sync(tree: app_commands.CommandTree[Any], tools: Tools, guild: str) -> None:
    """Tell Discord the commands, if they are others than it was told last."""
    where = discord.Object(int(guild)) if guild else None
    if where is not None:
        tree.copy_global_to(guild=where)
    told = json.dumps([one.to_dict(tree) for one in _all(tree)], sort_keys=True, default=str)
    key = f"{HASH}:{tree.client.application_id}:{guild}"
    hashed = hashlib.sha256(told.encode()).hexdigest()
    if await tools.keepsakes.get("discord", key) != hashed:
        await tree.sync(guild=where)
        await tools.keepsakes.put("discord", key, hashed)


def _all(tree: app_commands.CommandTree[Any]) -> list[Any]:
    kinds = (discord.AppCommandType.chat_input, discord.AppCommandType.message)
    return [one for kind in kinds for one in tree.get_commands(type=kind)]


def _imagine(says: Says, tools: Tools) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="imagine", description="Make images; flags stand behind the text")
    @app_commands.describe(
        prompt="subject :: environment :: technical :: style :: negative, then --flags",
        picture="A picture to start from",
        task="What kind of image; it chooses the model",
        model="A model of its own",
        count="How many images, 1 to 8",
    )
    async def imagine(  # noqa: PLR0917  Discord's options, by name
        interaction: Asked,
        prompt: str = "",
        picture: discord.Attachment | None = None,
        task: Task | None = None,
        model: str | None = None,
        count: app_commands.Range[int, 1, 8] | None = None,
    ) -> None:
        options = (("--task", task), ("--model", model), ("--count", count))
        flags = " ".join(f"{name} {value}" for name, value in options if value)
        if picture is not None and not is_picture(picture):
            await interaction.response.send_message(NO_PICTURE, ephemeral=True)
            return
        await says(
            interaction,
            f"{prompt} {flags}".strip(),
            attachments=attachments_of([picture] if picture else []),
        )

    @imagine.autocomplete("model")
    async def models(_interaction: Asked, typed: str) -> list[app_commands.Choice[str]]:
        found = await tools.complete("model", typed)
        return [app_commands.Choice(name=one.label, value=one.value) for one in found]

    return imagine


def _handler(says: Says) -> app_commands.Group:
    group = app_commands.Group(name="handler", description="Everything beside making images")
    plain = (
        ("queue", "What runs and waits"),
        ("info", "Your limits, and what is left of them"),
    )
    for name, meaning in plain:
        group.add_command(_plain(name, meaning, says))

    @group.command(name="help", description="What can be said")
    async def help_(interaction: Asked, topic: str = "") -> None:
        await says(interaction, f"help {topic}".strip())

    @group.command(name="find", description="Earlier runs by words")
    async def find(interaction: Asked, words: str) -> None:
        quoted = words.replace('"', " ")
        await says(interaction, f'find "{quoted}"')

    @group.command(name="show", description="A run, here")
    async def show(interaction: Asked, run: str) -> None:
        await says(interaction, f"show {run.strip()}")

    @group.command(name="status", description="How a run is doing")
    @app_commands.describe(run="r2, or its long name; the newest here if left out")
    async def status(interaction: Asked, run: str = "") -> None:
        await says(interaction, f"status {run}".strip())

    group.add_command(_approvers(says))
    add_review(group, says)
    return group


def _plain(name: str, meaning: str, says: Says) -> app_commands.Command[Any, ..., None]:
    async def callback(interaction: Asked) -> None:
        await says(interaction, name)

    return app_commands.Command(name=name, description=meaning, callback=callback)


def _approvers(says: Says) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="approvers", description="Who may approve; admins change it")
    async def approvers(
        interaction: Asked,
        action: Literal["list", "add", "remove"] = "list",
        member: discord.Member | None = None,
        role: discord.Role | None = None,
    ) -> None:
        named = {f"@{member.display_name}": str(member.id)} if member else {}
        named |= {f"@{role.name}": f"role:{role.id}"} if role else {}
        whom = " ".join(named) if action != "list" else ""
        verb = "" if action == "list" else action
        await says(interaction, f"approvers {verb} {whom}".strip(), mentions=named)

    return approvers


def _menu(name: str, verb: str, shortcut: Shortcut) -> app_commands.ContextMenu:
    async def callback(interaction: Asked, message: discord.Message) -> None:
        await shortcut(interaction, verb, message)

    return app_commands.ContextMenu(name=name, callback=callback)
