"""Refuses the blocks and views that Slack refuses.

Limits: docs.slack.dev/reference/block-kit and /reference/views (2026-11); the words and pointers
are those that public bug reports quote. What is not modelled here is refused as unsupported, so
that nothing passes unseen.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

Json = dict[str, Any]
Faults = Iterator[str]
MESSAGE_BLOCKS: Final = 50
VIEW_BLOCKS: Final = 100
VIEW_BYTES: Final = 250_000
MAX_TEXT_CHARS: Final = 40_000
SHOWN_TYPES: Final = frozenset({"image/png", "image/jpeg", "image/gif"})
PLAIN_ONLY: Final = ("plain_text",)
BOTH: Final = ("plain_text", "mrkdwn")
INPUTS: Final = frozenset(
    {
        "plain_text_input",
        "static_select",
        "multi_static_select",
        "radio_buttons",
        "checkboxes",
        "file_input",
        "conversations_select",
    }
)
ACTIONS: Final = frozenset(
    {"button", "static_select", "multi_static_select", "overflow", "radio_buttons", "checkboxes"}
)
RICH: Final = frozenset(
    {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
)
OPTIONS: Final = {"overflow": 5, "radio_buttons": 10, "checkboxes": 10}
IN_MESSAGES: Final = frozenset(
    {"section", "divider", "image", "actions", "context", "header", "rich_text", "markdown"}
)
IN_VIEWS: Final = (IN_MESSAGES - {"markdown"}) | {"input"}


@dataclass(frozen=True, slots=True)
class Checker:
    """Checks blocks; *picture* says what is wrong with a ``slack_file``, or returns nothing."""

    picture: Callable[[Json], str]

    def message(self, blocks: Any) -> list[str]:
        """Return what is wrong with a message's blocks."""
        return list(self._blocks(blocks, IN_MESSAGES, MESSAGE_BLOCKS, "/blocks"))

    def view(self, view: Json) -> list[str]:
        """Return what is wrong with a modal or a home tab."""
        return list(self._view(view))

    # --- views ---

    def _view(self, view: Json) -> Faults:
        if view.get("type") not in ("modal", "home"):
            yield "unsupported type: must be modal or home [json-pointer:/view/type]"
            return
        if len(json.dumps(view)) > VIEW_BYTES:
            yield f"view is larger than {VIEW_BYTES} bytes [json-pointer:/view]"
        yield from _length(view.get("callback_id", ""), 255, "/view/callback_id")
        yield from _length(view.get("private_metadata", ""), 3000, "/view/private_metadata")
        if view["type"] == "modal":
            yield from self._frame(view)
        yield from self._blocks(view.get("blocks"), IN_VIEWS, VIEW_BLOCKS, "/view/blocks")

    def _frame(self, view: Json) -> Faults:
        for part in ("title", "submit", "close"):
            if view.get(part) or part == "title":
                yield from _text(view.get(part), PLAIN_ONLY, 24, f"/view/{part}")
        asks = any(isinstance(one, dict) and one.get("type") == "input" for one in _list(view))
        if asks and not view.get("submit"):
            yield "`submit` is required for modals with input blocks [json-pointer:/view]"

    # --- blocks ---

    def _blocks(self, blocks: Any, allowed: frozenset[str], most: int, at: str) -> Faults:
        if not isinstance(blocks, list):
            yield f"must be an array [json-pointer:{at}]"
            return
        yield from _count(blocks, most, at, least=0)
        named = [one.get("block_id") for one in blocks if isinstance(one, dict)]
        given = [name for name in named if name]
        if len(set(given)) < len(given):
            yield f"`block_id` already exists [json-pointer:{at}]"
        for number, block in enumerate(blocks):
            yield from self._block(block, allowed, f"{at}/{number}")

    def _block(self, block: Any, allowed: frozenset[str], at: str) -> Faults:
        if not isinstance(block, dict) or block.get("type") not in allowed:
            kind = block.get("type") if isinstance(block, dict) else block
            yield f"unsupported type: {kind} [json-pointer:{at}/type]"
            return
        yield from _length(block.get("block_id", ""), 255, f"{at}/block_id")
        check: Callable[[Json, str], Faults] = getattr(self, f"_{block['type']}")
        yield from check(block, at)

    def _divider(self, block: Json, at: str) -> Faults:
        yield from _unknown(block, {"type", "block_id"}, at)

    def _header(self, block: Json, at: str) -> Faults:
        yield from _unknown(block, {"type", "block_id", "text"}, at)
        yield from _text(block.get("text"), PLAIN_ONLY, 150, f"{at}/text")

    def _markdown(self, block: Json, at: str) -> Faults:
        yield from _length(block.get("text"), 12_000, f"{at}/text", least=1)

    def _section(self, block: Json, at: str) -> Faults:
        yield from _unknown(
            block, {"type", "block_id", "text", "fields", "accessory", "expand"}, at
        )
        if not block.get("text") and not block.get("fields"):
            yield f"missing required field: text or fields [json-pointer:{at}]"
        if block.get("text"):
            yield from _text(block["text"], BOTH, 3000, f"{at}/text")
        fields = block.get("fields")
        if fields is not None:
            yield from _count(fields, 10, f"{at}/fields")
            for number, one in enumerate(fields):
                yield from _text(one, BOTH, 2000, f"{at}/fields/{number}")
        if block.get("accessory"):
            allowed = ACTIONS | {"image"}
            yield from self._element(block["accessory"], allowed, f"{at}/accessory")

    def _image(self, block: Json, at: str) -> Faults:
        yield from _unknown(
            block, {"type", "block_id", "image_url", "slack_file", "alt_text", "title"}, at
        )
        if bool(block.get("image_url")) == bool(block.get("slack_file")):
            yield f"must define exactly one of image_url, slack_file [json-pointer:{at}]"
        yield from _length(block.get("alt_text"), 2000, f"{at}/alt_text", least=1)
        yield from _length(block.get("image_url", ""), 3000, f"{at}/image_url")
        if block.get("title"):
            yield from _text(block["title"], PLAIN_ONLY, 2000, f"{at}/title")
        if block.get("slack_file") and (fault := self.picture(block["slack_file"])):
            yield f"{fault} [json-pointer:{at}/slack_file]"

    def _context(self, block: Json, at: str) -> Faults:
        yield from _unknown(block, {"type", "block_id", "elements"}, at)
        elements = block.get("elements")
        yield from _count(elements, 10, f"{at}/elements")
        for number, one in enumerate(elements or []):
            where = f"{at}/elements/{number}"
            if isinstance(one, dict) and one.get("type") == "image":
                yield from self._image(one, where)
            else:
                yield from _text(one, BOTH, 3000, where)

    def _actions(self, block: Json, at: str) -> Faults:
        yield from _unknown(block, {"type", "block_id", "elements"}, at)
        elements = block.get("elements")
        yield from _count(elements, 25, f"{at}/elements")
        names = [one.get("action_id") for one in elements or [] if isinstance(one, dict)]
        given = [name for name in names if name]
        if len(set(given)) < len(given):
            yield f"`action_id` already exists [json-pointer:{at}/elements]"
        for number, one in enumerate(elements or []):
            yield from self._element(one, ACTIONS, f"{at}/elements/{number}")

    def _input(self, block: Json, at: str) -> Faults:
        known = {"type", "block_id", "label", "hint", "element", "optional", "dispatch_action"}
        yield from _unknown(block, known, at)
        yield from _text(block.get("label"), PLAIN_ONLY, 2000, f"{at}/label")
        if block.get("hint"):
            yield from _text(block["hint"], PLAIN_ONLY, 2000, f"{at}/hint")
        yield from self._element(block.get("element"), INPUTS, f"{at}/element")

    def _rich_text(self, block: Json, at: str) -> Faults:
        yield from _unknown(block, {"type", "block_id", "elements"}, at)
        yield from _count(block.get("elements"), 100, f"{at}/elements")
        for number, one in enumerate(block.get("elements") or []):
            where = f"{at}/elements/{number}"
            if not isinstance(one, dict) or one.get("type") not in RICH:
                yield f"unsupported type [json-pointer:{where}/type]"
                continue
            for place, part in enumerate(one.get("elements") or []):
                if part.get("type") == "text":
                    spot = f"{where}/elements/{place}/text"
                    yield from _length(part.get("text"), 12_000, spot, least=1)

    # --- elements ---

    def _element(self, element: Any, allowed: frozenset[str], at: str) -> Faults:
        if not isinstance(element, dict) or element.get("type") not in allowed:
            kind = element.get("type") if isinstance(element, dict) else element
            yield f"unsupported type: {kind} [json-pointer:{at}/type]"
            return
        if element["type"] == "image":
            yield from self._image(element, at)
            return
        yield from _length(element.get("action_id", ""), 255, f"{at}/action_id")
        if element.get("confirm"):
            yield from _confirm(element["confirm"], f"{at}/confirm")
        checks = {"button": _button, "plain_text_input": _typed, "file_input": _asked_file}
        checks["conversations_select"] = _room
        yield from checks.get(element["type"], _menu)(element, at)


