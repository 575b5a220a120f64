"""`ai-handler imagine` in a shell, end to end on each provider, with the loopback vendor's key."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.providers.given import card, picture
from tests.providers.rows import ROWS, Row
from tests.stories.test_shell import Shell
from tests.vendors.comfyui import ComfyUIVendor
from tests.vendors.loopback import running_thread
from tests.vendors.openai import OpenAIVendor

SECRET = ("TOKEN", "KEY", "HEADERS")


def sent(shell: Shell) -> list[dict[str, Any]]:
    """Return what the log says was sent, image by image."""
    with closing(sqlite3.connect(shell.folder / "data" / "handler.db")) as log:
        rows = log.execute("SELECT payload_json FROM attempts ORDER BY number")
        return [json.loads(payload) for (payload,) in rows]


def unnamed(payload: dict[str, Any]) -> str:
    """Leave out the job's name, where it is ours: another run has another."""
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}", "ID", str(payload))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_imagine_runs_end_to_end(row: Row, tmp_path: Path) -> None:
    with running_thread(row.vendor()) as vendor:
        vendor.admin.set(**row.brisk)
        environment = vendor.environment()
        shell = Shell(tmp_path / "here", **environment)
        asked = ("a red fox :: in the snow", "--model", row.model, "--seed", "7", "--count", "2")
        planned = shell.json("imagine", *asked, "--dry-run")
        assert vendor.admin.state()["creates"] == 0, "nothing is sent"
        run = shell.json("imagine", *asked)
    assert (run["state"], run["model"], run["error"]) == ("done", row.model, None)
    assert [Path(made["path"]).exists() for made in run["artworks"]] == [True, True]
    takes_seed = card(row.model).seed is not None
    assert [made["seed"] for made in run["artworks"]] == ([7, 8] if takes_seed else [None, None])
    assert [unnamed(one) for one in planned["sent"]] == [unnamed(one) for one in sent(shell)]
    database = (shell.folder / "data" / "handler.db").read_bytes()
    for name, value in environment.items():
        if name.endswith(SECRET):
            assert value not in json.dumps(run)
            assert value.encode() not in database


def test_a_photo_becomes_a_map_by_the_workflow_that_the_settings_name(tmp_path: Path) -> None:
    with running_thread(ComfyUIVendor()) as vendor:
        vendor.admin.set(step_s=0.0)
        shell = Shell(tmp_path / "here", **vendor.environment())
        own = shell.folder / "own.toml"
        own.write_text('[preprocessors]\npose = "comfyui:pose-map"\n', encoding="utf-8")
        shell.environment["AI_HANDLER_CONFIG"] = str(own)
        (shell.folder / "dancer.png").write_bytes(picture(size=(300, 200)))
        line = ("a dancer", "--model", "comfyui:sdxl-control", "--control", "pose:dancer.png")
        shell.json("imagine", *line, "--count", "2", "--dry-run")
        assert vendor.admin.state()["creates"] == 0, "no map is made for a plan"
        run = shell.json("imagine", *line, "--count", "2")
        sent = vendor.admin.state()["inputs"]
    assert run["state"] == "done"
    (used,) = run["parameters"]["controls"]
    assert (used["prepare"], used["prepared_by"]) == (True, "comfyui:pose-map")
    kinds = [{node["class_type"] for node in graph.values()} for graph in sent]
    assert [kind for kind in kinds if "DWPreprocessor" in kind] == [
        {"LoadImage", "DWPreprocessor", "SaveImage"}
    ]
    assert sum("ControlNetApplyAdvanced" in kind for kind in kinds) == 2


def test_a_brief_is_written_by_the_language_model_and_one_prompt_is_used(tmp_path: Path) -> None:
    with running_thread(OpenAIVendor()) as vendor:
        vendor.admin.set(working_s=0.0)
        shell = Shell(tmp_path / "here", **vendor.environment())
        asked = (
            "imagine",
            "--from-brief",
            "a brass kettle for spring",
            "--model",
            "sketch:storyboard",
        )
        planned = shell.json(*asked, "--dry-run")
        assert vendor.admin.state()["written"] == []
        text = shell.json(*asked)
        (written,) = vendor.admin.state()["written"]
        assert planned["sent"] == [written]
        run = shell.json("say", "use 2 --count 1", "--in", text["id"])
    assert (text["kind"], text["model"], text["state"]) == ("text", "openai:gpt-5.4-mini", "done")
    assert [one["title"] for one in text["drafts"]] == [
        "Quiet dawn",
        "Bold and close",
        "From above",
    ]
    assert text["parameters"]["settings"]["instructions"] == "brief-1"
    assert 0 < text["cost_usd"] <= text["quote"]["usd"]
    assert run["parent"] == {"run": text["id"], "number": 2}
    assert run["spec"]["segments"]["environment"]["text"] == "a place for bold and close"
    assert (run["model"], run["task"]) == ("sketch:storyboard", "product")
