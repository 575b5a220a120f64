"""A line becomes a spec: verbs and seeds as in DESIGN 9, edits that touch one segment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.grammar import parse
from domain.command import (
    Again,
    Branch,
    Edit,
    Imagine,
    Reroll,
    SegmentEdit,
)
from domain.errors import CommandError, NotFoundError
from domain.run import Run
from domain.spec import SEGMENTS, Segment, SegmentName
from pipeline.compose import Composed, compose, compose_child, edited
from tests.pipeline.given import Counted, finished, planned

TOP = 2**32 - 1
PICTURE = f"sha256:{'0b' * 32}"
OTHER = f"sha256:{'0c' * 32}"
PARENT = finished(planned())


def first(line: str, seed: int = 1000) -> Composed:
    command = parse(line)
    assert isinstance(command, Imagine)
    return compose(command, chance=Counted(seed), pictures={PICTURE: PICTURE, OTHER: OTHER})


def child(line: str, parent: Run = PARENT) -> Composed:
    command = parse(line, at="thread")
    assert isinstance(command, Edit | Branch | Reroll | Again)
    pictures = {PICTURE: PICTURE, OTHER: OTHER}
    return compose_child(parent, command, chance=Counted(), pictures=pictures)


def texts(composed: Composed) -> dict[str, str]:
    return {name: composed.spec.segments[name].text for name in SEGMENTS}


# --- a first run ---


def test_a_seed_counts_up_by_one_per_image() -> None:
    composed = first("imagine a fox --seed 7")
    assert composed.seeds == (7, 8, 9, 10)
    assert (composed.spec.seed.kind, composed.spec.seed.seed) == ("fixed", 7)
    assert composed.kind == "imagine"
    assert composed.parent is None


def test_seeds_go_on_at_zero_behind_the_last_one() -> None:
    assert first(f"imagine a fox --seed {TOP}").seeds == (TOP, 0, 1, 2)


@pytest.mark.parametrize("flag", ["", " --seed random", " --seed keep"])
def test_without_a_number_the_seed_of_a_first_run_is_drawn(flag: str) -> None:
    assert first(f"imagine a fox{flag}", seed=50).seeds == (50, 51, 52, 53)


def test_zero_is_a_seed() -> None:
    assert first("imagine a fox --seed 0").seeds == (0, 1, 2, 3)


@pytest.mark.parametrize("count", [1, 8])
def test_there_is_one_seed_per_image(count: int) -> None:
    composed = first(f"imagine a fox --seed 7 --count {count}")
    assert composed.seeds == tuple(range(7, 7 + count))
    assert composed.spec.count == count


def test_every_flag_reaches_the_spec() -> None:
    line = (
        "imagine a fox --task brand --model sketch:storyboard --ar 16:9 --steps 12 --cfg 3.5"
        f" --init {PICTURE} --mask {OTHER} --strength 0.3 --brief 'one fox' --max-cost 2"
    ).replace("'", '"')
    spec = first(line).spec
    assert (spec.task, spec.model, spec.aspect_ratio) == ("brand", "sketch:storyboard", "16:9")
    assert (spec.steps, spec.cfg_scale, spec.denoising_strength) == (12, 3.5, 0.3)
    assert (spec.init_image, spec.mask, spec.mode) == (PICTURE, OTHER, "inpaint")
    assert (spec.brief, spec.max_cost_usd) == ("one fox", 2.0)


def test_no_adds_to_the_negative_segment_in_order() -> None:
    composed = first("imagine a fox :: :: :: :: text --no people --no cars")
    assert texts(composed)["negative"] == "text, people, cars"
    assert composed.adjustments == ()


@pytest.mark.parametrize(
    ("asked", "used"),
    [
        ("no text", "text"),
        ("without people", "people"),
        ("text, No  cars, blur", "text, cars, blur"),
    ],
)
def test_a_leading_no_in_the_negative_segment_is_taken_off_and_said(asked: str, used: str) -> None:
    composed = first(f"imagine a fox :: :: :: :: {asked}")
    assert texts(composed)["negative"] == used
    (adjustment,) = composed.adjustments
    assert adjustment.parameter == "segments.negative"
    assert adjustment.used == used
    assert adjustment.reason


@pytest.mark.parametrize("kept", ["nobody", "noise", "knots, nothing else"])
def test_a_word_that_only_begins_with_no_stays(kept: str) -> None:
    composed = first(f"imagine a fox :: :: :: :: {kept}")
    assert texts(composed)["negative"] == kept
    assert composed.adjustments == ()


def test_all_faults_of_a_spec_are_told_at_once() -> None:
    with pytest.raises(CommandError) as refused:
        first(f"imagine :: :: 85mm :: --mask {PICTURE} --strength 0.5")
    assert [fault.flag for fault in refused.value.faults] == ["subject", "--mask", "--strength"]
    assert all(str(fault) in refused.value.message for fault in refused.value.faults)


def test_a_picture_alone_is_enough_to_begin_with() -> None:
    assert first(f"imagine :: :: 85mm --init {PICTURE}").spec.init_image == PICTURE
    assert first("imagine :: :: :: flat").spec.segments.style.text == "flat"


def test_five_segments_together_have_a_limit() -> None:
    long = "x" * 4000
    assert first(f"imagine {long} :: {long}").seeds
    command = Imagine.model_validate({"segments": {"subject": {"text": "x" * 8001}}})
    with pytest.raises(CommandError, match="8001 characters"):
        compose(command, chance=Counted(), pictures={})


# --- children: edit, again, reroll ---


def test_an_edit_keeps_the_seeds_image_by_image_and_takes_no_init_image() -> None:
    composed = child("style: more cinematic")
    assert composed.seeds == PARENT.seeds == (7, 8, 9, 10)
    assert composed.spec.init_image is None
    assert composed.spec.seed.kind == "keep"
    assert composed.kind == "edit"
    assert composed.parent is not None
    assert (composed.parent.run, composed.parent.number) == (PARENT.id, None)


def test_an_edit_leaves_the_other_four_segments_byte_equal() -> None:
    before = PARENT.spec.segments
    after = child("style: more cinematic").spec.segments
    assert after.style.text == "flat illustration, cinematic"
    for name in SEGMENTS:
        if name != "style":
            assert after[name].model_dump_json() == before[name].model_dump_json()


def test_seeds_that_a_parent_does_not_have_follow_its_last() -> None:
    assert child("edit --count 6").seeds == (7, 8, 9, 10, 11, 12)
    assert child("edit --count 2").seeds == (7, 8)
    odd = PARENT.model_copy(update={"seeds": (7, 99, 5, TOP)})
    assert child("edit --count 6", odd).seeds == (7, 99, 5, TOP, 0, 1)


def test_a_child_may_ask_for_another_seed() -> None:
    assert child("seed 123").seeds == (123, 124, 125, 126)
    assert child("style: dark --seed random").seeds == (1000, 1001, 1002, 1003)
    assert child("style: dark --seed keep").seeds == PARENT.seeds


def test_again_is_the_same_with_the_same_seeds() -> None:
    composed = child("again")
    assert (composed.seeds, composed.kind) == (PARENT.seeds, "again")
    assert composed.spec.segments == PARENT.spec.segments


def test_reroll_is_the_same_with_fresh_seeds() -> None:
    composed = child("reroll")
    assert composed.seeds == (1000, 1001, 1002, 1003)
    assert composed.spec.seed.kind == "random"
    assert composed.spec.segments == PARENT.spec.segments


@pytest.mark.parametrize(
    ("line", "seeds"), [("reroll --seed keep", (7, 8, 9, 10)), ("reroll --seed 5", (5, 6, 7, 8))]
)
def test_a_reroll_that_names_its_seeds_gets_them(line: str, seeds: tuple[int, ...]) -> None:
    assert child(line).seeds == seeds


def test_an_edit_that_changes_nothing_is_refused() -> None:
    for line in ("style: flat illustration", "edit --count 4", "edit --seed keep"):
        with pytest.raises(CommandError, match="changes nothing") as refused:
            child(line)
        assert refused.value.hint


# --- branches ---


@pytest.mark.parametrize("line", ["branch 2 style: more cinematic", "branch 2 --ar 16:9"])
def test_a_branch_with_a_change_has_the_artworks_seed_and_one_image(line: str) -> None:
    composed = child(line)
    assert composed.seeds == (8,)
    assert composed.spec.count == 1
    assert composed.spec.init_image is None
    assert composed.spec.denoising_strength is None
    assert composed.parent is not None
    assert (composed.parent.run, composed.parent.number) == (PARENT.id, 2)


def test_a_branch_without_a_change_uses_the_picture_as_init_image() -> None:
    composed = child("branch 2")
    assert composed.spec.init_image == PARENT.artworks[1].digest
    assert composed.spec.denoising_strength == 0.55
    assert composed.spec.count == 4
    assert composed.seeds == (8, 9, 10, 11)
    assert composed.kind == "branch"


def test_a_branch_with_a_strength_uses_the_picture_and_that_strength() -> None:
    composed = child("branch 3 style: dark --strength 0.2")
    assert composed.spec.init_image == PARENT.artworks[2].digest
    assert composed.spec.denoising_strength == 0.2
    assert composed.spec.segments.style.text == "dark"
    assert composed.seeds == (9, 10, 11, 12)
    assert composed.spec.count == 4


def test_a_strength_of_zero_is_a_strength() -> None:
    assert child("branch 2 --strength 0").spec.denoising_strength == 0.0


def test_a_branch_may_ask_for_more_images_and_another_seed() -> None:
    assert child("branch 2 style: dark --count 3").seeds == (8, 9, 10)
    assert child("branch 2 style: dark --seed 5").seeds == (5,)
    bare = child("branch 2 --seed 5")
    assert bare.seeds == (5, 6, 7, 8)
    assert bare.spec.init_image == PARENT.artworks[1].digest


def test_a_branch_with_fresh_seeds_gets_fresh_seeds() -> None:
    assert child("branch 2 style: dark --seed random").seeds == (1000,)
    assert child("branch 2 --seed random").seeds == (1000, 1001, 1002, 1003)


def test_a_branch_from_another_picture_takes_that_one() -> None:
    composed = child(f"branch 2 --init {PICTURE}")
    assert composed.spec.init_image == PICTURE
    assert composed.spec.denoising_strength == 0.55


def test_a_branch_from_an_image_that_was_not_made_says_which_were() -> None:
    part = finished(planned(), made=[1, 3])
    with pytest.raises(NotFoundError, match="no image 2") as refused:
        child("branch 2 style: dark", part)
    assert refused.value.hint == "Made: 1, 3."
    with pytest.raises(NotFoundError) as refused:
        child("branch 2", finished(planned(), made=[]))
    assert refused.value.hint == "Made: none yet."


def test_a_branch_remembers_the_picture_for_models_without_seeds() -> None:
    assert child("branch 2 style: dark").branch_digest == PARENT.artworks[1].digest
    assert child("style: dark").branch_digest is None


# --- one edit of one segment ---


def style(text: str, action: str, said: str, weight: float = 1.0) -> Segment:
    edit = SegmentEdit.model_validate({"segment": "style", "action": action, "text": said})
    return edited(Segment(text=text, weight=weight), edit)


def test_replace_takes_the_new_words_and_their_weight() -> None:
    assert style("flat", "replace", "dark", 2.0) == Segment(text="dark", weight=1.0)
    edit = SegmentEdit(segment="style", action="replace", text="dark", weight=2.5)
    assert edited(Segment(text="flat"), edit) == Segment(text="dark", weight=2.5)


def test_append_puts_words_behind_and_keeps_the_weight() -> None:
    assert style("flat", "append", "dark", 2.0) == Segment(text="flat, dark", weight=2.0)
    assert style("", "append", "dark") == Segment(text="dark")


@pytest.mark.parametrize(
    ("text", "said", "left"),
    [
        ("flat, dark, grainy", "dark", "flat, grainy"),
        ("flat, dark", "FLAT", "dark"),
        ("flat", "flat", ""),
        ("a dark, flat picture", "flat", "a dark, picture"),
        ("soft daylight, editorial", "soft", "daylight, editorial"),
    ],
)
def test_remove_takes_words_out(text: str, said: str, left: str) -> None:
    assert style(text, "remove", said).text == left


def test_removing_words_that_are_not_there_says_what_is() -> None:
    with pytest.raises(CommandError) as refused:
        style("flat, dark", "remove", "shiny")
    (fault,) = refused.value.faults
    assert (fault.flag, fault.nearest) == ("style", "flat, dark")


def test_more_adds_words_that_are_not_there_yet() -> None:
    asked = "editorial, soft daylight"
    assert style(asked, "more", "cinematic").text == "editorial, soft daylight, cinematic"
    assert style(asked, "more", "cinematic").weight == 1.0
    assert style("", "more", "cinematic").text == "cinematic"


def test_more_of_what_is_there_weighs_a_quarter_more() -> None:
    assert style("flat, Dark", "more", "dark") == Segment(text="flat, Dark", weight=1.25)
    assert style("dark", "more", "dark", 9.9).weight == 10.0


def test_less_weighs_a_quarter_less_and_never_under_nothing() -> None:
    assert style("flat, dark", "less", "dark") == Segment(text="flat, dark", weight=0.75)
    assert style("dark", "less", "dark", 0.1).weight == 0.0


WORDS = st.text("abcde ,.:", min_size=1, max_size=12).map(lambda text: text.strip(" ,") or "x")


@given(
    st.sampled_from(SEGMENTS),
    st.sampled_from(["replace", "append", "more", "less"]),
    WORDS,
    st.lists(WORDS, min_size=5, max_size=5),
)
def test_whatever_the_edit_the_other_four_are_byte_equal(
    name: SegmentName, action: str, said: str, before: list[str]
) -> None:
    pairs = zip(SEGMENTS, before, strict=True)
    segments: dict[str, Segment] = {one: Segment(text=text, weight=1.5) for one, text in pairs}
    spec = PARENT.spec.model_copy(
        update={"segments": PARENT.spec.segments.model_copy(update=segments)}
    )
    edit = SegmentEdit.model_validate({"segment": name, "action": action, "text": said})
    if edited(segments[name], edit) == segments[name]:
        return
    after = compose_child(
        PARENT.model_copy(update={"spec": spec}),
        Edit(edits=(edit,)),
        chance=Counted(),
        pictures={},
    ).spec.segments
    for other in SEGMENTS:
        if other != name:
            assert after[other].model_dump_json() == segments[other].model_dump_json()
