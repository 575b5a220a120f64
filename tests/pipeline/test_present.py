"""A run becomes a card: what it shows in each state, and buttons that say what people can type."""

from typing import Any

import pytest

from bot.grammar import parse
from domain.card import MAX_LINE_CHARS, Button, Card
from domain.command import Again, Branch, Pick, Restore
from domain.model import Adjustment
from domain.run import Approval, Artwork, Failure, Notice, Run, RunState
from pipeline.around import Around
from pipeline.present import present
from pipeline.tiles import alt_text, caption, columns
from tests.pipeline.given import CARDS, FLARE, FOX, NOON, Counted, artwork, finished, planned

QUEUED = planned()
DONE = finished(QUEUED)


def shown(run: Run, **around: Any) -> Card:
    return present(run, Around(card=CARDS[run.route.model], **around))


def lines(card: Card) -> list[str]:
    return [button.line for button in card.buttons]


def states() -> dict[str, Run]:
    """Return a run in every state that the log can hold."""
    lost = Failure(kind="unknown", message="the answer was lost", hint="Retry.", number=2)
    broken = Failure(kind="down", message="no connection", hint="Try later.", number=1)
    folded = DONE.model_copy(
        update={"artworks": (artwork(QUEUED, 1, verdict="reject"), *DONE.artworks[1:])}
    )
    part = QUEUED.model_copy(update={"artworks": (artwork(QUEUED, 1),), "state": "running"})
    return {
        "queued": QUEUED,
        "handed": QUEUED.model_copy(update={"state": "handed", "stage": "handed"}),
        "running": part,
        "stopping": part.model_copy(update={"cancel_requested_by": "Ana"}),
        "done": DONE,
        "done in part": finished(QUEUED, made=[1, 2, 4], failures=(broken,)),
        "folded": folded,
        "failed": finished(QUEUED, made=[], state="failed", error=broken, failures=(broken,)),
        "unknown": finished(QUEUED, made=[1], state="unknown", error=lost, failures=(lost,)),
        "cancelled": finished(
            QUEUED, made=[1], state="cancelled", cancel_requested_by="Ana", stage="ended"
        ),
    }


STATES = states()


@pytest.mark.parametrize("name", STATES)
def test_every_button_says_a_line_that_a_person_could_type(name: str) -> None:
    card = shown(STATES[name])
    assert card.buttons
    for button in card.buttons:
        assert len(button.line) <= MAX_LINE_CHARS
        assert button.line.isascii()
        command = parse(button.line, at="thread")
        assert getattr(command, "run", None) == card.run_id
        assert getattr(command, "number", None) == button.number


def test_a_pick_button_is_a_pick_and_a_branch_button_a_branch() -> None:
    by_label = {button.label: button for button in shown(DONE).buttons}
    assert parse(by_label["Pick 2"].line, at="thread") == Pick(number=2, run=DONE.id)
    assert parse(by_label["Branch 3"].line, at="thread") == Branch(number=3, run=DONE.id)


VERBS: dict[str, set[str]] = {
    "queued": {"cancel"},
    "handed": {"cancel"},
    "running": {"cancel"},
    "stopping": {"cancel"},
    "done": {"pick", "branch", "approve", "reroll", "edit", "baseline", "details"},
    "done in part": {"pick", "branch", "approve", "reroll", "edit", "baseline", "retry", "details"},
    "folded": {"pick", "branch", "approve", "restore", "reroll", "edit", "baseline", "details"},
    "failed": {"retry", "details"},
    "unknown": {"pick", "branch", "approve", "reroll", "edit", "baseline", "retry", "details"},
    "cancelled": {"pick", "branch", "approve", "reroll", "edit", "baseline", "retry", "details"},
}


@pytest.mark.parametrize("name", STATES)
def test_each_state_has_its_buttons(name: str) -> None:
    assert {line.split()[0] for line in lines(shown(STATES[name]))} == VERBS[name]


def test_a_folded_tile_keeps_its_place_and_offers_only_to_be_restored() -> None:
    card = shown(STATES["folded"])
    assert [tile.number for tile in card.tiles] == [1, 2, 3, 4]
    assert card.tiles[0].verdict == "reject"
    one = [button for button in card.buttons if button.number == 1]
    assert [parse(button.line, at="thread") for button in one] == [Restore(number=1, run=DONE.id)]


def test_numbers_never_shift_when_an_image_is_missing() -> None:
    card = shown(STATES["done in part"])
    assert [(tile.number, tile.digest is None) for tile in card.tiles] == [
        (1, False),
        (2, False),
        (3, True),
        (4, False),
    ]
    assert card.status == "3 of 4 made"
    assert card.error == "#1: no connection"


