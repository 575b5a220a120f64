"""The checklist of a production team: done, missing, not needed, and the line that mends it."""

from typing import Any

import pytest

from domain.errors import CommandError
from domain.run import Run
from pipeline.checklist import Item, Known, check_mandatory, checklist, summary
from tests.pipeline.given import CARDS, FLARE, FOX, artwork, card, planned

WHOLE = (
    "imagine a red fox :: in the snow :: wide shot :: flat illustration :: text "
    "--task environment --ar 3:2 --seed 7"
)


def items(line: str, *on: str, exported: bool = False, **changes: Any) -> dict[str, Item]:
    run = planned(line, *on).model_copy(update=changes)
    known = Known(run, card(run.route.model), exported=exported)
    return {one.name: one for one in checklist(known)}


def states(line: str, *on: str, **changes: Any) -> dict[str, str]:
    return {name: one.state for name, one in items(line, *on, **changes).items()}


def test_a_line_that_says_all_lacks_only_what_comes_later() -> None:
    assert summary(tuple(items(WHOLE).values())) == {
        "done": ["task", "segments", "seed", "parameters", "negatives", "format"],
        "missing": ["model", "scores", "archive"],
        "not_needed": ["references", "baseline", "strength"],
    }


def test_a_bare_line_lacks_much_and_each_has_its_fix() -> None:
    found = items("imagine a fox")
    missing = {name for name, one in found.items() if one.state == "missing"}
    assert missing >= {"task", "segments", "negatives", "format"}
    assert found["task"].fix.startswith("again --task ")
    assert found["segments"].why == "nothing is said of environment and style"


def test_a_character_wants_something_to_go_by() -> None:
    found = items("imagine Mara :: in a café --task character")
    assert found["references"].state == "missing"
    held = planned("imagine Mara --task character").spec.model_copy(
        update={"init_image": f"sha256:{'0' * 64}"}
    )
    assert states("imagine Mara --task character", spec=held)["references"] == "done"
    assert states(WHOLE)["references"] == "not_needed"


def test_a_model_without_seeds_or_negatives_wants_neither() -> None:
    found = items("imagine a login --task ui", FLARE)
    assert (found["seed"].state, found["negatives"].state) == ("not_needed", "not_needed")
    assert "GPT Image" in found["seed"].why


def test_strength_is_said_on_purpose() -> None:
    run = planned(WHOLE)
    denoised = run.parameters.model_copy(update={"denoising_strength": 0.55})
    assert items(WHOLE, parameters=denoised)["strength"].fix == "again --strength 0.55"
    said = run.spec.model_copy(update={"denoising_strength": 0.8})
    found = items(WHOLE, parameters=denoised, spec=said)["strength"]
    assert (found.state, found.why) == ("done", "0.8, outside 0.4 to 0.65")


def test_the_archive_is_done_when_approved_work_was_handed_out() -> None:
    run = planned(FOX)
    made = artwork(run, 1).model_copy(update={"verdict": "pass"})
    found = items(FOX, artworks=(made,))
    assert (found["scores"].why, found["archive"].fix) == ("1 measured", "approve 1")
    approved = made.model_copy(update={"approved": True})
    assert items(FOX, artworks=(approved,))["archive"].fix == "export"
    assert items(FOX, artworks=(approved,), exported=True)["archive"].state == "done"


def demanded(line: str, *wanted: Any) -> Run:
    run = planned(line)
    check_mandatory([run], CARDS, wanted)
    return run


def test_what_a_team_demands_is_refused_all_at_once_with_what_to_say() -> None:
    with pytest.raises(CommandError) as error:
        demanded("imagine Mara", "task", "format", "references")
    assert [fault.flag for fault in error.value.faults] == ["task", "format"]
    assert "--task TYPE" in error.value.hint
    demanded(WHOLE, "task", "format", "negatives", "segments")
    demanded("imagine Mara")


def test_what_comes_later_is_never_demanded() -> None:
    demanded(WHOLE, "archive", "scores", "model")
