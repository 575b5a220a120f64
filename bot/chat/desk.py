"""The shared desk of all chat platforms: what was heard becomes a line, and its outcome is told."""

import asyncio
import logging
import re
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from bot.answers import Said, said_again
from bot.chat.finding import Finding, Target, parts
from bot.chat.forms import edit_form, filled_line, imagine_form, reject_form
from bot.chat.heard import Filled, Heard, Line, Press, Reacted, Reply
from bot.chat.reactions import TAKE_DOWN, line_of
from bot.chat.telling import panels_of, refusal_text, which_panel, yes_button
from bot.grammar import is_addressed
from bot.handler import Handler
from domain.card import Form, Panel
from domain.errors import (
    CommandError,
    ConfirmError,
    ConflictError,
    ForbiddenError,
    HandlerError,
    NotFoundError,
    WhichError,
)
from domain.event import Place
from domain.policy import RejectReason
from domain.spec import SEGMENTS
from storage.inbox import Inbox
from storage.opinions import Opinions

logger = logging.getLogger(__name__)
ATTACH: Final = re.compile(r"attach(?: (grid|single))?((?: --in \S+)?)", re.IGNORECASE)
_YES: Final = re.compile(r"yes ([\x21-\x7e]{1,86})")


class Desk:
    """Hears everything that adapters hear, and answers through their replies."""

    def __init__(
        self,
        *,
        handler: Handler,
        inbox: Inbox,
        finding: Finding,
        opinions: Opinions,
        reasons: tuple[RejectReason, ...],
    ) -> None:
        self._handler = handler
        self._inbox = inbox
        self._finding = finding
        self._opinions = opinions
        self._reasons = reasons
        self._turns: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def hear(self, heard: Heard) -> None:
        """Handle one event; what goes wrong is told to the one who caused it, and to nobody else.

        Mistakes are told with what would be right; faults of ours with a number to quote.
        """
        try:
            await self._heard(heard)
        except WhichError as error:
            await _safely(heard.reply.refuse(which_panel(error)))
        except HandlerError as error:
            await _safely(_refused(heard, error))
        except Exception:
            number = secrets.token_hex(4)
            logger.exception("broken event=%s number=%s", heard.key, number)
            said = f"Something broke on our side. Nothing was lost; quote {number}."
            await _safely(heard.reply.refuse(Panel(text=said)))

    async def _heard(self, heard: Heard) -> None:
        match heard:
            case Line():
                await self._line(heard)
            case Press():
                await self._press(heard)
            case Filled():
                await self._filled(heard)
            case Reacted():
                async with self._in_turn(heard.person.id, heard.message):
                    await self._reacted(heard)

    # --- lines ---

    async def _line(self, heard: Line) -> None:
        found = await self._finding.of_line(heard)
        text = heard.text.strip()
        line = await self._handed_in(heard, found, text)
        if not line and not _is_for_us(
            heard, _with_entries(text, heard), ours=found.root is not None
        ):
            return
        if not line and not text and not heard.attachments:
            await self._bare(heard)
            return
        said = replace(
            _said(heard, found, line or _with_pictures(_with_entries(text, heard), heard, found)),
            attachments=heard.attachments,
            names=_labels(heard),
            at="channel" if found.root is None else "thread",
        )
        await self._say(said, heard.reply)

    async def _handed_in(self, heard: Line, found: Target, text: str) -> str:
        """Return the line that hands in the pictures that came; empty if they are for nothing such.

        Files without a word are for the run of the thread that waits for them, if one does.
        """
        files = bool(heard.attachments) or heard.others > 0
        said = ATTACH.fullmatch(text)
        if not files or (text and not said) or (found.root is None and heard.how == "message"):
            return ""
        if not said and not (found.root and await self._handler.waits(_said(heard, found, ""))):
            return ""
        form, rest = (said[1] or "", said[2]) if said else ("", "")
        names = ", ".join(one.name for one in heard.attachments)
        return " ".join(filter(None, ("attach", form.lower(), names, rest)))

    async def _bare(self, heard: Line) -> None:
        """``/imagine`` alone opens the form where a platform can, else it is a call for help."""
        if heard.how == "command" and heard.person.surface == "slack":
            await heard.reply.form(imagine_form())
        else:
            await self._say(_said(heard, Target(), "help"), heard.reply)

    # --- buttons, menus, shortcuts, forms ---

    async def _press(self, heard: Press) -> None:
        if heard.form == "imagine":
            await heard.reply.form(imagine_form())
            return
        if again := _YES.fullmatch(heard.line):
            await self._confirmed(heard, again[1])
            return
        found = await self._finding.of_message(heard.spot, heard.message)
        line = await self._finding.whole(heard.line, found)
        await self._finding.check_here(line, heard.spot)
        if heard.form:
            await heard.reply.form(await self._form(heard, line, found))
            return
        said = replace(_said(heard, found, line), confirmed=heard.confirmed)
        await self._say(said, heard.reply)

    async def _confirmed(self, heard: Press, key: str) -> None:
        """Say a line again that was refused for its price or a doubt: only whoever said it may."""
        event = await self._inbox.event(key)
        if event is None:
            raise NotFoundError("that line is not known any more", hint="Say it anew.")
        if event.person.model_dump(exclude={"name"}) != heard.person.model_dump(exclude={"name"}):
            raise ForbiddenError(f"{event.person.name} said that line")
        again = replace(said_again(event), key=f"{key}:yes", confirmed=True)
        await self._say(again, heard.reply)

    async def _form(self, heard: Press, line: str, found: Target) -> Form:
        verb, number, run = parts(line)
        about = await self._handler.target(run, _said(heard, found, line), number)
        if verb == "edit":
            return edit_form(about)
        return reject_form(about, number or 1, self._reasons)

    async def _filled(self, heard: Filled) -> None:
        run_id, _, number = heard.about.partition("/")
        nothing = _said(heard, Target(), "")
        run = await self._handler.target(run_id, nothing) if run_id else None
        found = Target(root=run.root, run=run.id) if run else Target()
        if run is not None:
            self._finding.check_run(run, heard.spot)
        line = filled_line(heard.form, heard.values, run, int(number or 0))
        at: Final = "channel" if run is None else "thread"
        await self._say(replace(_said(heard, found, line), at=at), heard.reply)

    # --- reactions ---

    async def _reacted(self, heard: Reacted) -> None:
        found = await self._finding.of_message(heard.spot, heard.message)
        if found.run is None:
            return
        if found.family and heard.emoji != TAKE_DOWN:
            return  # a digit would be a tile of several runs
        number = found.number or (1 if found.count == 1 else None)
        mine = await self._opinions.picks(found.run, heard.person)
        line = line_of(heard.emoji, added=heard.added, number=number, picked=mine)
        if line is None:
            return
        try:
            await self._say(_said(heard, found, f"{line} --in {found.run}"), heard.reply)
        except ConflictError:
            if heard.added:  # what was taken away may have meant nothing all along
                raise

    @asynccontextmanager
    async def _in_turn(self, person: str, message: str) -> AsyncIterator[None]:
        """One after another, as they came: a person's reactions under one message."""
        lock = self._turns[person, message]
        async with lock:
            yield
        if not lock.locked():
            self._turns.pop((person, message), None)

    async def _say(self, said: Said, reply: Reply) -> None:
        """Store a line, let the platform be answered, do it, and tell what it led to."""
        taken = await self._handler.take(said)
        await reply.taken()
        for panel in panels_of(await self._handler.act(taken)):
            await reply.tell(panel)


