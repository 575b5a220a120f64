"""The flags of a line as the fields of ``Flags``, the run it names, and all that is wrong."""

from dataclasses import dataclass
from typing import Final

from bot.grammar.faults import Faults, nearest
from bot.grammar.flag import Flag
from bot.grammar.flags import FLAG_BY_NAME, FLAG_NAMES
from bot.grammar.regions import Region
from bot.grammar.shelving import SHELVED
from bot.grammar.values import Value, measure, read_value
from bot.grammar.verbs import Verb
from domain.spec import MAX_FAMILY, Margins

_NO_RUN: Final = frozenset(
    {
        "imagine",
        "help",
        "review",
        "queue",
        "find",
        "info",
        "approvers",
        "route",
        "digest",
        "templates",
    }
)
"""Verbs that are about no run."""
_ONLY: Final = {
    "--from-brief": ("imagine",),
    "--template": ("imagine",),
    "--all": ("export",),
    "--rest": ("cancel",),
    "--by": ("review",),
    "--mine": ("review",),
    "--first": ("approve", "reject"),
    "--empty": ("digest",),
    "--blind": ("pick",),
}
"""Flags that go with few verbs."""
SIDES: Final = tuple(Margins.model_fields)
_LONG_NAMES: Final = tuple(name for name in FLAG_NAMES if len(name) > 1)


@dataclass(frozen=True, slots=True)
class Options:
    """What the flags of one line say."""

    values: dict[str, Value]

    @property
    def making(self) -> dict[str, Value]:
        """The fields of ``domain.command.Flags`` that were given."""
        return {name: value for name, value in self.values.items() if not name.startswith("--")}

    @property
    def run(self) -> str | None:
        """The run that ``--in`` names."""
        run = self.values.get("--in")
        return run if isinstance(run, str) else None

    @property
    def margins(self) -> dict[str, Value]:
        """The sides on which an image is extended, and how far in pixels."""
        return {side: self.values[f"--{side}"] for side in SIDES if f"--{side}" in self.values}

    @property
    def everything(self) -> bool:
        """Whether ``--all`` was said."""
        return "--all" in self.values

    @property
    def rest(self) -> bool:
        """Whether ``--rest`` was said."""
        return "--rest" in self.values


def fits(flag: Flag, verb: Verb) -> bool:
    """Tell whether *flag* goes with *verb*."""
    if verb.name in SHELVED:
        return flag.name in SHELVED[verb.name]
    if flag.name in _ONLY:
        return verb.name in _ONLY[flag.name]
    match flag.name:
        case "--in":
            return verb.name not in _NO_RUN
        case "--left" | "--right" | "--up" | "--down":
            return verb.name == "extend"
        case _:
            return verb.makes


def read_options(regions: list[Region], verb: Verb, faults: Faults) -> Options:
    """Read every flag among *regions*; all that is wrong is noted."""
    values: dict[str, Value] = {}
    for region in regions:
        if region.kind == "flag" and (flag := _known(region, verb, faults)):
            _keep(flag, read_value(flag, region.raw, faults), values, faults)
    if isinstance(lists := values.get("no"), tuple):
        measure(map(str, lists), faults, "--no")
    if isinstance(models := values.get("models"), tuple):
        values["models"] = _each_once(models, faults)
    return Options(values)


def _each_once(models: tuple[object, ...], faults: Faults) -> tuple[str, ...]:
    """Return the models without repeats; of one model a family has one run."""
    each = tuple(dict.fromkeys(map(str, models)))
    if len(each) > MAX_FAMILY:
        faults.add("--model", f"{len(each)} models", f"at most {MAX_FAMILY} at once")
    return each[:MAX_FAMILY]


def _known(region: Region, verb: Verb, faults: Faults) -> Flag | None:
    flag = FLAG_BY_NAME.get(region.name)
    typed = f"--{region.name}"
    if flag is None:
        near = "" if faults.full else nearest(region.name, _LONG_NAMES)
        allowed = "no such flag (`help flags` lists them; for a dash write \\-- or \\—)"
        faults.add(typed, "", allowed, near and f"--{near}")
    elif not flag.built:
        faults.add(typed, region.raw, f"not built yet ({flag.meaning})")
    elif not fits(flag, verb):
        faults.add(typed, region.raw, f"does not go with {verb.name}")
    else:
        return flag
    return None


def _keep(flag: Flag, value: Value, values: dict[str, Value], faults: Faults) -> None:
    """Keep a value: lists add up, of seeds the first one counts, else two are one too many."""
    key = flag.field or flag.name
    known = values.get(key)
    if known is None:
        if value is not None:
            values[key] = value
    elif isinstance(known, tuple) and isinstance(value, tuple):
        values[key] = known + value
    elif value not in (None, known) and flag.kind != "seed":
        faults.add(flag.name, f"{known} and {value}", "given twice; keep one of them")
