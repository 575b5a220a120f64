"""The tables of docs/settings.md: from the records, their defaults and comments, and from probing.

Nothing is listed by hand: keys, types, ranges and defaults are read from the records of
``config/records.py``; what a key means from the comment beside it in ``config/defaults.toml`` or
the docstring under its field, whichever says more. Variables are those that loading asks for; what
each of them sets is found by setting it. A key or variable without a meaning ends with an error.
"""

import ast
import inspect
import json
import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from pydantic import BaseModel

from config.records import Endpoint, Settings
from config.settings import load, read
from domain.errors import SettingsError
from domain.target import Target

ROOT = Path(__file__).parent.parent
ELSEWHERE = {
    "AI_HANDLER_CONFIG": ("none", "The team's own settings file: TOML, laid over the defaults"),
    "AI_HANDLER_LOG": (
        "`WARNING`",
        "What is logged: `DEBUG` (prompts, too), `INFO`, `WARNING` or `ERROR`; keys never",
    ),
}
"""Variables that set no field: their default, and what they mean."""
PROBES = ("probe", "1", "::1", "https://probe.example", "wss://probe.example", "probe: 1", "onnx")
"""Values that are tried, to see what a variable sets."""
_COMMENTED = re.compile(r"(?P<key>\w+)\s*=\s*(?P<value>.+?)(?:\s+#\s+(?P<says>.*))?")
_NAMED = re.compile(r'"(AI_HANDLER_[A-Z_]+)"')


@dataclass(frozen=True)
class Leaf:
    """One key of one table."""

    path: tuple[str, ...]
    schema: Mapping[str, Any]
    docstring: str

    @property
    def name(self) -> str:
        """The key with its table, as people say it."""
        return ".".join(self.path)


class Asked(Mapping[str, str]):
    """An empty environment that remembers what it was asked for."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __getitem__(self, name: str) -> str:
        """Remember, and have nothing."""
        self.names.append(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        """Hold nothing."""
        return iter(())

    def __len__(self) -> int:
        """Hold nothing."""
        return 0


# --- the settings file ---------------------------------------------------------------------------


def tables(record: type[BaseModel] = Settings) -> str:
    """Return a section for every table that the settings file may hold."""
    beyond_the_file = {path for name in variables() if (path := sets(name)) and not _in_file(path)}
    sections = []
    for path, table in _tables_of(record):
        rows = [
            (f"`{leaf.path[-1]}`", kind(leaf.schema), default(leaf.path), meaning(leaf))
            for leaf in _leaves(table, path)
            if leaf.path not in beyond_the_file
        ]
        if rows:
            says = _markdown(inspect.cleandoc(table.__doc__ or ""))
            head = ("key", "type and range", "default", "meaning")
            sections.append(f"## `[{'.'.join(path)}]`\n\n{says}\n\n{_drawn(head, rows)}")
    return "\n".join(sections)


def endpoints() -> str:
    """Return the table of what ``[endpoints.NAME]`` may hold."""
    return _drawn(("key", "type and range", "default", "meaning"), _named(Endpoint, "endpoints"))


def _named(record: type[BaseModel], table: str) -> list[tuple[str, str, str, str]]:
    """Return the rows of a table that has a name of its own: ``[endpoints.NAME]``."""
    rows = []
    for leaf in _leaves(record, (table, "NAME")):
        missing = f"`{json.dumps(leaf.schema['default'])}`" if "default" in leaf.schema else "none"
        rows.append((f"`{leaf.path[-1]}`", kind(leaf.schema), missing, meaning(leaf)))
    return rows


def targets() -> str:
    """Return the table of what ``[targets.NAME]`` may hold."""
    return _drawn(("key", "type and range", "default", "meaning"), _named(Target, "targets"))


def _tables_of(
    record: type[BaseModel], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], type[BaseModel]]]:
    for name, field in record.model_fields.items():
        if inspect.isclass(field.annotation) and issubclass(field.annotation, BaseModel):
            yield (*path, name), field.annotation
            yield from _tables_of(field.annotation, (*path, name))


def _leaves(record: type[BaseModel], path: tuple[str, ...]) -> Iterator[Leaf]:
    properties = record.model_json_schema()["properties"]
    docstrings = _docstrings(record)
    for name, schema in properties.items():
        if "$ref" not in schema:
            yield Leaf((*path, name), schema, docstrings.get(name, ""))


def _docstrings(record: type[BaseModel]) -> dict[str, str]:
    """Return the docstrings under the fields of a record."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(record))).body
    found = {}
    lines = tree.body if isinstance(tree, ast.ClassDef) else []
    for field, below in pairwise(lines):
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            found[field.target.id] = inspect.cleandoc(str(below.value.value))
    return found


