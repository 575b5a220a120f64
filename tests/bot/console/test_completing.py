"""What is offered for completion is what the grammar takes: all of it, and nothing else."""

from typing import Any

import pytest
import pytest_asyncio

from bot.console.completing import PRESSED
from bot.grammar import FLAGS, SEGMENT_NAMES, VERBS, parse
from bot.grammar.flags import FLAG_BY_NAME
from bot.grammar.verbs import VERB_BY_NAME
from domain.errors import CommandError
from tests.bot.console.serving import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")
SAID = {
    "imagine": "imagine a fox",
    "edit": "edit style: dark",
    "branch": "branch 2",
    "seed": "seed 7",
    "route": "route ui sketch:storyboard",
    "rate": "rate 2 up",
    "restore": "restore 2",
    "withdraw": "withdraw 2",
    "find": 'find "red fox"',
    "templates": "templates find fox",
    "extend": "extend 2 --left 9",
    "assign": "assign me 2",
    "houses": "houses save noir ink and fog",
    "characters": "characters save mara",
    "loras": "loras add mara family=sdxl comfyui=mara.safetensors",
}
"""A whole line of each verb that does not stand alone, or with a number."""
GIVEN = {
    "TYPE": "ui",
    "PROVIDER:NAME, …": "a:b, c:d",
    "W:H": "4:5",
    "RUN": "r2",
    "N|keep|random": "7",
} | {
    "KIND:IMAGE": "canny:a.png",
    "png|jpeg|webp": "webp",
    "opaque|transparent": "opaque",
    "NAME@WEIGHT": "film@0.5",
    "IMAGE:DIMENSION": "a.png:style",
    "PX": "9",
    "ORDER": "close",
    "NAME": "hero",
    "NAME[@VERSION]": "noir@2",
}
"""A value of each kind of flag that does not take a 1."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def known(console: Console) -> Any:
    return (await console.http.get("/completions")).json()


def line_of(verb: dict[str, Any]) -> str:
    name = verb["names"][0]
    return SAID.get(name, f"{name} 2" if " N" in verb["form"] else name)


async def test_every_built_verb_and_flag_is_there_and_no_other(known: Any) -> None:
    verbs = [verb["names"] for verb in known["verbs"]]
    assert verbs == [[verb.name, *verb.aliases] for verb in VERBS if verb.built]
    flags = [flag["names"] for flag in known["flags"]]
    typed = [flag for flag in FLAGS if flag.built and flag.name not in PRESSED]
    assert flags == [[flag.name, *flag.aliases] for flag in typed]
    assert [segment["names"] for segment in known["segments"]] == [[one] for one in SEGMENT_NAMES]


async def test_every_option_has_a_line_of_help(known: Any) -> None:
    listed = [*known["verbs"], *known["flags"], *known["segments"]]
    values = [value for one in listed for value in one.get("values", ())]
    assert all(one["help"] and "\n" not in one["help"] for one in (*listed, *values))


async def test_every_verb_is_read_as_it_is_offered_in_both_places(known: Any) -> None:
    for verb in known["verbs"]:
        line = line_of(verb).removeprefix(verb["names"][0])
        kind = parse(line_of(verb), at="thread").kind
        assert parse(verb["typed"]["thread"] + line, at="thread").kind == kind
        assert parse(verb["typed"]["channel"] + line, at="channel").kind == kind


async def test_every_flag_is_read_behind_the_verbs_that_offer_it(known: Any) -> None:
    flags = {flag["names"][0]: flag for flag in known["flags"]}
    for verb in known["verbs"]:
        for name in verb["flags"]:
            value = GIVEN.get(flags[name]["value"], "1") if flags[name]["value"] else ""
            line = "imagine" if name == "--from-brief" else line_of(verb)
            parse(f"{line} {name} {value}", at="thread")


async def test_a_flag_that_a_verb_does_not_offer_is_refused_behind_it(known: Any) -> None:
    with pytest.raises(CommandError, match="does not go with pick"):
        parse("pick 2 --count 1", at="thread")
    assert {verb["names"][0]: verb["flags"] for verb in known["verbs"]}["pick"] == ["--in"]


async def test_every_value_is_read_as_offered(known: Any) -> None:
    making = next(verb["flags"] for verb in known["verbs"] if verb["names"][0] == "imagine")
    for flag in (one for one in known["flags"] if one["names"][0] in making):
        for name in flag["names"]:
            for value in flag["values"]:
                flags: Any = parse(f"a fox {name} {value['names'][0]}").flags  # type: ignore[union-attr]
                field = FLAG_BY_NAME[name.removeprefix("--")].field
                assert getattr(flags, field) is not None


async def test_values_that_are_a_list_are_offered(known: Any) -> None:
    offered = {
        flag["names"][0]: [one["names"][0] for one in flag["values"]] for flag in known["flags"]
    }
    for flag in FLAGS:
        assert set(flag.choices) <= set(offered.get(flag.name, ()))
    assert offered["--count"] == list("12345678")
    assert {"1:1", "16:9", "4:5"} <= set(offered["--ar"])
    assert offered["--steps"] == []


async def test_only_models_that_are_on_are_offered_with_title_and_price(known: Any) -> None:
    models = next(flag["values"] for flag in known["flags"] if flag["names"][0] == "--model")
    assert [(one["names"], one["help"]) for one in models] == [
        (["sketch:storyboard"], "Storyboard sketch · free"),
        (["midjourney:v7"], "Midjourney v7 · by subscription"),
        (["midjourney:v7-raw"], "Midjourney v7 raw · by subscription"),
    ]


async def test_what_follows_a_verb_is_read_behind_it(known: Any) -> None:
    for verb in known["verbs"]:
        for value in verb["values"]:
            number = "2 " if verb["numbered"] else ""
            parse(f"{verb['names'][0]} {number}{value['names'][0]}", at="thread")
    topics = {verb["names"][0]: verb["values"] for verb in known["verbs"]}["help"]
    assert not [one for one in topics if one["names"][0] in {"describe", "--stylize"}]


async def test_segments_are_named_as_each_verb_takes_them(known: Any) -> None:
    signs = {verb["names"][0]: verb["segment"] for verb in known["verbs"] if verb["segment"]}
    assert signs == {"imagine": "=", "edit": ":", "branch": ":", "use": ":"}
    for segment in known["segments"]:
        name = segment["names"][0]
        assert parse(f"imagine {name}=red").kind == "imagine"
        assert parse(f"edit {name}: red", at="thread").kind == "edit"
    assert all(verb in VERB_BY_NAME for verb in known["unsaid"].values())
