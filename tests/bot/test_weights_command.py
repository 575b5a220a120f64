"""``ai-handler weights``: which there are, and how they do."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import application
from providers.sketch.draw import draw
from scoring.clip.weights import shipped
from tests.providers.sketch.given import order


def said(*words: str, code: int = 0) -> dict[str, object]:
    result = CliRunner().invoke(application, [*words, "--json"])
    assert result.exit_code == code, result.output
    record: dict[str, object] = json.loads(result.stdout)
    return record


def test_the_list_says_what_is_here_and_what_it_is_valid_for() -> None:
    listed = said("weights", "list")["weights"]
    assert isinstance(listed, list)
    assert listed[0]["name"] == "sketch-small"
    assert listed[0]["state"] == "whole"
    assert listed[0]["valid_for"] == ["sketch"]
    assert "sketch" in CliRunner().invoke(application, ["weights", "list"]).stdout


def test_training_wants_one_folder() -> None:
    assert said("weights", "train", code=2)["error"]
    both = ("--out", "a", "--evaluate", str(shipped()))
    assert said("weights", "train", *both, code=2)["error"]


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    error = said("weights", "train", "--evaluate", str(tmp_path), code=2)["error"]
    assert isinstance(error, dict)
    assert "no weights in" in error["message"]


def test_score_measures_the_fit_of_a_sketch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AI_HANDLER_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "sketch.png").write_bytes(draw(order("a lighthouse :: in the snow at night")).png)
    at = str(tmp_path / "sketch.png")
    own = said("score", at, "--brief", "a lighthouse, in the snow at night")["fit"]
    other = said("score", at, "--brief", "a lighthouse, on a beach at noon")["fit"]
    assert isinstance(own, float)
    assert isinstance(other, float)
    assert own > other
    notes = said("score", at, "--brief", "a fox of gravitas")["notes"]
    assert notes == [pytest.approx(notes[0]), "not known to the weights: gravitas"]  # type: ignore[index]
