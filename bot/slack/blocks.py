"""Cards, lines and panels as Block Kit: people's words only where no markup means anything.

Limits: docs.slack.dev/reference/block-kit, read 2026-11. Prompts and names stand in ``rich_text``
and ``plain_text``, in which Slack reads no markup; the one text that it does read, a message's
``text``, is escaped.
"""

import hashlib
import json
from collections.abc import Sequence
from itertools import count
from typing import Any, Final

from bot.chat.layout import Row, rows
from bot.chat.words import Pieces, plain, words_of
from bot.slack.ids import action_id, menu_id, option_value
from domain.card import Button, Card, Panel

Block = dict[str, Any]
MAX_PLAIN_CHARS: Final = 3000
MAX_ALT_CHARS: Final = 2000
MAX_TEXT_CHARS: Final = 4000
"""Of a message's own ``text``, which only notifications show."""
CONFIRM_CHARS: Final = 300
_STYLES: Final = {"strong": {"bold": True}, "quiet": {"italic": True}, "code": {"code": True}}


def card_blocks(card: Card, picture: str | None) -> list[Block]:
    """Return a card's blocks.

    Args:
        card: What it shows.
        picture: The id of the grid's file at Slack; None where there is none (yet).
    """
    said = words_of(card)
    blocks = [lines(said.head, *said.prompt)]
    if picture and not card.taken_down:
        blocks.append(image(picture, card.alt or "the images of this run"))
    if said.paste:
        blocks += [*section(said.status), copied(said.paste), *section(said.hint)]
    else:
        blocks += section("\n".join(filter(None, (said.status, said.error, said.hint))))
    blocks += quiet(said.facts)
    blocks += quiet("\n".join(said.notes))
    return marked(blocks + button_blocks(card.buttons))


def panel_blocks(panel: Panel, picture: str | None) -> list[Block]:
    """Return what is told to one person."""
    return marked(_panel(panel, picture))


def panels_blocks(panels: Sequence[tuple[Panel, str | None]]) -> list[Block]:
    """Return several panels one below the other, unmarked."""
    return [block for panel, picture in panels for block in _panel(panel, picture)]


def _panel(panel: Panel, picture: str | None) -> list[Block]:
    blocks = section(panel.text)
    if picture:
        blocks.append(image(picture, panel.alt or "a picture"))
    return blocks + button_blocks(panel.buttons)


def note_blocks(
    text: str, picture: str | None, *, alt: str, buttons: Sequence[Button], mention: str, link: str
) -> list[Block]:
    """Return a line of a thread.

    Args:
        text: What it says.
        picture: The id of a file at Slack.
        alt: What the picture shows.
        buttons: What can be done with it.
        mention: The id of the person to call: the one mention that is alive.
        link: Where the original is, if what is shown is a preview.
    """
    parts: list[Block] = []
    if mention:
        parts += [{"type": "user", "user_id": mention}, {"type": "text", "text": " "}]
    parts.append({"type": "text", "text": text or " "})
    if link:
        parts += [{"type": "text", "text": "\nThe original: "}, {"type": "link", "url": link}]
    blocks: list[Block] = [_rich([parts])]
    if picture:
        blocks.append(image(picture, alt or "an image of this run"))
    return marked(blocks + button_blocks(buttons))


def card_text(card: Card) -> str:
    """Return a card as notifications show it."""
    return escaped(plain(card))


def escaped(text: str, limit: int = MAX_TEXT_CHARS) -> str:
    """Return *text* so that Slack reads no markup in it: exactly ``& < >`` are escaped."""
    short = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# --- parts ---


def lines(*said: Pieces) -> Block:
    """Return lines of words in their looks."""
    return _rich(
        [[_piece(piece.text, piece.look) for piece in line if piece.text] for line in said]
    )


def copied(text: str) -> Block:
    """Return a line to be copied as it stands."""
    words = {"type": "text", "text": shortened(text, MAX_PLAIN_CHARS)}
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_preformatted", "elements": [words]}],
    }


def _rich(said: Sequence[Sequence[Block]]) -> Block:
    sections = [{"type": "rich_text_section", "elements": list(line)} for line in said if line]
    return {"type": "rich_text", "elements": sections}


def _piece(text: str, look: str) -> Block:
    style = _STYLES.get(look)
    return {"type": "text", "text": text} | ({"style": style} if style else {})


def section(text: str) -> list[Block]:
    """Return *text* as it is; nothing for nothing."""
    if not text.strip():
        return []
    parts = [text[at : at + MAX_PLAIN_CHARS] for at in range(0, len(text), MAX_PLAIN_CHARS)]
    return [{"type": "section", "text": words(part)} for part in parts if part.strip()]


def quiet(text: str) -> list[Block]:
    """Return *text* in small grey letters; nothing for nothing."""
    if not text.strip():
        return []
    return [{"type": "context", "elements": [words(shortened(text, 2000))]}]


def image(file: str, alt: str) -> Block:
    """Return a picture that was uploaded."""
    shown = alt[:MAX_ALT_CHARS]
    return {"type": "image", "slack_file": {"id": file}, "alt_text": shown}


def words(text: str) -> Block:
    """Return a text object in which nothing is read but letters."""
    return {"type": "plain_text", "text": shortened(text, MAX_PLAIN_CHARS), "emoji": False}


def shortened(text: str, limit: int) -> str:
    """Return at most *limit* characters."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def button_blocks(buttons: Sequence[Button]) -> list[Block]:
    """Return rows of buttons, or menus where a row would be too wide."""
    numbers = count()
    return [_row(row, numbers) for row in rows(buttons)]


def _row(row: Row, numbers: "count[int]") -> Block:
    if not row.menu:
        shown = [_button(button, next(numbers)) for button in row.buttons]
        return {"type": "actions", "elements": shown}
    options = [
        {"text": words(button.label[:75]), "value": option_value(button)} for button in row.buttons
    ]
    menu = {"type": "static_select", "action_id": menu_id(next(numbers)), "options": options}
    return {"type": "actions", "elements": [menu | {"placeholder": words(row.menu)}]}


def _button(button: Button, number: int) -> Block:
    shown: Block = {"type": "button", "action_id": action_id(button, number)}
    shown |= {"text": words(button.label), "value": button.line}
    if button.pressed:
        shown["style"] = "primary"
    if button.confirm:
        shown["confirm"] = {
            "title": words("Are you sure?"),
            "text": words(shortened(button.confirm, CONFIRM_CHARS)),
            "confirm": words("Yes"),
            "deny": words("No"),
        }
    return shown


def marked(blocks: Sequence[Block]) -> list[Block]:
    """Give each block an id that changes with what it shows, so that clients redraw it."""
    return [{**block, "block_id": f"{at}-{_print(block)}"} for at, block in enumerate(blocks)]


def _print(block: Block) -> str:
    whole = json.dumps(block, sort_keys=True).encode()
    return hashlib.blake2b(whole, digest_size=6).hexdigest()
