"""README is run: its shell story line by line, its SQL on the log that the story wrote."""

import os
import re
import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    return [text for name, text in BLOCK.findall(README) if name == language]


def lines_of(block: str) -> list[str]:
    return [line for line in block.splitlines() if line.startswith("ai-handler ")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("readme")


def run(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    words = shlex.split(line, comments=True)[1:]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AI_HANDLER")}
    place = {"PYTHONPATH": str(ROOT), "AI_HANDLER_DATA_DIR": str(folder / "data")}
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(  # noqa: S603  lines of our own README
        command, env=kept | place, cwd=folder, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip


def test_the_two_commands_stand_at_the_top() -> None:
    assert [line.split("#")[0].strip() for line in blocks("sh")[0].splitlines()] == [
        "make run",
        "make test",
    ]


def test_the_first_minute_runs_line_by_line_and_leaves_the_log_it_promises(folder: Path) -> None:
    story = lines_of(blocks("sh")[1])
    assert len(story) == 7
    for line in story:
        done = run(line, folder)
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    assert (folder / "handover" / "SHA256SUMS").exists()
    with closing(sqlite3.connect(folder / "data" / "handler.db")) as database:
        rows = database.execute(blocks("sql")[0]).fetchall()
    assert len(rows) == 12
    assert {row[3] for row in rows} == {"sketch:storyboard"}
    assert all((folder / "data" / row[1]).exists() for row in rows)


def test_every_picture_and_page_that_the_documents_name_is_there() -> None:
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "DECISIONS.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#]+)\)", text):
            assert link.startswith("https://") or (ROOT / link).exists(), f"{name}: {link}"


def test_no_document_names_a_command_that_does_not_exist() -> None:
    named = set(re.findall(r"`ai-handler ([a-z-]+)", README))
    shown = run("ai-handler --help", ROOT).stdout
    assert named
    assert all(re.search(rf"\b{name}\b", shown) for name in named)