def _asked_file(element: Json, at: str) -> Faults:
    yield from _number(element.get("max_files", 10), 1, 10, f"{at}/max_files")


def _room(element: Json, at: str) -> Faults:
    if element.get("placeholder"):
        yield from _text(element["placeholder"], PLAIN_ONLY, 150, f"{at}/placeholder")


def _button(button: Json, at: str) -> Faults:
    known = {
        "type", "action_id", "text", "value", "url", "style", "confirm", "accessibility_label"
    }  # fmt: skip
    yield from _unknown(button, known, at)
    yield from _text(button.get("text"), PLAIN_ONLY, 75, f"{at}/text")
    yield from _length(button.get("value", ""), 2000, f"{at}/value")
    yield from _length(button.get("url", ""), 3000, f"{at}/url")
    yield from _length(button.get("accessibility_label", ""), 75, f"{at}/accessibility_label")
    if button.get("style", "primary") not in ("primary", "danger"):
        yield f"must be one of primary, danger [json-pointer:{at}/style]"


def _menu(menu: Json, at: str) -> Faults:
    if menu.get("placeholder"):
        yield from _text(menu["placeholder"], PLAIN_ONLY, 150, f"{at}/placeholder")
    options = menu.get("options")
    yield from _count(options, OPTIONS.get(menu["type"], 100), f"{at}/options")
    kinds = BOTH if menu["type"] in ("radio_buttons", "checkboxes") else PLAIN_ONLY
    for number, option in enumerate(options or []):
        where = f"{at}/options/{number}"
        yield from _text(option.get("text"), kinds, 75, f"{where}/text")
        yield from _length(option.get("value"), 150, f"{where}/value", least=1)
        if option.get("description"):
            yield from _text(option["description"], kinds, 75, f"{where}/description")
    first = menu.get("initial_option")
    if first is not None and first not in (options or []):
        yield f"must match one of the options [json-pointer:{at}/initial_option]"


