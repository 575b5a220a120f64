"""`ai-handler imagine` in a shell, end to end on each provider, with the loopback vendor's key."""

import json
from pathlib import Path

import pytest

from tests.providers.given import card
from tests.providers.rows import ROWS, Row
from tests.stories.test_shell import Shell
from tests.vendors.loopback import running_thread

SECRET = ("TOKEN", "KEY", "HEADERS")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_imagine_runs_end_to_end(row: Row, tmp_path: Path) -> None:
    with running_thread(row.vendor()) as vendor:
        vendor.admin.set(**row.brisk)
        environment = vendor.environment()
        shell = Shell(tmp_path / "here", **environment)
        run = shell.json(
            "imagine",
            "a red fox :: in the snow",
            "--model",
            row.model,
            "--seed",
            "7",
            "--count",
            "2",
        )
    assert (run["state"], run["model"], run["error"]) == ("done", row.model, None)
    assert [Path(made["path"]).exists() for made in run["artworks"]] == [True, True]
    takes_seed = card(row.model).seed is not None
    assert [made["seed"] for made in run["artworks"]] == ([7, 8] if takes_seed else [None, None])
    database = (shell.folder / "data" / "handler.db").read_bytes()
    for name, value in environment.items():
        if name.endswith(SECRET):
            assert value not in json.dumps(run)
            assert value.encode() not in database