def retry_button(name: str) -> Button:
    return next(one for one in shown(STATES[name]).buttons if one.line.startswith("retry"))


def test_retry_asks_first_only_when_it_may_pay_twice() -> None:
    assert "pay twice" in retry_button("unknown").confirm
    assert retry_button("failed").confirm == ""
    assert retry_button("cancelled").confirm == ""


STATUS = {
    "queued": "Waiting to start",
    "handed": "Handed over",
    "running": "Making images, 1 of 4",
    "stopping": "Stopping, asked by Ana",
    "done": "",
    "failed": "Failed",
    "unknown": "Unknown: an answer was lost",
    "cancelled": "Cancelled by Ana; 1 of 4 were made",
}


@pytest.mark.parametrize("name", STATUS)
def test_how_far_it_is_stands_in_words(name: str) -> None:
    assert shown(STATES[name]).status == STATUS[name]


def test_the_place_in_the_queue_and_the_stage_are_said() -> None:
    assert shown(QUEUED, ahead=3).status == "Waiting, 3 before it"
    for stage, said in (("score", "Measuring"), ("present", "Drawing the grid")):
        running = QUEUED.model_copy(update={"state": "running", "stage": stage})
        assert shown(running).status == said


def test_a_failure_stands_on_the_card_with_what_to_do() -> None:
    card = shown(STATES["failed"])
    assert (card.error, card.hint) == ("no connection", "Try later.")


def test_progress_stands_on_the_tile_that_is_under_way() -> None:
    tiles = shown(STATES["running"], progress={2: 0.5}).tiles
    assert [tile.progress for tile in tiles] == [None, 0.5, None, None]


# --- words ---


def test_a_card_shows_the_segments_that_were_said_with_their_weights() -> None:
    card = shown(planned("imagine a fox :: :: :: flat ::2"))
    assert [(word.segment, word.text, word.weight) for word in card.words] == [
        ("subject", "a fox", 1.0),
        ("style", "flat", 2.0),
    ]


def test_the_facts_are_model_task_seeds_size_price_and_time() -> None:
    done = DONE.model_copy(update={"timings_s": {"total": 1.234}})
    assert shown(done).facts == (
        "Storyboard sketch",
        "environment (guessed)",
        "seeds 7–10",
        "1024×1024",
        "free",
        "1.2 s",
    )


@pytest.mark.parametrize(
    ("line", "fact"),
    [
        (f"{FOX} --count 1", "seed 7"),
        ("imagine a fox --seed 4294967295", "seeds 4294967295, 0, 1, 2"),
    ],
)
def test_seeds_are_said_as_they_are(line: str, fact: str) -> None:
    assert fact in shown(planned(line)).facts


def test_a_model_without_seeds_shows_none_and_its_price() -> None:
    card = shown(planned("imagine a fox --task ui", FLARE))
    assert not [fact for fact in card.facts if "seed" in fact]
    assert "$0.052" in card.facts


def test_a_task_that_was_asked_for_is_not_called_guessed() -> None:
    assert "ui" in shown(planned("imagine a fox --task ui")).facts


def test_a_model_that_is_not_known_any_more_is_shown_by_its_id() -> None:
    assert present(DONE, Around(card=None)).facts[0] == "sketch:storyboard"


def test_adjustments_and_warnings_are_lines_of_the_card() -> None:
    long = Adjustment(parameter="negative_prompt", asked="x" * 200, used=None, reason="takes none")
    steps = Adjustment(parameter="steps", asked="9", used="4", reason="takes 1 to 4")
    warning = Notice(code="w", text="little of the picture will be left")
    card = shown(QUEUED.model_copy(update={"adjustments": (long, steps), "warnings": (warning,)}))
    assert card.adjustments[1] == "steps 9 → 4: takes 1 to 4"
    assert card.adjustments[0].endswith("… → not sent: takes none")
    assert card.warnings == (warning.text,)


TITLES = {
    "style: dark": "Edited from r1",
    "branch 2": "Branched from r1 #2",
    "reroll": "Rerolled from r1",
    "again": "Again, as r1",
}


@pytest.mark.parametrize("line", TITLES)
def test_a_child_says_where_it_comes_from(line: str) -> None:
    child = planned(line, parent=DONE)
    assert shown(child, parent_ref="r1").title == TITLES[line]
    assert shown(DONE).title == ""


def test_the_strength_of_a_branch_is_a_fact() -> None:
    assert "strength 0.3" in shown(planned("branch 2 --strength 0.3", parent=DONE)).facts


