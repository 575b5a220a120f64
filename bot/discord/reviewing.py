"""The commands of the review desk on Discord: the queue, who looks at what, the daily digest."""

from typing import Any, Literal

import discord
from discord import app_commands

Asked = discord.Interaction[Any]


def add_review(group: app_commands.Group, says: Any) -> None:
    """Put ``/handler review``, ``assign`` and ``digest`` into the group."""

    @group.command(name="review", description="What waits for a decision")
    @app_commands.describe(
        by="Closest call, widest disagreement, or oldest first",
        mine="Only what is assigned to you",
    )
    async def review(
        interaction: Asked,
        by: Literal["close", "disagree", "age"] = "age",
        mine: bool = False,  # noqa: FBT001, FBT002  Discord's option
    ) -> None:
        order = "" if by == "age" else f" --by {by}"
        await says(interaction, f"review{order}{' --mine' if mine else ''}")

    @group.command(name="assign", description="Ask somebody to look at an image, in its thread")
    @app_commands.describe(
        member="Whom", number="The image; all of the run if left out", run="r2; else the newest"
    )
    async def assign(
        interaction: Asked,
        member: discord.Member,
        number: app_commands.Range[int, 1, 8] | None = None,
        run: str = "",
    ) -> None:
        name = f"@{member.display_name}"
        about = " ".join(filter(None, (str(number or ""), run.strip())))
        mentions = {name: str(member.id)}
        await says(interaction, f"assign {name} {about}".strip(), mentions=mentions)

    @group.command(name="digest", description="What waits at a glance; here, once a day")
    @app_commands.describe(action="Here: every day in this channel; admins change it", at="09:00")
    async def digest(
        interaction: Asked, action: Literal["show", "here", "off"] = "show", at: str = ""
    ) -> None:
        said = "" if action == "show" else f" {action} {at}".rstrip()
        await says(interaction, f"digest{said}")
