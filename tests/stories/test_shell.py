"""The road from prompt to export in a shell: alone, and beside a running service."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from domain.picture import digest_of
from tests.vendors.openai import OpenAIVendor
from tests.vendors.replicate import ReplicateVendor, running_thread

ROOT = Path(__file__).parents[2]
LINE = "a red fox :: in the snow at dusk :: wide shot :: flat illustration :: text"
FLUX = "replicate:black-forest-labs/flux-schnell"
FLARE = "openai:gpt-image-2.5-flare"
PATIENCE_S = 120


class Shell:
    """A shell on one data folder."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        folder.mkdir()
        plain = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        ours = {"PYTHONPATH": str(ROOT), "AI_HANDLER_DATA_DIR": str(folder / "data"), "USER": "ana"}
        self.environment = plain | ours | environment

    def run(self, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  our own program
            [sys.executable, "-m", "bot", *words],
            cwd=cwd or self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    def json(self, *words: str, code: int = 0, cwd: Path | None = None) -> Any:
        done = self.run(*words, "--json", cwd=cwd)
        assert done.returncode == code, done.stdout + done.stderr
        return json.loads(done.stdout)

    @contextmanager
    def service(self) -> Iterator[str]:
        """Run the service on a free port until the block ends; it must then stop by itself."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "bot", "run"]
        environment = self.environment | {"AI_HANDLER_CONSOLE_PORT": str(port)}
        log = (self.folder / "service.log").open("w", encoding="utf-8")
        with (
            log,
            subprocess.Popen(  # noqa: S603  our own program
                command,
                cwd=self.folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            ) as process,
        ):
            try:
                assert process.stdout is not None
                ready = process.stdout.readline()
                found = re.search(r"http://127\.0\.0\.1:\d+", ready)
                assert found, ready + (self.folder / "service.log").read_text(encoding="utf-8")
                yield found[0]
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    code = process.wait(timeout=30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    raise
            assert code == 0, (self.folder / "service.log").read_text(encoding="utf-8")


@pytest.fixture(params=["alone", "beside-a-service"])
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(tmp_path / "here")
    if request.param == "alone":
        yield shell
        return
    with shell.service():
        yield shell


def digests(run: dict[str, Any]) -> list[str]:
    return [made["digest"] for made in run["artworks"]]


def seeds(run: dict[str, Any]) -> list[int | None]:
    return [made["seed"] for made in run["artworks"]]


def test_the_road_from_prompt_to_export(shell: Shell) -> None:
    first = shell.json("imagine", LINE, "--seed", "7")
    assert (first["state"], seeds(first)) == ("done", [7, 8, 9, 10])
    for made in first["artworks"]:
        assert f"sha256:{digest_of(Path(made['path']).read_bytes())}" == made["digest"]
    again = shell.json("imagine", LINE, "--seed", "7")
    assert digests(again) == digests(first)
    run = first["id"]

    picked = shell.json("say", "pick 2", "--in", run)
    assert picked["id"] == run
    assert [made["rating"] for made in picked["artworks"]] == [0, 1, 0, 0]
    approved = shell.json("say", "approve 2", "--in", run)
    assert [made["approved"] for made in approved["artworks"]] == [False, True, False, False]
    assert approved["artworks"][1]["approvals"][0]["by"] == "ana"

    child = shell.json("say", "style: more cinematic", "--in", run)
    assert child["parent"] == {"run": run, "number": None}
    assert child["baseline_delta"]["changed"] == ["segments.style"]
    assert child["baseline_delta"]["same_seeds"]
    assert seeds(child) == seeds(first)
    assert not set(digests(child)) & set(digests(first))
    for name in ("subject", "environment", "technical", "negative"):
        before, after = (one["spec"]["segments"][name] for one in (first, child))
        assert json.dumps(after) == json.dumps(before)
    assert child["spec"]["segments"]["style"]["text"] == "flat illustration, cinematic"

    branch = shell.json("say", "branch 2 --strength 0.55", "--in", run)
    assert branch["parent"] == {"run": run, "number": 2}
    assert branch["parameters"]["init_image"] == digests(first)[1]
    assert branch["parameters"]["denoising_strength"] == 0.55
    assert seeds(branch) == [8, 9, 10, 11]
    assert (branch["thread"], branch["ref"]) == (run, "r3")

    compared = shell.json("compare", child["id"], run)
    assert compared["changed"] == ["segments.style"]
    assert compared["segments"]["style"] == ["flat illustration, cinematic", "flat illustration"]

    shown = shell.json("show", run)
    for name in ("id", "ref", "state", "parameters", "spec", "seeds", "cost_usd"):
        assert shown[name] == first[name]
    assert shown["artworks"] == approved["artworks"]
    found = shell.json("runs", "red fox dusk")
    assert {one["id"] for one in found} == {run, again["id"], child["id"], branch["id"]}
    exported(shell, first)


def exported(shell: Shell, first: dict[str, Any]) -> None:
    """Export the approved artwork, check it as its receiver would, and run its line again."""
    done = shell.json("export", first["id"], "--to", "out")
    folder = shell.folder / "out"
    assert done["run"] == first["id"]
    assert Path(done["folder"]) == folder
    (picture,) = folder.glob("*.png")
    assert f"sha256:{digest_of(picture.read_bytes())}" == digests(first)[1]
    sidecar = json.loads((folder / f"{picture.name}.json").read_text(encoding="utf-8"))
    assert sidecar["digest"] == digests(first)[1]
    for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        assert digest_of((folder / name).read_bytes()) == digest
    (line,) = (folder / "commands.txt").read_text(encoding="utf-8").splitlines()
    program, *words = shlex.split(line)
    assert program == "ai-handler"
    assert digests(shell.json(*words, cwd=folder)) == [digests(first)[1]]


def test_beside_a_service_refusals_end_as_they_do_alone(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "here")
    with shell.service() as url:
        for words, kind, code in (
            (("imagine", "a fox", "--model", "openai:dall-e-3"), "route", 2),
            (("say", "pick 2"), "not_found", 1),
            (("export", "rubbish"), "not_found", 1),
        ):
            error = shell.json(*words, code=code)["error"]
            assert error["kind"] == kind
            assert error["message"]
        for command in ("run", "migrate"):
            done = shell.run(command)
            assert done.returncode == 5
            assert url in done.stdout + done.stderr
    assert shell.json("runs") == []


def test_a_port_in_use_is_said_and_the_lock_is_given_back(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        shell = Shell(tmp_path / "here", AI_HANDLER_CONSOLE_PORT=port)
        done = shell.run("run")
    assert done.returncode in {2, 5}
    assert port in done.stderr
    assert "Traceback" not in done.stderr
    assert shell.json("doctor")


def test_the_loopback_vendors_are_routed_to_and_say_what_they_cannot_take(tmp_path: Path) -> None:
    with running_thread(ReplicateVendor()) as replicate, running_thread(OpenAIVendor()) as openai:
        replicate.admin.set(starting_s=0.0, processing_s=0.0)
        openai.admin.set(working_s=0.0)
        keys = replicate.environment() | openai.environment()
        shell = Shell(tmp_path / "here", **keys)
        flux = shell.json(
            "imagine", "a settings page", "--task", "ui", "--seed", "5", "--count", "2"
        )
        assert (flux["model"], flux["state"]) == (FLUX, "done")
        assert (flux["task"], flux["task_guessed"]) == ("ui", False)
        assert seeds(flux) == [5, 6]
        flare = shell.json("imagine", "a fox", "--model", FLARE, "--seed", "5", "--count", "1")
        assert (flare["model"], flare["state"], seeds(flare)) == (FLARE, "done", [None])
        adjusted = {one["parameter"]: one for one in flare["adjustments"]}
        assert (adjusted["seed"]["asked"], adjusted["seed"]["used"]) == ("5", None)
        assert flare["cost_usd"] > 0
        said = json.dumps([flux, flare]) + (shell.run("doctor").stdout)
        database = (shell.folder / "data" / "handler.db").read_bytes()
        for name, key in keys.items():
            if name.endswith(("TOKEN", "KEY")):
                assert key not in said
                assert key.encode() not in database
