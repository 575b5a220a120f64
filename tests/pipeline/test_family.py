"""Several models in one line: the same spec and seeds, planned together and shown on one card."""

from dataclasses import replace

import pytest

from bot.grammar import parse
from domain.axis import Axis
from domain.card import MAX_LINE_CHARS, Card
from domain.command import Imagine, Promote
from domain.errors import CommandError, ConfirmError, RouteError
from domain.family import Family
from domain.model import Route
from domain.run import Failure, Run
from pipeline.around import Around
from pipeline.compose import Child
from pipeline.present import present
from pipeline.present_family import present_family
from pipeline.produce import Office, plan
from pipeline.route import SKETCH, route
from tests.pipeline.given import CARDS, FLARE, FLUX, event, finished, office, planned, spec

TWO = f"imagine a red fox :: in the snow --seed 7 --count 2 --model {SKETCH}, {FLUX}"


def several(
    line: str = TWO, desk: Office | None = None, parent: Run | None = None, *, yes: bool = False
) -> tuple[Run, ...]:
    command = parse(line, at="thread" if parent else "channel")
    assert isinstance(command, Imagine | Child)
    desk = desk or office(SKETCH, FLUX, FLARE)
    said = event(line, confirmed=yes)
    return plan(said, command, desk, parent=parent, pictures={})


def family(*runs: Run, revision: int = 3) -> Family:
    return Family(
        id=runs[0].id,
        axes=(Axis.of_models([run.route.model for run in runs]),),
        runs=runs,
        revision=revision,
    )


def shown(one: Family) -> Card:
    around = {run.id: Around(card=CARDS[run.route.model]) for run in one.runs}
    return present_family(one, around)


def ended(**changes: object) -> Family:
    first, second = several()
    return family(finished(first), finished(second).model_copy(update=changes))


def test_each_model_gets_a_run_with_the_same_spec_and_seeds() -> None:
    first, second = several()
    assert [run.route.model for run in (first, second)] == [SKETCH, FLUX]
    assert first.seeds == second.seeds == (7, 8)
    same = {"model": None}
    assert first.spec.model_copy(update=same) == second.spec.model_copy(update=same)
    assert (first.spec.model, second.spec.model) == (SKETCH, FLUX)
    assert first.family == second.family == first.root == second.root == first.id
    assert second.baseline == first.id


def test_chance_is_asked_for_one_row_of_seeds() -> None:
    first, second = several(TWO.replace("--seed 7", ""))
    assert first.seeds == second.seeds


def test_one_model_is_no_family() -> None:
    (run,) = several(f"imagine a fox --model {FLUX}, {FLUX}")
    assert run.family is None


def test_a_child_may_ask_several_models_in_its_thread() -> None:
    parent = finished(planned())
    first, second = several(f"again --model {SKETCH}, {FLUX}", parent=parent)
    assert {first.root, second.root} == {parent.root}
    assert first.family == second.family == first.id
    assert first.seeds == second.seeds == parent.seeds


def test_one_that_cannot_take_it_refuses_the_line_before_anything_is_stored() -> None:
    with pytest.raises(RouteError, match="no model 'nobody:there'"):
        several(f"imagine a fox --model {SKETCH}, nobody:there")


def test_what_is_made_by_hand_is_asked_for_alone() -> None:
    desk = office(SKETCH, "midjourney:v7")
    with pytest.raises(RouteError, match="by hand is asked for alone"):
        several(f"imagine a fox --count 4 --model {SKETCH}, midjourney:v7", desk)


def test_the_price_is_counted_over_all() -> None:
    line = f"imagine a fox --count 4 --model {FLUX}, {FLARE} --max-cost 0.06"
    with pytest.raises(CommandError, match=r"\$0\.064"):
        several(line)
    desk = replace(office(FLUX, FLARE), confirm_above_usd=0.06)
    with pytest.raises(ConfirmError, match=r"8 images · \$0\.064"):
        several(line.partition(" --max")[0], desk)


def test_more_than_eight_images_need_a_yes() -> None:
    line = f"imagine a fox --count 5 --model {SKETCH}, {FLUX}"
    with pytest.raises(ConfirmError, match="10 images"):
        several(line)
    assert len(several(line, yes=True)) == 2


def test_a_channels_own_choice_is_the_reason() -> None:
    desk = office(SKETCH, FLUX)
    own = desk.routes.model_copy(
        update={"tasks": {**desk.routes.tasks, "ui": (SKETCH, FLUX)}, "own": ("ui",)}
    )
    chosen = route(spec(task="ui"), on=desk.on, known=desk.known, routes=own)
    assert isinstance(chosen, Route)
    assert (chosen.model, chosen.reason) == (SKETCH, "this channel's first choice for ui")


# --- the card ---


def test_the_card_has_a_row_for_each_model() -> None:
    card = shown(ended())
    assert (card.ref, card.title, card.state, card.revision) == ("r1–r1", "2 models", "done", 3)
    assert [one.label for one in card.sections] == ["Storyboard sketch", "FLUX.1 [schnell]"]
    assert [len(one.tiles) for one in card.sections] == [2, 2]
    assert card.tiles == ()
    assert "the same seeds for all" in " ".join(card.facts)
    assert shown(family(*several())).facts[-1] == "$0.006 in all"


def test_every_button_says_a_line_that_a_person_could_type() -> None:
    card = shown(ended())
    assert [one.label for one in card.buttons] == ["Choose r1", "Choose r1"]
    for button in card.buttons:
        assert len(button.line) <= MAX_LINE_CHARS
        assert isinstance(parse(button.line, at="thread"), Promote)


def test_while_one_is_open_the_whole_can_be_cancelled() -> None:
    first, second = several()
    card = shown(family(finished(first), second))
    assert card.state == "running"
    assert card.status == "Making images: 1 of 2 models are ready"
    assert [one.label for one in card.buttons] == ["Cancel all"]
    assert shown(family(first, second)).state == "queued"


def test_what_failed_says_why_and_can_be_tried_again_alone() -> None:
    broken = Failure(kind="down", message="no connection", hint="Try later.")
    card = shown(ended(artworks=(), state="failed", error=broken))
    assert card.state == "done"
    assert card.sections[1].error == "no connection"
    assert [one.label for one in card.buttons] == ["Choose r1", "Retry r1"]


def test_a_chosen_one_is_named_and_offers_its_model_as_the_route() -> None:
    one = ended(promoted_by="Ben")
    card = shown(one)
    assert card.decided == ("r1 chosen by Ben",)
    assert [button.label for button in card.buttons] == ["Choose r1"]
    chosen = one.runs[1]
    own = present(chosen, Around(card=CARDS[FLUX]))
    lines = {button.label: button.line for button in own.buttons}
    assert lines["Use it for environment here"] == f"route environment {FLUX}"


def test_a_card_that_was_taken_down_shows_nothing() -> None:
    card = shown(ended(taken_down_by="Ana"))
    assert (card.taken_down, card.buttons) == ("Ana", ())
