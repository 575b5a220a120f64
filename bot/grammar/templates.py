"""Lines about templates: ``templates add hero a {metal=brass|steel} kettle :: on slate --ar 4:5``.

What stands behind the verb is read here and nowhere else: braces hold slots, not groups.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from bot.grammar.faults import Faults, nearest
from bot.grammar.options import read_options
from bot.grammar.prompts import read_segments
from bot.grammar.regions import cut
from bot.grammar.values import as_run
from bot.grammar.verbs import VERB_BY_NAME
from domain.errors import CommandError
from domain.spec import SEGMENTS, Segments
from domain.template import KEPT, Templates
from pipeline.templating import given_slots, slots_of

ACTIONS: Final = ("list", "find", "show", "add", "save", "diff", "retire", "restore")
_NAME: Final = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9-]{0,39})(?:@(?P<version>[1-9][0-9]{0,5}))?")
_IN: Final = re.compile(r"(?:^| )--in (\S+)$")
_OPEN, _CLOSE = "\ue000", "\ue001"
"""Stand for braces while the words between them are cut: a brace of a template is no group."""
Fields = dict[str, Any]


def read_templates(raw: str, faults: Faults) -> Fields:
    """Read what stands behind ``templates``; faults are noted."""
    action, _, rest = raw.strip().partition(" ")
    action = action.lower() or "list"
    if action not in ACTIONS:
        faults.add("templates", action, f"one of {', '.join(ACTIONS)}", nearest(action, ACTIONS))
        return {"action": "list"}
    if action == "list":
        if rest:
            faults.add("templates list", rest, "is too much")
        return {"action": action}
    if action == "find":
        words = " ".join(re.findall(r"\w+", rest))
        if not words:
            faults.add("templates find", "", "say what to look for: templates find kettle")
        return {"action": action, "words": words}
    return {"action": action} | _about(action, rest.strip(), faults)


def _about(action: str, rest: str, faults: Faults) -> Fields:
    word, _, more = rest.partition(" ")
    found = _NAME.fullmatch(word)
    if found is None:
        shape = "a name of letters, digits and -: hero, or hero@2"
        faults.add(f"templates {action}", word[:60], shape)
        return {}
    version = int(found["version"]) if found["version"] else None
    fields: Fields = {"name": found["name"].lower()}
    if version and action == "show":
        fields["version"] = version
    elif version:
        faults.add(f"templates {action}", word, "takes the name alone", found["name"])
    readers = {"add": _added, "save": _saved, "diff": _compared}
    if action in readers:
        return fields | readers[action](more.strip(), faults)
    if more.strip():
        faults.add(f"templates {action}", more.strip()[:60], "is too much")
    return fields


def _added(rest: str, faults: Faults) -> Fields:
    """Read a prompt whose braces are slots, and the flags that a template keeps."""
    if "\\{" in rest or "\\}" in rest:
        faults.add("templates add", "\\{", "a template has braces for slots only")
    regions = cut(_hidden(" ".join(rest.split())), faults)
    options = read_options(regions, VERB_BY_NAME["imagine"], faults)
    segments = _rewritten(read_segments(regions, faults), _shown)
    if not any(segments[name] for name in SEGMENTS) and not faults:
        faults.add("templates add", "", "needs words: templates add hero a {metal=brass} kettle")
    try:
        slots_of([segments[name].text for name in SEGMENTS])
    except CommandError as error:
        for one in error.faults:
            faults.add(one.flag, one.value, one.allowed, one.nearest)
    foreign = sorted(set(options.making) - set(KEPT))
    if foreign:
        faults.add("templates add", ", ".join(foreign), "is not kept in a template")
    return {"segments": segments, "flags": options.making}


def _saved(rest: str, faults: Faults) -> Fields:
    found = _IN.search(rest)
    run = as_run(found[1]) if found else None
    if found and run is None:
        faults.add("--in", found[1], "a run: r2, or its long id")
    words = rest[: found.start()].strip() if found else rest
    only, _, slots = words.partition(" ")
    if only.lower() in SEGMENTS:
        words = slots
    given = given_slots(words)
    if words and not given:
        faults.add("templates save", words[:60], "a segment, and slots: style metal=brass")
    fields: Fields = {"slots": given, "run": run}
    return fields | ({"only": only.lower()} if only.lower() in SEGMENTS else {})


def _compared(rest: str, faults: Faults) -> Fields:
    found = re.fullmatch(r"@?([1-9][0-9]{0,5}) @?([1-9][0-9]{0,5})", rest) if rest else None
    if rest and not found:
        faults.add("templates diff", rest[:60], "two versions: templates diff hero 1 3")
    return {"version": int(found[1]), "other": int(found[2])} if found else {}


def template_body(command: Templates, write: Callable[[Segments], str]) -> str:
    """Write what stands behind ``templates``; *write* writes a prompt's segments."""
    if command.action == "list":
        return ""
    if command.action == "find":
        return f"find {command.words}"
    version = f"@{command.version}" if command.version and command.action == "show" else ""
    parts = [command.action, f"{command.name}{version}"]
    if command.action == "add" and command.segments:
        parts.append(_shown(write(_rewritten(command.segments, _hidden))))
    if command.action == "diff" and command.version and command.other:
        parts.append(f"{command.version} {command.other}")
    if command.action == "save":
        parts += [command.only or "", *(f"{slot}={text}" for slot, text in command.slots)]
    return " ".join(filter(None, parts))


def _rewritten(segments: Segments, change: Callable[[str], str]) -> Segments:
    texts = {
        name: segments[name].model_copy(update={"text": change(segments[name].text)})
        for name in SEGMENTS
    }
    return Segments(**texts)


def _hidden(text: str) -> str:
    return text.replace("{", _OPEN).replace("}", _CLOSE)


def _shown(text: str) -> str:
    return text.replace(_OPEN, "{").replace(_CLOSE, "}")
