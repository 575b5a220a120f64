"""Command to text: the canonical line, which ``parse`` reads back as the same command."""

import re
from typing import Final

from bot.grammar.figures import number_text
from bot.grammar.flags import FLAGS
from bot.grammar.inputs import item_text
from bot.grammar.marks import escape
from bot.grammar.prompts import ACTION
from bot.grammar.reviewing import review_body, review_flags
from bot.grammar.shelving import shelved_body
from bot.grammar.templates import template_body
from domain.asked import Attach
from domain.bundle import Characters, Houses, Loras
from domain.command import (
    Assign,
    Blind,
    Branch,
    Cancel,
    Command,
    Compare,
    Edit,
    Export,
    Favourite,
    Imagine,
    Permuted,
    Pick,
    Rate,
    Reject,
    Rework,
    SegmentEdit,
    SetRoute,
    Unassign,
    Use,
)
from domain.flags import Flags
from domain.questions import Approvers, Digest, Find, Help, Review
from domain.spec import SEGMENTS, Margins, Segment, Segments
from domain.template import Templates

Asked = Assign | Unassign | Digest | Review | Find | Approvers
MAX_BUTTON_CHARS: Final = 90
_SAFE: Final = re.compile(r"(?:[\w./@%+#?&~][\w./@%+#?&~-]*(?::[\w./@%+#?&~-]+)*(?: |$))+")
_WORDS_BEFORE: Final = {"append": "+ ", "remove": "- ", "more": "more ", "less": "less "}


def render(command: Command) -> str:
    """Write *command* as the line that one would type for it."""
    if isinstance(command, Permuted):
        return command.pattern
    flags = getattr(command, "flags", None)
    run = getattr(command, "run", None)
    parts = (
        _verb(command),
        _body(command),
        _flags(flags) if flags else "",
        _margins(command.margins) if isinstance(command, Rework) else "",
        *review_flags(command),
        "--blind" if isinstance(command, Pick) and command.blind else "",
        "--all" if isinstance(command, Export) and command.everything else "",
        "--rest" if isinstance(command, Cancel) and command.rest else "",
        f"--in {run}" if run else "",
    )
    return " ".join(filter(None, parts))


def button_line(command: Command) -> str:
    """Write *command* for a button: at most 90 ASCII characters, else ValueError."""
    line = render(command)
    if not line.isascii() or len(line) > MAX_BUTTON_CHARS:
        raise ValueError(
            f"a button's line is at most {MAX_BUTTON_CHARS} ASCII characters: {line!r}"
        )
    return line


def _verb(command: Command) -> str:
    if isinstance(command, Favourite) and not command.on:
        return "unfavourite"
    return command.kind


def _body(command: Command) -> str:  # noqa: C901, PLR0911  one line per form
    match command:
        case Imagine():
            return _prompt(command.segments)
        case Edit():
            return _edits(command.edits)
        case Branch() | Use():
            return f"{command.number} {_edits(command.edits)}".strip()
        case Help():
            return command.topic
        case Loras() | Houses() | Characters():
            return shelved_body(command)
        case Assign() | Unassign() | Digest() | Review() | Find() | Approvers():
            return _question(command)
        case Templates():
            return template_body(command, _prompt)
        case Compare() | Blind():
            return command.other or ""
        case SetRoute() | Attach():
            return _named(command)
        case _:
            return _decision(command)


def _named(command: SetRoute | Attach) -> str:
    if isinstance(command, SetRoute):
        return " ".join(filter(None, (command.task, escape(command.model or ""))))
    pictures = ", ".join(map(_item, command.pictures))
    return " ".join(filter(None, (command.form, pictures)))


def _question(command: Asked) -> str:
    if isinstance(command, Assign | Unassign | Digest):
        return review_body(command)
    if isinstance(command, Review):
        return command.after
    if isinstance(command, Find):
        return f'"{command.words}"'
    named = "" if command.action == "list" else command.action
    return " ".join(filter(None, (named, *command.who)))


def _decision(command: Command) -> str:
    number = getattr(command, "number", None)
    said = "" if number is None else str(number)
    if isinstance(command, Rate):
        return f"{said} {command.value}"
    if isinstance(command, Reject):
        return f"{said} {_reason(command)}".strip()
    return said


def _reason(command: Reject) -> str:
    """Write the reason; without a number, a figure at its start must not be taken for one."""
    text = escape(command.reason)
    looks_numbered = command.number is None and re.match(r"#?[+-]?[0-9]+(?: |$)", text)
    return f"\\{text}" if looks_numbered else text


def _prompt(segments: Segments) -> str:
    said = [segments[name] for name in SEGMENTS]
    while said and said[-1] == Segment():
        said.pop()
    parts: list[str] = []
    for place, segment in enumerate(said, start=1):
        parts += (escape(segment.text), _separator(segment.weight, last=place == len(said)))
    return " ".join(filter(None, parts))


def _separator(weight: float | None, *, last: bool, plain: float | None = 1.0) -> str:
    if weight == plain or weight is None:
        return "" if last else "::"
    return f"::{number_text(weight)}"


def _edits(edits: tuple[SegmentEdit, ...]) -> str:
    parts: list[str] = []
    for place, edit in enumerate(edits, start=1):
        parts += (_edit(edit), _separator(edit.weight, last=place == len(edits), plain=None))
    return " ".join(filter(None, parts))


def _edit(edit: SegmentEdit) -> str:
    text = escape(edit.text)
    if edit.action != "replace":
        return f"{edit.segment}: {_WORDS_BEFORE[edit.action]}{text}"
    if not text:
        return f'{edit.segment}=""'
    return f"{edit.segment}: " + (f"\\{text}" if ACTION.match(text) else text)


def _flags(flags: Flags) -> str:
    said = ((flag.name, getattr(flags, flag.field)) for flag in FLAGS if flag.field)
    return " ".join(_flag(name, value) for name, value in said if _given(value))


def _margins(margins: Margins) -> str:
    sides = ((side, getattr(margins, side)) for side in Margins.model_fields)
    return " ".join(f"--{side} {pixels}" for side, pixels in sides if pixels)


def _given(value: object) -> bool:
    """Tell whether a flag was given; 0 is a value like any other."""
    return value is not None and value is not False and value != ()


def _flag(name: str, value: object) -> str:
    match value:
        case True:
            return name
        case tuple():
            texts = (one if isinstance(one, str) else item_text(one) for one in value)
            return f"{name} {', '.join(map(_item, texts))}"
        case int() | float():
            return f"{name} {number_text(value)}"
        case _:
            return f"{name} {_quoted(str(value))}"


def _item(text: str) -> str:
    return text if _SAFE.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    if " " not in text and _SAFE.fullmatch(text):
        return text
    inner = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'
