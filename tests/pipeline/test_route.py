"""Which model makes it, and why; what cannot be made says who could; what it costs is asked."""

import pytest

from domain.errors import CommandError, ConfirmError, RouteError
from domain.model import ModelCard, Route
from domain.spec import TASKS, PromptSpec
from pipeline.quote import check_quote, quote
from pipeline.route import SKETCH, fallback, guess_task, route
from tests.pipeline.given import CARDS, FLARE, FLUX, ROUTES, card, cards, planned, spec

PICTURE = f"sha256:{'0b' * 32}"


def routed(asked: PromptSpec, *on: str) -> Route:
    return route(asked, on=cards(*on), known=CARDS, routes=ROUTES)


def refused(asked: PromptSpec, *on: str) -> RouteError:
    with pytest.raises(RouteError) as error:
        routed(asked, *on)
    return error.value


# --- by task ---


@pytest.mark.parametrize("task", TASKS)
def test_the_first_model_of_the_tasks_route_that_is_on_is_taken(task: str) -> None:
    listed = ROUTES.tasks[task]  # type: ignore[index]  # a task
    wanted = next(model for model in listed if model in (FLARE, FLUX))
    chosen = routed(spec(task=task), SKETCH, FLARE, FLUX)
    assert (chosen.model, chosen.task, chosen.task_guessed) == (wanted, task, False)
    assert task in chosen.reason


def test_the_second_of_a_route_is_taken_when_the_first_is_off() -> None:
    assert routed(spec(task="ui"), SKETCH, FLARE).model == FLARE
    assert routed(spec(task="brand"), SKETCH, FLUX).model == FLUX


def test_the_sketch_is_used_when_no_other_model_is_on() -> None:
    chosen = routed(spec(task="ui"), SKETCH)
    assert chosen.model == SKETCH
    assert chosen.reason == "no other model is on"


def test_the_sketch_never_stands_in_for_a_model_that_is_on() -> None:
    for asked in (spec(), spec(task="product"), spec(task="brand", init_image=PICTURE)):
        assert routed(asked, SKETCH, FLARE).model == FLARE
    error = refused(spec(init_image=PICTURE), SKETCH, FLUX)
    assert f"{FLUX} takes no init image" in error.message
    assert f"--model {SKETCH}" in error.hint


def test_a_model_of_no_route_is_taken_before_the_sketch() -> None:
    other = card(FLARE, id="openai:other")
    chosen = route(spec(task="ui"), on=[*cards(SKETCH), other], known=CARDS, routes=ROUTES)
    assert chosen.model == "openai:other"


def test_with_nothing_on_that_is_said() -> None:
    assert refused(spec()).hint


# --- guesses ---


@pytest.mark.parametrize(
    ("subject", "task"),
    [
        ("a red teapot on a slate worktop", "product"),
        ("two TEAPOTS", "product"),
        ("a login screen", "ui"),
        ("a logo of a bear", "brand"),
        ("an old wizard", "character"),
        ("a forest at dawn", "environment"),
        ("gravitas", ROUTES.default),
    ],
)
def test_a_task_is_guessed_from_words_of_the_brief(subject: str, task: str) -> None:
    chosen = routed(spec(subject), SKETCH)
    assert (chosen.task, chosen.task_guessed) == (task, True)


@pytest.mark.parametrize("subject", ["a handbag", "a human", "an application", "steapot", "boxer"])
def test_only_whole_words_count(subject: str) -> None:
    assert guess_task(spec(subject), ROUTES) == ROUTES.default


def test_the_brief_is_guessed_from_when_one_is_given() -> None:
    assert guess_task(spec("a fox", brief="a perfume bottle"), ROUTES) == "product"


def test_a_task_that_was_asked_for_is_not_guessed() -> None:
    assert not routed(spec("a teapot", task="ui"), SKETCH).task_guessed


# --- asked for by name ---


def test_a_model_that_was_asked_for_is_taken_whatever_the_task() -> None:
    chosen = routed(spec("a dashboard", task="ui", model=SKETCH), SKETCH, FLUX, FLARE)
    assert (chosen.model, chosen.reason) == (SKETCH, "asked for")


def test_an_unknown_model_is_refused_with_those_that_are_on() -> None:
    error = refused(spec(model="acme:best"), SKETCH, FLUX)
    assert "acme:best" in error.message
    assert FLUX in error.hint
    assert SKETCH in error.hint


