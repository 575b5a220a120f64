"""What stands after each verb: its number, words, edits and flags, read into a Command."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.grammar.faults import Faults, nearest
from bot.grammar.figures import as_integer
from bot.grammar.flags import FLAG_BY_NAME
from bot.grammar.marks import items, unescape
from bot.grammar.options import Options, read_options
from bot.grammar.prompts import read_edits, read_segments
from bot.grammar.regions import Region
from bot.grammar.reviewing import read_assigned, read_digest
from bot.grammar.shelving import read_shelved
from bot.grammar.templates import read_templates
from bot.grammar.topics import TOPICS, as_topic
from bot.grammar.values import as_run, measure, read_value
from bot.grammar.verbs import Takes, Verb
from domain.draft import MAX_BRIEF_CHARS, MAX_DRAFTS
from domain.spec import MAX_COUNT, SEGMENTS, TASKS

_NUMBER: Final = re.compile(r"#?([+-]?[0-9]+)(?: |$)")
_TILE: Final = f"the number of an image, 1 to {MAX_COUNT}"
_ARTWORK: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}/[1-8]")
_ENTRY: Final = re.compile(r"[a-z]{2,20}:[\w-]{1,40}(?::(?:group|role))?:[\w-]{1,40}")
_NAME: Final = re.compile(r"[^\s@](?:[^\n@]{0,998}[^\s@])?")
_THUMBS: Final = {"👍": "up", "👎": "down"}
_RATINGS: Final = ("up", "down", "1", "2", "3", "4", "5", "none")

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """A verb with what was said after it."""

    verb: Verb
    regions: list[Region]
    options: Options
    faults: Faults

    def body(self) -> str:
        """Return what stands between the verb and its flags; these verbs know no segments."""
        first, *others = self.regions
        if first.weight or any(region.kind != "flag" for region in others):
            self.faults.add(
                self.verb.name, "", "takes no :: and no style=; for a text write \\:: and \\="
            )
        return first.raw

    def number(self, raw: str, *, needed: bool = True) -> tuple[int | None, str]:
        """Return the number at the start of *raw*, and what follows it."""
        found = _NUMBER.match(raw)
        value = as_integer(found[1]) if found else None
        if found is None or value is None:
            if needed:
                self.faults.add(self.verb.name, raw, f"needs {_TILE}")
            return None, "" if needed else raw
        if not 1 <= value <= MAX_COUNT:
            near = str(min(max(value, 1), MAX_COUNT))
            self.faults.add(self.verb.name, found[1], _TILE, near)
        return value, raw[found.end() :].strip()

    def nothing_more(self, raw: str) -> None:
        """Note *raw* as too much, if there is any."""
        if raw:
            self.faults.add(self.verb.name, raw, f"is too much: {self.verb.form}")

    def fields(self, **more: Any) -> Fields:
        """Return the fields that every command of this verb has, and *more*."""
        made: Fields = {"run": self.options.run}
        if self.verb.makes:
            made["flags"] = self.options.making
        return made | more


def read_form(verb: Verb, regions: list[Region], faults: Faults) -> Fields:
    """Read what stands after *verb*, as the fields of its command; faults are noted."""
    if not verb.built:
        faults.add(verb.name, "", f"not built yet ({verb.meaning})")
        return {}
    said = Said(verb, regions, read_options(regions, verb, faults), faults)
    return {"kind": verb.name} | _READERS[verb.takes](said)


def _prompt(said: Said) -> Fields:
    segments = read_segments(said.regions, said.faults)
    flags = said.options.making
    words = any(segments[name] for name in SEGMENTS)
    brief = flags.get("from_brief")
    if brief and words:
        said.faults.add("--from-brief", "", "stands alone: the prompt is written from it")
    models = flags.get("models")
    if brief and isinstance(models, tuple) and len(models) > 1:
        said.faults.add("--model", "", "one here; several are named with `use 1 --model A, B`")
    if isinstance(brief, str) and len(brief) > MAX_BRIEF_CHARS:
        said.faults.add("--from-brief", f"{len(brief)} characters", f"at most {MAX_BRIEF_CHARS}")
    begun = brief or flags.get("init_image") or flags.get("template")
    if not (words or begun or said.faults):
        said.faults.add("prompt", "", "say what to make: imagine a red teapot")
    return {"segments": segments, "flags": flags}


def _edits(said: Said) -> Fields:
    return said.fields(edits=read_edits(said.regions, said.faults))


def _branch(said: Said) -> Fields:
    first, *others = said.regions
    number, rest = said.number(first.raw)
    if said.verb.name == "use" and number and number > MAX_DRAFTS:
        said.faults.add("use", str(number), f"the number of a prompt, 1 to {MAX_DRAFTS}")
    first = replace(first, raw=rest if number is not None else "")
    return said.fields(number=number, edits=read_edits([first, *others], said.faults))


def _rework(said: Said) -> Fields:
    number, rest = said.number(said.body())
    said.nothing_more(rest)
    margins = said.options.margins
    if said.verb.name == "extend" and not any(margins.values()):
        said.faults.add("extend", "", "needs a side and how far: extend 2 --left 256")
    return said.fields(number=number, margins=margins)


def _nothing(said: Said) -> Fields:
    said.nothing_more(said.body())
    return said.fields() if said.verb.makes else {}


def _number(said: Said) -> Fields:
    number, rest = said.number(said.body())
    said.nothing_more(rest)
    if said.verb.name.endswith("favourite"):
        return said.fields(kind="favourite", number=number, on=said.verb.name == "favourite")
    blind = {"blind": "--blind" in said.options.values} if said.verb.name == "pick" else {}
    return said.fields(number=number, **blind)


def _number_or_none(said: Said) -> Fields:
    number, rest = said.number(said.body(), needed=False)
    said.nothing_more(rest)
    first = {"first": "--first" in said.options.values} if said.verb.name == "approve" else {}
    return said.fields(number=number, **first)


def _rating(said: Said) -> Fields:
    number, rest = said.number(said.body())
    value = _THUMBS.get(rest, rest.lower())
    if number is not None and value not in _RATINGS:
        said.faults.add("rate", rest, "up, down, 1 to 5, or none", nearest(value, _RATINGS))
    return said.fields(number=number, value=value)


def _reason(said: Said) -> Fields:
    number, rest = said.number(said.body(), needed=False)
    reason = unescape(rest)
    measure((reason,), said.faults, "reject")
    return said.fields(number=number, reason=reason, first="--first" in said.options.values)


def _run(said: Said) -> Fields:
    runs = _runs(said, most=1)
    more = {"everything": said.options.everything} if said.verb.name == "export" else {}
    if said.verb.name == "cancel":
        more = {"rest": said.options.rest}
    return said.fields(**{"run": runs[0]} if runs else {}, **more)


def _compared(said: Said) -> Fields:
    runs = _runs(said, most=2 if said.options.run is None else 1)
    *first, other = runs or (None,)
    return said.fields(other=other, **{"run": first[0]} if first else {})


def _runs(said: Said, *, most: int) -> list[str]:
    """Read runs named without ``--in``."""
    body = said.body()
    named = body.split()
    runs = [run for word in named[:3] if (run := as_run(word))]
    if len(runs) < len(named):
        said.faults.add(said.verb.name, body, "a run is named like r2, or by its long id")
    elif len(runs) > most or (runs and said.verb.takes == "run" and said.options.run):
        said.nothing_more(body)
    return runs


def _topic(said: Said) -> Fields:
    asked = said.body()
    topic = as_topic(asked) if asked else ""
    if topic is None:
        said.faults.add("help", asked, "no such topic", nearest(asked, TOPICS))
    return {"topic": topic}


def _seed(said: Said) -> Fields:
    first = {"seed": read_value(FLAG_BY_NAME["seed"], said.body(), said.faults)}
    return said.fields(kind="edit", flags=said.options.making | first)


def _artwork(said: Said) -> Fields:
    after = said.body().upper()
    if after and not _ARTWORK.fullmatch(after):
        said.faults.add("review", after, "takes nothing, or where to go on: RUN/NUMBER")
        after = ""
    values = said.options.values
    return {"after": after, "by": values.get("--by", "age"), "mine": "--mine" in values}


def _assigned(said: Said) -> Fields:
    return said.fields(**read_assigned(said.body(), said.options.run, said.verb, said.faults))


def _time(said: Said) -> Fields:
    return read_digest(said.body(), said.faults) | {"empty": "--empty" in said.options.values}


def _words(said: Said) -> Fields:
    words = " ".join(re.findall(r"\w+", said.body()))
    if not words:
        said.faults.add("find", "", 'say what to look for: find "red fox"')
    measure((words,), said.faults, "find")
    return {"words": words}


def _people(said: Said) -> Fields:
    action, _, names = said.body().partition(" ")
    who = tuple(names.split())
    if action and action.lower() not in ("add", "remove"):
        said.faults.add("approvers", action, "add or remove", nearest(action, ("add", "remove")))
    elif action and not who:
        said.faults.add("approvers", action.lower(), "needs whom: approvers add @name")
    for one in who:
        if not _ENTRY.fullmatch(one):
            said.faults.add("approvers", one, "nobody known: choose from the list that @ opens")
    return {"action": action.lower() or "list", "who": who}


def _task(said: Said) -> Fields:
    task, _, model = said.body().partition(" ")
    if task.lower() not in TASKS:
        said.faults.add(
            "route", task, f"needs a task type: {', '.join(TASKS)}", nearest(task, TASKS)
        )
    if " " in model:
        said.nothing_more(model.partition(" ")[2])
    return {"task": task.lower(), "model": unescape(model) or None}


def _files(said: Said) -> Fields:
    body = said.body()
    first, _, rest = body.partition(" ")
    form = first.lower() if first.lower() in ("grid", "single") else None
    names = tuple(items(rest if form else body))
    for name in names:
        if not _NAME.fullmatch(name):
            said.faults.add("attach", name, "the name of a picture, without the sign @")
    if len(names) > MAX_COUNT:
        said.faults.add("attach", f"{len(names)} pictures", f"at most {MAX_COUNT}")
    return said.fields(form=form, pictures=names)


def _templates(said: Said) -> Fields:
    return read_templates(said.regions[0].raw, said.faults)


def _shelved(said: Said) -> Fields:
    fields = read_shelved(said.verb.name, said.body(), said.faults)
    run = {} if said.verb.name == "loras" else {"run": said.options.run}
    return fields | run | {"flags": said.options.making}


_READERS: Final[dict[Takes, Callable[[Said], Fields]]] = {
    "prompt": _prompt,
    "edits": _edits,
    "branch": _branch,
    "rework": _rework,
    "nothing": _nothing,
    "number": _number,
    "number?": _number_or_none,
    "rating": _rating,
    "reason": _reason,
    "run": _run,
    "runs": _compared,
    "topic": _topic,
    "seed": _seed,
    "artwork?": _artwork,
    "words": _words,
    "people": _people,
    "task": _task,
    "files": _files,
    "who": _assigned,
    "tile|run": _assigned,
    "time": _time,
    "templates": _templates,
    "lora": _shelved,
    "bundle": _shelved,
}
