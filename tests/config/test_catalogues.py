"""The shipped data: model cards and routes that agree with each other."""

from datetime import date
from itertools import chain

import pytest

from config.settings import model_cards, routes
from domain.model import ModelCard
from domain.spec import TASKS
from pipeline.route import SKETCH, Routes

CARDS = {card.id: card for card in model_cards()}
ACTIVE = [card for card in CARDS.values() if card.status != "retired"]


def by_id(card: ModelCard) -> str:
    return card.id.replace("storyboard", "sheet")


def test_every_card_has_an_id_of_its_own() -> None:
    assert len(CARDS) == len(model_cards())
    assert SKETCH in CARDS


@pytest.mark.parametrize("card", CARDS.values(), ids=by_id)
def test_a_price_says_where_it_is_from_and_when(card: ModelCard) -> None:
    assert card.price.usd_per_image >= 0
    assert card.price.source
    assert date(2025, 1, 1) <= card.price.as_of <= date(2030, 1, 1)


@pytest.mark.parametrize("card", CARDS.values(), ids=by_id)
def test_a_retired_model_names_a_successor_that_is_not_retired(card: ModelCard) -> None:
    if card.status != "retired":
        assert card.retired_on is None
        return
    assert card.retired_on is not None
    assert card.replacement is not None
    assert CARDS[card.replacement].status == "active"


@pytest.mark.parametrize("card", ACTIVE, ids=by_id)
def test_no_vendor_default_decides_what_a_card_lists(card: ModelCard) -> None:
    for allowed in (card.steps, card.cfg_scale, card.denoising_strength):
        if allowed is not None:
            assert allowed.default is not None
            assert allowed.nearest(allowed.default) == allowed.default
    assert not card.settings.keys() & set(card.left_to_vendor)


@pytest.mark.parametrize("card", ACTIVE, ids=by_id)
def test_sizes_can_be_made(card: ModelCard) -> None:
    sizes = card.sizes
    if sizes.kind == "ratios":
        assert "1:1" in sizes.ratios
        assert len(set(sizes.ratios)) == len(sizes.ratios)
        return
    for length in (sizes.minimum_px, sizes.maximum_px):
        assert length % sizes.multiple_px == 0
    longest = (sizes.area_px * sizes.max_ratio) ** 0.5
    assert longest <= sizes.maximum_px
    assert longest / sizes.max_ratio >= sizes.minimum_px


def test_the_sketch_is_free_repeatable_and_names_whom_to_thank() -> None:
    sketch = CARDS[SKETCH]
    assert sketch.price.usd_per_image == 0
    assert sketch.repeatable
    assert "OpenMoji" in sketch.attribution
    assert "CC BY-SA 4.0" in sketch.attribution


def test_what_costs_money_is_never_repeated_blindly() -> None:
    assert not [card.id for card in ACTIVE if card.repeatable and card.price.usd_per_image]


def test_routes_have_every_task_type_and_only_known_models() -> None:
    table = Routes.model_validate(routes())
    assert table.tasks.keys() == set(TASKS)
    assert set(chain.from_iterable(table.tasks.values())) <= CARDS.keys()
    assert table.words.keys() == set(TASKS)


def test_a_route_holds_no_retired_model_and_no_sketch() -> None:
    table = Routes.model_validate(routes())
    for model in chain.from_iterable(table.tasks.values()):
        assert CARDS[model].status == "active"
        assert model != SKETCH


def test_a_word_guesses_one_task_type_only() -> None:
    words = list(chain.from_iterable(Routes.model_validate(routes()).words.values()))
    assert len(set(words)) == len(words)
    assert words == [word.casefold() for word in words]
