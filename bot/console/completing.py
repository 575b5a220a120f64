"""What a line can go on with, for completion: from the grammar's own tables and the catalogue."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from fastapi import APIRouter

from bot.console.desk import Desk
from bot.grammar import FLAGS, SEGMENT_MEANINGS, TOPICS, VERBS, Flag, Verb
from bot.grammar.flags import FLAG_BY_NAME
from bot.grammar.options import fits
from bot.grammar.verbs import VERB_BY_NAME
from config import settings as configuration
from domain.model import ModelCard
from domain.spec import TASKS
from domain.target import Target
from pipeline.route import Routes
from providers.catalogue import Entry

Shown = dict[str, Any]
FEW: Final = 8
"""Whole numbers are listed one by one if there are no more of them than this."""
UNSAID: Final = {"channel": "imagine", "thread": "edit"}
"""The verb of a line that names none, by where it is said."""
PRESSED: Final = frozenset({"--blind"})
"""Flags that only buttons say."""
CALLED: Final = {"channel": "/", "thread": ""}
"""What stands before a verb for it to be offered; in a channel a bare word is most likely prose."""
CHOICES: Final = {
    "png": "lossless, with transparency",
    "jpeg": "small, no transparency",
    "webp": "smallest",
    "opaque": "a background",
    "transparent": "no background: for placing it on others",
    "close": "the nearest to a threshold first",
    "disagree": "where people differ most first",
    "age": "what waits longest first",
}
SEEDS: Final = {"keep": "the seeds of the run before", "random": "fresh seeds"}


def completion_routes(desk: Desk) -> APIRouter:
    """Return the route that says all that can be completed."""
    router = APIRouter(include_in_schema=False)
    routes = Routes.model_validate(configuration.routes(desk.app.settings.routes))
    known = completions(desk.app.catalogue.entries, routes, desk.app.settings.targets)

    @router.get("/completions")
    async def completing() -> Shown:
        """Say it once; a page asks when one of its fields is first used."""
        return known

    return router


def completions(entries: Iterable[Entry], routes: Routes, targets: Mapping[str, Target]) -> Shown:
    """Return every verb, flag, value and segment that is built, and where each may stand."""
    values = _values(tuple(entries), routes, targets)
    verbs = [verb for verb in VERBS if verb.built]
    flags = [flag for flag in FLAGS if flag.built and flag.name not in PRESSED]
    return {
        "unsaid": UNSAID,
        "verbs": [_verb(verb, flags) for verb in verbs],
        "flags": [_flag(flag, values.get(flag.name, [])) for flag in flags],
        "segments": [_value(name, SEGMENT_MEANINGS[name]) for name in SEGMENT_MEANINGS],
    }


def _verb(verb: Verb, flags: list[Flag]) -> Shown:
    return {
        "names": [verb.name, *verb.aliases],
        "form": verb.form,
        "help": verb.meaning,
        "typed": {place: f"{before}{verb.name}" for place, before in CALLED.items()},
        "segment": _segment_sign(verb),
        "flags": [flag.name for flag in flags if fits(flag, verb)],
        "numbered": verb.takes == "reason",
        "values": _after(verb),
    }


def _segment_sign(verb: Verb) -> str:
    """How a segment is named behind this verb: ``style=`` in a prompt, ``style:`` in an edit."""
    if verb.takes == "prompt":
        return "="
    return ":" if verb.takes in ("edits", "branch") else ""


def _after(verb: Verb) -> list[Shown]:
    """Return what may stand behind a verb, where that is a list."""
    if verb.takes == "seed":
        return [_value(word, help_) for word, help_ in SEEDS.items()]
    if verb.takes == "reason":
        return [_value(reason.name, reason.says) for reason in configuration.reject_reasons()]
    if verb.takes == "task":
        return [_value(task, f"the first choice for {task} here") for task in TASKS]
    if verb.takes == "topic":
        return [_value(topic, _about(topic)) for topic in TOPICS if _is_built(topic)]
    return []


def _is_built(topic: str) -> bool:
    known = VERB_BY_NAME.get(topic) or FLAG_BY_NAME.get(topic.removeprefix("--"))
    return known is None or known.built


def _about(topic: str) -> str:
    """Say in a line what a topic is, looked up in the order in which ``help`` does."""
    if verb := VERB_BY_NAME.get(topic):
        return verb.meaning
    meanings = {flag.name: flag.meaning for flag in FLAGS} | SEGMENT_MEANINGS
    return meanings.get(topic, f"all {topic}")


def _flag(flag: Flag, values: list[Shown]) -> Shown:
    facts = filter(None, (flag.meaning, "" if values else flag.allowed))
    return {
        "names": [flag.name, *flag.aliases],
        "form": f"{flag.name} {flag.value}".strip(),
        "value": flag.value,
        "help": " · ".join(sorted(facts, key=len)),  # a narrow list cuts the long one short
        "adds_up": flag.kind in ("list", "models"),
        "values": values,
    }


def _values(
    entries: tuple[Entry, ...], routes: Routes, targets: Mapping[str, Target]
) -> dict[str, list[Shown]]:
    """Return the values of each flag for which they are a list."""
    found = {flag.name: _few(flag) for flag in FLAGS if flag.kind == "integer"}
    return found | {
        "--task": [_value(task, _words(routes, task)) for task in FLAG_BY_NAME["task"].choices],
        **{
            flag.name: [_value(word, CHOICES[word]) for word in flag.choices]
            for flag in FLAGS
            if set(flag.choices) & set(CHOICES)
        },
        "--seed": [_value(word, SEEDS[word]) for word in FLAG_BY_NAME["seed"].choices],
        "--model": [_model(entry.card) for entry in entries if entry.on],
        "--target": [_value(name, _use(one)) for name, one in targets.items()],
        "--ar": [_value(ratio, _shape(ratio)) for ratio in _ratios(entries)],
    }


def _use(target: Target) -> str:
    needs = f"{target.width_px}×{target.height_px}"
    return " · ".join(filter(None, (target.title, needs, " or ".join(target.file_formats))))


def _few(flag: Flag) -> list[Shown]:
    numbers = range(int(flag.low), int(flag.high) + 1)
    return [_value(str(number), flag.meaning) for number in numbers] if len(numbers) <= FEW else []


def _words(routes: Routes, task: str) -> str:
    """Say what a task type is by the words that it is guessed from."""
    return next(", ".join(words[:5]) for name, words in routes.words.items() if name == task)


def _model(card: ModelCard) -> Shown:
    price = card.price.usd_per_image
    cost = f"${price:g} each" if price else card.unpriced
    return _value(card.id, f"{card.title} · {cost}") | {"also": [card.title]}


def _ratios(entries: Iterable[Entry]) -> list[str]:
    """Return the ratios that our models make as they are, in the order of the catalogue."""
    return list(dict.fromkeys(ratio for entry in entries for ratio in entry.card.sizes.ratios))


def _shape(ratio: str) -> str:
    width, height = map(int, ratio.split(":"))
    if width == height:
        return "square"
    return "wide" if width > height else "tall"


def _value(text: str, about: str) -> Shown:
    return {"names": [text], "help": about}