def _is_for_us(heard: Line, text: str, *, ours: bool) -> bool:
    """Tell whether a line was meant for the bot; all else is forgotten here."""
    if heard.how != "message":
        return True
    if not ours:
        return False
    return is_addressed(text) if text else bool(heard.attachments)


def _said(heard: Heard, found: Target, line: str) -> Said:
    spot = heard.spot
    place = Place(
        surface=spot.surface,
        workspace=spot.workspace,
        channel=spot.channel,
        thread=found.root,
        topic=spot.thread if found.root is None else None,
    )
    return Said(
        line=line,
        person=heard.person,
        place=place,
        key=heard.key,
        at="thread",
        about_run=found.run,
    )


def _with_entries(text: str, heard: Line) -> str:
    """Put what people and groups are in place of their names, where a line is about them."""
    if not text.lower().startswith(("approvers", "assign")):
        return text
    where = f"{heard.person.surface}:{heard.person.workspace}"
    for name, known in sorted(heard.mentions.items(), key=lambda pair: -len(pair[0])):
        text = text.replace(name, f"{where}:{known}")
    return text


def _labels(heard: Line) -> Mapping[str, str]:
    where = f"{heard.person.surface}:{heard.person.workspace}"
    return {f"{where}:{known}": name for name, known in heard.mentions.items()}


def _with_pictures(text: str, heard: Line, found: Target) -> str:
    """Let a picture that came with a line be its init image, unless the line says otherwise."""
    if not heard.attachments or "--init" in text or "--mask" in text:
        return text
    name = heard.attachments[0].name
    if not text:
        return f"edit --init {name}" if found.root is not None else f"imagine --init {name}"
    return f"{text} --init {name}"


async def _refused(heard: Heard, error: HandlerError) -> None:
    if isinstance(heard, Filled) and isinstance(error, CommandError):
        fields = {*SEGMENTS, "flags"}
        named = next((one.flag for one in error.faults if one.flag in fields), "")
        flag = any(one.flag.startswith("--") for one in error.faults)
        entry = named or ("flags" if flag and heard.form == "imagine" else "")
        await heard.reply.faults(refusal_text(error), entry)
        return
    doubt = isinstance(error, ConfirmError)
    panel = Panel(text=refusal_text(error), buttons=yes_button(heard.key) if doubt else ())
    await heard.reply.refuse(panel)


async def _safely(telling: Awaitable[None]) -> None:
    """Tell it; a platform that does not take even that is only noted."""
    try:
        await telling
    except HandlerError as error:
        logger.warning("not told: %s", error.message)