def test_a_model_that_is_off_is_never_replaced_in_silence() -> None:
    error = refused(spec(model=FLUX), SKETCH)
    assert f"{FLUX} is off" in error.message
    assert SKETCH in error.hint


def test_a_retired_model_names_its_successor() -> None:
    error = refused(spec(model="openai:dall-e-3"), SKETCH, FLARE)
    assert "retired on 2026-05-12" in error.message
    assert f"--model {FLARE}" in error.hint


def test_an_input_that_the_model_cannot_take_rules_it_out_and_says_who_can() -> None:
    error = refused(spec(model=FLUX, init_image=PICTURE), SKETCH, FLUX, FLARE)
    assert error.message == f"{FLUX} takes no init image"
    assert SKETCH in error.hint
    assert FLARE in error.hint
    assert FLUX not in error.hint
    alone = refused(spec(model=FLUX, init_image=PICTURE), FLUX)
    assert "none that is on" in alone.hint


# --- inputs ---


def test_a_picture_goes_to_the_first_model_of_the_route_that_takes_one() -> None:
    chosen = routed(spec(task="ui", init_image=PICTURE), SKETCH, FLUX, FLARE)
    assert chosen.model == FLARE
    assert "ui" in chosen.reason


def test_a_mask_rules_out_what_takes_none() -> None:
    asked = spec(init_image=PICTURE, mask=PICTURE)
    assert routed(asked, SKETCH, FLUX, FLARE).model == FLARE
    assert refused(asked, SKETCH, FLUX).hint.startswith(f"These could, once they are on: {FLARE}")


def test_a_mask_is_not_dropped_by_the_sketch_either() -> None:
    error = refused(spec(init_image=PICTURE, mask=PICTURE), SKETCH)
    assert "takes no mask" in error.message


# --- what it costs ---


@pytest.mark.parametrize(
    ("model", "count", "usd", "text"),
    [
        (CARDS[SKETCH], 4, 0.0, "4 images · free"),
        (CARDS[FLUX], 1, 0.003, "1 image · $0.003"),
        (CARDS[FLUX], 4, 0.012, "4 images · $0.012"),
        (card(FLUX, price={"usd_per_image": 0.5, "source": "-", "as_of": "2026-11-23"}), 4, 2.0,
         "4 images · $2"),
    ],
)  # fmt: skip
def test_a_quote_says_images_and_price(model: ModelCard, count: int, usd: float, text: str) -> None:
    made = quote(spec(count=count), model)
    assert (made.images, made.usd, made.text) == (count, usd, text)


def checked(asked: PromptSpec, *, confirmed: bool = False, above: float = 0.5) -> None:
    check_quote([quote(asked, CARDS[FLARE])], asked, confirmed=confirmed, confirm_above_usd=above)


def test_up_to_the_limit_nobody_is_asked() -> None:
    checked(spec(count=8))
    checked(spec(count=4), above=0.052)


def test_above_the_limit_it_needs_a_yes() -> None:
    with pytest.raises(ConfirmError, match=r"\$0\.05") as error:
        checked(spec(count=4), above=0.05)
    assert "--yes" in error.value.hint
    checked(spec(count=4), above=0.05, confirmed=True)


def test_more_than_max_cost_is_refused_even_with_a_yes() -> None:
    with pytest.raises(CommandError) as error:
        checked(spec(count=4, max_cost_usd=0.05), confirmed=True)
    assert error.value.faults[0].flag == "--max-cost"
    assert "0.052" in error.value.faults[0].allowed
    checked(spec(count=4, max_cost_usd=0.052))


def test_what_is_free_stays_under_a_max_cost_of_nothing() -> None:
    asked = spec(max_cost_usd=0.0)
    check_quote([quote(asked, CARDS[SKETCH])], asked, confirmed=False, confirm_above_usd=0.0)


# --- when a vendor is down ---


def test_another_vendors_model_of_the_route_is_next_and_the_sketch_is_none() -> None:
    run = planned("imagine a teapot --task product", FLUX)
    assert run.route.model == FLUX
    on = cards(SKETCH, FLUX, FLARE)
    found = fallback(run, on, ROUTES)
    assert found
    assert found.id == FLARE
    assert fallback(run, cards(SKETCH, FLUX), ROUTES) is None


def test_a_model_that_cannot_take_the_inputs_is_no_fallback() -> None:
    run = planned("imagine a teapot --task product", FLUX)
    masked = run.model_copy(update={"spec": spec(loras=({"name": "film"},))})
    assert fallback(masked, cards(SKETCH, FLUX, FLARE), ROUTES) is None