def test_who_decided_what_and_when_is_said() -> None:
    approval = Approval(
        by="Ana", at=NOON, surface="console", assurance="local", digest=DONE.artworks[1].digest
    )
    two = {"approved": True, "approvals": (approval,), "picked_by": ("Ana", "Ben")}
    three: dict[str, Any] = {"rejected_by": ("Ben",), "restored_by": "Cleo"}
    artworks = tuple(artwork(QUEUED, n, **{2: two, 3: three}.get(n, {})) for n in range(1, 5))
    card = shown(DONE.model_copy(update={"artworks": artworks}))
    assert card.decided == (
        "#2 approved by Ana, 12:00",
        "#3 rejected by Ben",
        "#3 restored by Cleo",
    )
    assert [tile.picks for tile in card.tiles] == [0, 2, 0, 0]
    assert [tile.approved for tile in card.tiles] == [False, True, False, False]
    pressed = {button.label for button in card.buttons if button.pressed}
    assert pressed == {"Pick 2", "Approve 2"}


# --- for those who do not see it ---


def test_the_alternative_text_is_count_and_brief() -> None:
    assert alt_text(QUEUED) == "4 pictures: a red fox, in the snow at dusk"
    assert alt_text(planned("imagine a fox --count 1")) == "One picture: a fox"
    assert alt_text(planned("imagine :: :: :: flat")) == "4 pictures: flat"
    assert len(alt_text(planned(f"imagine {'fox ' * 900}"))) == 1000


def test_each_tile_has_an_alternative_text_of_its_own() -> None:
    alts = [tile.alt for tile in shown(QUEUED).tiles]
    assert alts == [f"#{number}: a red fox, in the snow at dusk" for number in range(1, 5)]


def test_a_caption_holds_only_what_was_measured() -> None:
    bare = artwork(QUEUED, 1)
    assert caption(bare) == "fit –"
    measured: Artwork = bare.model_copy(update={"scores": {"sharpness_p90": 12.4}})
    assert caption(measured) == "fit – · sharp 12"
    fitted = bare.model_copy(update={"scores": {"fit": 0.294, "sharpness_p90": 12.4}})
    assert caption(fitted) == "fit 0.29 · sharp 12"


def test_a_tile_says_in_words_how_it_fits_and_which_is_best() -> None:
    run = finished(QUEUED)
    scores = [{"fit": 0.3, "fit_subject": at / 10, "fit_word:snow": -0.1} for at in range(4)]
    made = [
        one.model_copy(update={"scores": score})
        for one, score in zip(run.artworks, scores, strict=True)
    ]
    tiles = shown(run.model_copy(update={"artworks": tuple(made)})).tiles
    assert tiles[0].reasons == ("subject 0.00; weak: snow",)
    assert tiles[3].reasons == ("subject 0.30, best of 4; weak: snow",)


@pytest.mark.parametrize("count", range(1, 9))
def test_a_grid_is_about_as_wide_as_high(count: int) -> None:
    for landscape in (False, True):
        across = columns(count, landscape=landscape)
        down = -(-count // across)
        assert abs(across - down) <= 1
        assert (across - 1) * down < count
    assert columns(4, landscape=False) == 2


def test_a_card_is_made_from_the_run_alone() -> None:
    assert shown(DONE) == shown(Run.model_validate_json(DONE.model_dump_json()))


def test_the_line_against_the_baseline_is_there_when_there_is_one() -> None:
    child = finished(planned("style: more cinematic", parent=DONE, chance=Counted()))
    assert shown(child).baseline == ""
    assert shown(child, baseline=DONE).baseline == "Against r1: style changed, same seeds"


def test_every_state_of_a_run_has_been_looked_at() -> None:
    wanted = set(RunState.__args__) - {"planned"}  # type: ignore[attr-defined]  # a Literal
    assert {run.state for run in STATES.values()} == wanted


# --- another vendor ---


def elsewhere(run: Run, **changes: Any) -> list[Button]:
    card = shown(run, instead=CARDS[FLARE].model_copy(update=changes))
    return [button for button in card.buttons if button.label.startswith("Try ")]


def test_where_a_vendor_is_down_another_is_offered_with_its_price() -> None:
    (button,) = elsewhere(STATES["failed"])
    assert button.label == "Try GPT Image 2.5 flare $0.05"
    command = parse(button.line, at="thread")
    assert isinstance(command, Again)
    assert (command.flags.model, command.run) == (FLARE, QUEUED.id)


def test_after_a_refusal_nobody_else_is_offered() -> None:
    refused = Failure(kind="refused", message="moderated", number=1)
    run = finished(QUEUED, made=[], state="failed", error=refused, failures=(refused,))
    assert not elsewhere(run)
    assert not elsewhere(STATES["unknown"])
    assert not elsewhere(STATES["done in part"])


def test_a_model_whose_name_no_button_carries_is_not_offered() -> None:
    assert not elsewhere(STATES["failed"], id=f"openai:{'x' * 60}")
