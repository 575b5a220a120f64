"""Text to Command: the one parser of everything that people type and buttons carry."""

import re
from typing import Final, Literal

from pydantic import TypeAdapter

from bot.grammar.clean import MAX_LINE_CHARS, clean, squeeze
from bot.grammar.faults import Faults, nearest
from bot.grammar.flags import FLAG_BY_NAME
from bot.grammar.forms import read_form
from bot.grammar.groups import has_groups
from bot.grammar.marks import scan
from bot.grammar.options import fits
from bot.grammar.permute import permuted
from bot.grammar.regions import Region, cut
from bot.grammar.topics import as_topic
from bot.grammar.verbs import VERB_BY_NAME, VERBS, Takes, Verb
from domain.command import Approve, Command, Reject
from domain.errors import CommandError
from domain.spec import MAX_PROMPT_CHARS, SEGMENTS, TASKS

At = Literal["channel", "thread"]

_COMMAND: Final[TypeAdapter[Command]] = TypeAdapter(Command)
_HEAD: Final = re.compile(r"/?([A-Za-z]+)(?=\s|$)")
_IMAGINE: Final = VERB_BY_NAME["imagine"]
_EDIT: Final = VERB_BY_NAME["edit"]
_NAMED: Final = rf"(?:{'|'.join(SEGMENTS)})(?:=|:(?!:))"
_EDIT_LINE: Final = re.compile(rf"{_NAMED}|(?:--|[—–])[A-Za-z]", re.IGNORECASE)
_RUN: Final = r"(?:r[0-9]+|[0-9A-Za-z]{26})"
_FILE: Final = r"(?:[^,]+\.(?:png|jpe?g|webp)|picture[1-8]|sha256:[0-9a-f]{64})"
_SHAPES: Final[dict[Takes, str]] = {
    "edits": rf"(?:{_NAMED}.*)?",
    "branch": rf"#?[0-9]+(?:\s+{_NAMED}.*)?",
    "rework": r"#?[0-9]+",
    "nothing": r"",
    "number": r"#?[0-9]+",
    "number?": r"(?:#?[0-9]+)?",
    "rating": r"#?[0-9]+ \S+",
    "reason": r"(?:#?[0-9]+(?: .*)?)?",
    "run": rf"{_RUN}?",
    "runs": rf"(?:{_RUN}(?: {_RUN})?)?",
    "seed": r"[0-9]+|keep|random",
    "artwork?": r"(?:[0-9A-Za-z]{26}/[1-8])?",
    "words": r'".*"',
    "files": rf"(?:(?:grid|single)\b ?)?(?:{_FILE}(?:, ?{_FILE})*)?",
    "people": r"(?:(?:add|remove)(?: .*)?)?",
    "who": rf"(?:me|@\S+|[a-z]{{2,20}}:[\w-]+:\S+)(?: (?:#?[0-9]+|{_RUN})){{0,2}}",
    "tile|run": rf"(?:(?:#?[0-9]+|{_RUN})(?: (?:#?[0-9]+|{_RUN}))?)?",
    "time": r"(?:here \S+|off)?",
    "templates": r"(?:(?:list|find|show|add|save|diff|retire|restore)\b.*)?",
    "lora": r"(?:list|(?:show|add|retire)(?: .*)?)?",
    "bundle": r"(?:list|(?:show|save|retire)(?: .*)?)?",
    "task": rf"(?:{'|'.join(TASKS)})(?: \S+:\S+)?",
}
"""What must stand between a verb and its flags for a channel's line to be that verb."""
_ASKED_FOR: Final = frozenset({"reroll", "again", "undo", "retry", "cancel", "takedown"})
"""Verbs that need a mention or a button in a thread, whatever stands after them."""
LITERAL: Final = frozenset({"topic", "templates"})
_CAN_SAY: Final = (
    "Here one can say: style: more cinematic (or another segment), branch 2, pick 2, seed 123, "
    "compare, approve 2, imagine …; `help` lists all."
)


def parse(text: str, *, at: At = "channel") -> Command:
    """Read one line.

    Args:
        text: What was typed; in a channel, what stands after ``/imagine``.
        at: Where it was said. In a thread a line is a verb or an edit of segments; in a channel it
            is a prompt, unless the whole line has the form of a verb.

    Raises:
        CommandError: With every fault of the line at once; nothing else is ever raised.
    """
    faults = Faults()
    if len(text) > MAX_LINE_CHARS:
        faults.add("prompt", f"{len(text)} characters", f"at most {MAX_PROMPT_CHARS}")
        faults.tell("Make it shorter.")
    line = clean(text, faults)
    verb, rest = _head(line)
    if not _is_literal(verb, rest, at) and has_groups(line):
        head = verb.name if verb else ""
        return permuted(line, head, rest, faults, lambda one, noted: _single(one, at, noted))
    return _single(line, at, faults)


