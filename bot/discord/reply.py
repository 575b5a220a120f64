"""The ways back to one person on Discord: through their interaction, or under their message."""

import asyncio
from typing import Any, Final

import discord
from discord import ui

from bot.discord.faults import NEVER_MIND, surely
from bot.discord.ids import modal_id
from bot.discord.render import modal_fields, panel_text, view_of
from bot.discord.sending import Sending
from domain.card import Form, Panel
from domain.errors import SurfaceDownError

REMOVED_AFTER_S: Final = 20.0
PRIVATE: Final[dict[str, Any]] = {"ephemeral": True, "suppress_embeds": True}


class InteractionReply:
    """Answers a command, button, menu or form: only that person sees it."""

    def __init__(self, interaction: discord.Interaction[Any], sending: Sending) -> None:
        self._interaction = interaction
        self._sending = sending
        self._turn = asyncio.Lock()
        self._told = False
        self._thinking = False
        self.stored = asyncio.Event()

    async def taken(self) -> None:
        """It is stored: Discord may be answered."""
        self.stored.set()

    async def acknowledge(self) -> None:
        """Answer Discord, if nothing did so far: a command "thinks", a button stays as it is."""
        async with self._turn:
            if self._interaction.response.is_done():
                return
            is_command = self._interaction.type is discord.InteractionType.application_command
            with surely():
                if is_command:
                    self._thinking = True
                    await self._interaction.response.defer(ephemeral=True, thinking=True)
                else:
                    await self._interaction.response.defer()

    async def finish(self) -> None:
        """Take away the sign of thinking, where nothing was told."""
        if self._thinking and not self._told:
            try:
                await self._interaction.delete_original_response()
            except NEVER_MIND:
                return  # the person has dismissed it, or the token has ended

    async def tell(self, panel: Panel) -> None:
        """Tell that person alone."""
        view = view_of(panel.buttons) if panel.buttons else discord.utils.MISSING
        files = await self._sending.files_of(panel.picture, panel.alt)
        async with self._turn:
            self._told = True
            with surely():
                if self._interaction.response.is_done():
                    await self._interaction.followup.send(
                        panel_text(panel), view=view, files=files, **PRIVATE
                    )
                else:
                    await self._interaction.response.send_message(
                        panel_text(panel), view=view, files=files, **PRIVATE
                    )
        self.stored.set()

    async def refuse(self, panel: Panel) -> None:
        """Tell that person alone what was wrong."""
        await self.tell(panel)

    async def form(self, form: Form) -> None:
        """Show a form.

        Raises:
            SurfaceDownError: It took too long, and Discord was answered already.
        """
        modal = ui.Modal(title=form.title, custom_id=modal_id(form))
        for field in modal_fields(form):
            modal.add_item(field)
        modal.stop()  # else discord.py keeps it for ever; its id alone is listened to
        async with self._turn:
            if self._interaction.response.is_done():
                raise SurfaceDownError("that took too long", hint="Press it again.")
            with surely():
                await self._interaction.response.send_modal(modal)
        self.stored.set()

    async def faults(self, message: str, entry: str = "") -> None:  # noqa: ARG002  closed by then
        """Tell what was wrong with a form: Discord has closed it."""
        await self.tell(Panel(text=message))


class MessageReply:
    """Answers below a message or a reaction: Discord has nothing private there."""

    def __init__(self, channel: int, message: int, person: int, sending: Sending) -> None:
        self._channel = channel
        self._message = message
        self._person = person
        self._sending = sending

    async def taken(self) -> None:
        """Discord waits for nothing."""

    async def tell(self, panel: Panel) -> None:
        """Answer under the message."""
        await self._send(panel, removed_after_s=None)

    async def refuse(self, panel: Panel) -> None:
        """Say what was wrong, and take it away again."""
        await self._send(panel, removed_after_s=REMOVED_AFTER_S)

    async def form(self, form: Form) -> None:
        """No form can be shown here: say how to open it."""
        await self.refuse(Panel(text=f"{form.title}: use the card's button, or /imagine."))

    async def faults(self, message: str, entry: str = "") -> None:  # noqa: ARG002  no form here
        """Say what was wrong."""
        await self.refuse(Panel(text=message))

    async def _send(self, panel: Panel, *, removed_after_s: float | None) -> None:
        await self._sending.answer(
            self._channel, self._message, self._person, panel, removed_after_s=removed_after_s
        )