def _typed(element: Json, at: str) -> Faults:
    if element.get("placeholder"):
        yield from _text(element["placeholder"], PLAIN_ONLY, 150, f"{at}/placeholder")
    yield from _number(element.get("max_length", 3000), 1, 3000, f"{at}/max_length")
    most = min(int(element.get("max_length", 3000)), 3000)
    yield from _length(element.get("initial_value", ""), most, f"{at}/initial_value")


def _confirm(confirm: Json, at: str) -> Faults:
    yield from _text(confirm.get("title"), PLAIN_ONLY, 100, f"{at}/title")
    yield from _text(confirm.get("text"), BOTH, 300, f"{at}/text")
    yield from _text(confirm.get("confirm"), PLAIN_ONLY, 30, f"{at}/confirm")
    yield from _text(confirm.get("deny"), PLAIN_ONLY, 30, f"{at}/deny")


def _list(view: Json) -> list[Any]:
    blocks = view.get("blocks")
    return blocks if isinstance(blocks, list) else []


def _text(text: Any, kinds: tuple[str, ...], most: int, at: str) -> Faults:
    if not isinstance(text, dict):
        yield f"missing required field [json-pointer:{at}]"
        return
    if text.get("type") not in kinds:
        yield f"must be one of: {', '.join(kinds)} [json-pointer:{at}/type]"
    allowed = {"type", "text", "emoji" if text.get("type") == "plain_text" else "verbatim"}
    yield from _unknown(text, allowed, at)
    yield from _length(text.get("text"), most, f"{at}/text", least=1)


def _length(text: Any, most: int, at: str, least: int = 0) -> Faults:
    if not isinstance(text, str):
        yield f"missing required field [json-pointer:{at}]"
    elif len(text) < least:
        yield f"must be more than {least - 1} characters [json-pointer:{at}]"
    elif len(text) > most:
        yield f"must be less than {most + 1} characters [json-pointer:{at}]"


def _count(items: Any, most: int, at: str, least: int = 1) -> Faults:
    if not isinstance(items, list):
        yield f"missing required field [json-pointer:{at}]"
    elif len(items) > most:
        yield f"no more than {most} items allowed [json-pointer:{at}]"
    elif len(items) < least:
        yield f"no less than {least} items allowed [json-pointer:{at}]"


def _number(value: Any, least: int, most: int, at: str) -> Faults:
    if not isinstance(value, int) or not least <= value <= most:
        yield f"must be from {least} to {most} [json-pointer:{at}]"


def _unknown(block: Json, known: set[str], at: str) -> Faults:
    for key in block:
        if key not in known:
            yield f"invalid additional property: {key} [json-pointer:{at}]"