def _single(line: str, at: At, faults: Faults) -> Command:
    """Read a line without groups."""
    verb, regions = _read(line, at, faults)
    fields = read_form(verb, regions, faults)
    faults.tell()
    return _COMMAND.validate_python(fields)


def is_addressed(text: str) -> bool:
    """Tell whether a thread line that mentions nobody acts all the same; otherwise it is chatter.

    It does if the whole line is an edit of segments or flags, a verb with its argument, or a verb
    that is free (``compare``). ``imagine …`` counts only with its slash.
    """
    try:
        command = parse(text, at="thread")
    except CommandError:
        return False
    line = clean(text, Faults())
    verb, rest = _head(line)
    if verb is None:
        return True
    if verb is _IMAGINE:
        return line.startswith("/")
    if verb.name in _ASKED_FOR:
        return False
    if isinstance(command, Approve | Reject):
        return command.number is not None
    return verb.free or bool(rest)


def is_chatter(text: str) -> bool:
    """Tell whether a thread line is neither a verb nor an edit, not even one with a fault."""
    line = clean(text, Faults())
    return _head(line)[0] is None and not _EDIT_LINE.match(line)


def _read(line: str, at: At, faults: Faults) -> tuple[Verb, list[Region]]:
    """Say which verb *line* is, and cut what follows it."""
    verb, rest = _head(line)
    if verb and _is_literal(verb, rest, at):
        return verb, [Region("text", "", rest)]
    if verb is _IMAGINE:
        return _IMAGINE, cut(squeeze(rest), faults)
    if verb and (at == "thread" or _is_form(verb, squeeze(rest))):
        lined = verb.takes in ("edits", "branch")
        return verb, _cut_lines(rest, faults) if lined else cut(squeeze(rest), faults)
    if at == "channel":
        return _IMAGINE, cut(squeeze(line), faults)
    if not _EDIT_LINE.match(line):
        _refuse_chatter(line, faults)
    return _EDIT, _cut_lines(line, faults)


def _is_literal(verb: Verb | None, rest: str, at: At) -> bool:
    """Tell whether what follows a verb is its own to read: nothing in it is structure."""
    return bool(verb and verb.takes in LITERAL and (at == "thread" or _has_shape(verb, rest)))


def _head(line: str) -> tuple[Verb | None, str]:
    found = _HEAD.match(line)
    verb = VERB_BY_NAME.get(found[1].lower()) if found else None
    return (verb, line[found.end() :].strip()) if found and verb else (None, line)


def _cut_lines(lines: str, faults: Faults) -> list[Region]:
    """Cut a line of edits; each further line holds one more edit, or flags."""
    first, *others = lines.split("\n")
    regions = cut(first, faults)
    for line in filter(None, map(str.strip, others)):
        if not _EDIT_LINE.match(line):
            faults.add(line, "", "each line is an edit or flags: style: more cinematic")
        else:
            regions += cut(line, faults)
    return regions


def _is_form(verb: Verb, rest: str) -> bool:
    """Tell whether a channel's line is *verb*, rather than a prompt that begins with its word."""
    if verb.takes == "topic":
        return False
    flags = [mark for mark in scan(rest) if mark.kind == "flag"]
    body = rest[: flags[0].start].strip() if flags else rest
    if not _has_shape(verb, body):
        return False
    known = [FLAG_BY_NAME.get(mark.said) for mark in flags]
    return bool(body) or all(flag and fits(flag, verb) for flag in known)


def _has_shape(verb: Verb, body: str) -> bool:
    if verb.takes == "topic":
        return not body or as_topic(body) is not None
    shape = verb.shape if verb.takes == "later" else _SHAPES[verb.takes]
    return bool(re.fullmatch(shape, body, re.IGNORECASE | re.DOTALL))


def _refuse_chatter(line: str, faults: Faults) -> None:
    word = line.split(maxsplit=1)[0] if line else ""
    near = nearest(word, (verb.name for verb in VERBS if verb.built))
    faults.add(word or "line", "", "no verb and no segment", near)
    faults.tell(_CAN_SAY)
