"""``score --target``: lettering and safety of one file, with the extras and without them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import application
from domain.judging import UNCALIBRATED
from scoring import lettering, safety
from tests.scoring.given import png
from tests.scoring.test_lettering import SIGN, sign

POSTER = f"""
[targets.poster]
title = "Poster"
width_px = 768
height_px = 768
lettering = ["{SIGN}"]
safety = true
"""


@pytest.fixture(autouse=True)
def watched_loop() -> None:
    """Leave the loop unwatched: a command may wait for files."""


@pytest.fixture(autouse=True)
def _poster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "settings.toml").write_text(POSTER, encoding="utf-8")
    monkeypatch.setenv("AI_HANDLER_CONFIG", str(tmp_path / "settings.toml"))
    monkeypatch.setenv("AI_HANDLER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


def scored(text: str, *words: str) -> dict[str, Any]:
    Path("picture.png").write_bytes(png(sign(text)))
    result = CliRunner().invoke(application, ["score", "picture.png", *words, "--json"])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_what_is_not_installed_is_a_note_and_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "PACKAGE", "no_such_reader")
    monkeypatch.setattr(safety, "PACKAGE", "no_such_network")
    found = scored("something else", "--target", "poster")
    assert (found["verdict"], found["reasons"]) == ("pass", [])
    assert found["notes"] == [f"lettering: {lettering.MISSING}", f"safety: {safety.MISSING}"]


def test_where_neither_matters_neither_is_named() -> None:
    assert scored(SIGN)["notes"] == []


@pytest.mark.extras
def test_required_lettering_is_read_and_misread() -> None:
    pytest.importorskip("rapidocr", reason="make test-torch installs it")
    found = scored(SIGN, "--target", "poster")
    assert (found["verdict"], found["scores"]["lettering"]) == ("pass", 1.0)
    assert found["scores"]["unsafe"] < 0.2
    found = scored("Closed on Mondays", "--target", "poster")
    assert found["verdict"] == "review"
    assert found["reasons"] == [f'lettering "{SIGN}" is not in it: "Closed on Mondays" was read']


def shell(*words: str) -> str:
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout  # noqa: S603


def test_on_the_road_both_are_looked_for_and_kept_in_the_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    shell("imagine", 'a sign that says "OPEN" --task character --count 1')
    (one,) = json.loads(shell("triage", "--explain", "--json"))["artworks"]
    checks = {check["rule"]: check for check in one["checks"]}
    for rule, scorer in (("lettering", lettering), ("safety", safety)):
        here = scorer.installed()
        source = UNCALIBRATED if here else f"neutral: {scorer.MISSING}"
        assert checks[rule]["source"].startswith(source)
        assert (checks[rule]["value"] is not None) == here
    assert one["verdict"] != "reject"
