"""docs/settings.md says what the program takes: every key, range, default and variable."""

import re
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from pydantic import BaseModel, SecretStr

from config.settings import load
from domain.errors import SettingsError
from domain.policy import PixelPolicy
from domain.record import Record
from tools import settings_page

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
SECTION: Final = re.compile(r"^## `\[([\w.]+)\]`$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
ROW: Final = re.compile(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
KEYS: Final = [
    (table, *row) for table, text in SECTION.findall(PAGE) for row in ROW.findall(text)
]  # fmt: skip
VARIABLES: Final = dict(
    re.findall(r"^\| `([A-Z_]+)` \| (.*) \|$", PAGE[PAGE.index("## Env") :], re.MULTILINE)
)


BY_NAME: Final = ("accounts", "endpoints", "own_models", "preprocessors", "routes", "targets")
"""Tables that people name."""


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(value, BaseModel):
        return {path: value}
    found: dict[str, Any] = {}
    for name in type(value).model_fields:
        found |= leaves(getattr(value, name), f"{path}.{name}".lstrip("."))
    return found


def test_the_page_is_what_the_program_says_now() -> None:
    for part in (
        settings_page.tables,
        settings_page.endpoints,
        settings_page.targets,
        settings_page.environment,
        settings_page.refused,
    ):
        assert part().strip() in PAGE, f"{part.__name__}: make docs"


def test_every_key_is_on_the_page_or_comes_from_a_variable_alone() -> None:
    shown = {f"{table}.{key}" for table, key, *_ in KEYS}
    alone = {".".join(settings_page.sets(name)) for name in settings_page.variables()}
    wanted = {name for name in leaves(load("", {})) if name not in BY_NAME}
    assert shown <= wanted
    assert wanted - shown <= alone


def test_the_defaults_as_shown_are_the_defaults() -> None:
    lines = [f"[{table}]\n{key} = {default.strip('`')}" for table, key, _, default, _ in KEYS]
    for line in lines:
        assert load(line, {}) == load("", {}), line


@pytest.mark.parametrize("row", KEYS, ids=lambda row: f"{row[0]}.{row[1]}")
def test_the_range_as_shown_is_what_is_taken(row: tuple[str, ...]) -> None:
    table, key, kind, default, _ = row
    taken, not_taken = _tries(kind, default.strip("`"))
    for value in taken:
        load(f"[{table}]\n{key} = {value}", {})
    for value in not_taken:
        with pytest.raises(SettingsError, match=rf"{table}\.{key}[.:]"):
            load(f"[{table}]\n{key} = {value}", {})


def _tries(kind: str, default: str) -> tuple[list[str], list[str]]:
    """Return values that are taken, and values that are not, by what a row says."""
    if kind.startswith("by name: "):
        taken, not_taken = _tries(kind.removeprefix("by name: "), default)
        named = [[f"{{ openai = {one} }}" for one in values] for values in (taken, not_taken)]
        return named[0], [*named[1], "3"]
    if ends := re.search(r"(-?\d+) to (-?\d+)$", kind):
        low, high = map(int, ends.groups())
        return [str(low), str(high)], [str(low - 1), str(high + 1)]
    if kind.endswith(" or more"):
        return ["0", "1e9"], ["-1", "inf", '"many"']
    if kind == "`true` or `false`":
        return ["true", "false"], ["3", '"perhaps"']
    if kind.startswith("list of"):
        return [default], ['"no list"', "[[]]"]
    return [value.strip("`") for value in kind.split(" or ") if '"' in value], ["3", "[]"]


def test_every_variable_of_the_example_file_is_on_the_page() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert {*re.findall(r"^([A-Z_]+)=", example, re.MULTILINE)} <= VARIABLES.keys()


def test_what_is_secret_has_no_default_and_is_not_in_the_file() -> None:
    for name in settings_page.variables():
        path = settings_page.sets(name)
        if path and path[-1].endswith(("token", "key", "secret")):
            also, default, *_ = VARIABLES[name].split(" | ")
            assert (also.strip(), default) == ("", "none"), name


def test_variables_that_are_not_built_are_named_as_refused() -> None:
    refused = [name for name in settings_page.variables() if settings_page.refusal(name)]
    assert refused
    for name in refused:
        assert "not built" in VARIABLES[name]
        with pytest.raises(SettingsError, match=name):
            load("", {name: "x"})


# --- the generator says what it lacks ---


class Unsaid(Record):
    """A table whose key nobody explained."""

    colour: str = "red"


class Strange(Record):
    """A table with a kind of value that has no words."""

    anything: Any = None
    """Whatever."""


class Told(Record):
    """A table of every kind."""

    secret: SecretStr | None = None
    """Kept."""
    way: Literal["here", "there"] = "here"
    """Where to."""
    many: tuple[int, ...] = ()


def test_a_setting_without_a_meaning_ends_the_generator_by_name() -> None:
    (leaf,) = settings_page._leaves(Unsaid, ("unsaid",))
    with pytest.raises(LookupError, match=r"unsaid\.colour has no meaning.*defaults\.toml"):
        settings_page.meaning(leaf)


def test_a_kind_of_value_without_words_ends_the_generator() -> None:
    (leaf,) = settings_page._leaves(Strange, ())
    with pytest.raises(LookupError, match="no words"):
        settings_page.kind(leaf.schema)


def test_a_variable_that_loading_does_not_ask_for_is_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "new.py").write_text('os.environ["AI_HANDLER_NEW"]', encoding="utf-8")
    monkeypatch.setattr(settings_page, "ROOT", tmp_path)
    settings_page.variables.cache_clear()
    with pytest.raises(LookupError, match="AI_HANDLER_NEW"):
        settings_page.variables()


def test_kinds_are_said_in_words() -> None:
    said = {
        leaf.path[-1]: settings_page.kind(leaf.schema) for leaf in settings_page._leaves(Told, ())
    }
    assert said == {
        "secret": "text",
        "way": '`"here"` or `"there"`',
        "many": "list of whole number",
    }


def test_a_docstring_of_several_lines_is_one_meaning() -> None:
    leaves = {leaf.path[-1]: leaf for leaf in settings_page._leaves(PixelPolicy, ("x",))}
    assert settings_page.meaning(leaves["blur_review_p90"]).endswith(
        "noise over a blur looks sharp"
    )
    assert "\n" not in settings_page.meaning(leaves["blur_review_p90"])
