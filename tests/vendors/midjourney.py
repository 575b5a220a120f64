"""Midjourney's bot in a simulated server: it posts what the real one posts, when a test says so.

Formats as captured on 2026-06-02 (version 7): an edited message while it draws, then another with
the picture; what is made from an image answers that image's message.
"""

import io
import uuid
from collections.abc import Sequence
from typing import Any, Final

from PIL import Image
from simcord.backend import serializers
from simcord.backend.models import User
from simcord.builders import UserHandle

from tests.vendors.pictures import draw

ID: Final = 936929561302675456
WEB: Final = "[(Open on website for full quality)](<https://midjourney.com/jobs/{job}>)"


def grid(words: str, width: int = 512, height: int = 512, kind: str = "WEBP") -> bytes:
    """Draw four pictures as one, as Midjourney does; *width* and *height* are one tile's."""
    sheet = Image.new("RGB", (2 * width, 2 * height))
    for number in range(4):
        tile = Image.open(io.BytesIO(draw(f"{words} {number}", width, height)))
        sheet.paste(tile, (number % 2 * width, number // 2 * height))
    out = io.BytesIO()
    sheet.save(out, kind, quality=90)
    return out.getvalue()


class MidjourneyBot:
    """A member of the server under Midjourney's own id."""

    def __init__(self, env: Any, guild: Any) -> None:
        self._env = env
        user = User(id=ID, name="Midjourney Bot", bot=True)
        env.backend.users[ID] = user
        guild.add_member(UserHandle(env, user))

    async def begin(self, channel: Any, prompt: str, who: Any) -> Any:
        """Post that a job waits."""
        return await self.post(channel, f"**{prompt}** - <@{who.id}> (Waiting to start)")

    async def go_on(self, message: Any, prompt: str, who: Any, percent: int) -> None:
        """Edit the message: it draws."""
        content = f"**{prompt}** - <@{who.id}> ({percent}%) (fast)"
        await self.edit(message, content)

    async def finish(
        self,
        channel: Any,
        prompt: str,
        who: Any,
        *,
        did: str = "",
        picture: bytes = b"",
        name: str = "",
        answers: Any = None,
        job: str = "",
    ) -> Any:
        """Post what is finished; without *did* it is a grid."""
        job = job or str(uuid.uuid4())
        picture = picture or grid(prompt)
        mode = "" if did.startswith("Image #") else f" {WEB.format(job=job)} (fast)"
        by = did if did.startswith("Image #") else f"{did} by" if did else ""
        content = " ".join(filter(None, (f"**{prompt}** -", by, f"<@{who.id}>"))) + mode
        single = did.startswith(("Image #", "Upscaled"))
        ending = "png" if single else "webp"
        file = name or f"{who.name}_a_red_fox_{job}.{ending}"
        buttons = _single_buttons(job) if single else _grid_buttons(job)
        return await self.post(
            channel, content, files=[(file, picture)], buttons=buttons, answers=answers
        )

    async def post(
        self,
        channel: Any,
        content: str,
        *,
        files: Sequence[tuple[str, bytes]] = (),
        buttons: Sequence[str] = (),
        answers: Any = None,
    ) -> Any:
        """Post a message."""
        backend = self._env.backend
        reference = None
        if answers is not None:
            named = {"channel_id": str(answers.channel_id), "message_id": str(answers.id)}
            reference = backend.normalize_message_reference(channel.id, named)
        message = backend.create_message(
            channel.id,
            ID,
            content,
            reference=reference,
            components=_rows(buttons),
            attachments=backend.store_attachments(channel.id, files),
        )
        await self._settled("midjourney.post")
        return message

    async def edit(self, message: Any, content: str) -> None:
        """Edit a message of its own."""
        self._env.backend.edit_message(message.channel_id, message.id, {"content": content})
        await self._settled("midjourney.edit")

    async def delete_then_edit(self, message: Any) -> None:
        """Delete a message, and let an edit of it arrive late all the same."""
        backend = self._env.backend
        kept = dict(serializers.message_payload(backend, message))
        backend.delete_message(message.channel_id, message.id)
        await self._settled("midjourney.delete")
        backend.emit("MESSAGE_UPDATE", kept)
        await self._settled("midjourney.edit")

    async def _settled(self, said: str) -> None:
        self._env._mark_mutation()
        await self._env._settle_internal(dispatch=said)


def _rows(buttons: Sequence[str]) -> list[dict[str, Any]]:
    made = [
        {"type": 2, "style": 2, "label": one[9:30], "custom_id": one, "id": place}
        for place, one in enumerate(buttons, start=1)
    ]
    return [{"type": 1, "components": made[at : at + 4]} for at in range(0, len(made), 4)]


def _grid_buttons(job: str) -> list[str]:
    ups = [f"MJ::JOB::upsample::{number}::{job}" for number in range(1, 5)]
    return [*ups, *(f"MJ::JOB::variation::{number}::{job}" for number in range(1, 5))]


def _single_buttons(job: str) -> list[str]:
    return [f"MJ::JOB::upsample_v7_2x_subtle::1::{job}::SOLO", f"MJ::Outpaint::50::1::{job}::SOLO"]
