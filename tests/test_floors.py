"""The floors hold: every import contract is kept, and each one, broken on purpose, is caught."""

import shutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "config", "domain", "pipeline", "providers", "scoring", "storage")
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"
CONTRACTS = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
]

pytestmark = pytest.mark.skipif(
    find_spec("importlinter") is None, reason="not installed: pip install 'ai-handler[check]'"
)


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", LINT, "--no-cache"]
    return subprocess.run(  # noqa: S603  our own interpreter
        command, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_contract_is_kept() -> None:
    said = linted(ROOT)
    assert said.returncode == 0, said.stdout + said.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in said.stdout


FLOORS, PROVIDERS, GROUND, DOORS = (
    "Three floors, and the rooms of one floor do not know each other",
    "Providers do not know each other",
    "The ground and the road speak of no vendor, no database and no pixels",
    "One SDK, one door",
)
BREACHES = [
    (FLOORS, "domain/record.py", "from pipeline import quote"),
    (FLOORS, "pipeline/quote.py", "from storage import times"),
    (FLOORS, "storage/times.py", "from scoring import tally"),
    (FLOORS, "providers/catalogue.py", "from config import settings"),
    (FLOORS, "scoring/tally.py", "from bot import bus"),
    (PROVIDERS, "providers/openai/wire.py", "from providers.replicate import wire"),
    (GROUND, "domain/spec.py", "import httpx"),
    (GROUND, "domain/run.py", "import PIL.Image"),
    (GROUND, "pipeline/replay.py", "import numpy"),
    (DOORS, "bot/handler.py", "import openai"),
    (DOORS, "providers/openai/wire.py", "import replicate"),
    (DOORS, "providers/catalogue.py", "import resvg_py"),
    (DOORS, "bot/decisions.py", "import sqlalchemy"),
    (DOORS, "bot/app.py", "import fastapi"),
]


def test_each_contract_is_broken_below() -> None:
    assert {name for name, _, _ in BREACHES} == set(CONTRACTS)


@pytest.mark.parametrize(("contract", "file", "line"), BREACHES, ids=[one[2] for one in BREACHES])
def test_a_contract_broken_on_purpose_is_caught(
    copy: Path, contract: str, file: str, line: str
) -> None:
    target = copy / file
    whole = target.read_text(encoding="utf-8")
    target.write_text(f"{whole}\n\ndef _breach() -> None:\n    {line}\n", encoding="utf-8")
    said = linted(copy)
    assert said.returncode == 1, said.stdout + said.stderr
    assert f"{contract} BROKEN" in said.stdout
    assert f"{len(CONTRACTS) - 1} kept, 1 broken" in said.stdout
