"""A line becomes a planned run: composed, routed, compiled and quoted, with nothing stored."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.grammar import parse
from domain.command import Imagine
from domain.errors import CommandError, ConfirmError, RouteError
from domain.run import Run
from pipeline.produce import Office, plan
from pipeline.route import SKETCH
from tests.pipeline.given import (
    ANA,
    BEN,
    FLARE,
    FLUX,
    HERE,
    NOON,
    Counted,
    card,
    event,
    finished,
    office,
    planned,
)

FIRST = finished(planned())
FLARED = finished(planned("imagine a dashboard --task ui", FLARE))


def test_a_planned_run_waits_and_knows_who_asked_where_and_when() -> None:
    run = planned()
    assert (run.state, run.stage, run.kind, run.ref) == ("queued", "queued", "imagine", "r1")
    assert (run.person, run.place, run.created_at) == (ANA, HERE, NOON)
    assert run.root == run.id
    assert run.artworks == ()
    assert (run.parent, run.baseline) == (None, None)


def test_the_same_line_planned_twice_differs_in_its_id_alone() -> None:
    chance = Counted()
    one, two = planned(chance=chance), planned(chance=chance)
    assert one.id < two.id
    assert one.model_copy(update={"id": "", "root": ""}) == two.model_copy(
        update={"id": "", "root": ""}
    )


def test_a_child_is_of_its_parents_thread_and_model() -> None:
    child = planned("style: dark", SKETCH, FLARE, FLUX, parent=FIRST, baseline=FIRST.id, person=BEN)
    assert child.root == FIRST.root
    assert child.baseline == FIRST.id
    assert child.person == BEN
    assert child.route.model == FIRST.route.model == SKETCH
    assert child.route.reason == "as its parent"
    assert child.route.task_guessed


def test_a_child_that_asks_for_another_model_or_task_is_routed_anew() -> None:
    on = (SKETCH, FLARE, FLUX)
    assert planned(f"edit --model {FLARE}", *on, parent=FIRST).route.model == FLARE
    chosen = planned("edit --task ui", *on, parent=FIRST).route
    assert (chosen.model, chosen.task, chosen.task_guessed) == (FLUX, "ui", False)


def test_a_child_of_a_model_that_is_off_now_is_not_moved_in_silence() -> None:
    with pytest.raises(RouteError, match="is off"):
        planned("style: dark", SKETCH, parent=FLARED)


def test_adjustments_of_the_words_and_of_the_model_stand_together() -> None:
    run = planned("imagine a login :: :: :: :: no text --steps 9", FLARE)
    assert [one.parameter for one in run.adjustments] == [
        "segments.negative",
        "negative_prompt",
        "steps",
    ]


def test_a_branch_of_a_model_without_seeds_takes_the_picture_as_edit_input() -> None:
    child = planned("branch 2 style: dark", FLARE, parent=FLARED)
    assert child.spec.init_image == FLARED.artworks[1].digest
    assert child.parameters.init_image == FLARED.artworks[1].digest
    assert child.parameters.seed is None


def test_a_bare_branch_of_an_editing_model_says_the_strength_was_not_sent() -> None:
    child = planned("branch 2", FLARE, parent=FLARED)
    assert [one.parameter for one in child.adjustments] == ["denoising_strength"]


def test_a_branch_with_a_strength_rules_out_a_model_that_takes_no_picture() -> None:
    flux = finished(planned("imagine a dashboard --task ui", FLUX))
    with pytest.raises(RouteError, match="takes no init image") as refused:
        planned("branch 2 --strength 0.5", SKETCH, FLUX, parent=flux)
    assert SKETCH in refused.value.hint
    assert planned("branch 2 style: dark", FLUX, parent=flux).seeds == (flux.seeds[1],)


def test_what_costs_too_much_is_not_planned() -> None:
    with pytest.raises(CommandError):
        planned("imagine a dashboard --task ui --max-cost 0.01", FLARE)
    with pytest.raises(ConfirmError):
        planned("imagine a dashboard --task ui", FLARE, confirm_above_usd=0.01)


def test_a_child_without_a_parent_is_our_own_fault() -> None:
    with pytest.raises(ValueError, match="needs its parent"):
        planned("reroll --in r1")


# --- a model that its vendor ends ---


def ending(on: date) -> Office:
    desk = office(FLARE)
    model = card(FLARE, retired_on=on, replacement=FLUX)
    return replace(desk, on=[model], known={**desk.known, FLARE: model})


def asked_of(desk: Office, line: str = "imagine a fox") -> Run:
    command = parse(line)
    assert isinstance(command, Imagine)
    (run,) = plan(event(line), command, desk, pictures={})
    return run


def test_a_models_end_is_said_before_it_comes() -> None:
    soon = asked_of(ending(NOON.date() + timedelta(days=30)))
    assert [notice.code for notice in soon.warnings] == ["retires"]
    assert FLUX in soon.warnings[0].text
    assert not asked_of(ending(NOON.date() + timedelta(days=90))).warnings


def test_a_model_that_has_ended_is_refused_from_that_day_on_with_its_replacement() -> None:
    with pytest.raises(RouteError, match="was retired on 2026-11-23") as caught:
        asked_of(ending(NOON.date()), f"imagine a fox --model {FLARE}")
    assert FLUX in caught.value.hint
    with pytest.raises(RouteError):
        asked_of(ending(NOON.date()))