def kind(schema: Mapping[str, Any]) -> str:
    """Say what a value may be, in words."""
    if "anyOf" in schema:
        schema = next(one for one in schema["anyOf"] if one.get("type") != "null")
    named = "enum" if "enum" in schema else str(schema.get("type"))
    if named not in _KINDS:
        raise LookupError(f"no words for a setting of the kind {schema}: add them to {__file__}")
    return _KINDS[named](schema)


_KINDS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "enum": lambda schema: " or ".join(f"`{json.dumps(one)}`" for one in schema["enum"]),
    "boolean": lambda _: "`true` or `false`",
    "integer": lambda schema: f"whole number{_range(schema)}",
    "number": lambda schema: f"number{_range(schema)}",
    "string": lambda schema: f"text like `{schema['pattern']}`" if "pattern" in schema else "text",
    "array": lambda schema: f"list of {kind(schema['items'])}",
    "object": lambda schema: f"by name: {kind(_of_each(schema))}",
}


def _of_each(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what stands under each name; names are a pattern's, or those of a list."""
    patterns = schema.get("patternProperties")
    each: Mapping[str, Any] = (
        next(iter(patterns.values())) if patterns else schema["additionalProperties"]
    )
    return each


def _range(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f", {low:g} to {high:g}"
    if low is not None:
        return f", {low:g} or more"
    return f", at most {high:g}" if high is not None else ""


def default(path: tuple[str, ...]) -> str:
    """Return the default at *path*, as it would be written in the file."""
    value = _at(load("", {}), path)
    if value is None:
        return "none"
    if isinstance(value, Path):
        return f"`./{os.path.relpath(value)}`"
    if isinstance(value, dict):
        inside = ", ".join(f"{name} = {json.dumps(one)}" for name, one in value.items())
        return f"`{{ {inside} }}`" if inside else "`{}`"
    written = json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
    return f"`{written}`"


def meaning(leaf: Leaf) -> str:
    """Return what a key means.

    Raises:
        LookupError: Nobody has said so.
    """
    said = max(_comments().get(leaf.path, ""), leaf.docstring, key=len)
    if not said:
        raise LookupError(
            f"the setting {leaf.name} has no meaning: write it as a comment beside it in "
            "config/defaults.toml, or as a docstring under its field"
        )
    return _sentence(said)


def _comments() -> dict[tuple[str, ...], str]:
    """Return the comments of defaults.toml by key; one may go on in lines of its own below."""
    found: dict[tuple[str, ...], str] = {}
    table: tuple[str, ...] = ()
    last: tuple[str, ...] | None = None
    for line in (ROOT / "config/defaults.toml").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            table, last = tuple(line[1 : line.index("]")].split(".")), None
        elif last and line.startswith(" ") and line.strip().startswith("#"):
            found[last] = f"{found[last]} {line.strip(' #')}"
        elif given := _COMMENTED.fullmatch(line):
            last = (*table, given["key"])
            found[last] = given["says"] or ""
    return found


# --- the environment -----------------------------------------------------------------------------


def environment() -> str:
    """Return the table of the variables that are taken."""
    rows = []
    for name in variables():
        if name in ELSEWHERE:
            rows.append((f"`{name}`", "", *ELSEWHERE[name]))
        elif not refusal(name):
            path = sets(name)
            leaf = _leaf(path)
            also = f"`{leaf.name}`" if _in_file(path) else ""
            bare = default(path).replace('"', "")  # in the environment nothing is quoted
            rows.append((f"`{name}`", also, bare.replace("``", "none"), _of_variable(leaf)))
    return _drawn(("variable", "also in the file as", "default", "meaning"), rows)


def refused() -> str:
    """Return the table of the variables whose part is not built."""
    rows = [(f"`{name}`", why) for name in variables() if (why := refusal(name))]
    return _drawn(("variable", "why it is refused"), rows)


@cache
def variables() -> tuple[str, ...]:
    """Return every variable of ours that the program asks for, in alphabetical order.

    Raises:
        LookupError: The code names one that is neither asked for by loading nor known here.
    """
    asked = Asked()
    read(asked)
    files = [path for room in ("bot", "config") for path in (ROOT / room).rglob("*.py")]
    named = {name for path in files for name in _NAMED.findall(path.read_text(encoding="utf-8"))}
    strange = named - {*asked.names} - ELSEWHERE.keys()
    if strange:
        raise LookupError(f"{', '.join(sorted(strange))}: say in {__file__} what it means")
    return tuple(sorted({*asked.names} | ELSEWHERE.keys()))


def refusal(name: str) -> str:
    """Return why a variable is refused whatever it holds; empty if it is not."""
    try:
        load("", {name: "x"})
    except SettingsError as error:
        before, _, why = error.message.partition(": ")
        return why if before == name and "not built" in why else ""
    return ""


@cache
def sets(name: str) -> tuple[str, ...]:
    """Return the path of the field that a variable sets; empty for one that sets none.

    Raises:
        LookupError: No value that was tried is taken.
    """
    if name in ELSEWHERE or refusal(name):
        return ()
    # Alone first; then beside its kin, without which some are refused.
    kin = {one: "kin" for one in variables() if one != name and _kin(one) == _kin(name)}
    for around in ({}, kin):
        for value in PROBES:
            changed = _changed(around, around | {name: value})
            if len(changed) == 1:
                return changed[0]
    raise LookupError(f"what does {name} set? Nothing in PROBES of {__file__} is taken by it")


def _kin(name: str) -> str:
    return name.partition("_")[0]


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> Sequence[tuple[str, ...]]:
    try:
        old, new = (dict(_flat(load("", environ))) for environ in (before, after))
    except SettingsError:
        return []
    return [path for path in new if new[path] != old[path]]


def _in_file(path: tuple[str, ...]) -> bool:
    """Whether the settings file may say it as well: what it refuses, it refuses by name."""
    value = _at(load("", {}), path)
    *table, key = path
    written = value if isinstance(value, int | float) else json.dumps(str(value or "x"))
    head = f"[{'.'.join(table)}]\n" if table else ""
    try:
        load(f"{head}{key} = {written}\n", {})
    except SettingsError:
        return False
    return True


def _leaf(path: tuple[str, ...]) -> Leaf:
    record: Any = Settings
    for name in path[:-1]:
        annotation = record.model_fields[name].annotation if record is not None else None
        inside = getattr(annotation, "__args__", ())
        if inside:  # a table by name, like accounts: its records are alike
            return Leaf(path, {}, _docstrings(inside[-1]).get(path[-1], ""))
        record = annotation
    return Leaf(path, {}, _docstrings(record).get(path[-1], ""))


def _of_variable(leaf: Leaf) -> str:
    owner = leaf.path[1] if leaf.path[0] == "accounts" else ""
    said = meaning(leaf)
    return f"{owner}: {said[0].lower()}{said[1:]}" if owner else said


# --- small things --------------------------------------------------------------------------------


def _at(settings: Settings, path: tuple[str, ...]) -> Any:
    value: Any = settings
    for name in path:
        value = value[name] if isinstance(value, dict) else getattr(value, name)
    return value


def _flat(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    inside = dict(value) if isinstance(value, BaseModel | dict) else None
    if inside is None:
        yield path, value
        return
    for name, below in inside.items():
        yield from _flat(below, (*path, name))


def _sentence(said: str) -> str:
    text = _markdown(" ".join(said.split())).removesuffix(".")
    return text[0].upper() + text[1:]


def _markdown(text: str) -> str:
    return text.replace("``", "`")


def _drawn(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
