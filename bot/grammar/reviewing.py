"""Lines of the review desk: who is to look at what, and when a channel is told what waits."""

import re
from collections.abc import Iterator
from typing import Any, Final

from bot.grammar.faults import Faults, nearest
from bot.grammar.figures import as_integer
from bot.grammar.values import as_run
from bot.grammar.verbs import Verb
from domain.command import Approve, Assign, Command, Reject, Unassign
from domain.questions import Digest, Review
from domain.spec import MAX_COUNT

_WHO: Final = re.compile(r"me|@[^\s@:]{1,40}|[a-z]{2,20}:[\w-]{1,40}:[^\s:]{1,40}", re.IGNORECASE)
_TIME: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_NUMBER: Final = re.compile(r"#?[0-9]{1,9}")


def read_assigned(body: str, run: str | None, verb: Verb, faults: Faults) -> dict[str, Any]:
    """Read ``@name 2`` or ``@name r2``; without a number, of ``unassign``, nobody is named."""
    words = body.split()
    found: dict[str, Any] = {}
    if verb.name == "assign":
        who = words.pop(0) if words else ""
        found["who"] = who.lower() if who.lower() == "me" else who
        if not _WHO.fullmatch(who):
            faults.add("assign", who, "needs whom: assign @name 2, or assign me 2")
            found["who"] = "me"
    for word in words:
        found |= _about(word, found, run, verb, faults)
    return found


def _about(
    word: str, found: dict[str, Any], run: str | None, verb: Verb, faults: Faults
) -> dict[str, Any]:
    """Read the number of an image, or the name of a run."""
    if (named := as_run(word)) and run is None and "run" not in found:
        return {"run": named}
    number = as_integer(word.lstrip("#")) if _NUMBER.fullmatch(word) else None
    if number is None or "number" in found:
        faults.add(verb.name, word, f"is too much: {verb.form}")
    elif not 1 <= number <= MAX_COUNT:
        near = str(min(max(number, 1), MAX_COUNT))
        faults.add(verb.name, word, f"the number of an image, 1 to {MAX_COUNT}", near)
    else:
        return {"number": number}
    return {}


def read_digest(body: str, faults: Faults) -> dict[str, Any]:
    """Read ``here 09:00`` or ``off``; nothing shows it now."""
    action, _, time = body.partition(" ")
    action, time = action.lower() or "show", time.strip()
    if action not in ("show", "here", "off"):
        faults.add("digest", action, "here 09:00, or off", nearest(action, ("here", "off")))
        return {}
    said = _TIME.fullmatch(time)
    if action == "here" and said is None:
        faults.add("digest here", time, "needs a time of day: digest here 09:00")
    if action != "here" and time:
        faults.add("digest", time, "is too much: digest here 09:00, or digest off")
    at = f"{int(said[1]):02}:{said[2]}" if said and action == "here" else ""
    return {"action": action, "at": at}


def review_body(command: Assign | Unassign | Digest) -> str:
    """Write what stands behind the verb."""
    if isinstance(command, Digest):
        return "" if command.action == "show" else f"{command.action} {command.at}".strip()
    number = "" if command.number is None else str(command.number)
    who = command.who if isinstance(command, Assign) else ""
    return f"{who} {number}".strip()


def review_flags(command: Command) -> Iterator[str]:
    """Yield the flags of the review desk's lines."""
    if isinstance(command, Review):
        yield "" if command.by == "age" else f"--by {command.by}"
        yield "--mine" if command.mine else ""
    if isinstance(command, Approve | Reject) and command.first:
        yield "--first"
    if isinstance(command, Digest) and command.empty:
        yield "--empty"
