"""Labels become thresholds that watch themselves; what they allow is said on the command line."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.calibrating import worked_out
from domain.judging import CalibrationPolicy
from storage.labels import Label

POLICY = CalibrationPolicy()
ROOT = Path(__file__).parents[2]


def label(value: float, *, wanted: bool = True, **said: bool) -> Label:
    plain = {"restored": False, "explored": False, "would_reject": False, "free": True}
    return Label.model_validate(
        {"run_id": "01J", "number": 1, "value": value, "wanted": wanted} | plain | said
    )


def test_forty_four_approved_pictures_reject_nothing_and_one_more_does() -> None:
    few = worked_out("ui", "v", [label(at / 100) for at in range(44)], POLICY)
    assert (few.calibrated.threshold, few.calibrated.k) == (None, 0)
    assert few.calibrated.guarantee == "rejects nothing; 44 votes"
    assert few.lacking == "1 more approved picture before it rejects anything"
    enough = worked_out("ui", "v", [label(at / 100) for at in range(45)], POLICY)
    assert (enough.calibrated.threshold, enough.calibrated.k, enough.lacking) == (0.0, 1, "")
    assert enough.calibrated.holds


def test_two_hundred_votes_are_said_as_the_card_says_them() -> None:
    labels = [label(0.26 + at / 100) for at in range(200)]
    found = worked_out("ui", "v", labels, POLICY).calibrated
    assert found.k == 6
    assert found.guarantee == "rejects < 0.31; 200 votes; FRR ≤ 5% with 90% confidence"


def test_what_people_reject_moves_the_other_threshold_alone() -> None:
    unwanted = [label(at / 200, wanted=False) for at in range(114)]
    found = worked_out("ui", "v", unwanted, POLICY).calibrated
    assert (found.n, found.threshold) == (0, None)
    assert (found.rejected, found.passes) == (114, 113 / 200)


@pytest.mark.parametrize(("lost", "suspended"), [(0, False), (2, False), (8, True)])
def test_a_threshold_that_loses_too_many_explored_ones_is_suspended(
    lost: int, *, suspended: bool
) -> None:
    seen = [label(0.5, explored=True, free=False, would_reject=at < lost) for at in range(40)]
    found = worked_out("ui", "v", [*seen, *(label(0.6) for _ in range(60))], POLICY)
    assert (found.explored_approved, found.explored_lost) == (40, lost)
    assert found.calibrated.holds is not suspended
    if suspended:
        said = "of 40 explored and approved pictures it would have lost 8, at least 12%"
        assert found.calibrated.suspended == said


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AI_HANDLER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("AI_HANDLER_CONFIG", raising=False)
    return tmp_path


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Run one command, as a shell does."""
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603


def answered(*words: str) -> Any:
    found = run(*words, "--json")
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


@pytest.mark.usefixtures("folder")
def test_the_command_line_explains_every_verdict_and_what_lacks_to_calibrate() -> None:
    made = run("imagine", "a red fox :: in the snow", "--count", "1")
    assert made.returncode == 0, made.stderr
    found = answered("triage", "--explain")
    (one,) = found["artworks"]
    assert one["verdict"] == one["triage"] == "pass"
    assert one["policy"].startswith("policy-")
    assert {"fit", "sharpness_p90", "border_left"} <= one["scores"].keys()
    checks = {check["rule"]: check for check in one["checks"]}
    assert checks["border"]["threshold"] == 0.04
    assert checks["border"]["source"] == "uncalibrated default"
    assert checks["blurred"]["source"] == "rule"
    assert checks["calibrated fit"]["source"] == "not judged: rejects nothing; 0 votes"
    told = run("triage", "--explain")
    assert "#1 pass: 20 checks, none failed" in told.stdout
    (calibrated,) = answered("calibrate", "--task", found["task"])["calibrations"]
    assert (calibrated["n"], calibrated["k"], calibrated["threshold"]) == (0, 0, None)
    assert calibrated["lacking"] == "45 more approved pictures before it rejects anything"
    assert "rejects nothing; 0 votes" in run("calibrate").stdout


@pytest.mark.usefixtures("folder")
def test_a_task_type_that_is_none_is_named() -> None:
    found = run("calibrate", "--task", "poster", "--json")
    assert found.returncode == 2
    assert "one of product" in found.stdout
