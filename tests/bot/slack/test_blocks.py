"""Every card, line, panel and form is something that Slack takes, and people's words are inert."""

from typing import Any

import pytest

from bot.chat.forms import edit_form, imagine_form, reject_form
from bot.chat.heard import Spot
from bot.chat.tools import Home
from bot.slack.blocks import card_blocks, card_text, note_blocks, panel_blocks
from bot.slack.forms import modal
from bot.slack.home import home_blocks
from config.settings import reject_reasons
from domain.card import Button, Card, Panel, Words
from pipeline.around import Around
from pipeline.buttons import note_buttons
from pipeline.present import present
from tests.pipeline.given import CARDS, finished, planned
from tests.pipeline.test_present import STATES
from tests.vendors.slack.blocks import Checker
from tests.vendors.slack.markup import complaints

CHECK = Checker(lambda _: "")
HOSTILE = "<!channel> <@U1ANA> <http://evil.example|ok> &amp; & *bold* `code` @everyone"
MANY = "imagine a red fox --count 8 --seed 7"


def card(run: Any = None, **changes: Any) -> Card:
    run = run or finished(planned())
    made = present(run, Around(card=CARDS[run.route.model]))
    return made.model_copy(update=changes)


def buttons(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for block in blocks if block["type"] == "actions" for one in block["elements"]]


@pytest.mark.parametrize("name", STATES)
def test_a_card_in_any_state_is_taken(name: str) -> None:
    shown = card(STATES[name])
    assert CHECK.message(card_blocks(shown, "F1")) == []
    assert CHECK.message(card_blocks(shown, None)) == []


def test_a_card_with_everything_at_its_longest_is_taken() -> None:
    long = "x" * 5000
    words = tuple(Words(segment=one, text=long) for one in ("subject", "style", "negative"))
    shown = card(
        finished(planned(MANY)),
        words=words,
        facts=(long,),
        adjustments=(long,) * 20,
        status=long,
        error=long,
        hint=long,
        alt=long[:1000],
    )
    assert CHECK.message(card_blocks(shown, "F1")) == []


def test_eight_images_are_chosen_from_menus() -> None:
    blocks = card_blocks(card(finished(planned(MANY))), "F1")
    menus = [one for one in buttons(blocks) if one["type"] == "static_select"]
    assert [len(one["options"]) for one in menus] == [8, 8, 8]
    assert menus[0]["options"][1]["value"].startswith("pick 2 --in ")


def test_what_people_wrote_is_inert_everywhere() -> None:
    words = (Words(segment="subject", text=HOSTILE),)
    hostile = card(words=words, by=HOSTILE[:40], title=HOSTILE, status=HOSTILE, error=HOSTILE)
    panel = Panel(text=HOSTILE)
    note = note_blocks(HOSTILE, None, alt="", buttons=(), mention="", link="")
    for blocks in (card_blocks(hostile, None), panel_blocks(panel, None), note):
        assert complaints({"blocks": blocks, "text": ""}, {"<!channel>", "<@U1ANA>", "&"}) == []
    assert complaints({"text": card_text(hostile)}, {"<!channel>", "<@U1ANA>", "&"}) == []
    assert HOSTILE in str(note)


def test_one_mention_is_alive_and_it_is_ours() -> None:
    blocks = note_blocks("done", None, alt="", buttons=(), mention="U1ANA", link="")
    assert blocks[0]["elements"][0]["elements"][0] == {"type": "user", "user_id": "U1ANA"}
    assert CHECK.message(blocks) == []


def test_a_block_that_changed_has_another_id() -> None:
    before, after = card_blocks(card(), "F1"), card_blocks(card(status="Measuring"), "F1")
    assert before[0]["block_id"] == after[0]["block_id"]
    assert {one["block_id"] for one in before} != {one["block_id"] for one in after}


def test_a_doubt_is_asked_by_slack_itself() -> None:
    doubt = Button(label="Retry", line="retry --in r1", confirm="Pay twice? " * 40)
    blocks = panel_blocks(Panel(text="x", buttons=(doubt,)), None)
    assert CHECK.message(blocks) == []
    assert buttons(blocks)[0]["confirm"]["confirm"]["text"] == "Yes"


def test_a_card_that_was_taken_down_shows_nothing_but_that() -> None:
    gone = card(taken_down="Ana", buttons=())
    blocks = card_blocks(gone, None)
    assert "a red fox" not in str(blocks)
    assert "a red fox" not in card_text(gone)
    assert [one["type"] for one in blocks] == ["rich_text", "section"]


def test_every_form_is_taken() -> None:
    run = finished(planned())
    spot = Spot("slack", "T1", "C1")
    forms = (imagine_form(), edit_form(run), reject_form(run, 2, reject_reasons()))
    for form in forms:
        for ask_where in (True, False):
            assert CHECK.view(modal(form, spot, ask_where=ask_where)) == []


def test_a_full_home_tab_is_taken() -> None:
    panel = Panel(text=HOSTILE, buttons=note_buttons(finished(planned()), 1, {}))
    home = Home(99, (panel,) * 5, (card(),) * 5)
    view = {"type": "home", "blocks": home_blocks(home, ["F1"] * 5)}
    assert CHECK.view(view) == []
    assert complaints(view, {"<!channel>", "&"}) == []


def test_an_empty_home_tab_says_how_to_begin() -> None:
    blocks = home_blocks(Home(0, (), ()), [])
    assert CHECK.view({"type": "home", "blocks": blocks}) == []
    assert "/imagine" in str(blocks)
