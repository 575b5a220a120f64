"""Cards and private messages in Discord's own form: words, an embed, buttons in rows."""

from collections.abc import Sequence
from typing import Any, Final

import discord
from discord import ui

from bot.chat.layout import Row, rows
from bot.chat.words import Piece, words_of
from bot.discord.ids import button_id
from domain.card import Button, Card, Form, Panel

MAX_CONTENT: Final = 2000
MAX_DESCRIPTION: Final = 4000
MAX_FOOTER: Final = 2000
MAX_PASTE: Final = 2200
MAX_WORDS: Final = 1500
"""Of a prompt whose line to paste stands below it: that one is never cut."""
COLOURS: Final = {
    "queued": 0x8A8F98,
    "handed": 0x4C7DF0,
    "running": 0x4C7DF0,
    "done": 0x3BA55D,
    "failed": 0xD64545,
    "unknown": 0xE0A030,
    "cancelled": 0x8A8F98,
    "planned": 0x8A8F98,
}
STYLES: Final = {
    "pick": discord.ButtonStyle.primary,
    "branch": discord.ButtonStyle.secondary,
    "approve": discord.ButtonStyle.success,
    "reject": discord.ButtonStyle.danger,
    "more": discord.ButtonStyle.secondary,
}


def inert(text: str) -> str:
    """Write a person's words so that nothing in them is markup or a mention."""
    escaped = discord.utils.escape_markdown(text, ignore_links=False)
    plain = discord.utils.escape_mentions(escaped)
    return plain.replace("<", "\\<").replace("://", ":\\//")


def head(card: Card) -> str:
    """Return the line above everything; of a card that was taken down, all there is."""
    said = words_of(card)
    above = "".join(map(_piece, said.head))
    return (f"{above}\n{inert(said.status)}" if card.taken_down else above)[:MAX_CONTENT]


def embed_of(card: Card) -> discord.Embed:
    """Return what a card shows below its picture, which is larger beside it than inside."""
    said = words_of(card)
    prompt = "\n".join("".join(map(_piece, line)) for line in said.prompt)
    lines = [prompt[:MAX_WORDS] if said.paste else prompt]
    lines += [f"**{inert(said.status)}**"] if said.status else []
    lines += [_block(said.paste)] if said.paste else []
    lines += [f"⚠️ {inert(said.error)}"] if said.error else []
    lines += [inert(said.hint)] if said.hint else []
    lines += [inert(note) for note in said.notes]
    shown = discord.Embed(
        description="\n".join(filter(None, lines))[:MAX_DESCRIPTION], colour=COLOURS[card.state]
    )
    if said.facts:
        shown.set_footer(text=said.facts[:MAX_FOOTER])
    return shown


def _block(text: str) -> str:
    """Return a line that is copied as it stands; a backtick would end the block."""
    inside = text.replace("`", "'")[:MAX_PASTE]
    return f"```\n{inside}\n```"


def view_of(buttons: Sequence[Button]) -> ui.View:
    """Return buttons in rows; they are known by their ids alone, so they never grow old."""
    view = ui.View(timeout=None)
    for number, row in enumerate(rows(buttons)):
        for item in _items(number, row):
            view.add_item(item)
    view.stop()  # else discord.py keeps every view for ever; the ids alone are listened to
    return view


def modal_fields(form: Form) -> list[ui.Item[Any]]:
    """Return a form's fields; Discord's modals take five."""
    return [_field(entry) for entry in form.entries[:5]]


def panel_text(panel: Panel) -> str:
    """Return a private message's words."""
    return inert(panel.text)[:MAX_CONTENT] or "\u200b"


def _field(entry: Any) -> ui.Item[Any]:
    if entry.choices:
        options = [
            discord.SelectOption(label=one.label, value=one.value) for one in entry.choices[:25]
        ]
        chosen: ui.Select[Any] = ui.Select(
            custom_id=entry.id,
            options=options,
            required=entry.required,
            max_values=len(options) if entry.several else 1,
        )
        return ui.Label(text=entry.label, component=chosen)
    style = discord.TextStyle.paragraph if entry.lines else discord.TextStyle.short
    typed: ui.TextInput[Any] = ui.TextInput(
        custom_id=entry.id,
        style=style,
        default=entry.value or None,
        placeholder=entry.hint or None,
        required=entry.required,
        max_length=3000,
    )
    return ui.Label(text=entry.label, component=typed)


def _items(number: int, row: Row) -> list[ui.Item[Any]]:
    if row.menu:
        options = [
            discord.SelectOption(label=one.label, value=button_id(one)) for one in row.buttons[:25]
        ]
        menu: ui.Select[Any] = ui.Select(
            custom_id=f"ah={number}", placeholder=row.menu, options=options, row=number
        )
        return [menu]
    return [
        ui.Button(label=_label(one), style=STYLES[one.group], custom_id=button_id(one), row=number)
        for one in row.buttons
    ]


def _label(button: Button) -> str:
    return f"{button.label} ✓" if button.pressed else button.label


def _piece(piece: Piece) -> str:
    text = inert(piece.text)
    if not text.strip():
        return text
    match piece.look:
        case "strong":
            return f"**{text}**"
        case "quiet":
            return f"*{text.strip()}* "
        case "code":
            return f"`{text}`"
        case _:
            return text
