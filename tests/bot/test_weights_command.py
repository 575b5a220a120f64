"""``ai-handler weights``: which there are, and how they do."""

import json
import shutil
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


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AI_HANDLER_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def test_weights_from_a_folder_are_listed_and_put_to_use(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "mine"
    shutil.copytree(shipped(), source)
    (source / "manifest.json").unlink()
    told = said("weights", "import", str(source), "--licence", "MIT", "--source", "a colleague")
    assert told["folder"] == str(data / "weights" / "mine")
    assert told["valid_for"] == ["*"]
    monkeypatch.setenv("AI_HANDLER_SCORING_WEIGHTS", "mine")
    listed = said("weights", "list")["weights"]
    assert isinstance(listed, list)
    assert [(one["name"], one["in_use"]) for one in listed] == [
        ("sketch-small", False),
        ("mine", True),
    ]
    again = said("weights", "import", str(source), code=2)["error"]
    assert isinstance(again, dict)
    assert "already" in again["message"]


@pytest.mark.usefixtures("data")
def test_a_head_wants_openais_backbone(tmp_path: Path) -> None:
    (tmp_path / "head.pth").write_bytes(b"x")
    error = said("weights", "import", str(tmp_path / "head.pth"), code=2)["error"]
    assert isinstance(error, dict)
    assert "OpenAI's CLIP" in error["message"]


@pytest.mark.usefixtures("data")
def test_the_selftest_asks_the_weights_that_ship() -> None:
    found = said("selftest")
    assert found["passed"] is True
    checks = found["checks"]
    assert isinstance(checks, list)
    states = {one["name"]: one["state"] for one in checks}
    assert states["their golden numbers"] == "passed"
    assert "failed" not in states.values()


def test_the_selftest_fails_where_the_weights_in_use_are_damaged(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said("weights", "import", str(shipped()), "--name", "mine")
    (data / "weights" / "mine" / "text.onnx").write_bytes(b"half")
    monkeypatch.setenv("AI_HANDLER_SCORING_WEIGHTS", "mine")
    found = said("selftest", code=1)
    assert found["passed"] is False
    result = CliRunner().invoke(application, ["selftest"])
    assert "WRONG" in result.stdout
    assert "half-downloaded" in result.stdout
