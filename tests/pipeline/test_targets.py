"""Where an image goes: what it asks for unasked, and what each image lacks for it."""

from dataclasses import replace
from typing import Any

import pytest

from bot.grammar import parse
from config.settings import load, shipped_targets
from domain.command import Imagine
from domain.errors import CommandError, SettingsError
from domain.policy import Measured, Swatch
from domain.run import Run
from domain.target import Target
from pipeline.assets import asset_faults
from pipeline.produce import plan
from scoring.colour import delta_e
from tests.pipeline.given import FLARE, event, office

TARGETS = shipped_targets()
HERO = TARGETS["web-hero"]


def asked(line: str) -> Run:
    command = parse(f"imagine a fox {line}")
    assert isinstance(command, Imagine)
    desk = replace(office(FLARE), targets=TARGETS)
    (run,) = plan(event(line), command, desk, pictures={})
    return run


def measured(**changes: Any) -> Measured:
    good: dict[str, Any] = {
        "number": 1,
        "scores": {},
        "phash": "",
        "width": 1920,
        "height": 1080,
        "black": False,
        "media_type": "image/webp",
        "size_bytes": 400_000,
    }
    return Measured.model_validate(good | changes)


def lacks(target: Target = HERO, **changes: Any) -> list[str]:
    return list(asset_faults(measured(**changes), target, delta_e))


def test_a_target_asks_for_its_shape_format_and_background() -> None:
    run = asked("--target web-hero")
    assert (run.spec.aspect_ratio, run.spec.file_format) == ("16:9", "webp")
    assert run.spec.background is None, "opaque is what models make unasked"
    assert asked("--target cutout").spec.background == "transparent"


def test_what_is_asked_for_stays() -> None:
    run = asked("--target web-hero --ar 1:1 --format png --background transparent")
    assert (run.spec.aspect_ratio, run.spec.file_format) == ("1:1", "png")
    assert run.spec.background == "transparent"


def test_a_target_that_is_unknown_is_told_with_the_nearest() -> None:
    with pytest.raises(CommandError) as error:
        asked("--target web-heroe")
    (fault,) = error.value.faults
    assert (fault.flag, fault.nearest) == ("--target", "web-hero")
    assert "app-icon" in fault.allowed


def test_what_fits_lacks_nothing() -> None:
    assert lacks() == []
    assert lacks(width=3840, height=2160, media_type="image/jpeg") == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"width": 1280, "height": 720}, "too small for Web hero: 1280×720, needs 1920×1080"),
        ({"width": 2048, "height": 2048}, "not the shape of Web hero: 2048×2048, is 16:9"),
        ({"size_bytes": 2_400_000}, "too large a file for Web hero: 2.4 MB, at most 1 MB"),
        ({"transparent": True}, "parts are transparent, Web hero takes none"),
    ],
)
def test_each_thing_that_is_lacking_is_said(changes: dict[str, Any], said: str) -> None:
    assert lacks(**changes) == [said]


def test_an_icon_is_a_png_and_a_cut_out_has_something_transparent() -> None:
    square = {"width": 1024, "height": 1024}
    (said,) = lacks(TARGETS["app-icon"], **square)
    assert said == "App icon takes png, this is webp"
    (said,) = lacks(TARGETS["cutout"], **square)
    assert "nothing is transparent" in said


def test_a_brand_colour_must_be_seen_in_it() -> None:
    brand = HERO.model_copy(update={"colours": ("#1b4d3e",)})
    near = (Swatch(colour="#ffffff", share=0.8), Swatch(colour="#1d5040", share=0.2))
    assert lacks(brand, palette=near) == []
    (said,) = lacks(brand, palette=(Swatch(colour="#ffffff", share=1.0),))
    assert said.startswith("brand colour #1b4d3e is not in it; nearest is #ffffff, ΔE")
    speck = (Swatch(colour="#ffffff", share=0.995), Swatch(colour="#1b4d3e", share=0.005))
    assert len(lacks(brand, palette=speck)) == 1
    assert lacks(brand) == ["brand colour #1b4d3e is not in it"]


def test_what_could_not_be_measured_lacks_nothing_more() -> None:
    assert lacks(missing="the file is damaged", width=1, height=1) == []


def test_a_teams_own_tables_change_these_and_add_to_them() -> None:
    own = """
    [targets.web-hero]
    colours = ["#1b4d3e"]
    [targets.shelf-card]
    title = "Shelf card"
    width_px = 800
    height_px = 400
    """
    settings = load(own, {})
    assert settings.targets["web-hero"].colours == ("#1b4d3e",)
    assert settings.targets["web-hero"].width_px == 1920
    assert settings.targets["shelf-card"].aspect_ratio == "2:1"


@pytest.mark.parametrize(
    "table",
    ['[targets."Bad Name"]\ntitle="x"', "[targets.web-hero]\nwidth_px = 0", "[targets.x1]\na = 1"],
)
def test_a_table_that_is_wrong_is_refused_by_name(table: str) -> None:
    with pytest.raises(SettingsError, match="targets"):
        load(table, {})
